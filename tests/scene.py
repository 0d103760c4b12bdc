"""Lena's things, one of each kind, and sessions as the provider's sign-in leaves them."""

import time
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone

from catalog.models import App, TemplateRelease
from catalog.services import list_releases
from catalog.specs import dataset_id
from datacatalog.models import Classification, Dataset, DatasetField, Region, SubjectRequest, TagBatch
from datacatalog.scheme_data import ClassificationData
from datacatalog.services import place_hold
from datacatalog.services.imports import preview_import
from datacatalog.services.subject_row import seal
from identity.models import (
    Group,
    IdentityProvider,
    LoginSession,
    RoleGrant,
    ScimCall,
    ScimClient,
    SignalStream,
    User,
)
from identity.saml.services import create_saml_provider
from identity.services import (
    CallNote,
    Connection,
    begin_offboarding,
    issue_break_glass,
    issue_scim_token,
    note_scim_call,
)
from identity.tenancy import tenant_scope
from policy.agents.reports import Report
from policy.agents.services import add_agent, note_report
from policy.inputs import Action
from policy.models import (
    AccessRule,
    DataChange,
    Network,
    PolicyException,
    RulesInForce,
    StoredDecision,
    ThresholdSet,
)
from policy.revisions import in_force
from policy.rulebook import shipped
from policy.services import propose_rules, seed_access_rules
from runtime.models import Export
from runtime.states import ExportState
from tests import apps, live_apps, rules, saml
from tests.cast import Cast, make_cast
from tests.simulations import simulated
from tests.tokens import make_token
from vault.models import KeyDestruction, TenantKey

CONTRACT = Path(__file__).parent / "data" / "odcs" / "full-example.odcs.yaml"


@dataclass
class Scene:
    """People by first name, and what the placeholders of addresses stand for."""

    cast: Cast
    people: dict[str, User]
    objects: dict[str, str] = field(default_factory=dict)
    clients: dict[str, Client] = field(init=False)
    # one for all: each new client reads every static file's name anew
    browser: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def __post_init__(self) -> None:
        self.clients = {name: Client() for name in self.people}

    def fill(self, route: str) -> str:
        """The address of `route` with Lena's objects in its placeholders."""
        admin = route.split("/")
        if admin[0] == "admin" and len(admin) > 2:
            row = self.objects.get(f"admin/{admin[1]}/{admin[2]}", "x")
            route = route.replace("<path:object_id>", row).replace("<uuid:object_id>", row)
        for name, value in self.objects.items():
            route = route.replace(f"<{name}>", value)
        return "/" + route


def make_scene() -> Scene:
    """Both tenants, and of Contoso: a live app with a record and an export, a draft, a request, data."""
    cast = make_cast()
    people = {name: getattr(cast, name) for name in ("mia", "lena", "omar", "sana", "ada", "theo", "nils")}
    scene = Scene(cast, people)
    app = live_apps.make_app(cast.lena, slug="leads")
    record = live_apps.add(app, cast.lena)
    with tenant_scope(cast.tenant.pk):
        _building(scene)
        _data(scene, app)
        _exception(scene, app)
        _key(scene)
        scene.objects |= {
            "slug:slug": app.slug,
            "slug:form": "csv",
            "int:number": "1",
            "str:dataset": "leads",
            "uuid:record": str(record),
            "str:field": live_apps.EMAIL,
            "app_label": "identity",
            "url": "nowhere",
            "path:rest": "nowhere",
            "str:link": "used-up",
            "str:name": "User",
            "str:pk": str(cast.lena.pk),
            "uuid:app_id": str(app.pk),
            "uuid:person_id": str(cast.mia.pk),
        }
        _leaving(scene)
        _admin(scene)
    return scene


def _building(scene: Scene) -> None:
    lena = scene.cast.lena
    draft = apps.drafted(lena, title="Draft leads")
    version = apps.submitted(lena, title="Autumn leads")
    scene.objects |= {"uuid:draft_id": str(draft.pk), "uuid:request_id": str(version.request)}
    scene.objects |= {"slug:key": "purpose", "str:code": "access.tenant"}
    decision = StoredDecision.objects.filter(subject=lena.pk, action=Action.APP_SUBMIT).latest("id")
    scene.objects |= {"uuid:decision_id": str(decision.pk)}


