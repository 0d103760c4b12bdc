"""What each step of the wizard reads from a form and shows on its page."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.forms import Form
from django.http import QueryDict

from catalog import content as drafting
from catalog import samples, suggestions
from catalog.app_access import totals_of_version
from catalog.content import Content
from catalog.content import Field as FieldContent
from catalog.forms import AccessForm, FieldForm, PurposeForm, show_problems
from catalog.manifest import Dataset, Page
from catalog.review import Review
from catalog.vocabulary import Vocabulary
from datacatalog import masking
from datacatalog.specs import FieldType
from identity.models import Group

SAMPLE_ROWS = 4
Errors = Mapping[str, Mapping[str, list[str]]]  # by field id or "", then by input


@dataclass
class Entry:
    """What came in with a form: the content with it, and what could not be read."""

    content: Content
    errors: dict[str, dict[str, list[str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One field on the fields step."""

    form: FieldForm
    field: FieldContent
    offer: suggestions.Offer | None
    lowered: bool
    open: bool
    bad: bool
    first: bool = False
    last: bool = False


def read_purpose(post: QueryDict, review: Review) -> Entry:
    """Name, purpose, owner, region."""
    form = _purpose_form(review, post)
    form.is_valid()
    return Entry(form.apply(review.content), {"": _texts(form)})


def read_access(post: QueryDict, content: Content, words: Vocabulary, review: Review) -> Entry:  # noqa: ARG001
    """Groups and roles."""
    form = _access_form(review, post)
    form.is_valid()
    return Entry(form.apply(content), {"": _texts(form)})


def read_fields(post: QueryDict, content: Content, words: Vocabulary) -> Entry:
    """Every row, then what a button asked for: add, remove, move, take a suggestion."""
    entry = Entry(content)
    datasets = []
    for one in content["datasets"]:
        made = []
        for item in one["fields"]:
            form = FieldForm(post, field=item, words=words)
            form.is_valid()
            made.append(form.apply())
            entry.errors[item["id"]] = _texts(form) if form.posted() else {}
        datasets.append({**one, "fields": made})
    entry.content = _acted({**content, "datasets": datasets}, post.get("do", ""))
    return entry


def _acted(content: Content, do: str) -> Content:
    act, _colon, rest = do.partition(":")
    which, _colon, code = rest.partition(":")
    if act == "add":
        region = content["hosting"]["region"]
        return drafting.add_fields(content, [drafting.new_field(residency=region)])
    if act == "remove":
        return drafting.remove_field(content, which)
    if act in ("up", "down"):
        return drafting.move_field(content, which, -1 if act == "up" else 1)
    if act == "tag":
        return drafting.changed_fields(
            content,
            lambda fields: [{**one, "classification": code} if one["id"] == which else one for one in fields],
        )
    return content


def show_template(review: Review, post: QueryDict | None, errors: Errors) -> dict[str, Any]:  # noqa: ARG001
    """The template's guide and what it locks."""
    return {"template": review.template}


def show_purpose(review: Review, post: QueryDict | None, errors: Errors) -> dict[str, Any]:
    """The form; before anything was sent it accuses nobody."""
    metadata = {**review.content["metadata"], "region": review.content["hosting"]["region"]}
    if post is None and not metadata["title"]:
        return {"form": _purpose_form(review)}
    form = _purpose_form(review, _post(metadata))
    show_problems(form, {**review.errors_at("metadata", "hosting"), **errors.get("", {})})
    return {"form": form}


def _purpose_form(review: Review, data: QueryDict | None = None) -> PurposeForm:
    live = review.draft.base_id is not None
    return PurposeForm(data, content=review.content, words=review.words, live=live)


def show_fields(review: Review, post: QueryDict | None, errors: Errors) -> dict[str, Any]:
    """Rows with what is wrong in each, suggestions beside them."""
    wrong = review.row_errors()
    opened = set(post.getlist("open")) if post is not None else set()
    datasets = []
    for one in review.content["datasets"]:
        fields = one["fields"]
        rows = []
        for at, item in enumerate(fields):
            mistakes = {**wrong.get(item["id"], {}), **errors.get(item["id"], {})}
            row = _row(review, item, one["title"], mistakes, is_open=item["id"] in opened)
            rows.append(replace(row, first=at == 0, last=at == len(fields) - 1))
        datasets.append({"title": one["title"], "key": one["key"], "rows": rows})
    return {"datasets": datasets}


def _row(
    review: Review, item: FieldContent, dataset: str, wrong: Mapping[str, list[str]], *, is_open: bool
) -> Row:
    form = FieldForm(
        _post({**item, "options": "\n".join(item["options"])}, f"{item['id']}-"),
        field=item,
        words=review.words,
    )
    show_problems(form, wrong)
    hidden_error = bool({"name", "purpose", "retention_days", "options"} & set(form.errors))
    return Row(
        form=form,
        field=item,
        offer=suggestions.shown(item, dataset, review.words),
        lowered=suggestions.lowered(item, review.words),
        open=is_open or hidden_error,
        bad=bool(form.errors),
    )


