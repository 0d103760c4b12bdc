"""The development provider pushes its people to the portal's endpoint over HTTP, as a company's would."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from identity.models import Group, Membership, User
from identity.tenancy import tenant_scope
from tests.scim import Scim, make


@pytest.fixture
def address(serve: Callable[..., str]) -> str:
    """A portal that answers on loopback."""
    return serve()


def push(address: str, scim: Scim, company: str, folder: Path) -> subprocess.CompletedProcess[str]:
    token = folder / f"{company}-token"
    token.write_text(scim.token)
    words = ["push", "--scim-url", f"{address}/scim/v2", "--token-file", str(token), "--company", company]
    return subprocess.run(
        [sys.executable, "-m", "devidp", *words],
        env={**os.environ, "PORTAL_DEVELOPMENT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_pushes_people_managers_and_groups_and_repeats_harmlessly(address: str, tmp_path: Path) -> None:
    contoso, northwind = make("contoso"), make("northwind-eu")
    for _time in range(2):
        for scim, company in ((contoso, "contoso"), (northwind, "northwind-eu")):
            done = push(address, scim, company, tmp_path)
            assert done.returncode == 0, done.stderr
    assert "0 made" in done.stdout
    assert User.objects.count() == 8
    lena = User.objects.select_related("manager").get(username="lena.marsh@contoso.example")
    assert (lena.unit, lena.time_zone, str(lena.manager)) == ("Marketing", "Europe/Berlin", "Omar Reyes")
    assert not lena.has_usable_password()
    with tenant_scope(contoso.tenant.pk):
        assert Group.objects.count() == 6
        names = set(lena.memberships.values_list("group__name", flat=True))
        assert names == {"Marketing", "Builders"}
    with tenant_scope(northwind.tenant.pk):
        assert Membership.objects.count() == 2


def test_what_drifted_is_put_right(address: str, tmp_path: Path) -> None:
    scim = make("contoso")
    push(address, scim, "contoso", tmp_path)
    User.objects.filter(username__startswith="lena").update(display_name="Changed", manager=None)
    with tenant_scope(scim.tenant.pk):
        Membership.objects.all().delete()
    push(address, scim, "contoso", tmp_path)
    lena = User.objects.select_related("manager").get(username__startswith="lena")
    assert (lena.display_name, str(lena.manager)) == ("Lena Marsh", "Omar Reyes")
    with tenant_scope(scim.tenant.pk):
        assert lena.memberships.count() == 2


def test_a_refused_push_says_so_and_fails(address: str, tmp_path: Path) -> None:
    scim = make("contoso")
    scim.token = "wrong"
    done = push(address, scim, "contoso", tmp_path)
    assert done.returncode == 1
    assert "401" in done.stderr
    assert "wrong" not in done.stderr
    assert not User.objects.exists()
