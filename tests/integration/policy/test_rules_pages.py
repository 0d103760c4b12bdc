"""The pages and the API of versions of the rules (P4, P6, docs/adr/0080)."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from identity.tenancy import tenant_scope
from policy import services
from policy.models import RulesInForce, RulesVersion
from policy.rulebook import shipped
from policy.states import VersionState
from tests.cast import Cast
from tests.rules import another, checked, freezing, library, proposed, put_in_force
from tests.scene import sign_in
from tests.tokens import caller, make_token

LIST = "/policy/versions/"
API = "/api/v1/policy/versions"
FROZEN = freezing("nobody")


def signed_in(person: Any) -> Client:
    client = Client()
    sign_in(client, person)
    return client


def many(cast: Cast, number: int) -> None:
    """As many versions, each with all files."""
    with tenant_scope(cast.tenant.pk):
        RulesVersion.objects.bulk_create(
            RulesVersion(
                tenant=cast.tenant,
                number=n,
                revision=f"{n:064}",
                files=FROZEN,
                base=shipped().revision,
                message=f"Change {n}",
                author=cast.ada,
                state=VersionState.REFUSED,
            )
            for n in range(1, number + 1)
        )


def test_the_list_is_paged_and_costs_the_same_for_few_and_for_many(
    committed_cast: Cast, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    cast, sana = committed_cast, signed_in(committed_cast.sana)
    assert "No versions yet" in sana.get(LIST).content.decode()
    put_in_force(another())
    many(cast, 60)
    with django_assert_max_num_queries(22) as queries:
        first = sana.get(LIST).content.decode()
    assert "Version 60" in first
    assert "Version 35" not in first
    assert "Version 1<" in sana.get(f"{LIST}?page=3").content.decode()
    assert not [one for one in queries.captured_queries if '"files"' in one["sql"]], (
        "texts stay where they are"
    )


def test_one_version_shows_what_changes_and_its_checks(committed_cast: Cast) -> None:
    cast = committed_cast
    row = proposed(cast.ada, FROZEN, "Freeze <b>nobody</b>")
    with tenant_scope(cast.tenant.pk):
        RulesVersion.objects.update(checks=[{"name": "tests", "ok": False, "detail": "FAIL <1/2>"}])
    for who, takes_back in ((cast.ada, True), (cast.sana, False), (cast.theo, False)):
        page = signed_in(who).get(row.get_absolute_url()).content.decode()
        assert "Freeze &lt;b&gt;nobody" in page
        assert "frozen.rego" in page
        assert '<ins class="diff__line diff__line--added">package portal.rules.frozen</ins>' in page
        assert "FAIL &lt;1/2&gt;" in page
        assert 'hx-trigger="load delay:2s"' in page
        assert ("Take it back" in page) is takes_back
    part = signed_in(cast.sana).get(row.get_absolute_url(), headers={"HX-Request": "true"})
    assert b"<html" not in part.content
    assert "HX-Refresh" not in part
    with tenant_scope(cast.tenant.pk):
        RulesVersion.objects.update(state=VersionState.FAILED)
    part = signed_in(cast.sana).get(row.get_absolute_url(), headers={"HX-Request": "true"})
    assert part["HX-Refresh"] == "true"


def test_tests_are_part_of_what_changes(committed_cast: Cast) -> None:
    row = proposed(committed_cast.ada, FROZEN | {"frozen_test.rego": "package portal.frozen_test\n"})
    page = signed_in(committed_cast.theo).get(row.get_absolute_url()).content.decode()
    assert "frozen_test.rego" in page
    assert "sso_required_test.rego" not in page, "only what differs"


def test_rolling_back_on_the_page(committed_cast: Cast) -> None:
    cast = committed_cast
    put_in_force(another())
    first = RulesInForce.objects.order_by("id")[0]
    address = f"/policy/versions/in-force/{first.pk}/roll-back/"
    assert address in signed_in(cast.sana).get(LIST).content.decode()
    assert address not in signed_in(cast.theo).get(LIST).content.decode()
    sana = signed_in(cast.sana)
    assert sana.post(address, {"reason": ""}).status_code == 422
    assert sana.post(address, {"reason": "It denied too much"}).status_code == 302
    assert RulesInForce.objects.first().revision == shipped().revision  # type: ignore[union-attr]


def test_rolling_back_takes_a_second_factor(committed_cast: Cast, client: Client) -> None:
    put_in_force(another())
    first = RulesInForce.objects.order_by("id")[0]
    sign_in(client, committed_cast.sana, acr="")
    answer = client.post(f"/policy/versions/in-force/{first.pk}/roll-back/", {"reason": "It denied too much"})
    assert answer.status_code == 503, "no provider runs here that could ask for one"
    assert RulesInForce.objects.first().revision == another().revision  # type: ignore[union-attr]


def test_a_release_with_other_rules_is_offered(committed_cast: Cast) -> None:
    button = "Propose the rules that this release ships"
    ada = signed_in(committed_cast.ada)
    assert button not in ada.get(LIST).content.decode()
    put_in_force(another())
    assert button not in ada.get(LIST).content.decode(), "the same release"
    put_in_force(another(), base="0" * 64)
    assert button in ada.get(LIST).content.decode()
    assert button not in signed_in(committed_cast.theo).get(LIST).content.decode()
    assert ada.post(f"{LIST}release/").status_code == 302
    with tenant_scope(committed_cast.tenant.pk):
        assert RulesVersion.objects.get().revision == shipped().revision


def test_the_rules_page_leads_there_for_who_may_read(committed_cast: Cast) -> None:
    for who, leads in (("sana", True), ("theo", True), ("mia", False), ("nils", False)):
        page = signed_in(getattr(committed_cast, who)).get("/policy/rules/").content.decode()
        assert (f'href="{LIST}"' in page) is leads


def test_who_operates_nothing_is_told_so(committed_cast: Cast, settings: Any) -> None:
    settings.POLICY_TENANT = ""
    answer = signed_in(committed_cast.ada).get(LIST)
    assert answer.status_code == 403
    assert "POLICY_TENANT" in answer.content.decode()


class TestApi:
    """POST and GET /api/v1/policy/versions."""

    def post(self, person: Any, body: object, *scopes: str) -> Any:
        _row, token = make_token(person, *(scopes or ("policy:propose",)))
        return caller(token).post(API, json.dumps(body), content_type="application/json")

    def test_it_proposes_once_and_tells_how_it_stands(self, committed_cast: Cast) -> None:
        cast, body = committed_cast, {"files": FROZEN, "message": "Freeze nobody"}
        made = self.post(cast.ada, body)
        assert made.status_code == 202
        assert self.post(cast.sana, body).json()["id"] == made.json()["id"]
        _row, token = make_token(cast.ada, "policy:propose")
        found = caller(token).get(f"{API}/{made.json()['id']}").json()
        assert (found["state"], found["number"], found["checks"]) == ("checking", 1, [])
        assert found["page"].endswith(f"/policy/versions/{found['id']}/")

    @pytest.mark.parametrize(
        ("who", "body", "scope", "status"),
        [
            ("ada", {"files": {}, "message": "x"}, "policy:propose", 400),
            ("ada", {"files": library(), "message": "x"}, "policy:propose", 400),
            ("ada", {"files": {"main.rego": 1}, "message": "x"}, "policy:propose", 400),
            ("ada", {"files": [], "message": "x"}, "policy:propose", 400),
            ("ada", {"files": FROZEN}, "policy:propose", 400),
            ("ada", {"files": {"x.rego": "#" * 3 * 1024 * 1024}, "message": "x"}, "policy:propose", 413),
            ("ada", {"files": FROZEN, "message": "x"}, "apps:read", 403),
            ("theo", {"files": FROZEN, "message": "x"}, "policy:propose", 403),
            ("nils", {"files": FROZEN, "message": "x"}, "policy:propose", 403),
            ("sana", {"files": FROZEN, "message": "x"}, "policy:propose", 409),
        ],
    )
    def test_refusals(self, committed_cast: Cast, who: str, body: object, scope: str, status: int) -> None:
        answer = self.post(getattr(committed_cast, who), body, scope)
        assert answer.status_code == status
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["detail"]

    def test_other_tenants_see_no_version(self, committed_cast: Cast) -> None:
        row = proposed(committed_cast.ada, FROZEN)
        for who, status in (("nils", 404), ("mia", 403), ("theo", 200)):
            _token, text = make_token(getattr(committed_cast, who), "policy:propose")
            assert caller(text).get(f"{API}/{row.pk}").status_code == status


@pytest.mark.needs_opa
def test_the_real_command_line(committed_cast: Cast, serve: Callable[..., str], tmp_path: Path) -> None:
    cast, url = committed_cast, serve(POLICY_PARITY_INPUTS=20)
    _row, token = make_token(cast.ada, "policy:propose")
    kept = tmp_path / "microapps" / "tokens.json"
    kept.parent.mkdir()
    kept.write_text(json.dumps({url: token}))

    def propose(files: dict[str, str], name: str) -> subprocess.CompletedProcess[str]:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for file, text in files.items():
            (folder / file).write_text(text)
        command = [
            sys.executable,
            "-m",
            "portal",
            "policy",
            "propose",
            str(folder),
            "--message",
            "Why",
            "--url",
            url,
        ]
        return subprocess.run(
            command, env={"XDG_CONFIG_HOME": str(tmp_path)}, capture_output=True, text=True, check=False
        )

    stop = threading.Event()

    def worker() -> None:
        while not stop.wait(0.2):
            services.sweep_checks()

    thread = threading.Thread(target=worker)
    thread.start()
    try:
        broken = propose(FROZEN | {"frozen_test.rego": "package portal.t\n\ntest_no if 1 == 2\n"}, "broken")
        good = propose(FROZEN, "good")
    finally:
        stop.set()
        thread.join()
    assert broken.returncode == 1, broken.stderr
    assert "FAIL  tests" in broken.stdout
    assert "test_no" in broken.stdout
    assert good.returncode == 0, good.stdout + good.stderr
    assert "Waits for review" in good.stdout
    assert "/policy/versions/" in good.stdout
    nothing = propose({"notes.txt": "x"}, "nothing")
    assert (nothing.returncode, "holds no .rego files" in nothing.stderr) == (2, True)
    same = propose(library(), "same")
    assert (same.returncode, "nothing would change" in same.stderr) == (2, True)


@pytest.mark.needs_opa
def test_a_checked_version_is_in_the_reviewers_inbox(committed_cast: Cast, settings: Any) -> None:
    settings.POLICY_PARITY_INPUTS = 20
    row = checked(proposed(committed_cast.ada, FROZEN))
    sana = signed_in(committed_cast.sana)
    assert "Rules, version 1" in sana.get("/approvals/").content.decode()
    page = sana.get(f"/approvals/{row.request}/").content.decode()
    for told in ("Both engines decide alike", "20 of 20 inputs alike", "frozen.rego: "):
        assert told in page
    theo = signed_in(committed_cast.theo).get(row.get_absolute_url()).content.decode()
    assert f"/approvals/{row.request}/" in theo
