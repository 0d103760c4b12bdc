"""Every event has words of its own."""

from audit.words import TITLES, title
from ledger.events import Event


def test_every_event_has_its_own_words() -> None:
    assert set(TITLES) == set(Event)
    assert len({str(text) for text in TITLES.values()}) == len(TITLES)


def test_an_event_of_a_later_release_is_shown_by_its_code() -> None:
    assert title("moon.landed") == "moon.landed"
