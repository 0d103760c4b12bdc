"""One record of every class of data, and all that the portal gives out about it: by whom, on which way."""

import io
import logging
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import redis
from django.http import HttpResponse
from django.test import RequestFactory
from psycopg import sql

from approvals import services as approvals
from approvals.models import Request
from approvals.states import Verdict
from catalog.models import App
from identity.errors import DomainError
from identity.models import Group, Membership, User
from identity.tenancy import tenant_scope
from portal import kept_forms
from runtime import export_run
from runtime.models import Export
from runtime.states import ExportState
from tests import live_apps
from tests.canaries import Canary
from tests.cast import Cast, make_cast
from tests.conditions import browser
from tests.services import POSTGRES, REDIS
from tests.tokens import caller, make_token

# class of data -> what is planted in its field
PLANTED = {
    "pii": Canary("quillfeather.7f3a@wombat-lagoon.example", ("quillfeather", "wombat-lagoon")),
    "special": Canary("zoroastrian-hedgerow-51c9", ("hedgerow-51c9",)),
    "card": Canary("5425233430109903", ("542523343010",)),
    "health": Canary("dextrocardia-bramble-88d2", ("bramble-88d2",)),
    "credential": Canary("hunter-thimblewick-19aa", ("thimblewick",)),
    "internal": Canary("plainword-internal-40e1"),
    "public": Canary("plainword-public-6b07"),
    "confidential": Canary("plainword-confidential-3d55"),
}
PROTECTED = ("pii", "special", "card", "health", "credential")
PLAIN = ("internal", "public", "confidential")
FIELDS = [
    {
        "id": f"f_leaked{code}",
        "name": "card_number" if code == "card" else f"{code}_value",
        "label": code.title(),
        "type": "email" if code == "pii" else "text",
        "classification": code,
    }
    for code in PLANTED
]
LISTED = [f"f_leaked{code}" for code in (*PROTECTED, "internal")]  # a list shows six columns
CHARTED = {
    "id": "f_leakedchart",
    "name": "kind",
    "label": "Kind",
    "type": "choice",
    "options": ["One", "Two"],
}
CHARTED["classification"] = "internal"
MEMBER = ["record.list", "record.read", "record.export", "dashboard.view"]
ROLES = [
    {"key": "viewer", "title": "Viewer", "groups": ["Marketing"], "permissions": MEMBER},
    {
        "key": "editor",
        "title": "Editor",
        "groups": ["Builders"],
        "permissions": [*MEMBER, "record.create", "record.update", "record.delete"],
    },
    {
        "key": "revealer",
        "title": "Revealer",
        "groups": ["Reviewers"],
        "permissions": [*MEMBER, "record.update", "value.reveal"],
    },
]
RECORDS = 6  # enough for a group of a chart
BASE = "/apps/leaks/leads/"
API = "/api/v1/apps/leaks/datasets/leads/records"


@dataclass
class Harvest:
    """(role, way) -> every byte that came; `shared` is what the portal keeps, once all have been at it."""

    ways: dict[tuple[str, str], bytes] = field(default_factory=dict)
    shared: dict[str, bytes] = field(default_factory=dict)


@contextmanager
def watched_logs() -> Iterator[io.StringIO]:
    """Whatever any logger says, down to debugging."""
    stream, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(stream), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def gather() -> Harvest:
    """Plant, send everybody everywhere, and collect."""
    cast, harvest = make_cast(), Harvest()
    with watched_logs() as logs:
        app = live_apps.make_app(
            cast.lena, slug="leaks", fields=[*FIELDS, CHARTED], roles=ROLES, list_fields=LISTED
        )
        record, *_more = [_plant(app, cast) for _ in range(RECORDS)]
        approvers = [cast.omar, cast.sana]
        approvers += [_newcomer(cast, "Rita Holm", "Reviewers"), _newcomer(cast, "Sven Ost", "Security")]
        people = {"viewer": cast.mia, "editor": cast.lena, "revealer": cast.omar, "auditor": cast.theo}
        people |= {"admin": cast.ada, "stranger": cast.vera}
        for role, person in people.items():
            for way, content in _visit(person, record):
                harvest.ways[role, way] = content
        for role in ("viewer", "editor", "revealer"):
            harvest.ways[role, "csv"] = _export(app, people[role], approvers, raw=False)
        harvest.ways["revealer", "csv in clear"] = _export(app, cast.omar, approvers, raw=True)
        _keep_form(cast.lena)
    harvest.shared = {"log": logs.getvalue().encode(), "cache and tasks": _redis(), **_tables()}
    return harvest


def _plant(app: App, cast: Cast) -> uuid.UUID:
    values = {f"f_leaked{code}": canary.value for code, canary in PLANTED.items()}
    return live_apps.add(app, cast.lena, **values, f_leakedchart="One")


def _newcomer(cast: Cast, name: str, group: str) -> User:
    """Somebody to approve what the others ask for."""
    username = f"{name.lower().replace(' ', '.')}@contoso.example"
    with tenant_scope(cast.tenant.pk):
        user = User.objects.create(
            tenant=cast.tenant, username=username, external_id=username, email=username, display_name=name
        )
        group_row = Group.objects.get(name=group)
        Membership.objects.create(tenant=cast.tenant, group=group_row, user=user)
    return user


