"""A part that is away is told as such, by a page that needs nothing of it."""

import psycopg
import pytest
from django.db import connection
from django.test import Client

from tests.cast import Cast
from tests.scene import sign_in
from tests.services import POSTGRES


@pytest.mark.parametrize(
    ("accept", "kind"), [("text/html", "text/html"), ("application/json", "application/problem+json")]
)
def test_without_the_database_every_page_says_503(committed_cast: Cast, accept: str, kind: str) -> None:
    client = Client(raise_request_exception=False, headers={"accept": accept})
    sign_in(client, committed_cast.lena)
    assert client.get("/data/").status_code == 200
    with psycopg.connect(POSTGRES.url(), autocommit=True) as server:
        server.execute("ALTER ROLE portal_app NOLOGIN")
        try:
            connection.close()
            answer = client.get("/data/")
        finally:
            server.execute("ALTER ROLE portal_app LOGIN")
    assert answer.status_code == 503
    assert answer["Content-Type"].startswith(kind)
    assert "portal_app" not in answer.content.decode()
    connection.close()
    assert client.get("/data/").status_code == 200
