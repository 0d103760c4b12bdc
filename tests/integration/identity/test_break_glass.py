"""Break-glass: a link from the server's shell, good once, for one admin session that ends by itself (I1)."""

import threading
from datetime import timedelta

import psycopg
import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from identity import services
from identity.errors import BadInput, Missing
from identity.models import BreakGlass, User
from identity.tenancy import tenant_scope
from ledger.events import Event
from notices.models import Outbox
from portal.cli import main
from portal.services import make_break_glass
from tests.cast import Cast
from tests.scene import sign_in
from tests.services import POSTGRES


def link(cast: Cast, username: str = "mia.novak@contoso.example", minutes: int = 30) -> str:
    url = make_break_glass(tenant=cast.tenant, username=username, minutes=minutes, reason="Provider is down")
    return url.removeprefix("http://testserver")


def test_it_signs_one_person_in_as_admin_for_a_while(committed_cast: Cast) -> None:
    client = Client()
    url = link(committed_cast)
    assert client.get(url).status_code == 200
    assert "_auth_user_id" not in client.session, "opening the link does nothing"
    assert client.post(url).status_code == 302
    page = client.get("/admin/")
    assert page.status_code == 200
    assert "Break-glass session" in client.get("/").content.decode()
    assert 29 * 60 < client.session.get_expiry_age() <= 30 * 60


def test_it_ends_with_its_time_box(committed_cast: Cast) -> None:
    client = Client()
    client.post(link(committed_cast))
    session = client.session
    session["admin_until"] = timezone.now().timestamp() - 1
    session.save()
    assert client.get("/admin/").status_code == 403


def test_it_works_once_and_not_late(committed_cast: Cast) -> None:
    url = link(committed_cast)
    assert Client().post(url).status_code == 302
    assert Client().post(url).status_code == 404
    late = link(committed_cast)
    BreakGlass.objects.filter(used_at=None).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().post(late).status_code == 404
    assert Client().post("/break-glass/x/").status_code == 404


def test_two_at_once_open_one_session(committed_cast: Cast) -> None:
    url = link(committed_cast)
    start, answers = threading.Barrier(4), []

    def use() -> None:
        client = Client()
        start.wait()
        answers.append(client.post(url).status_code)
        connections.close_all()

    threads = [threading.Thread(target=use) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [302, 404, 404, 404]


def test_somebody_who_left_meanwhile_does_not_get_in(committed_cast: Cast) -> None:
    url = link(committed_cast)
    User.objects.filter(pk=committed_cast.mia.pk).update(is_active=False)
    assert Client().post(url).status_code == 404


def test_every_admin_is_told_and_the_record_has_it(committed_cast: Cast) -> None:
    cast = committed_cast
    client = Client()
    url = link(cast)
    client.post(url)
    with tenant_scope(cast.tenant.pk):
        told = list(Outbox.objects.order_by("created_at").values_list("kind", "role"))
    assert told == [("break_glass.issued", "admin"), ("break_glass.used", "admin")]
    token = url.strip("/").rpartition("/")[2]
    bodies = recorded()
    for kind in (Event.BREAK_GLASS_ISSUED, Event.BREAK_GLASS_USED):
        assert f'"{kind.value}"' in bodies
    assert token not in bodies
    assert "Provider is down" not in bodies, "a reason may name people"
    assert not BreakGlass.objects.filter(token_hash=token).exists()


def recorded() -> str:
    with psycopg.connect(POSTGRES.url()) as server:
        return "\n".join(row[0] for row in server.execute("SELECT body FROM ledger.event").fetchall())


def test_another_admin_reviews_it_once(committed_cast: Cast) -> None:
    cast = committed_cast
    client, ada, omar = Client(), Client(), Client()
    client.post(link(cast))
    grant = BreakGlass.objects.get()
    sign_in(ada, cast.ada)
    sign_in(omar, cast.omar)
    path = f"/people/break-glass/{grant.pk}/"
    assert omar.post(path, {"review": "fine"}).status_code == 403
    assert client.post(path, {"review": "fine"}).status_code == 403, "nobody reviews himself"
    assert ada.post(path, {"review": " "}).status_code == 400
    assert "Provider is down" in ada.get("/people/break-glass/").content.decode()
    assert ada.post(path, {"review": "Looked at: fine"}).status_code == 302
    assert ada.post(path, {"review": "again"}).status_code == 409
    grant.refresh_from_db()
    assert (grant.reviewed_by_id, grant.review) == (cast.ada.pk, "Looked at: fine")


@pytest.mark.parametrize(("minutes", "reason"), [(0, "x"), (121, "x"), (10, "  ")])
def test_it_takes_a_reason_and_a_short_time(committed_cast: Cast, minutes: int, reason: str) -> None:
    with pytest.raises(BadInput):
        services.issue_break_glass(
            tenant=committed_cast.tenant,
            username="mia.novak@contoso.example",
            minutes=minutes,
            reason=reason,
        )


def test_it_is_for_people_of_the_tenant(committed_cast: Cast) -> None:
    with pytest.raises(Missing):
        link(committed_cast, username="nils.falk@northwind.example")


def test_the_shell_prints_a_link_that_works(committed_cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["break-glass", "contoso", "ada.kern@contoso.example", "--reason", "drill"]) == 0
    url = capsys.readouterr().out.strip().splitlines()[-1]
    assert Client().post(url.removeprefix("http://testserver")).status_code == 302
    assert main(["break-glass", "contoso", "nobody", "--reason", "drill"]) == 1
    assert main(["break-glass", "nowhere", "ada", "--reason", "drill"]) == 1
