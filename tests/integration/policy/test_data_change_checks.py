"""What a change of policy data may be, and what of it is called out to reviewers (P7)."""

from typing import Any

import pytest

from approvals.models import Request
from identity.errors import BadInput
from identity.tenancy import tenant_scope
from policy.models import DataChange
from tests.cast import Cast
from tests.data_changes import evidence_of, propose, section


@pytest.mark.parametrize(
    ("kind", "obj", "changes", "code"),
    [
        ("classification", "pii", {}, "badinput"),
        ("classification", "pii", {"level": 6}, "level"),
        ("classification", "pii", {"level": -1}, "level"),
        ("classification", "pii", {"level": "high"}, "level"),
        ("classification", "pii", {"mask": ""}, "mask"),
        ("classification", "pii", {"mask": "rot13"}, "mask"),
        ("classification", "pii", {"title": ""}, "title"),
        ("classification", "pii", {"retention_min_days": 4000}, "retention_min_days"),
        ("classification", "pii", {"retention_max_days": 0}, "retention_max_days"),
        ("classification", "pii", {"regulations": ["x" * 61]}, "regulations"),
        ("classification", "pii", {"reason": "why"}, "reason"),
        ("classification", "P-I", {"title": "x", "level": 1}, "code"),
        ("region", "us", {"jurisdiction": "US"}, "jurisdiction"),
        ("region", "us", {"jurisdiction": ""}, "jurisdiction"),
        ("region", "us", {"provider": ""}, "provider"),
        ("thresholds", "", {"protected_level": 0}, "protected_level"),
        ("thresholds", "", {"protected_level": 5}, "protected_level"),
        ("thresholds", "", {"high_level": 2}, "protected_level"),
        ("thresholds", "", {"credential_level": 3}, "high_level"),
        ("thresholds", "", {"credential_level": 6}, "credential_level"),
        ("thresholds", "", {"longest_exception_days": 367}, "longest_exception_days"),
        ("thresholds", "", {"smallest_group": 1}, "smallest_group"),
        ("thresholds", "", {"sensitive_minutes": 61}, "sensitive_minutes"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_place(
    committed_cast: Cast, kind: str, obj: str, changes: dict[str, Any], code: str
) -> None:
    cast = committed_cast
    with pytest.raises(BadInput) as refusal:
        propose(cast.ada, kind, obj, **changes)
    assert refusal.value.code == code
    with tenant_scope(cast.tenant.pk):
        assert not DataChange.objects.exists()
        assert not Request.objects.filter(kind="policydata").exists()


@pytest.mark.parametrize(
    ("kind", "obj", "changes", "words"),
    [
        ("classification", "pii", {"level": 2}, "3 → 2"),
        ("classification", "pii", {"protected": False}, "unencrypted"),
        ("classification", "pii", {"personal": False}, "personal data"),
        ("classification", "health", {"mask": "partial"}, "milder"),
        ("classification", "pii", {"retention_max_days": None}, "longer"),
        ("region", "eu", {"jurisdiction": "us"}, "eu → us"),
        ("thresholds", "", {"protected_level": 4}, "3 → 4"),
        ("thresholds", "", {"smallest_group": 2}, "5 → 2"),
        ("thresholds", "", {"longest_exception_days": 365}, "180 → 365"),
    ],
)
def test_less_protection_is_called_out(
    committed_cast: Cast, kind: str, obj: str, changes: dict[str, Any], words: str
) -> None:
    row = propose(committed_cast.ada, kind, obj, **changes)
    assert words in section(row, "Less protection than before")["text"]
    assert evidence_of(row)["recommendation"]["level"] == "amber"


@pytest.mark.parametrize(
    ("kind", "obj", "changes"),
    [
        ("classification", "confidential", {"level": 3}),
        ("classification", "pii", {"mask": "hide", "retention_max_days": 30}),
        ("region", "us", {"sovereign": True}),
        ("thresholds", "", {"protected_level": 2, "smallest_group": 10, "longest_exception_days": 30}),
    ],
)
def test_more_protection_is_not(committed_cast: Cast, kind: str, obj: str, changes: dict[str, Any]) -> None:
    document = evidence_of(propose(committed_cast.ada, kind, obj, **changes))
    assert document["recommendation"]["level"] == "green"
    assert "Less protection than before" not in {one["title"] for one in document["sections"]}
