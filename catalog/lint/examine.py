"""One source by itself: its form, and the facts that policy is asked about."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as File

from catalog import content, templates
from catalog import manifest as m
from catalog.facts import kept, resource_of
from catalog.templates import Template
from policy.inputs import Action, Context, Document, Subject, to_document

from .basis import Basis
from .files import Source
from .findings import Finding, of_problem

Path = tuple[str | int, ...]
# Nobody in particular: a builder who submits an app of their own.
_SOMEBODY, _TENANT, _APP = (uuid.UUID(int=number) for number in (1, 2, 3))
_EVERYBODY = "everybody"


@dataclass(frozen=True)
class Examined:
    """A source that was read. Where its form is right, `manifest` and `document` are there."""

    source: Source
    findings: tuple[Finding, ...] = ()
    manifest: m.Manifest | None = None
    document: Document | None = None
    places: Mapping[Path, m.Place] = field(default_factory=dict)


def examine(source: Source, basis: Basis) -> Examined:
    """Read a source.

    Raises:
        OSError: the file cannot be read.
    """
    return _template(source, basis) if source.template else _manifest(source, basis)


def _manifest(source: Source, basis: Basis) -> Examined:
    try:
        loaded = m.load(_bytes(source.path))
    except m.ManifestError as error:
        return _refused(source, error.problems)
    if problems := m.check(loaded.data, loaded.places):
        return _refused(source, problems)
    manifest = m.build(loaded.data)
    return Examined(source, manifest=manifest, document=document_of(manifest, basis), places=loaded.places)


def _template(source: Source, basis: Basis) -> Examined:
    problems, made, places = read_template(source.path.parent)
    if made is None:
        return _refused(source, problems)
    template, manifest = made
    findings = tuple(of_problem(source.name, problem) for problem in problems)
    own = Basis(basis.words, {template.id: template})  # judged by itself, published or not
    return Examined(source, findings, manifest, document_of(manifest, own), places)


def read_template(
    folder: File,
) -> tuple[list[m.Problem], tuple[Template, m.Manifest] | None, Mapping[Path, m.Place]]:
    """What is wrong with the template in `folder`; where its form is right, itself and the app that it makes.

    Places are those in its file: a manifest's paths lead to the same parts there.
    """
    try:
        template = templates.load(folder)
    except m.ManifestError as error:
        return list(error.problems), None, {}
    places = dict(m.load((folder / templates.TEMPLATE_FILE).read_bytes()).places)
    if ("region",) in places:
        places[("hosting",)] = places[("region",)]
    draft = content.begin(template, owner=str(_SOMEBODY), unit="unit")
    draft["metadata"] |= {"name": template.id, "title": template.title}
    draft["access"] = {
        "groups": [_EVERYBODY],
        "roles": {role.key: [_EVERYBODY] for role in template.roles},
    }
    if problems := content.problems(template, draft):
        return [m.placed(problem, places) for problem in problems], None, places
    found = [m.placed(problem, places) for problem in templates.unfit(template, folder)]
    return found, (template, content.manifest_of(template, draft)), places


def document_of(manifest: m.Manifest, basis: Basis) -> Document:
    """The question whether `manifest` may be submitted, as the rules see it."""
    subject = Subject(
        id=str(_SOMEBODY),
        tenant=str(_TENANT),
        roles=frozenset({"builder"}),
        groups=frozenset(manifest.identity.groups),
    )
    resource = resource_of(
        manifest,
        app_id=_APP,
        tenant=_TENANT,
        owners=[_SOMEBODY],
        words=basis.words,
        template_kept=kept(manifest, basis.library),
        library=basis.library,
    )
    context = Context(thresholds=basis.words.thresholds.facts())
    return to_document(subject, Action.APP_SUBMIT, resource, context)


def _refused(source: Source, problems: Sequence[m.Problem]) -> Examined:
    return Examined(source, tuple(of_problem(source.name, problem) for problem in problems))


def _bytes(path: File) -> bytes:
    """The file's bytes, no more than needed to see that it is too large."""
    with path.open("rb") as file:
        return file.read(m.MAX_BYTES + 1)
