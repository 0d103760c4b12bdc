"""What looks like a credential in a manifest, and what does not. The samples are made up on the spot."""

import random
import string

import pytest

from policy.credentials import credential_paths, looks_like_credential

_random = random.Random(5)


def chars(number: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    """A random text, so that no scanner takes this file for a leak."""
    return "".join(_random.choice(alphabet) for _ in range(number))


UPPER = string.ascii_uppercase + string.digits
TOKENS = {
    "AWS": "AKIA" + chars(16, UPPER),
    "GitHub": "ghp_" + chars(36),
    "GitLab": "glpat-" + chars(20),
    "Slack": "xoxb-" + chars(24),
    "Google": "AIza" + chars(35),
    "Stripe": "sk_" + "live_" + chars(24),
    "SendGrid": f"SG.{chars(22)}.{chars(43)}",
    "npm": "npm_" + chars(36),
    "JWT": f"eyJ{chars(20)}.eyJ{chars(40)}.{chars(43)}",
    "URL": f"postgresql://crm:{chars(10)}@db.example/crm",
    "bearer": f"Bearer {chars(40)}",
    "PEM": "-----BEGIN " + "RSA PRIVATE KEY-----",
    "sentence": f"Log in with password: {chars(10)} please",
}


@pytest.mark.parametrize("kind", TOKENS)
def test_known_forms_are_found_anywhere_in_a_text(kind: str) -> None:
    assert looks_like_credential(f"see {TOKENS[kind]} for it")


@pytest.mark.parametrize("name", ["password", "apiKey", "api_key", "client_secret", "ACCESS-KEY", "token"])
def test_a_random_text_beside_a_telling_name_is_found(name: str) -> None:
    assert looks_like_credential(chars(24), name)
    assert not looks_like_credential("a plain sentence about it", name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "password"),
        ("Contact the lead", "purpose"),
        ("Password reset requests", "title"),
        ("secret:crm-key", "token"),
        ("${CRM_PASSWORD}", "password"),
        ("f_01k5zy4q8w3n2v7t6r9p", "id"),
        ("0190a0b1-7c2d-7e3f-8a4b-5c6d7e8f9a0b", "owner"),
        ("https://crm.example/leads?page=2", "url"),
        ("marketing-lead-capture", "id"),
        ("sha256:" + "ab12" * 16, "digest"),
        ("passwordless", "secret"),
    ],
)
def test_what_a_manifest_holds_by_right_is_not(text: str, name: str) -> None:
    assert not looks_like_credential(text, name)


def test_places_are_json_pointers() -> None:
    manifest = {
        "metadata": {"title": "Leads", "a/b~c": TOKENS["GitHub"]},
        "connectors": [{"id": "crm"}, {"id": "x", "token": chars(30)}],
        "keys": {TOKENS["AWS"]: "found by its key"},
    }
    assert credential_paths(manifest) == {"/metadata/a~1b~0c", "/connectors/1/token", "/keys"}


def test_the_secret_itself_is_never_part_of_a_place() -> None:
    key = TOKENS["GitLab"]
    assert all(key not in path for path in credential_paths({"a": {key: key}}))


def test_a_hostile_text_is_judged_in_time() -> None:
    assert not looks_like_credential("a" * 100_000, "password")
    looks_like_credential("password" * 20_000 + " : ", "x")
    looks_like_credential("a://" + ":" * 50_000, "x")
