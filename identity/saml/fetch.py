"""Reads metadata from the address where a provider publishes it."""

import time
from http import HTTPStatus

import requests
from allauth.socialaccount.adapter import get_adapter
from django.utils.translation import gettext as _
from urllib3.exceptions import HTTPError

from identity.errors import BadInput
from identity.saml.documents import MAX_METADATA_BYTES
from identity.saml.idp import BadMetadata, check_address

SECONDS = 10  # for all of it, however slowly it comes
_CHUNK = 64 * 1024


def fetch_metadata(url: str) -> str:
    """The document at `url`; what it says of the answer's content goes nowhere, so that nobody can look
    into the portal's network by it.

    Raises:
        BadInput: the address is not HTTPS, or nothing that can be used comes from there.
    """
    try:
        check_address("metadata", url)
        return _read(url).decode()
    except BadMetadata as error:
        raise BadInput(_("Give an HTTPS address."), code="metadata_url") from error
    except (requests.RequestException, HTTPError, ValueError) as error:
        raise BadInput(_("No metadata can be read from there."), code="metadata_url") from error


def _read(url: str) -> bytes:
    until = time.monotonic() + SECONDS
    found = b""
    with (
        get_adapter().get_requests_session() as session,
        session.get(url, allow_redirects=False, stream=True) as answer,
    ):
        if answer.status_code != HTTPStatus.OK:
            raise ValueError("status")
        for chunk in answer.iter_content(_CHUNK):
            found += chunk
            if len(found) > MAX_METADATA_BYTES or time.monotonic() > until:
                raise ValueError("too much or too slow")
    return found
