"""What a person should not have typed into a free text is noticed, and numbers that only look so are not."""

import pytest

from datacatalog.free_text import kinds_in
from datacatalog.masking import Kind


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Call Mia back on Monday", {}),
        ("write to mia.novak@contoso.example.", {Kind.EMAIL: 1}),
        ("<a@b.example>, c.d@e.example; x", {Kind.EMAIL: 2}),
        ("at @home or a@b", {}),
        ("card 4111 1111 1111 1111, exp 12/30", {Kind.CARD: 1}),
        ("4111-1111-1111-1111", {Kind.CARD: 1}),
        ("order 4111 1111 1111 1112", {}),
        ("ticket 1234567890123", {}),
        ("pay to DE89 3704 0044 0532 0130 00 please", {Kind.IBAN: 1}),
        ("pay to de89370400440532013000", {Kind.IBAN: 1}),
        ("pay to DE88 3704 0044 0532 0130 00", {}),
        ("ring +49 30 901820 or +44 20 7946 0958", {Kind.PHONE: 2}),
        ("in 2026-03-02 10:15 room 030 901820", {}),
        ("mia@contoso.example +49 30 901820 4111111111111111", {Kind.EMAIL: 1, Kind.PHONE: 1, Kind.CARD: 1}),
    ],
)
def test_what_is_found(text: str, kinds: dict[Kind, int]) -> None:
    assert dict(kinds_in(text)) == kinds
