"""Only what has the shape of a decision is one; strings survive the way through the engine."""

from typing import Any

import pytest

from policy.engines import portable
from policy.engines.base import EngineFault, Fault
from policy.outcome import Kind, MaskMethod, Step, Tier, parse

GOOD: dict[str, Any] = {
    "allow": True,
    "findings": {
        "b.rule": [{"case": "x", "kind": "ok", "params": {"fields": ["f_2", "f_1"]}}],
        "a.rule": [{"case": "y", "kind": "warn", "params": {}}],
    },
    "obligations": {"mask": {"f_1": "token"}, "flags": ["record_read"], "rate": {}},
    "tier": {
        "name": "manager_then_security",
        "steps": [{"role": "security", "order": 2}, {"role": "manager", "order": 1}],
        "because": ["protected_fields"],
    },
}
DENIED = {"a.rule": [{"case": "y", "kind": "deny", "params": {}}]}


def test_a_good_answer_is_put_in_reading_order() -> None:
    outcome = parse(GOOD)
    assert [finding.code for finding in outcome.findings] == ["a.rule", "b.rule"]
    assert outcome.findings[1].params == {"fields": ["f_1", "f_2"]}
    assert outcome.findings[0].kind is Kind.WARN
    assert outcome.steps == (Step("manager", 1), Step("security", 2))
    assert outcome.tier is Tier.MANAGER_THEN_SECURITY
    assert outcome.obligations.mask == {"f_1": MaskMethod.TOKEN}
    assert outcome.obligations.record_read
    assert not outcome.obligations.step_up
    assert outcome.obligations.per_hour is None


def test_what_a_call_obliges_to_is_told() -> None:
    flags = ["ticket", "write_only"]
    outcome = parse(GOOD | {"obligations": {"mask": {}, "flags": flags, "rate": {"per_hour": 10}}})
    assert (outcome.obligations.ticket, outcome.obligations.write_only) == (True, True)
    assert outcome.obligations.per_hour == 10


@pytest.mark.parametrize(
    "bad",
    [
        None,
        [],
        {},
        "allow",
        GOOD | {"allow": 1},
        GOOD | {"allow": "true"},
        GOOD | {"findings": []},
        GOOD | {"findings": {"a": [{"case": "x", "kind": "maybe", "params": {}}]}},
        GOOD | {"findings": {"a": [{"case": "x", "kind": "ok"}]}},
        GOOD | {"obligations": {"mask": {"f_1": "blur"}, "flags": [], "rate": {}}},
        GOOD | {"obligations": {"mask": {}, "flags": ["dance"], "rate": {}}},
        GOOD | {"obligations": {"mask": {}, "flags": []}},
        GOOD | {"obligations": {"mask": {}, "flags": [], "rate": {"per_day": 1}}},
        GOOD | {"obligations": {"mask": {}, "flags": [], "rate": {"per_hour": "10"}}},
        GOOD | {"tier": {"name": "everyone", "steps": [], "because": []}},
        GOOD | {"findings": DENIED},
        GOOD | {"allow": False},
        {key: value for key, value in GOOD.items() if key != "obligations"},
    ],
)
def test_anything_else_is_a_fault(bad: Any) -> None:
    with pytest.raises(EngineFault) as fault:
        parse(bad)
    assert fault.value.fault is Fault.NONSENSE


def test_a_denial_is_an_outcome() -> None:
    assert not parse(GOOD | {"allow": False, "findings": DENIED}).allow


@pytest.mark.parametrize(
    "text", ["", "plain", '"', "\\", "\n", "\x00", "\x7f", "~x", "~x41", "~", "é", "𝄞", "%q", "a b", " "]
)
def test_strings_come_back_as_they_went(text: str) -> None:
    sent = portable.encode({"list": [text], text: 1})
    assert portable.decode(sent) == {"list": [text], text: 1}
    assert all(32 <= ord(char) < 127 and char not in '"\\' for char in str(sent["list"][0]))


def test_different_strings_stay_different() -> None:
    texts = ["~x41", "A", "~x7e783431", "~", "é", "e\u0301"]
    assert len({portable.encode(text) for text in texts}) == len(texts)


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        portable.encode("\ud800")