def _visit(person: User, record: uuid.UUID) -> Iterator[tuple[str, bytes]]:
    client = browser(person)
    one = f"{BASE}{record}"
    yield "page", _bytes(client.get(BASE))
    yield "part of a page", _bytes(client.get(BASE, headers={"hx-request": "true", "hx-target": "records"}))
    for code in PROTECTED:
        for sign in ("", "-"):
            yield f"sort {sign}{code}", _bytes(client.get(BASE, {"sort": f"{sign}f_leaked{code}"}))
    yield "filter", _bytes(client.get(client.post(BASE, {"q": "plainword"}).headers.get("Location", BASE)))
    for code, canary in PLANTED.items():
        answer = client.post(BASE, {"q": canary.value})
        yield f"URL of a search {code}", repr(answer.headers).encode()
    yield "record", _bytes(client.get(one))
    edit = client.get(f"{one}/edit")
    yield "form", _bytes(edit)
    yield "deletion", _bytes(client.get(f"{one}/delete"))
    yield "dashboard", _bytes(client.get(f"{BASE}overview"))
    json = {"accept": "application/json"}
    yield "problem", b"".join(_bytes(client.get(way, headers=json)) for way in (BASE, one, f"{one}/edit"))
    program = caller(make_token(person)[1])
    yield "API", b"".join(_bytes(program.get(API, asked)) for asked in ({}, {"q": "plainword"}))
    yield "exports", _bytes(client.get(f"{BASE}export")) + _bytes(client.get(f"{BASE}exports/"))
    yield (
        "error",
        b"".join(
            _bytes(client.post(f"{one}/edit", {"key": key, "f_leakedinternal": "x"})) for key in ("", "stale")
        )
        + _bytes(client.get(f"{BASE}{uuid.uuid4()}")),
    )
    for code in PLANTED:
        yield f"reveal {code}", _bytes(client.post(f"{one}/reveal/f_leaked{code}"))


def _bytes(answer: HttpResponse) -> bytes:
    streamed = getattr(answer, "streaming_content", None)
    content = b"".join(streamed) if streamed is not None else answer.content
    return f"{answer.status_code} {answer.headers} ".encode() + content


def _export(app: App, by: User, approvers: list[User], *, raw: bool) -> bytes:
    """Through the pages: asked for, approved by whoever must, written, taken; and all pages on the way."""
    client = browser(by)
    form = client.get(f"{BASE}export").content.decode()
    key = re.search(r'name="key" value="([^"]+)"', form)
    assert key
    wish = {"key": key[1], "purpose": "Look for leaks", "target": "eu"} | ({"raw": "on"} if raw else {})
    answer = client.post(f"{BASE}export", wish)
    assert answer.status_code == 302, re.sub(r"\s*<[^>]+>\s*", " ", answer.content.decode().split("<main")[1])
    with tenant_scope(app.tenant_id):
        export = Export.objects.get(pk=answer.headers["Location"].rsplit("/", 1)[1])
    _approve(export, approvers)
    export_run.run_export(export_id=export.pk, tenant=export.tenant_id)
    with tenant_scope(app.tenant_id):
        export.refresh_from_db()
        assert export.state == ExportState.READY, (export.state, export.failure)
    address = answer.headers["Location"]
    return _bytes(client.get(address)) + _bytes(client.post(f"{address}/file"))


def _approve(export: Export, people: list[User]) -> None:
    for person in people:
        with tenant_scope(export.tenant_id):
            request = Request.objects.filter(pk=export.request).first()
            if request is None or Export.objects.get(pk=export.pk).state != ExportState.WAITING:
                return
            if person.pk == export.requester_id:
                continue
        try:
            with tenant_scope(export.tenant_id):
                approvals.vote(
                    by=person,
                    request_id=request.pk,
                    verdict=Verdict.APPROVE,
                    digest=request.digest,
                    key=uuid.uuid4(),
                )
        except DomainError:
            continue  # not asked for this one


def _keep_form(by: User) -> None:
    """As a step-up keeps what was posted."""
    posted = {f"f_leaked{code}": canary.value for code, canary in PLANTED.items()}
    request = RequestFactory().post(f"{BASE}new", posted)
    request.user, request.session = by, {}  # type: ignore[assignment]
    with tenant_scope(by.tenant_id):
        assert kept_forms.keep(request, f"{BASE}new", {"f_leakedcredential"})


def _redis() -> bytes:
    """Everything in it: cache, limits, progress, and the messages to the workers."""
    server: Any = redis.Redis.from_url(REDIS.url)
    return b"\n".join(
        key + b" " + (server.dump(key) or b"") + _read(server, key) for key in server.scan_iter()
    )


def _read(server: Any, key: bytes) -> bytes:
    """The value as it is; a dump may be compressed."""
    readers = {
        b"string": server.get,
        b"list": lambda name: server.lrange(name, 0, -1),
        b"hash": server.hgetall,
        b"set": server.smembers,
        b"zset": lambda name: server.zrange(name, 0, -1),
    }
    return repr(readers.get(server.type(key), lambda _name: b"")(key)).encode()


def _tables() -> dict[str, bytes]:
    """Every row of every table, as the role that makes back-ups reads them."""
    found: dict[str, bytes] = {}
    with psycopg.connect(POSTGRES.url("portal_backup")) as server:
        names = server.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'ledger', 'apps')"
        ).fetchall()
        for schema, name in names:
            query = sql.SQL("COPY (SELECT * FROM {}) TO STDOUT").format(sql.Identifier(schema, name))
            with server.cursor().copy(query) as rows:
                content = b"".join(rows)
            if content:
                found[f"table {schema}.{'records' if schema == 'apps' else name}"] = content
    return found