def _data(scene: Scene, app: App) -> None:
    lena = scene.cast.lena
    region = Region.objects.get(code="eu")
    content = CONTRACT.read_bytes()
    run = preview_import(by=lena, kind="odcs", file_name=CONTRACT.name, content=content, region=region)
    dataset = Dataset.objects.create(
        tenant=lena.tenant,
        name="person",
        title="Person",
        region=region,
        origin=Dataset.Origin.ODCS,
        owner=lena,
    )
    one = DatasetField.objects.create(
        tenant=lena.tenant, dataset=dataset, position=0, name="firstname", label="First name", type="text"
    )
    export = Export.objects.create(
        tenant=lena.tenant,
        app=app.pk,
        app_slug=app.slug,
        dataset_key="leads",
        dataset=dataset_id(app.pk, "leads"),
        version_digest="0" * 64,
        requester=lena,
        purpose="Fair",
        target="eu",
        state=ExportState.WAITING,
        requested_at=timezone.now(),
    )
    subject = SubjectRequest(tenant=lena.tenant, kind="erasure", reference="DSR-1", asked_by=scene.cast.sana)
    subject.sealed = seal(subject, [])
    subject.save(force_insert=True)
    scene.objects |= {
        "uuid:subject_id": str(subject.pk),
        "uuid:run_id": str(run.pk),
        "uuid:hold_id": str(place_hold(by=scene.cast.sana, title="Case", reason="Court", dataset=None).pk),
        "int:number": "0",
        "uuid:batch_id": str(TagBatch.objects.create(tenant=lena.tenant, by=lena, count=1).pk),
        "uuid:dataset_id": str(dataset.pk),
        "uuid:field_id": str(one.pk),
        "uuid:export": str(export.pk),
    }


def _key(scene: Scene) -> None:
    """A key was destroyed long ago; others followed it."""
    ada, now = scene.cast.ada, timezone.now()
    row = KeyDestruction.objects.create(
        tenant=ada.tenant,
        purpose="data",
        reason="The trial was over",
        asked_by=ada,
        state=KeyDestruction.State.DONE,
        granted_at=now,
        done_at=now,
        certificate="e30.e30.e30",
    )
    scene.objects |= {"uuid:destruction_id": str(row.pk), "str:purpose": "data"}


def _exception(scene: Scene, app: App) -> None:
    """Mia has asked for one, and nobody has answered."""
    mia = scene.cast.mia
    row = PolicyException.objects.create(
        tenant=mia.tenant,
        rule="residency.cross_region_export",
        app=app.pk,
        app_title=app.title,
        region="us",
        reason="The call centre sits in Boston",
        control="Contractual clauses are signed",
        asked_by=mia,
        expires_at=timezone.now() + timedelta(days=30),
    )
    scene.objects |= {"uuid:exception_id": str(row.pk)}


def _leaving(scene: Scene) -> None:
    """Somebody who left, and a break-glass link that nobody has reviewed."""
    cast = scene.cast
    left = User.objects.create(
        tenant=cast.tenant, username="gone@contoso.example", display_name="Gone", is_active=False
    )
    begun = begin_offboarding(by=None, user=left)
    grant, _token = issue_break_glass(
        tenant=cast.tenant, username=cast.mia.username, minutes=30, reason="Drill"
    )
    scene.objects |= {
        "uuid:offboarding_id": str(begun.pk),
        "uuid:step_id": str(begun.steps.all()[0].pk),
        "uuid:grant_id": str(grant.pk),
    }


