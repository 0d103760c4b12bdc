"""Show 4: an unmodified OPA, configured by the guide's example, is an agent of the portal (P4)."""

import gzip
import http.server
import io
import re
import tarfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from django.test import Client

from identity.tenancy import tenant_scope
from policy import bundles
from policy.agents import archives
from policy.agents.services import add_agent
from policy.inputs import Resource, to_document
from policy.models import OpaAgent
from policy.rulebook import Rulebook, shipped
from policy.signing import signer
from tests.cast import Cast
from tests.integration.policy.agent import Agent, filled, guide_blocks
from tests.policy_facts import COMPANY, NOWHERE, app, subject
from tests.rules import another, put_in_force
from tests.scene import sign_in
from vault.services import announce_signing_key, rotate_signing_key

pytestmark = pytest.mark.needs_opa
Start = Callable[..., Agent]
WHOLE, DISCOVERS = range(2)


@pytest.fixture
def portal(committed_cast: Cast, serve: Callable[..., str]) -> Iterator[str]:
    """Contoso's portal behind a socket; who waits there is woken before the database is emptied."""
    address = serve()
    httpx.get(f"{address}/health/live", timeout=60)  # the first request of a process loads all addresses
    yield address
    put_in_force(Rulebook((*shipped().modules, ("zz_last.rego", "package portal.last\n"))))
    while any("process_request_thread" in thread.name for thread in threading.enumerate()):
        time.sleep(0.02)
    put_in_force(shipped())


@pytest.fixture
def start(committed_cast: Cast, portal: str, opa_binary: str, tmp_path: Path) -> Iterator[Start]:
    """`start(block, address=…)` starts an agent on a configuration of the guide."""
    started: list[Agent] = []

    def begin(block: int = WHOLE, address: str = portal, *, hasty: bool = False) -> Agent:
        tenant = committed_cast.tenant.pk
        with tenant_scope(tenant):
            _agent, token = add_agent(by=committed_cast.ada, name="plant")
            [(key_id, pem)] = signer().public_keys(tenant).items()
        text = filled(guide_blocks()[block], address=address, key_id=key_id, pem=pem)
        if hasty:  # the guide's pauses are too long for a test
            text = re.sub(r"(m.._delay_seconds): [13]0", r"\1: 1", text)
        agent = Agent(opa_binary, tmp_path, text, token)
        started.append(agent)
        agent.start()
        return agent

    yield begin
    for agent in started:
        agent.stop()


def question(cast: Cast, action: str = "record.update") -> dict[str, object]:
    """Mia of Contoso, who has no role in the app, with things in it that are no facts."""
    one = replace(app(COMPANY), tenant=str(cast.tenant.pk), id=str(uuid.uuid4()))
    who = subject(id=str(cast.mia.pk), tenant=str(cast.tenant.pk), groups=frozenset())
    resource = Resource(tenant=str(cast.tenant.pk), app=one, dataset="leads")
    document = to_document(who, action, resource, NOWHERE)
    document["subject"]["email"] = "mia@contoso.example"
    document["note"] = "call Mia at home"
    return document


def test_it_pulls_decides_follows_a_new_revision_and_tells_what_it_decided(
    committed_cast: Cast, start: Start, record_property: Callable[[str, object], None]
) -> None:
    agent = start()
    agent.until(lambda: agent.health() == 200)
    assert agent.revision() == shipped().revision

    answer = agent.decide(question(committed_cast))
    assert answer["result"]["allow"] is False
    page = _page_of(committed_cast, answer["decision_id"])
    assert "agent:plant" in page
    assert shipped().revision in page
    assert "access.app_role" in page
    assert "contoso.example" not in page.split("<main", 1)[1]
    assert "call Mia" not in page

    time.sleep(1)  # it waits at the portal by now
    put_in_force(another())
    took = agent.until(lambda: agent.revision() == another().revision)
    assert took < 2
    record_property("seconds until the new revision was active", round(took, 2))

    def known() -> str:
        with tenant_scope(committed_cast.tenant.pk):
            return OpaAgent.objects.get().revision

    agent.until(lambda: known() == another().revision, seconds=60)


def _page_of(cast: Cast, decision: str) -> str:
    """The decision page as the auditor sees it, once the agent has sent its log."""
    client = Client()
    sign_in(client, cast.theo)
    until = time.monotonic() + 30
    while time.monotonic() < until:
        answer = client.get(f"/audit/decisions/{decision}/")
        if answer.status_code == 200:
            return answer.content.decode()
        time.sleep(0.2)
    raise AssertionError("the decision did not arrive")


