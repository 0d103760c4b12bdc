"""What a provider's metadata says (SAML 2.0 Metadata), as far as sign-in needs it."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.dateparse import parse_datetime
from lxml import etree
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser

from identity.saml.documents import NAMES, Hostile, parse_metadata
from identity.saml.keys import Certificate, certificate_of

MAX_ENTITY_ID = 500  # 1024 by the standard (8.3.6); none is that long
MAX_CERTIFICATES = 10


class BadMetadata(Exception):
    """It cannot be used; the text says why, for the admin."""


@dataclass(frozen=True)
class IdP:
    """One provider: who it is, where browsers go, and what its signatures are checked with."""

    entity_id: str
    sso_url: str
    slo_url: str  # empty: no single logout
    slo_response_url: str
    certificates: tuple[Certificate, ...]
    valid_until: datetime | None

    @property
    def origins(self) -> list[str]:
        """Where browsers are sent."""
        parts = (urlsplit(url) for url in (self.sso_url, self.slo_url, self.slo_response_url) if url)
        return sorted({f"{part.scheme}://{part.netloc}" for part in parts})


@lru_cache(maxsize=64)
def idp_of(metadata: str) -> IdP:
    """The one identity provider that `metadata` describes.

    Raises:
        BadMetadata: it describes none or several, or one that cannot be used safely.
    """
    try:
        root = parse_metadata(metadata.encode())
    except Hostile as hostile:
        raise BadMetadata(f"the XML is not acceptable ({hostile.reason})") from hostile
    found = [*root.iter(f"{{{NAMES['md']}}}IDPSSODescriptor")]
    entity = found[0].getparent() if len(found) == 1 else None
    if entity is None or entity.tag != f"{{{NAMES['md']}}}EntityDescriptor":
        raise BadMetadata(f"it describes {len(found)} identity providers instead of one")
    told = OneLogin_Saml2_IdPMetadataParser.parse(etree.tostring(entity)).get("idp", {})
    certificates = _certificates(told)
    entity_id = str(told.get("entityId", ""))
    if not 0 < len(entity_id) <= MAX_ENTITY_ID:
        raise BadMetadata("the entity id is missing or too long")
    slo = told.get("singleLogoutService", {})
    return IdP(
        entity_id=entity_id,
        sso_url=check_address(
            "SingleSignOnService (HTTP-Redirect)", told.get("singleSignOnService", {}).get("url")
        ),
        slo_url=check_address("SingleLogoutService", slo["url"]) if slo else "",
        slo_response_url=_response_url(slo, found[0]),
        certificates=certificates,
        valid_until=parse_datetime(root.get("validUntil") or entity.get("validUntil") or ""),
    )


def _response_url(slo: dict[str, str], descriptor: etree._Element) -> str:
    """Where answers to logout requests go, where it is elsewhere (2.2.2)."""
    if not slo:
        return ""
    services = descriptor.iterfind("md:SingleLogoutService", NAMES)
    named = [item.get("ResponseLocation") for item in services if item.get("Location") == slo["url"]]
    return check_address("SingleLogoutService", named[0] or slo["url"])


def _certificates(told: dict[str, object]) -> tuple[Certificate, ...]:
    multi = told.get("x509certMulti")
    texts = multi.get("signing", []) if isinstance(multi, dict) else [told.get("x509cert")]
    try:
        found = [certificate_of(str(text)) for text in dict.fromkeys(filter(None, texts))]
    except ValueError as error:
        raise BadMetadata("a signing certificate cannot be read") from error
    if not 0 < len(found) <= MAX_CERTIFICATES:
        raise BadMetadata("it names no signing certificate, or too many")
    if not all(one.strong for one in found):
        raise BadMetadata("a signing key is too weak: RSA of at least 2048 bits is needed")
    return tuple(found)


def check_address(what: str, url: str | None) -> str:
    """HTTPS alone: the sign-in, and for logout the person's name, pass there."""
    try:
        parts = urlsplit(url or "")
        loopback = settings.DEVELOPMENT and parts.hostname in {"127.0.0.1", "localhost"}
    except ValueError:
        raise BadMetadata(f"{what} is no address") from None
    if not url or not parts.netloc or (parts.scheme != "https" and not loopback):
        raise BadMetadata(f"{what} is missing or not an HTTPS address")
    if not url.isascii() or any(letter in url for letter in " \t\r\n\"'<>\\"):
        raise BadMetadata(f"{what} is no address")
    return url
