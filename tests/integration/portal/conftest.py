"""An app with a credential among its fields, and a portal whose provider answers."""

from typing import Any

import pytest

from catalog.models import App
from tests.cast import Cast
from tests.conditions import PASSWORD
from tests.live_apps import FIELDS, make_app
from tests.provider import CLIENT_ID, DevelopmentProvider


@pytest.fixture
def trusted(settings: Any, provider: DevelopmentProvider) -> None:
    """A portal whose provider answers."""
    settings.OIDC = {**settings.OIDC, "issuer": provider.issuer, "client_id": CLIENT_ID}
    settings.SECRETS = {**settings.SECRETS, "oidc-client": provider.client_secret}


@pytest.fixture
def app(committed_cast: Cast) -> App:
    fields = [
        *FIELDS,
        {"id": PASSWORD, "name": "wifi", "label": "Wi-Fi", "type": "text", "classification": "credential"},
    ]
    return make_app(committed_cast.lena, fields=fields)