def test_it_discovers_the_rest(committed_cast: Cast, start: Start) -> None:
    agent = start(DISCOVERS)
    agent.until(lambda: agent.revision() == shipped().revision)
    answer = agent.decide(question(committed_cast))
    assert "agent:plant" in _page_of(committed_cast, answer["decision_id"])


def test_a_new_signing_key_reaches_who_discovers_before_it_signs(committed_cast: Cast, start: Start) -> None:
    tenant = committed_cast.tenant.pk
    agent = start(DISCOVERS, hasty=True)
    agent.until(lambda: agent.revision() == shipped().revision)
    with tenant_scope(tenant):
        announce_signing_key(by=committed_cast.ada, tenant=tenant)
        announced = archives.discovery_for(tenant).revision
    agent.until(lambda: agent.discovered() == announced)
    with tenant_scope(tenant):
        rotate_signing_key(by=committed_cast.ada, tenant=tenant)
    put_in_force(another())
    agent.until(lambda: agent.revision() == another().revision)


def test_a_tampered_bundle_is_refused_and_the_good_one_stays(
    committed_cast: Cast, portal: str, start: Start
) -> None:
    with tampering(portal) as (address, changes):
        agent = start(address=address)
        agent.until(lambda: agent.revision() == shipped().revision)
        changes.how = _changed_rule
        put_in_force(another())
        for how, said in {
            _changed_rule: "main.rego: digest mismatch",
            _added_rule: "extra.rego not included in bundle signature",
            _other_manifest: ".manifest: digest mismatch",
            _flipped_bit: "access_conditions.rego: digest mismatch",
            _unsigned: "bundle missing .signatures.json",
            _theirs(committed_cast): "verification key corresponding to ID",
        }.items():
            changes.how, changes.sent = how, 0
            agent.until(lambda: changes.sent >= 2)
            agent.until(lambda said=said: said in agent.log())
            assert agent.revision() == shipped().revision
            assert agent.decide(question(committed_cast))["result"]["allow"] is False
        changes.how = None
        agent.until(lambda: agent.revision() == another().revision)


def _theirs(cast: Cast) -> Callable[[bytes], bytes]:
    """The same rules, signed by another tenant's key."""
    with tenant_scope(cast.other.pk):
        signer().prepare(by=None, tenant=cast.other.pk)
        content = archives.rules_for(cast.other.pk).content
    return lambda _archive: content


# -- somebody on the way ---------------------------------------------------------------------------------


@dataclass
class Changes:
    """How bundles are changed on their way, and how many were."""

    how: Callable[[bytes], bytes] | None = None
    sent: int = 0


@contextmanager
def tampering(target: str) -> Iterator[tuple[str, Changes]]:
    """A proxy to `target` that changes bundles."""
    changes = Changes()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._pass(b"")

        def do_POST(self) -> None:
            self._pass(self.rfile.read(int(self.headers["Content-Length"])))

        def _pass(self, body: bytes) -> None:
            wanted = {"authorization", "content-type", "content-encoding", "prefer", "if-none-match"}
            headers = {name: value for name, value in self.headers.items() if name.lower() in wanted}
            ask = httpx.stream(
                self.command, f"{target}{self.path}", headers=headers, content=body, timeout=40
            )
            with ask as answer:
                content = b"".join(answer.iter_raw())
            if changes.how and self.path.endswith("portal.tar.gz") and content:
                content = changes.how(content)
                changes.sent += 1
            self.send_response(answer.status_code)
            for name in {"Content-Type", "ETag"} & {
                key.title().replace("Etag", "ETag") for key in answer.headers
            }:
                self.send_header(name, answer.headers[name])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", changes
    finally:
        server.shutdown()
        server.server_close()


def _files(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]


def _changed_rule(archive: bytes) -> bytes:
    """One rule says yes to everything; names, manifest and signatures are as they were."""
    files = _files(archive)
    files["main.rego"] += b"\nallow := true\n"
    return bundles.archive(files)


def _added_rule(archive: bytes) -> bytes:
    return bundles.archive(_files(archive) | {"extra.rego": b"package portal.extra\n\nallow := true\n"})


def _other_manifest(archive: bytes) -> bytes:
    files = _files(archive)
    files[".manifest"] = files[".manifest"].replace(b'"revision":"', b'"revision":"0')
    return bundles.archive(files)


def _flipped_bit(archive: bytes) -> bytes:
    raw = bytearray(gzip.decompress(archive))
    raw[raw.index(b"package portal")] ^= 1
    return gzip.compress(bytes(raw))


def _unsigned(archive: bytes) -> bytes:
    return bundles.archive(
        {name: text for name, text in _files(archive).items() if name != ".signatures.json"}
    )
