"""From draft to version: what is decided, stored, asked, recorded, and what answers do."""

import uuid
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection

from approvals import services as approvals
from approvals.models import Evidence, Request
from approvals.states import RequestState, Verdict
from catalog import content as drafting
from catalog import manifest as m
from catalog import services
from catalog.models import App, AppUserGrant, AppVersion, Draft
from catalog.services.drafts import Stale
from catalog.states import AppState, DraftState, VersionState
from identity.errors import BadInput, Conflict, Missing, NotAllowed
from identity.tenancy import tenant_scope
from policy.errors import Refused
from tests import apps
from tests.cast import Cast


@pytest.fixture(autouse=True)
def contoso(cast: Cast) -> Iterator[None]:
    with tenant_scope(cast.tenant.pk):
        apps.seed(cast.lena)
        yield


def test_low_risk_goes_live_without_anyone(cast: Cast) -> None:
    version = apps.submitted(cast.lena, apps.LOW_RISK)
    assert version.state == VersionState.LAUNCHING
    assert Request.objects.get(pk=version.request).state == RequestState.GRANTED
    assert not Draft.objects.exists()
    app = App.objects.get()
    assert (app.slug, app.owner, app.state, app.live_version) == (
        "spring-leads",
        cast.lena,
        AppState.NEW,
        None,
    )


def test_personal_data_asks_the_manager_and_goes_on_when_approved(cast: Cast) -> None:
    version = apps.submitted(cast.lena)
    assert version.state == VersionState.SUBMITTED
    request = Request.objects.get(pk=version.request)
    assert (request.tier, request.state, request.object) == (
        "manager",
        RequestState.OPEN,
        f"app:{version.app_id}",
    )
    assert Draft.objects.get().state == DraftState.SUBMITTED
    assert apps.approve(cast.omar, version).state == RequestState.GRANTED
    version.refresh_from_db()
    assert version.state == VersionState.LAUNCHING
    assert not Draft.objects.exists()


def test_a_version_is_the_canonical_manifest_and_never_changes(cast: Cast) -> None:
    version = apps.submitted(cast.lena)
    assert m.digest(version.parsed) == version.digest
    assert m.canonical(version.parsed).decode() == version.manifest
    for sql, refusal in (
        ("UPDATE catalog_appversion SET manifest = '{}'", "cannot change"),
        ("UPDATE catalog_appversion SET number = 7", "cannot change"),
        ("DELETE FROM catalog_appversion", "permission denied"),
    ):
        with (
            pytest.raises(DatabaseError, match=refusal),
            tenant_scope(cast.tenant.pk),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)


def test_the_database_refuses_a_digest_of_something_else(cast: Cast) -> None:
    version = apps.submitted(cast.lena)
    with pytest.raises(DatabaseError, match="version_digest_of_manifest"):
        AppVersion.objects.create(
            tenant=cast.tenant,
            app=version.app,
            number=9,
            manifest=version.manifest + " ",
            digest=version.digest,
            template_id="x",
            template_version="1.0.0",
            template_kept=True,
            created_by=cast.lena,
            state=VersionState.WITHDRAWN,
        )


def test_evidence_tells_summary_tags_decision_and_difference(cast: Cast) -> None:
    version = apps.submitted(cast.lena)
    document = Evidence.objects.get(request=version.request).document
    assert [part["kind"] for part in document["sections"]] == ["facts", "fields", "facts", "decision", "diff"]
    assert document["tags"] == ["internal", "pii", "public"]
    fields = {row["name"]: row["classification"] for row in document["sections"][1]["rows"]}
    assert fields["work_email"] == "PII"
    rules = {reason["rule"] for reason in document["sections"][3]["reasons"]}
    assert {"approval.tier", "identity.sso_required", "catalog.untagged_field"} <= rules
    access = {row["label"]: row["value"] for row in document["sections"][2]["rows"]}
    assert access["People with the role Member"] == "3 gain it, 0 lose it; 3 will hold it"


def test_an_untagged_field_is_refused_and_nothing_is_left(cast: Cast) -> None:
    draft = apps.drafted(cast.lena)
    content = drafting.add_fields(
        draft.content, [drafting.new_field(name="birth", label="Birth", type="date")]
    )
    draft = apps.save(cast.lena, draft, content)
    with pytest.raises(Refused) as refused, tenant_scope(cast.tenant.pk):
        services.submit_version(by=cast.lena, draft_id=draft.pk, revision=draft.revision)
    assert "catalog.untagged_field" in {reason.code for reason in refused.value.decision.denials}
    assert not App.objects.exists()
    draft.refresh_from_db()
    assert draft.state == DraftState.OPEN


def test_a_credential_in_the_manifest_is_refused(cast: Cast) -> None:
    draft = apps.drafted(cast.lena, apps.LOW_RISK)
    content = draft.content | {
        "metadata": draft.content["metadata"] | {"description": "key AKIAIOSFODNN7EXAMPLE for the bucket"}
    }
    draft = apps.save(cast.lena, draft, content)
    with pytest.raises(Refused) as refused, tenant_scope(cast.tenant.pk):
        services.submit_version(by=cast.lena, draft_id=draft.pk, revision=draft.revision)
    assert "secrets.hard_coded_credential" in {reason.code for reason in refused.value.decision.denials}


