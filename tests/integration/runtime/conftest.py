"""A signed-in client."""

from collections.abc import Callable

import pytest
from django.test import Client

from identity.models import User


@pytest.fixture
def browse() -> Callable[[User], Client]:
    """`browse(user)` is a client with that person's session."""

    def start(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="identity.backends.DirectoryBackend")
        return client

    return start
