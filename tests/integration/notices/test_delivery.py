"""From the outbox to people: said once, to who is meant when it is delivered, and kept when it fails."""

import threading
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connections, transaction
from django.db.models import F

from identity.models import Membership, Role, User
from identity.tenancy import tenant_scope
from notices import delivery
from notices.kinds import Kind
from notices.models import Channel, Notice, Outbox, OutboxState
from notices.services import notify
from tests.cast import Cast
from tests.ports import free_port
from tests.services import POSTGRES
from tests.smtp import MailServer


def say(cast: Cast, key: str = "one", **to: object) -> None:
    with tenant_scope(cast.tenant.pk):
        who = to or {"person": cast.omar}
        notify(
            kind=Kind.APPROVAL_WAITING,
            key=key,
            tenant=cast.tenant.pk,
            params={"title": "Tea"},
            path="/approvals/1/",
            **who,
        )


def readers(cast: Cast) -> list[str]:
    with tenant_scope(cast.tenant.pk):
        return sorted(Notice.objects.values_list("person__display_name", flat=True))


def states(cast: Cast, channel: Channel) -> list[str]:
    with tenant_scope(cast.tenant.pk):
        return list(Outbox.objects.filter(channel=channel).values_list("state", flat=True))


def test_the_same_key_says_it_once(committed_cast: Cast) -> None:
    say(committed_cast)
    say(committed_cast)
    assert delivery.deliver_portal() == 1
    assert delivery.deliver_portal() == 0
    assert readers(committed_cast) == ["Omar Reyes"]
    with tenant_scope(committed_cast.tenant.pk):
        assert Notice.objects.get().text == "“Tea” waits for your decision"


def test_a_notice_goes_down_with_its_transaction(committed_cast: Cast) -> None:
    with tenant_scope(committed_cast.tenant.pk):
        say(committed_cast)
        transaction.set_rollback(True)
    assert delivery.deliver_portal() == 0
    with pytest.raises(RuntimeError, match="transaction"):
        notify(
            kind=Kind.APPROVAL_WAITING, key="k", tenant=committed_cast.tenant.pk, person=committed_cast.omar
        )


def test_a_role_or_group_means_who_is_in_it_at_delivery(committed_cast: Cast) -> None:
    cast = committed_cast
    say(cast, "role", role=Role.SECURITY)
    say(cast, "group", group="Marketing", besides=cast.lena.pk)
    with tenant_scope(cast.tenant.pk):
        Membership.objects.filter(user=cast.mia).delete()
    delivery.deliver_portal()
    assert readers(cast) == ["Omar Reyes", "Sana Iqbal"]


def test_a_message_that_nobody_can_receive_stays_to_be_seen(committed_cast: Cast) -> None:
    User.objects.filter(pk=committed_cast.omar.pk).update(is_active=False)
    say(committed_cast)
    delivery.deliver_portal()
    assert states(committed_cast, Channel.PORTAL) == [OutboxState.FAILED]


def test_two_deliveries_at_once_tell_each_person_once(committed_cast: Cast) -> None:
    for n in range(30):
        say(committed_cast, str(n))

    def work() -> None:
        delivery.deliver_portal()
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    delivery.deliver_portal()
    assert readers(committed_cast) == ["Omar Reyes"] * 30


def test_mail_holds_the_words_and_a_link(committed_cast: Cast, mail_server: MailServer) -> None:
    say(committed_cast)
    delivery.deliver_portal()
    assert delivery.deliver_mail() == 1
    assert delivery.deliver_mail() == 0
    (mail,) = mail_server.mails
    assert mail_server.recipients == [committed_cast.omar.email]
    assert "http://testserver/approvals/1/" in str(mail.get_payload(decode=True).decode())
    assert mail["Message-ID"]
    assert states(committed_cast, Channel.MAIL) == [OutboxState.SENT]