def _admin(scene: Scene) -> None:
    """One row of Contoso for each model in the admin."""
    client, _token = issue_scim_token(by=None, tenant=scene.cast.tenant, name="Provider")
    seed_access_rules(by=None, tenant=scene.cast.tenant.pk)
    provider = IdentityProvider.objects.create(
        tenant=scene.cast.tenant,
        slug="contoso-id",
        name="Contoso ID",
        kind=IdentityProvider.Kind.OIDC,
        issuer="https://id.contoso.example",
        client_id="portal",
    )
    login = LoginSession.objects.create(user=scene.cast.lena, issuer="https://sso.example", sub="lena")
    access, _shown = make_token(scene.cast.lena)
    stream = SignalStream.objects.create(
        tenant=scene.cast.tenant, name="Provider", issuer="https://sso.example", audience="x", delivery="push"
    )
    scene.objects |= {"uuid:stream_id": str(stream.pk)}
    scene.objects |= {"uuid:login_id": str(login.pk), "uuid:token_id": str(access.pk)}
    connection = Connection("Contoso SAML", "", metadata=saml.metadata())
    speaks_saml = create_saml_provider(by=scene.cast.ada, slug="contoso-saml", connection=connection)
    scene.objects |= {"slug:provider": provider.slug, "slug:saml_slug": speaks_saml.slug}
    list_releases(by=scene.cast.ada)
    agent, _token = add_agent(by=scene.cast.ada, name="plant")
    note_report(agent, Report(in_force().revision, "", "1.22.2"))
    ill, _token = add_agent(by=scene.cast.ada, name="edge")
    note_report(ill, Report("0" * 64, "bundle_error", "1.22.2"))
    version = propose_rules(by=scene.cast.ada, files=rules.freezing("nobody"), message="Freeze nobody")
    rules.put_in_force(shipped())
    put = RulesInForce.objects.order_by("-id")[0]
    simulation = simulated(version, scene.cast.sana)
    scene.objects |= {"uuid:version_id": str(version.pk), "int:in_force_id": str(put.pk)}
    scene.objects |= {"uuid:simulation_id": str(simulation.pk)}
    scene.objects |= {"str:key_id": "00000000000000"}
    note = CallNote("GET", "User", None, 404, "", "", 3)
    note_scim_call(client=client, note=note)
    rows = {
        "catalog/templaterelease": TemplateRelease.objects.first(),
        "datacatalog/classification": Classification.objects.first(),
        "datacatalog/region": Region.objects.first(),
        "datacatalog/dataset": Dataset.objects.first(),
        "datacatalog/datasetfield": DatasetField.objects.first(),
        "datacatalog/importrun": None,
        "vault/tenantkey": TenantKey.objects.first(),
        "identity/user": scene.cast.lena,
        "identity/group": Group.objects.first(),
        "identity/rolegrant": RoleGrant.objects.first(),
        "identity/loginsession": login,
        "identity/accesstoken": access,
        "identity/signalstream": stream,
        "identity/scimclient": ScimClient.objects.get(pk=client.pk),
        "policy/accessrule": AccessRule.objects.first(),
        "policy/opaagent": agent,
        "policy/opatoken": agent.tokens.first(),
        "policy/datachange": _data_change(scene),
        "policy/thresholdset": ThresholdSet.objects.create(tenant=scene.cast.tenant),
        "policy/network": Network.objects.create(
            tenant=scene.cast.tenant, name="Office", blocks=["192.0.2.0/24"]
        ),
        "identity/identityprovider": provider,
        "identity/samlprovider": speaks_saml,
        "identity/scimtoken": client.tokens.first(),
        "identity/scimcall": ScimCall.objects.first(),
    }
    scene.objects |= {f"admin/{name}": str(row.pk) for name, row in rows.items() if row}
    scene.objects["admin/datacatalog/importrun"] = scene.objects["uuid:run_id"]


def _data_change(scene: Scene) -> DataChange:
    """Ada has asked for one of a class of data, and nobody has answered."""
    names = ClassificationData.names
    before = {name: getattr(Classification.objects.get(code="pii"), name) for name in names}
    return DataChange.objects.create(
        tenant=scene.cast.tenant,
        kind="classification",
        object="pii",
        before=before,
        after={**before, "level": 2},
        reason="The works council asked for it",
        asked_by=scene.cast.ada,
    )


def sign_in(client: Client, person: User, **claims: Any) -> None:
    """A session with a fresh second factor; `claims` says otherwise."""
    client.force_login(person, backend="identity.backends.DirectoryBackend")
    session = client.session
    session["sso"] = {
        "issuer": settings.OIDC["issuer"],
        "sub": person.external_id,
        "sid": uuid.uuid4().hex,
        "acr": settings.OIDC["step_up_acr"].split()[0],
        "amr": ["pwd", "otp"],
        "auth_time": int(time.time()),
        **claims,
    }
    session.save()
