"""I6: an app is reached by single sign-on and nothing else; regulated data makes no exception possible."""

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from catalog import manifest as m
from catalog import services
from catalog.facts import resource_of
from catalog.models import Draft
from catalog.vocabulary import vocabulary
from identity.tenancy import tenant_scope, uuid7
from policy import pdp
from policy.inputs import Action, Approval, Context
from policy.subjects import subject_of
from tests import apps
from tests.cast import Cast


@pytest.fixture(autouse=True)
def seeded(cast: Cast) -> None:
    with tenant_scope(cast.tenant.pk):
        apps.seed(cast.lena)


@pytest.fixture
def manifest(cast: Cast) -> m.Manifest:
    """An app with personal data, as it would be submitted."""
    with tenant_scope(cast.tenant.pk):
        return apps.submitted(cast.lena).parsed


def test_the_wizard_offers_nothing_else(cast: Cast, client: Client) -> None:
    with tenant_scope(cast.tenant.pk):
        draft = apps.drafted(cast.lena)
    client.force_login(cast.lena, backend="identity.backends.DirectoryBackend")
    address = reverse("catalog:step", args=[draft.pk, "access"])
    page = client.get(address).content.decode()
    assert "company&#x27;s sign-in" in page
    assert 'name="provider"' not in page
    sent = {"revision": str(draft.revision), "groups": "Marketing", "provider": "local", "identity": "local"}
    client.post(address, sent)
    with tenant_scope(cast.tenant.pk):
        draft = Draft.objects.get()
        made = services.submit_version(by=cast.lena, draft_id=draft.pk, revision=draft.revision)
        assert made.parsed.identity.provider == "sso"


@pytest.mark.parametrize("provider", ["local", "password", "", "SSO"])
def test_a_manifest_from_elsewhere_is_refused(manifest: m.Manifest, provider: str) -> None:
    data = m.to_data(manifest)
    data["identity"]["provider"] = provider
    assert [problem.code for problem in m.check(data)] == ["sso_only"]


@pytest.mark.parametrize("action", [Action.APP_SUBMIT, Action.APP_GO_LIVE])
def test_policy_denies_local_accounts_for_regulated_data_whoever_approves(
    cast: Cast, manifest: m.Manifest, action: Action
) -> None:
    approvals = tuple(
        Approval(role=role, by=str(by.pk)) for role, by in (("manager", cast.omar), ("security", cast.sana))
    )
    with tenant_scope(cast.tenant.pk):
        for provider, denied in (("local", True), ("sso", False)):
            resource = resource_of(
                replace(manifest, identity=replace(manifest.identity, provider=provider)),
                app_id=uuid7(),
                tenant=cast.tenant.pk,
                owners=[cast.lena.pk],
                words=vocabulary(),
                template_kept=True,
            )
            decision = pdp.decide(subject_of(cast.lena), action, resource, Context(approvals=approvals))
            told = {(reason.code, reason.case) for reason in decision.denials}
            assert (("identity.sso_required", "provider") in told) is denied
            assert decision.allowed is not denied