def test_a_refused_mail_is_tried_again_under_the_same_id(
    committed_cast: Cast, mail_server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    say(committed_cast)
    delivery.deliver_portal()
    mail_server.refusing = True
    assert delivery.deliver_mail() == 0
    assert "attempt 1" in caplog.text
    assert committed_cast.omar.email not in caplog.text
    assert states(committed_cast, Channel.MAIL) == [OutboxState.PENDING]
    mail_server.refusing = False
    assert delivery.deliver_mail() == 0, "not before its time"
    _later(committed_cast)
    assert delivery.deliver_mail() == 1
    assert states(committed_cast, Channel.MAIL) == [OutboxState.SENT]


def test_a_server_that_is_away_counts_as_a_failed_try(
    committed_cast: Cast, mail_server: MailServer, settings: Any
) -> None:
    say(committed_cast)
    delivery.deliver_portal()
    settings.EMAIL_PORT = free_port()
    assert delivery.deliver_mail() == 0
    settings.EMAIL_PORT = mail_server.port
    _later(committed_cast)
    assert delivery.deliver_mail() == 1


@pytest.mark.parametrize("trouble", ["dropped", "unknown kind", "broken address"])
def test_one_bad_mail_does_not_hold_up_those_behind_it(
    committed_cast: Cast, mail_server: MailServer, trouble: str
) -> None:
    cast = committed_cast
    for person in (cast.omar, cast.lena, cast.mia):
        say(cast, person.username, person=person)
    delivery.deliver_portal()
    with tenant_scope(cast.tenant.pk):
        bad = Outbox.objects.filter(channel=Channel.MAIL, person=cast.omar)
        bad.update(due_at=F("due_at") - timedelta(minutes=1))  # the first in the row
        if trouble == "unknown kind":
            bad.update(kind="of.a.later.release")
    if trouble == "dropped":
        mail_server.dropped_at = cast.omar.email
    if trouble == "broken address":
        User.objects.filter(pk=cast.omar.pk).update(email="a\nBcc: b@example.org")
    assert delivery.deliver_mail() == 2
    assert set(mail_server.recipients) >= {cast.lena.email, cast.mia.email}
    with tenant_scope(cast.tenant.pk):
        row = bad.get()
        assert (row.state, row.attempts) == (OutboxState.PENDING, 1)
    assert delivery.deliver_mail() == 0, "it waits for its turn"


def test_one_bad_message_does_not_hold_up_those_behind_it(
    committed_cast: Cast, mail_server: MailServer
) -> None:
    cast = committed_cast
    say(cast, "k" * 190)  # leaves no room for the key of its mail
    say(cast, "good", person=cast.lena)
    assert delivery.deliver_portal() == 1
    assert readers(cast) == ["Lena Marsh"]
    for _ in range(delivery.MAX_ATTEMPTS):
        _later(cast)
        assert delivery.deliver_portal() == 0
    assert sorted(states(cast, Channel.PORTAL)) == [OutboxState.FAILED, OutboxState.SENT]


def test_a_slow_server_ends_the_pass_and_what_was_not_tried_comes_first_next_time(
    committed_cast: Cast, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(committed_cast)
    delivery.deliver_portal()
    monkeypatch.setattr(delivery, "PASS_SECONDS", 0)
    assert delivery.deliver_mail() == 0
    with tenant_scope(committed_cast.tenant.pk):
        assert Outbox.objects.get(channel=Channel.MAIL).attempts == 0
    monkeypatch.setattr(delivery, "PASS_SECONDS", 60)
    assert delivery.deliver_mail() == 1


def test_a_mail_that_fails_too_often_stays_to_be_seen(committed_cast: Cast, mail_server: MailServer) -> None:
    say(committed_cast)
    delivery.deliver_portal()
    mail_server.refusing = True
    for _ in range(delivery.MAX_ATTEMPTS):
        delivery.deliver_mail()
        _later(committed_cast)
    assert states(committed_cast, Channel.MAIL) == [OutboxState.FAILED]
    assert delivery.deliver_mail() == 0


def test_a_worker_that_dies_after_its_claim_leaves_the_mail_to_the_next(
    committed_cast: Cast, mail_server: MailServer
) -> None:
    say(committed_cast)
    delivery.deliver_portal()
    (claimed,) = delivery._lease()  # the claim is committed; then the worker is gone
    assert delivery.deliver_mail() == 0
    _later(committed_cast)
    assert delivery.deliver_mail() == 1
    assert mail_server.mails[0]["Message-ID"] == f"<{claimed.pk}@testserver>"


def _later(cast: Cast) -> None:
    """A day goes by for the outbox."""
    with tenant_scope(cast.tenant.pk):
        Outbox.objects.update(due_at=F("due_at") - timedelta(days=1))


def test_the_sweeper_may_not_read_what_people_read(committed_cast: Cast) -> None:
    say(committed_cast)
    delivery.deliver_portal()
    with psycopg.connect(POSTGRES.url("portal_sweeper")) as sweeper:
        assert sweeper.execute("SELECT count(*) FROM notices_notice").fetchone() == (0,)
