"""Masks by kind: enough to tell people apart, never the value, never its length."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacatalog.masking import DOTS, Kind, Method, apply, kind_of, mask_column, methods_of, stricter
from datacatalog.specs import FieldType

PARTIAL = [
    (Kind.EMAIL, "lena.marsh@contoso.example", "l•••@•••.example"),
    (Kind.EMAIL, "ab@contoso.example", "•••@•••.example"),
    (Kind.EMAIL, "no address", "•••"),
    (Kind.PHONE, "+49 30 1234567", "••• 67"),
    (Kind.PHONE, "110", "•••"),
    (Kind.NAME, "Mia Novak", "M••• N•••"),
    (Kind.NAME, "J", "•••"),
    (Kind.NAME, "   ", "•••"),
    (Kind.CARD, "4111 1111 1111 1111", "••• 1111"),
    (Kind.CARD, "1111", "•••"),
    (Kind.IBAN, "DE89 3704 0044 0532 0130 00", "DE••• 3000"),
    (Kind.IBAN, "DE89", "•••"),
    (Kind.DATE, date(1990, 5, 17), "1990-••-••"),
    (Kind.DATE, "17.5.90", "•••"),
    (Kind.FREE_TEXT, "Call Mia Novak back", "•••"),
    (Kind.OTHER, 4711, "•••"),
]


@pytest.mark.parametrize(("kind", "value", "shown"), PARTIAL)
def test_each_kind_shows_its_part(kind: Kind, value: object, shown: str) -> None:
    assert mask_column([value], kind=kind, method=Method.PARTIAL) == [shown]


GENERAL = [
    (Kind.DATE, date(1990, 5, 17), "1990-••-••"),
    (Kind.DATE, "17.5.90", "•••"),
    (Kind.NUMBER, 4711, "4000–4999"),
    (Kind.NUMBER, 7, "0–9"),
    (Kind.NUMBER, -15, "-20–-11"),
    (Kind.NUMBER, "4711,5", "•••"),
    (Kind.POSTCODE, "10115", "10•••"),
    (Kind.POSTCODE, "101", "•••"),
    (Kind.EMAIL, "lena.marsh@contoso.example", "•••"),
    (Kind.NAME, "Mia Novak", "•••"),
]


@pytest.mark.parametrize(("kind", "value", "shown"), GENERAL)
def test_what_has_a_range_shows_it_and_all_else_is_hidden(kind: Kind, value: object, shown: str) -> None:
    assert mask_column([value], kind=kind, method=Method.GENERALISE) == [shown]


def test_the_stricter_of_two_methods_tells_less() -> None:
    assert stricter(Method.PARTIAL, Method.GENERALISE) is Method.GENERALISE
    assert stricter(Method.TOKEN, Method.GENERALISE) is Method.TOKEN
    assert stricter(Method.HIDE, Method.PARTIAL) is Method.HIDE


@given(st.sampled_from(list(Kind)), st.text(min_size=3, max_size=60))
def test_a_mask_is_never_the_value_and_tells_no_length(kind: Kind, value: str) -> None:
    for method in (Method.PARTIAL, Method.HIDE):
        (shown,) = mask_column([value], kind=kind, method=method)
        assert shown is not None
        assert DOTS in shown or "••" in shown
        assert shown == DOTS or value.strip() not in shown
    doubled = mask_column([value * 2], kind=Kind.OTHER, method=Method.PARTIAL)
    assert doubled == mask_column([value], kind=Kind.OTHER, method=Method.PARTIAL)


def test_gaps_stay_gaps() -> None:
    for method in Method:
        assert mask_column([None, ""], kind=Kind.EMAIL, method=method, tokens=lambda texts: []) == [
            None,
            None,
        ]


def test_tokens_are_made_for_a_whole_column_at_once() -> None:
    asked: list[list[str]] = []

    def tokens(field: str, texts: list[str]) -> list[str]:
        asked.append(list(texts))
        return [f"{field}:{len(text)}" for text in texts]

    columns = {"f_a": ["xx", None, "yyy"], "f_b": ["open"]}
    masked = apply(columns, [{"field": "f_a", "method": "token"}], {}, tokens)
    assert masked == {"f_a": ["f_a:2", None, "f_a:3"], "f_b": ["open"]}
    assert asked == [["xx", "yyy"]]
    assert apply(columns, [{"field": "f_a", "method": "token"}], {})["f_a"] == [DOTS, None, DOTS]


def test_obligations_the_strictest_wins_and_the_unknown_hides() -> None:
    asked = [
        {"field": "a", "method": "partial"},
        {"field": "a", "method": "hide"},
        {"field": "a", "method": "token"},
        {"field": "b", "method": "blur"},
        {"field": "c"},
        {"field": "d", "method": "partial"},
    ]
    assert methods_of(asked) == {"a": Method.HIDE, "b": Method.HIDE, "c": Method.HIDE, "d": Method.PARTIAL}


@pytest.mark.parametrize(
    ("type_", "hint", "kind"),
    [
        (FieldType.EMAIL, "", Kind.EMAIL),
        (FieldType.PHONE, "name", Kind.PHONE),
        (FieldType.TEXT, "card", Kind.CARD),
        (FieldType.TEXT, "nonsense", Kind.OTHER),
        (FieldType.LONG_TEXT, "", Kind.FREE_TEXT),
        (FieldType.DATETIME, "", Kind.DATE),
    ],
)
def test_the_kind_follows_from_type_and_hint(type_: FieldType, hint: str, kind: Kind) -> None:
    assert kind_of(type_, hint) is kind
