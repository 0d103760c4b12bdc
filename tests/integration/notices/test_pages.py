"""A person's own notices, over HTTP."""

from django.test import Client

from identity.models import User
from identity.tenancy import tenant_scope
from notices import delivery
from notices.kinds import Kind
from notices.services import notify
from tests.cast import Cast


def page(client: Client, user: User) -> str:
    client.force_login(user)
    return client.get("/notices/").content.decode()


def test_each_sees_their_own_and_marks_them_read(committed_cast: Cast, client: Client) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        notify(
            kind=Kind.APPROVAL_WAITING,
            key="one",
            tenant=cast.tenant.pk,
            person=cast.omar,
            params={"title": "<b>Tea</b>"},
            path="/approvals/1/",
        )
    delivery.deliver_portal()
    mine = page(client, cast.omar)
    assert "“&lt;b&gt;Tea&lt;/b&gt;” waits for your decision" in mine
    assert 'href="/approvals/1/"' in mine
    assert "1 you have not read" in mine
    assert "Nothing yet" in page(client, cast.lena)
    client.post("/notices/read/")  # Lena's click reads nothing of Omar's
    assert "1 you have not read" in page(client, cast.omar)
    assert client.get("/notices/read/").status_code == 405
    assert client.post("/notices/read/").status_code == 302
    assert "0 you have not read" in page(client, cast.omar)


def test_signed_out_sees_nothing(db: None, client: Client) -> None:
    assert client.get("/notices/").status_code == 302
