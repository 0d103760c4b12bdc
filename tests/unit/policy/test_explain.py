"""Every code of the library has words, in every language that we speak."""

import re

import pytest
from django.utils import translation

from policy import explain
from policy.reference import page, rules
from policy.rulebook import Rulebook, shipped

FINDINGS = [(rule.code, case, kind) for rule in rules(shipped()) for case, kind in rule.findings]
PARAMS = {
    "count": 2,
    "roles": ["manager", "security"],
    "groups": ['a%sb"c', "Marketing"],
    "jurisdictions": ["eu", "us"],
    "jurisdiction": "us",
    "connector": "crm",
    "connectors": ["crm"],
    "operations": ["lead.delete"],
    "action": "value.reveal",
    "tier": "two_person",
    "rule": "Managed 100 % devices",
    "rules": ["Fresh", "Office"],
    "networks": ["Office", "VPN"],
    "scope": ["vm-1"],
    "app_roles": ["operator"],
    "operation": "vm.stop",
    "from_minute": [480],
    "until_minute": [1080],
    "days": ["mon", "tue"],
    "per_hour": 10,
}


@pytest.mark.parametrize(("code", "case", "kind"), FINDINGS)
def test_each_finding_has_a_sentence_and_what_denies_has_a_remedy(code: str, case: str, kind: str) -> None:
    assert (code, case) in explain.SENTENCES
    text = explain.text(code, case, PARAMS)
    assert "%(" not in text
    assert bool(explain.remedy(code, case, PARAMS)) == (kind != "ok")


def test_no_sentence_is_left_over() -> None:
    known = {(code, case) for code, case, _kind in FINDINGS}
    known |= {("engine.unavailable", "denied"), ("access.unknown_action", "unknown")}
    known |= {("policy.exception", "used")}
    assert set(explain.SENTENCES) == known


def test_params_are_words_and_counts_are_grammatical() -> None:
    assert explain.text("identity.sso_required", "sso", {"groups": ["Marketing"]}) == "SSO only: Marketing"
    assert explain.text("retention.bounds", "missing", {"count": 1}) == (
        "1 protected field is kept without end"
    )
    assert explain.text("operation.guardrails", "hours", {"from_minute": [5], "until_minute": [1080]}) == (
        "This operation runs from 00:05 until 18:00 only."
    )
    assert explain.text("operation.guardrails", "days", {"days": ["mon", "tue"]}) == (
        "This operation runs on these days only: Monday, Tuesday."
    )
    assert explain.text("approval.tier", "asks", {"tier": "two_person"}) == "Needs approval: two people"


def test_what_nobody_wrote_a_sentence_for_has_one_all_the_same() -> None:
    with translation.override("de"):
        assert "new.rule" in explain.text("new.rule", "odd", {"x": 1})
        assert explain.remedy("new.rule", "odd", {})


def test_every_tier_and_cause_has_words() -> None:
    text = dict(shipped().modules)["approval_tier.rego"]
    tiers = re.findall(r'^\t"(\w+)": \[', text, re.MULTILINE)
    causes = re.findall(r'because_\w+ contains "(\w+)"', text)
    assert len(tiers) == 5
    assert len(set(causes)) == 10
    assert set(tiers + causes) <= set(explain.LABELS)


def test_the_reference_tells_of_every_rule() -> None:
    text = page()
    assert len(rules(shipped())) == 18
    assert all(f"(`{rule.code}`)" in text for rule in rules(shipped()))


def test_a_rule_without_annotations_is_refused() -> None:
    with pytest.raises(ValueError, match=r"odd\.rego"):
        rules(Rulebook((("odd.rego", "package odd\n"),)))
    with pytest.raises(ValueError, match="remedy"):
        rules(
            Rulebook(
                (
                    (
                        "odd.rego",
                        "# METADATA\n# title: x\n# description: y\n# custom:\n#   code: z\npackage o\n",
                    ),
                )
            )
        )
