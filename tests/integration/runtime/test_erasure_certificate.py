"""The certificate of an erasure proves what it says without the portal, and no other passes (D6)."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.models import App
from identity.tenancy import tenant_scope
from portal.cli import main
from tests import rights
from tests.cast import Cast
from tests.integration.runtime.test_erasure import app, claims, pems, ready
from tests.integration.runtime.test_records import events
from tests.integration.runtime.test_retention import app_with
from tests.live_apps import add
from vault import signing

__all__ = ["app"]  # a fixture


def test_the_certificate_is_verified_offline_and_no_other_passes(
    committed_cast: Cast, app: App, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cast, mine = committed_cast, add(app, committed_cast.mia)
    row = rights.erased(ready(cast))
    app_with(cast.nils, {}, slug="theirs")
    verify = _verifier(tmp_path)
    own, foreign = pems(cast.tenant.pk), pems(cast.other.pk)
    assert verify(row.certificate, own) == 0
    told = capsys.readouterr().out
    assert "Verified: erasure DSR-2026/7" in told
    assert hashlib.sha256(str(mine).encode()).hexdigest() in told
    assert verify(row.certificate, foreign) == 1
    head, body, mark = row.certificate.split(".")
    changed = body[:40] + ("A" if body[40] != "A" else "B") + body[41:]
    assert verify(f"{head}.{changed}.{mark}", own) == 1
    assert verify("nothing", own) == 1
    with tenant_scope(app.tenant_id):
        other_kind = signing.sign(signing.rows_of(app.tenant_id)[0], {"kind": "key-destruction"})
    assert verify(other_kind, own) == 1
    assert "NOT VERIFIED" in capsys.readouterr().err


def _verifier(folder: Path) -> Callable[[str, str], int]:
    def verify(token: str, keys: str) -> int:
        (folder / "c.jws").write_text(token)
        (folder / "k.pem").write_text(keys)
        command = ["erasure-certificate", "verify", str(folder / "c.jws"), "--keys", str(folder / "k.pem")]
        return main(command)

    return verify


def test_the_certificate_names_who_approved_and_on_which_decision(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    add(app, cast.mia)
    row = rights.erased(ready(cast))
    told = claims(row)
    assert [vote["by"] for vote in told["approved"]] == [str(cast.sana.pk)]
    assert told["asked_by"] == str(cast.ada.pk)
    [allowed] = [e for e in events("decision.allowed") if e["facts"]["action"] == "subject.erase"]
    assert told["decision"] == allowed["decision"] == str(row.decision)
    [proof] = told["erased"][0]["batches"]
    assert proof["ids_sha256"] == events("records.disposed")[0]["facts"]["ids_sha256"]
