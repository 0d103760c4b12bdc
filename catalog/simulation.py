"""What the catalog would ask policy today, for a simulation of other rules (policy/simulation.py)."""

import uuid
from collections.abc import Collection, Iterable

from catalog import decisions
from catalog.facts import kept, resource_of
from catalog.models import App, AppVersion
from catalog.selectors import withdrawn_templates
from catalog.states import PENDING, AppState, VersionState
from catalog.vocabulary import Vocabulary, vocabulary
from identity.models import User
from policy.inputs import Action, Context, to_document
from policy.levels import thresholds_for
from policy.simulation.facts import Question, Source
from policy.simulation.told import Told
from policy.subjects import subject_of
from vault.selectors import brings_own_key


def questions() -> list[Question]:
    """Each live version as if its owner submitted it now, and each that waits as its builder did."""
    rows = AppVersion.objects.select_related("app__owner", "created_by").order_by("pk")
    live = rows.filter(state=VersionState.LIVE, app__state=AppState.LIVE)
    pending = rows.filter(state__in=PENDING)
    words, withdrawn = vocabulary(), withdrawn_templates().keys()
    return [
        *(_question(one, Source.LIVE, one.app.owner, words, withdrawn) for one in live),
        *(_question(one, Source.PENDING, one.created_by, words, withdrawn) for one in pending),
    ]


def _question(
    version: AppVersion, source: Source, by: User, words: Vocabulary, withdrawn: Iterable[tuple[str, str]]
) -> Question:
    """As decisions.on_submit asks, without asking."""
    manifest, app = version.parsed, version.app
    resource = resource_of(
        manifest,
        app_id=app.pk,
        tenant=app.tenant_id,
        owners=decisions.owner_ids(app.pk, app.owner_id),
        words=words,
        template_kept=kept(manifest) and (manifest.template.id, manifest.template.version) not in withdrawn,
        byok=brings_own_key(app.tenant_id),
    )
    context = Context(unattended=True, thresholds=thresholds_for(by).facts())
    return Question(source, to_document(subject_of(by), Action.APP_SUBMIT, resource, context))


def apps(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Told]:
    """What people call these apps, and whose they are."""
    found = App.objects.filter(pk__in=ids).select_related("owner")
    return {app.pk: Told(app.title, app.owner.display_name) for app in found}
