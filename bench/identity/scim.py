"""SCIM: how many people are made, changed and listed in a second, and what 100,000 people cost a filter.

`run` measures whole requests through the middleware, by one caller and by eight, and filters on a tenant of
100,000 people against one of 1,000. `soak` is scim2-tester's suite, 15 times on an empty and a filled tenant.
"""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_tester import check_server
from scim2_tester.utils import Status

from bench.harness import Row, compare, interleave, rate
from identity import services
from identity.models import Group, Membership, Tenant, User
from identity.tenancy import tenant_scope

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
PASSED = {Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE}
MANY, FEW, GROUPS = 100_000, 1_000, 2_000
CALLS = 240
CALLERS = 8
RUNS = 15


class Caller:
    """A provider's client with a connection of its own."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        with tenant_scope(tenant.pk):
            _client, self.token = services.issue_scim_token(by=None, tenant=tenant, name="bench")
        self.client = Client(headers={"authorization": f"Bearer {self.token}"})

    def call(self, method: str, path: str, body: Any = None) -> Any:
        text = json.dumps(body) if body is not None else ""
        kind = "application/scim+json"
        answer = self.client.generic(method, f"/scim/v2{path}", text, content_type=kind)
        assert answer.status_code < 300, answer.content
        return answer

    def ask(self, path: str, filter_: str = "", **query: Any) -> Any:
        asked = {"filter": filter_} if filter_ else {}
        answer = self.client.get(f"/scim/v2{path}", asked | query)
        assert answer.status_code == 200, answer.content
        return answer.json()


def run(*, many: int = MANY, few: int = FEW, groups: int = GROUPS, calls: int = CALLS) -> list[Row]:
    """The figures; the small version in the tests passes smaller numbers."""
    call_command("collectstatic", interactive=False, verbosity=0)
    with override_settings(SCIM_REQUESTS_A_MINUTE=10**9):
        large, small = Caller(loaded("large", many, groups)), Caller(loaded("small", few, few // 50))
        return [
            *throughput(large, calls),
            *pages(large),
            *filters(large, small, many, few),
            *memberships(large),
        ]


def loaded(slug: str, people: int, groups: int) -> Tenant:
    """A tenant with that many people, and groups of five."""
    tenant = services.create_tenant(by=None, slug=f"{slug}-{uuid.uuid4().hex[:8]}", name=slug)
    with tenant_scope(tenant.pk):
        users = User.objects.bulk_create(
            (_user(tenant, number) for number in range(1, people + 1)), batch_size=2000
        )
        made = Group.objects.bulk_create(
            Group(tenant=tenant, name=f"Group {n}", external_id=f"g-{n}") for n in range(groups)
        )
        Membership.objects.bulk_create(
            (
                Membership(tenant=tenant, group=group, user=users[(n * 5 + m) % people])
                for n, group in enumerate(made)
                for m in range(5)
            ),
            batch_size=2000,
        )
    with connections["owner"].cursor() as cursor:  # as autovacuum does after a load like this
        cursor.execute("VACUUM ANALYZE identity_user, identity_group, identity_membership")
    return tenant


def _user(tenant: Tenant, number: int) -> User:
    return User(
        tenant=tenant,
        password="!",
        username=f"user{number}@x.example",
        external_id=f"ext-{number}",
        email=f"mail{number}@x.example",
        display_name=f"User {number}",
        given_name="User",
        family_name=str(number),
        unit=f"Unit {number % 50}",
    )


def throughput(caller: Caller, calls: int) -> list[Row]:
    """Create, patch, list and filter, each by one caller and by eight."""
    numbers = count()
    made: list[str] = []

    def create(one: Caller) -> None:
        n = f"{uuid.uuid4().hex[:8]}-{next(numbers)}"
        name = {"givenName": "Ann", "familyName": "Lee"}
        body = {
            "schemas": [USER],
            "userName": f"{n}@x.example",
            "externalId": n,
            "name": name,
            "active": True,
        }
        body["emails"] = [{"value": f"{n}@x.example", "type": "work", "primary": True}]
        made.append(one.call("POST", "/Users", body).json()["id"])

    def patch(one: Caller) -> None:
        operation = {"op": "Replace", "path": "title", "value": uuid.uuid4().hex}
        body = {"schemas": [PATCH], "Operations": [operation]}
        one.call("PATCH", f"/Users/{made[next(numbers) % len(made)]}", body)

    def page(one: Caller) -> None:
        one.ask("/Users", count=50)

    def found(one: Caller) -> None:
        one.ask("/Users", f'userName eq "user{next(numbers) % 1000 + 1}@x.example"')

    works = {"create": create, "patch": patch, "list of 50": page, "filter by userName": found}
    callers = [Caller(caller.tenant) for _ in range(CALLERS)]
    rows = []
    for name, work in works.items():
        work(caller)
        alone = rate(lambda: work(caller), times=calls)()  # noqa: B023 - called here and now
        rows.append(Row(f"{name}, 1 caller", alone, "requests/s"))
        rows.append(Row(f"{name}, {CALLERS} callers", together(work, callers, calls), "requests/s"))
    return rows


def together(work: Callable[[Caller], None], callers: list[Caller], calls: int) -> float:
    """How often `work` gets done in a second by threads with connections of their own."""
    each = max(calls // len(callers), 1)

    def go(caller: Caller) -> None:
        for _ in range(each):
            work(caller)

    def close() -> None:
        connections.close_all()

    with ThreadPoolExecutor(len(callers)) as pool:
        list(pool.map(work, callers))  # warm: each thread opens its connections
        start = time.perf_counter()
        list(pool.map(go, callers))
        seconds = time.perf_counter() - start
        for done in [pool.submit(close) for _ in callers]:
            done.result()
    return each * len(callers) / seconds


def pages(caller: Caller) -> list[Row]:
    """The queries of a list page do not depend on its size."""
    rows = []
    for kind in ("Users", "Groups"):
        counts = []
        for size in (1, 200):
            with CaptureQueriesContext(connection) as queries:
                caller.ask(f"/{kind}", count=size)
            counts.append(len(queries))
        one, whole = counts
        rows.append(
            Row(f"queries of a page of 200 {kind}", whole, "", one, whole / one, "ratio ≤ 1", whole == one)
        )
    return rows


def filters(large: Caller, small: Caller, many: int, few: int) -> list[Row]:
    """Each filter on many people against the same on few."""
    texts = {
        "userName": 'userName eq "USER{n}@x.example"',
        "externalId": 'externalId eq "ext-{n}"',
        "e-mail": 'emails.value eq "mail{n}@x.example"',
        "work e-mail": 'emails[type eq "work"].value eq "mail{n}@x.example"',
        "userName or e-mail": 'userName eq "user{n}@x.example" or emails.value eq "mail{n}@x.example"',
    }
    rows = []
    for name, text in texts.items():
        seconds = interleave(
            {
                "large": timed(large, (text.format(n=n * 7919 % many + 1) for n in count())),
                "small": timed(small, (text.format(n=n * 7919 % few + 1) for n in count())),
            }
        )
        title = f"filter by {name}, {many:,} people against {few:,}"
        rows.append(compare(title, seconds["large"] * 1000, seconds["small"] * 1000, "ms", at_most=2))
    return rows


def timed(caller: Caller, texts: Iterator[str], times: int = 15) -> Callable[[], float]:
    """Seconds for a request, each with another of `texts`."""

    def measure() -> float:
        start = time.perf_counter()
        for _ in range(times):
            assert caller.ask("/Users", next(texts))["totalResults"] == 1
        return (time.perf_counter() - start) / times

    return measure


def memberships(caller: Caller) -> list[Row]:
    """5,000 members put into a group and taken out, in one request each."""
    people: list[dict[str, str]] = []
    for start in range(1, 5001, 200):
        people += [{"value": row["id"]} for row in caller.ask("/Users", startIndex=start)["Resources"]]
    group = caller.call("POST", "/Groups", {"displayName": uuid.uuid4().hex}).json()["id"]
    rows = []
    for op in ("add", "remove"):
        body = {"schemas": [PATCH], "Operations": [{"op": op, "path": "members", "value": people}]}
        start_at = time.perf_counter()
        caller.call("PATCH", f"/Groups/{group}", body)
        took = (time.perf_counter() - start_at) * 1000
        rows.append(Row(f"{op} {len(people):,} members in one PATCH", took, "ms"))
    return rows


def soak() -> list[Row]:
    """scim2-tester, 15 runs in a row on an empty tenant and on a filled one."""
    call_command("collectstatic", interactive=False, verbosity=0)
    rows = []
    with override_settings(SCIM_REQUESTS_A_MINUTE=10**9, BASE_URL="http://testserver", ALLOWED_HOSTS=["*"]):
        for name, people in (("empty", 0), ("filled", FEW)):
            token = Caller(loaded(f"tester-{name}", people, people // 50)).token
            passed = [run_of_suite(token)[0] for _ in range(RUNS)]
            failed = RUNS - sum(1 for checks in passed if checks)
            title = f"runs of scim2-tester that pass, {name}, {min(passed)} checks each"
            rows.append(Row(title, RUNS - failed, "runs", RUNS, None, "all", failed == 0))
    return rows


def run_of_suite(token: str) -> tuple[int, list[str]]:
    """How many checks passed (0 if any did not), and what went wrong."""
    headers = {"Authorization": f"Bearer {token}"}
    results = check_server(WSGISCIMClient(WSGIHandler(), "http://testserver/scim/v2", headers=headers))
    wrong = [f"{r.status.name} {r.title}: {r.reason}" for r in results if r.status not in PASSED]
    for line in wrong:
        print(line)
    return (0 if wrong else len(results)), wrong