def show_access(review: Review, post: QueryDict | None, errors: Errors) -> dict[str, Any]:
    """Groups, roles and what each role may do."""
    access = review.content["access"]
    data = QueryDict(mutable=True)
    data.setlist("groups", access["groups"])
    for key, groups in access["roles"].items():
        data.setlist(f"role-{key}", [one for one in groups if one in access["groups"]])
    form = _access_form(review, data)
    if post is not None or access["groups"]:
        show_problems(form, {**review.errors_at("identity", "roles"), **errors.get("", {})})
    roles = [(role, form[f"role-{role.key}"]) for role in review.template.roles]
    live = review.draft.base.parsed if review.draft.base else None
    totals = totals_of_version(live, review.manifest)
    return {"form": form, "roles": roles, "template": review.template, "totals": totals, "changes": live}


def _access_form(review: Review, post: QueryDict) -> AccessForm:
    groups = list(Group.objects.values_list("name", flat=True))
    roles = [(role.key, role.title) for role in review.template.roles]
    return AccessForm(post, content=review.content, groups=groups, roles=roles)


def show_preview(review: Review, post: QueryDict | None, errors: Errors) -> dict[str, Any]:  # noqa: ARG001
    """Each page with made-up records, masked as the members will see them."""
    manifest = review.manifest
    known = {one.key: one for one in manifest.datasets}
    return {"pages": [_sample_page(page, known[page.dataset], review.words) for page in manifest.pages]}


def _sample_page(page: Page, dataset: Dataset, words: Vocabulary) -> dict[str, Any]:
    fields = [one for one in dataset.fields if one.id in page.fields]
    rows = samples.rows(dataset, SAMPLE_ROWS)
    columns = {one.id: _column(one, [row[one.id] for row in rows], words) for one in fields}
    cells = [[columns[one.id][at] for one in fields] for at in range(SAMPLE_ROWS)]
    charts = [_bars(one.field, dataset) for one in page.charts]
    return {
        "page": page,
        "fields": fields,
        "rows": cells,
        "first": list(zip(fields, cells[0], strict=True)),
        "charts": charts,
    }


def _column(one: Any, values: list[Any], words: Vocabulary) -> list[dict[str, Any]]:
    known = words.classifications.get(one.classification)
    if known is None or not known.protected:
        return [{"value": value, "masked": False} for value in values]
    method = masking.Method(known.mask or masking.Method.HIDE)
    kind = masking.kind_of(FieldType(one.type))
    masked = masking.mask_column(values, kind=kind, method=method)
    return [{"value": value, "masked": True} for value in masked]


def _bars(field_id: str, dataset: Dataset) -> dict[str, Any]:
    """Counts of made-up records, for the picture of a dashboard."""
    one = next(item for item in dataset.fields if item.id == field_id)
    values = [samples.value(one, row) for row in range(40)]
    counts = {value: values.count(value) for value in dict.fromkeys(values)}
    return {
        "title": one.label,
        "bars": sorted(counts.items(), key=lambda item: -item[1]),
        "most": max(counts.values()),
    }


def show_submit(review: Review, post: QueryDict | None, errors: Errors) -> dict[str, Any]:  # noqa: ARG001
    """The whole decision, and what happens next."""
    fields = list(review.manifest.fields())
    return {"manifest": review.manifest, "fields": fields, "decision": review.decision}


def _texts(form: Form) -> dict[str, list[str]]:
    """What a form could not read, by input."""
    return {name: [str(text) for text in texts] for name, texts in form.errors.items()}


def _post(values: Mapping[str, Any], prefix: str = "") -> QueryDict:
    """What a browser would send for `values`."""
    data = QueryDict(mutable=True)
    for name, value in values.items():
        if isinstance(value, bool):
            data.setlist(prefix + name, ["on"] if value else [])
        elif value is not None and not isinstance(value, dict | list):
            data[prefix + name] = str(value)
    return data


SHOW = {
    "template": show_template,
    "purpose": show_purpose,
    "fields": show_fields,
    "access": show_access,
    "preview": show_preview,
    "submit": show_submit,
}


def read(key: str, post: QueryDict, review: Review) -> Entry:
    """What was sent for the step `key`; steps without a form change nothing."""
    if key == "purpose":
        return read_purpose(post, review)
    if key == "fields":
        return read_fields(post, review.content, review.words)
    if key == "access":
        return read_access(post, review.content, review.words, review)
    return Entry(review.content)
