"""Sessions end by themselves: after resting, and after lasting, too long (I5)."""

import time

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from identity import limits
from identity.models import Group, LoginSession, Membership, User
from identity.tenancy import tenant_scope
from tests.cast import Cast
from tests.scene import sign_in

pytestmark = pytest.mark.django_db
MINUTE, HOUR = 60, 3600


def begun(client: Client, person: User, *, ago: int = 0, unused: int = 0) -> LoginSession:
    """`person` signed in `ago` seconds ago and last asked for a page `unused` seconds ago."""
    sign_in(client, person)
    row = LoginSession.objects.create(
        user=person, session_key=client.session.session_key, issuer="x", sub="y", device="Firefox · Linux"
    )
    session = client.session
    session["login"] = str(row.pk)
    now = time.time()
    with tenant_scope(person.tenant_id):
        limits.begin(session, person, now - ago)
        limits.note(session, person, now - unused)
    session.save()
    return row


@pytest.mark.parametrize(
    ("who", "ago", "unused", "end"),
    [
        ("mia", 0, 0, None),
        ("mia", HOUR, 59 * MINUTE, None),
        ("mia", 2 * HOUR, 61 * MINUTE, "idle"),
        ("mia", 11 * HOUR, 0, None),
        ("mia", 12 * HOUR + 1, 0, "expired"),
        ("ada", HOUR, 14 * MINUTE, None),
        ("ada", HOUR, 16 * MINUTE, "idle"),
        ("ada", 8 * HOUR + 1, 0, "expired"),
    ],
)
def test_the_strictest_role_counts(
    cast: Cast, client: Client, who: str, ago: int, unused: int, end: str | None
) -> None:
    row = begun(client, getattr(cast, who), ago=ago, unused=unused)
    answer = client.get("/notices/?kind=all")
    row.refresh_from_db()
    assert row.end == (end or "")
    if end is None:
        assert answer.status_code == 200
        return
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=%2Fnotices%2F%3Fkind%3Dall")
    assert "signed out because" in str(next(iter(get_messages(answer.wsgi_request))))
    assert "_auth_user_id" not in client.session
    assert client.get("/notices/").status_code == 302


def test_a_part_of_a_page_goes_whole_and_back_to_its_page(cast: Cast, client: Client) -> None:
    begun(client, cast.mia, ago=2 * HOUR, unused=2 * HOUR)
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/apps/?q=x"}
    answer = client.post("/apps/", headers=headers)
    assert answer["HX-Redirect"] == "/sign-in/?next=%2Fapps%2F%3Fq%3Dx"


def test_the_check_asks_nothing_and_writes_once_a_minute(cast: Cast, client: Client) -> None:
    row = begun(client, cast.mia)
    client.get("/notices/")
    with CaptureQueriesContext(
        connection,
    ) as with_limits:
        client.get("/notices/")
    asked = len(with_limits)
    session = client.session
    kept = session.pop("limits")
    session.save()
    with CaptureQueriesContext(connection) as without:
        assert client.get("/notices/").status_code == 200
    bare = len(without)  # before the next request clears the log
    assert asked == bare
    session["limits"] = {**kept, "seen": kept["seen"] - 2 * MINUTE}
    session.save()
    LoginSession.objects.filter(pk=row.pk).update(seen_at=row.began_at.replace(year=2020))
    client.get("/notices/")
    row.refresh_from_db()
    assert row.seen_at.year > 2020
    with CaptureQueriesContext(connection) as after:
        client.get("/notices/")
    assert len(after) == bare


def test_limits_follow_the_roles_within_a_minute(cast: Cast, client: Client) -> None:
    begun(client, cast.mia, ago=HOUR, unused=20 * MINUTE)
    with tenant_scope(cast.tenant.pk):
        admins = Group.objects.get(name="Platform admins")
        Membership.objects.create(tenant=cast.tenant, group=admins, user=cast.mia)
    assert client.get("/notices/").status_code == 200
    assert client.session["limits"]["idle"] == 15 * MINUTE
