"""Whatever is changed in a genuine response, it is refused by name or says what it said before."""

import random
import uuid
from collections.abc import Callable
from copy import deepcopy

import pytest
from lxml import etree

from identity.providers import Provider
from identity.saml.addresses import url_of
from identity.saml.documents import Hostile, parse_message, parse_metadata
from identity.saml.response import Expected, Statement, check
from identity.saml.toolkit import settings_of
from tests.saml import ENTITY, Honest, encrypt, metadata, pair

PROVIDER = Provider(
    name="Contoso", issuer=ENTITY, kind="saml", id=uuid.uuid4(), slug="contoso", metadata=metadata()
)
CHANGES = 150  # of each kind


@pytest.fixture(scope="module")
def expected() -> Expected:
    return Expected(ENTITY, url_of(PROVIDER, "metadata"), url_of(PROVIDER, "acs"), "_request")


@pytest.fixture(scope="module")
def genuine(expected: Expected) -> etree._Element:
    return Honest(
        "_request", expected.acs, expected.audience, "lena", ends=3600, confirmed_until=3600
    ).signed()


def said(raw: bytes, expected: Expected) -> Statement:
    return check(raw, [settings_of(PROVIDER, pair("sp"))], expected)


def flip(raw: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(raw))
    return raw[:place] + bytes([chance.randrange(256)]) + raw[place + 1 :]


def cut(raw: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(raw))
    return raw[:start] + raw[start + chance.randrange(1, 60) :]


def repeat(raw: bytes, chance: random.Random) -> bytes:
    start, place = chance.randrange(len(raw)), chance.randrange(len(raw))
    return raw[:place] + raw[start : start + chance.randrange(1, 2000)] + raw[place:]


def restructured(raw: bytes, chance: random.Random) -> bytes:
    """An element moved, copied, removed or renamed; or its text or an attribute another's."""
    root = etree.fromstring(raw)
    for _turn in range(chance.randrange(1, 4)):
        below = list(root.iterdescendants())
        one, other = chance.choice(below), chance.choice(below)
        chance.choice([_move, _copy, _remove, _rename, _retext, _reattribute])(one, other)
    return etree.tostring(root)


def _move(one: etree._Element, other: etree._Element) -> None:
    if one not in other.iterancestors() and one is not other:
        other.insert(0, one)


def _copy(one: etree._Element, other: etree._Element) -> None:
    other.append(deepcopy(one))


def _remove(one: etree._Element, other: etree._Element) -> None:
    one.getparent().remove(one)


def _rename(one: etree._Element, other: etree._Element) -> None:
    one.tag = other.tag


def _retext(one: etree._Element, other: etree._Element) -> None:
    one.text = "mallory"


def _reattribute(one: etree._Element, other: etree._Element) -> None:
    for name, value in other.attrib.items():
        one.set(name, value)


@pytest.mark.parametrize("change", [flip, cut, repeat, restructured])
def test_changes(
    genuine: etree._Element, expected: Expected, change: Callable[[bytes, random.Random], bytes]
) -> None:
    raw = etree.tostring(genuine)
    before = said(raw, expected)
    refused = 0
    for seed in range(CHANGES):
        try:
            after = said(change(raw, random.Random(seed)), expected)
        except Hostile:
            refused += 1
        else:
            assert after == before, seed
    assert refused > CHANGES // 2, "most of a response is signed or needed"


def test_changes_of_what_is_encrypted(genuine: etree._Element, expected: Expected) -> None:
    raw = etree.tostring(encrypt(deepcopy(genuine), pair("sp").certificate))
    before = said(raw, expected)
    for seed in range(CHANGES):
        try:
            assert said(flip(raw, random.Random(seed)), expected) == before, seed
        except Hostile:
            continue


@pytest.mark.parametrize("raw", [b"", b"\xff", b"<a>", b"<a/>" * 2, b"<!DOCTYPE a><a/>", b"<a><?b c?></a>"])
def test_what_is_never_parsed(raw: bytes) -> None:
    for parse in (parse_message, parse_metadata):
        with pytest.raises(Hostile):
            parse(raw)


def test_people_write_comments_into_metadata_and_programs_none_into_messages() -> None:
    assert parse_metadata(b"<!-- ours --><a><!-- b --></a>").tag == "a"
    with pytest.raises(Hostile):
        parse_message(b"<a><!-- b --></a>")
