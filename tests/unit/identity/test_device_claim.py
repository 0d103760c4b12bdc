"""What an ID token says of the device: plainly yes, plainly no, or nothing."""

import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from identity.id_token import Expected, claims_of, verify

KEY = ec.generate_private_key(ec.SECP256R1())
JWK = ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True) | {"kid": "k", "alg": "ES256"}


def said(claims: dict[str, Any], name: str = "managed") -> bool | None:
    """What the claim `name` of a token with `claims` comes to."""
    now = int(time.time())
    content = {"iss": "i", "aud": "c", "sub": "s", "iat": now, "exp": now + 60, "nonce": "n", **claims}
    raw = jwt.encode(content, KEY, algorithm="ES256", headers={"kid": "k"})
    expected = Expected(issuer="i", client_id="c", nonce="n", device_claim=name)
    return claims_of(verify(raw, [JWK], expected), expected).device_compliant


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        (True, True),
        (False, False),
        ("true", True),
        ("False", False),
        ("yes", None),
        (1, None),
        ([True], None),
    ],
)
def test_only_a_plain_word_counts(value: object, meaning: bool | None) -> None:
    assert said({"managed": value}) is meaning


def test_without_the_claim_or_its_name_nothing_is_known() -> None:
    assert said({}) is None
    assert said({"": True, "managed": True}, name="") is None
