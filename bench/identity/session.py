"""What the check of a session's limits costs a page: whole requests, with limits and without."""

from collections.abc import Callable

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.harness import Row, compare, interleave, rate
from identity import limits
from identity.models import User
from identity.tenancy import tenant_scope
from tests.cast import make_cast
from tests.scene import sign_in

TIMES = 40
ROUNDS = 9
PAGE = "/notices/"


def run() -> list[Row]:
    """At most 5 %, and no query."""
    call_command("collectstatic", interactive=False, verbosity=0)
    cast = make_cast()
    limited, bare = _client(cast.mia, limited=True), _client(cast.mia, limited=False)
    assert _queries(limited) == _queries(bare)
    medians = interleave(
        {"limited": rate(_get(limited), times=TIMES), "bare": rate(_get(bare), times=TIMES)}, rounds=ROUNDS
    )
    name = "page with the session's limits checked"
    return [compare(name, medians["limited"], medians["bare"], "requests/s", at_least=0.95)]


def _client(person: User, *, limited: bool) -> Client:
    client = Client()
    sign_in(client, person)
    if limited:
        session = client.session
        with tenant_scope(person.tenant_id):
            limits.begin(session, person)
        session.save()
    return client


def _queries(client: Client) -> int:
    client.get(PAGE)
    with CaptureQueriesContext(connection) as seen:
        client.get(PAGE)
    return len(seen)


def _get(client: Client) -> Callable[[], None]:
    def get() -> None:
        answer = client.get(PAGE)
        assert answer.status_code == 200, answer.status_code

    return get