def test_a_finding_of_shape_is_told_in_words(cast: Cast) -> None:
    draft = apps.drafted(cast.lena, title="Kept")
    content = draft.content | {"metadata": draft.content["metadata"] | {"title": ""}}
    draft = apps.save(cast.lena, draft, content)
    with pytest.raises(BadInput, match="Give the app a name"):
        services.submit_version(by=cast.lena, draft_id=draft.pk, revision=draft.revision)


def test_changes_asked_reopen_the_draft_and_resubmitting_makes_a_new_version(cast: Cast) -> None:
    version = apps.submitted(cast.lena)
    apps.vote(cast.omar, version, Verdict.CHANGES)
    version.refresh_from_db()
    draft = Draft.objects.get()
    assert (version.state, draft.state) == (VersionState.CHANGES, DraftState.OPEN)
    fields = draft.content["datasets"][0]["fields"]
    draft = apps.save(cast.lena, draft, drafting.remove_field(draft.content, fields[2]["id"]))
    second = services.submit_version(by=cast.lena, draft_id=draft.pk, revision=draft.revision)
    version.refresh_from_db()
    assert (version.state, second.number, second.state) == (VersionState.WITHDRAWN, 2, VersionState.SUBMITTED)
    assert second.request == version.request
    request = Request.objects.get()
    assert (request.digest, request.state) == (second.digest, RequestState.OPEN)
    apps.approve(cast.omar, second)
    second.refresh_from_db()
    assert second.state == VersionState.LAUNCHING


def test_a_rejection_closes_the_version_and_keeps_the_draft(cast: Cast) -> None:
    version = apps.submitted(cast.lena)
    apps.vote(cast.omar, version, Verdict.REJECT)
    version.refresh_from_db()
    assert (version.state, Draft.objects.get().state) == (VersionState.REFUSED, DraftState.OPEN)


def test_a_withdrawn_request_frees_the_draft(cast: Cast) -> None:
    version = apps.submitted(cast.lena)
    approvals.withdraw(by=cast.lena, request_id=version.request)
    version.refresh_from_db()
    assert (version.state, Draft.objects.get().state) == (VersionState.WITHDRAWN, DraftState.OPEN)


def test_policy_decides_again_when_the_last_vote_is_in(cast: Cast) -> None:
    """The builder lost the role meanwhile: the approval does not help, and the vote is taken back."""
    version = apps.submitted(cast.lena)
    cast.lena.memberships.filter(group__name="Builders").delete()
    with pytest.raises(Refused), tenant_scope(cast.tenant.pk):
        apps.approve(cast.omar, version)
    version.refresh_from_db()
    assert version.state == VersionState.SUBMITTED
    assert Request.objects.get().state == RequestState.OPEN


def test_who_sets_another_owner_stays_a_co_owner(cast: Cast) -> None:
    draft = apps.drafted(cast.lena)
    content = draft.content | {"metadata": draft.content["metadata"] | {"owner": str(cast.omar.pk)}}
    draft = apps.save(cast.lena, draft, content)
    version = services.submit_version(by=cast.lena, draft_id=draft.pk, revision=draft.revision)
    assert version.app.owner == cast.omar
    assert AppUserGrant.objects.get().user == cast.lena


def test_a_draft_is_its_builders_alone(cast: Cast) -> None:
    draft = apps.drafted(cast.lena)
    with pytest.raises(Missing):
        services.save_draft(
            by=cast.omar,
            draft_id=draft.pk,
            revision=draft.revision,
            editor=uuid.uuid4(),
            content=draft.content,
        )
    with pytest.raises(NotAllowed):
        services.start_draft(by=cast.mia, template_id=apps.LOW_RISK)


def test_two_windows_do_not_overwrite_each_other_but_one_may_save_twice(cast: Cast) -> None:
    draft = apps.drafted(cast.lena)
    mine, other = uuid.uuid4(), uuid.uuid4()
    seen = draft.revision
    common = {"by": cast.lena, "draft_id": draft.pk, "content": draft.content}
    services.save_draft(revision=seen, editor=mine, **common)
    services.save_draft(revision=seen, editor=mine, **common)  # was on the way before the first came back
    with pytest.raises(Stale):
        services.save_draft(revision=seen, editor=other, **common)
    with pytest.raises(Stale):
        services.submit_version(by=cast.lena, draft_id=draft.pk, revision=seen)


def test_an_address_is_used_once(cast: Cast) -> None:
    apps.submitted(cast.lena, apps.LOW_RISK, title="Team board")
    draft = apps.drafted(cast.lena, apps.LOW_RISK, title="Team board")
    with pytest.raises(BadInput, match="team-board"):
        services.submit_version(by=cast.lena, draft_id=draft.pk, revision=draft.revision)


def test_a_submitted_draft_is_closed(cast: Cast) -> None:
    version = apps.submitted(cast.lena)
    draft = Draft.objects.get()
    with pytest.raises(Conflict):
        apps.save(cast.lena, draft, draft.content)
    with pytest.raises(Conflict):
        services.discard_draft(by=cast.lena, draft_id=draft.pk)
    assert version.state == VersionState.SUBMITTED
