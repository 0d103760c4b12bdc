"""No local way in (I1): every address of the site, Django admin and whatever of allauth included."""

import base64
import json
import re
import uuid
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from identity.models import User
from tests.cast import Cast
from tests.provider import DevelopmentProvider

pytestmark = pytest.mark.django_db
PASSWORD = "Correct-horse-battery-9"
FORBIDDEN = (
    "login",
    "signup",
    "sign-up",
    "register",
    "password",
    "reset",
    "connect",
    "confirm-email",
    "token",
)
# Named for sessions and tokens of people who signed in at their provider. They get no password past the tests
# below either, which ask every address.
OURS = (
    "account/sessions/",
    "account/tokens/",
    "api/v1/token",
    "api/v1/device/token",
    "admin/identity/scimtoken/",
    "admin/identity/loginsession/",
    "admin/identity/accesstoken/",
    "admin/policy/opatoken/",
)
SAMPLES = {
    "int": "1",
    "uuid": str(uuid.UUID(int=7)),
    "slug": "some-thing",
    "str": "thing",
    "path": "some/path",
}


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the site as its written pattern."""
    for entry in (resolver or get_resolver()).url_patterns:
        written = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, written)
        else:
            yield written, entry


def address(written: str) -> str:
    """A concrete address for a written pattern, with a sample in each place."""
    filled = re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES.get(found[1] or "str", "thing"), written)
    filled = re.sub(r"\(\?P<\w+>[^)]*\)", "thing", filled)
    return "/" + re.sub(r"[\\^$?]|\(\?:|\)", "", filled)


DATABASE = "/data/import/database/"  # asks for the login to a database that is read, not to the portal
ADDRESSES = sorted({address(written) for written, _entry in patterns()})


@pytest.fixture
def known(cast: Cast) -> User:
    """An admin with a valid password that somebody wrote into the database."""
    cast.ada.set_password(PASSWORD)
    cast.ada.save(update_fields=["password"])
    assert User.objects.get(pk=cast.ada.pk).check_password(PASSWORD)
    return cast.ada


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_walk_reaches_the_site() -> None:
    assert len(ADDRESSES) > 30
    assert any(path.startswith("/admin/") for path in ADDRESSES)
    assert "/sign-in/" in ADDRESSES


def test_no_address_is_named_for_passwords_or_accounts() -> None:
    """Names that Django, its admin and allauth give to their sign-in, sign-up and reset pages."""
    suspicious = []
    for written, entry in patterns():
        views_of = f"{entry.callback.__module__}.{getattr(entry.callback, '__name__', '')}"
        named = f"{written} {entry.name or ''}".lower()
        if views_of.startswith(("allauth.", "django.contrib.auth.")) or any(
            word in named for word in FORBIDDEN if not written.startswith(OURS)
        ):
            suspicious.append((written, views_of))
    assert suspicious == []


def test_the_admin_holds_no_library_s_accounts() -> None:
    """allauth's e-mail addresses, providers and tokens, and Django's groups, could be made there by hand."""
    foreign = [path for path in ADDRESSES if re.match(r"/admin/(account|socialaccount|auth|sites)/", path)]
    assert foreign == []


def test_no_page_asks_for_a_password(trusted: DevelopmentProvider, known: User) -> None:
    """Signed out and signed in, no page that answers carries a password field."""
    client = Client(raise_request_exception=False)
    for signed_in in (False, True):
        if signed_in:
            client.force_login(known, backend="identity.backends.DirectoryBackend")
        for path in ADDRESSES:
            if path in {"/sign-out/", DATABASE}:
                continue
            page = client.get(path)
            content = b"".join(page.streaming_content) if page.streaming else page.content
            assert b'type="password"' not in content, path
            assert not re.search(rb'name="(new_)?password', content), path


def test_a_valid_password_opens_no_session(known: User) -> None:
    """By form, by JSON, by Basic, on every address, with the names that login forms use."""
    names = {"username": known.username, "login": known.username, "email": known.email, "password": PASSWORD}
    basic = base64.b64encode(f"{known.username}:{PASSWORD}".encode()).decode()
    opened = []
    for path in ADDRESSES:
        client = Client(raise_request_exception=False)
        client.post(path, names)
        client.post(path, json.dumps(names), content_type="application/json")
        client.get(path, headers={"authorization": f"Basic {basic}"})
        client.post(path, headers={"authorization": f"Basic {basic}"})
        if is_signed_in(client):
            opened.append(path)
    assert opened == []


def test_no_backend_takes_a_password(known: User) -> None:
    assert authenticate(username=known.username, password=PASSWORD) is None
    assert authenticate(email=known.email, password=PASSWORD) is None
    assert not any("ModelBackend" in name or "allauth" in name for name in settings.AUTHENTICATION_BACKENDS)


def test_no_attempt_makes_or_changes_an_account(known: User) -> None:
    before = list(User.objects.order_by("pk").values())
    form = {"username": "new", "email": "new@x.example", "password1": PASSWORD, "password2": PASSWORD}
    for path in ADDRESSES:
        Client(raise_request_exception=False).post(path, form | {"old_password": PASSWORD})
    after = list(User.objects.order_by("pk").values())
    assert [row["id"] for row in after] == [row["id"] for row in before]
    assert [row["password"] for row in after] == [row["password"] for row in before]


def test_allauth_offers_no_sign_up(client: Client) -> None:
    from allauth.account.adapter import get_adapter as account
    from allauth.socialaccount.adapter import get_adapter as social

    assert not account().is_open_for_signup(None)
    assert not social().is_open_for_signup(None, None)
    for path in ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/admin/login/"):
        answer = client.get(path)
        assert answer.status_code in {302, 404}
        assert answer.status_code == 404 or answer["Location"].startswith("/sign-in/")
