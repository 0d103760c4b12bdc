"""Suggestions: from the name first, then all other signs; sure ones by the higher level."""

from importlib import import_module

import pytest

from datacatalog.masking import Kind
from datacatalog.reasons import explain
from datacatalog.schemes import CLASSIFICATIONS
from datacatalog.specs import FieldType
from datacatalog.suggest import LEVELS, Signs, suggest
from datacatalog.suggest.rules import headers, values

NAMES = [
    ("person", "firstname", "pii", Kind.NAME),
    ("person", "LastName", "pii", Kind.NAME),
    ("person", "title", "pii", Kind.NAME),
    ("person", "emailpromotion", "internal", ""),
    ("person", "businessentityid", "internal", ""),
    ("emailaddress", "emailaddress", "pii", Kind.EMAIL),
    ("emailaddress", "emailaddressid", "internal", ""),
    ("leads", "work_email", "pii", Kind.EMAIL),
    ("personphone", "phonenumber", "pii", Kind.PHONE),
    ("personphone", "phonenumbertypeid", "internal", ""),
    ("contacttype", "name", "internal", ""),
    ("creditcard", "cardnumber", "card", Kind.CARD),
    ("creditcard", "expmonth", "card", ""),
    ("creditcard", "creditcardid", "internal", ""),
    ("employee", "nationalidnumber", "pii", ""),
    ("employee", "birthdate", "pii", Kind.DATE),
    ("employee", "maritalstatus", "pii", ""),
    ("employee", "sickleavehours", "health", ""),
    ("employee", "loginid", "pii", ""),
    ("employeepayhistory", "rate", "confidential", ""),
    ("currencyrate", "averagerate", "internal", ""),
    ("password", "passwordhash", "credential", ""),
    ("patients", "Blood-Type", "health", ""),
    ("survey", "religion", "special", ""),
    ("address", "postalcode", "pii", ""),
    ("salesorderheader", "comment", "pii", Kind.FREE_TEXT),
    ("product", "color", "internal", ""),
]


@pytest.mark.parametrize(("dataset", "name", "code", "kind"), NAMES)
def test_a_name_tells_the_class(dataset: str, name: str, code: str, kind: str) -> None:
    found = suggest(Signs(name, dataset))
    assert found is not None
    assert (found.classification, found.kind) == (code, kind)
    assert explain(found.to_dict())


EXAMPLES = [
    ("contact", ["a.b@contoso.com", "c@contoso.org", ""], "pii", "values_email"),
    ("reach", ["+49 30 123456", "+1 212 555 2368"], "pii", "values_phone"),
    ("konto", ["DE89 3704 0044 0532 0130 00"], "pii", "values_iban"),
    ("ref", ["4111 1111 1111 1111", "5555555555554444"], "card", "values_card"),
    ("ssn_of", ["536-90-4399"], "pii", "values_number"),
    ("ref", ["536-90-4399", "78051120"], "internal", "no_sign"),  # a number alone is no sign
    ("ref", ["a@b", "4111 1111 1111 1112", "DE89", "0301234567"], "internal", "no_sign"),
]


@pytest.mark.parametrize(("name", "examples", "code", "reason"), EXAMPLES)
def test_example_values_tell_what_the_name_does_not(
    name: str, examples: list[str], code: str, reason: str
) -> None:
    found = suggest(Signs(name, examples=examples))
    assert found is not None
    assert (found.classification, found.reason) == (code, reason)
    assert not any(value and value in str(found.to_dict()) for value in examples)


@pytest.mark.parametrize(
    ("signs", "code", "reason"),
    [
        (Signs("x", type=FieldType.EMAIL), "pii", "type"),
        (Signs("x", type=FieldType.LONG_TEXT), "pii", "free_text"),
        (Signs("photo", type=FieldType.LONG_TEXT, source_type="bytea"), "internal", "no_sign"),
        (Signs("x", declared="restricted"), "confidential", "declared"),
        (Signs("x", declared="PUBLIC"), "public", "declared"),
        (Signs("x", declared="5"), "internal", "no_sign"),
        (Signs("x", tags=["sensitive"]), "confidential", "tagged"),
        (Signs("birthdate", declared="public"), "pii", "name_contains"),
        (Signs("x", description="Date of birth of the holder."), "pii", "description"),
        (Signs("x", description="Primary key. ID of this phone number."), "internal", "no_sign"),
    ],
)
def test_other_signs_and_which_of_them_wins(signs: Signs, code: str, reason: str) -> None:
    found = suggest(signs)
    assert found is not None
    assert (found.classification, found.reason) == (code, reason)
    assert explain(found.to_dict())


def test_only_classes_that_the_tenant_has_are_suggested() -> None:
    without = {code: level for code, level in LEVELS.items() if code != "health"}
    found = suggest(Signs("bloodtype"), without)
    assert found is not None
    assert found.classification == "internal"
    assert suggest(Signs("bloodtype"), {}) is None


def test_the_rules_name_what_there_is() -> None:
    codes = {seed.code for seed in CLASSIFICATIONS}
    ids = [rule["id"] for rule in headers()["rules"]]
    assert len(ids) == len(set(ids))
    data = values()
    for rule in (
        *headers()["rules"],
        *headers()["descriptions"],
        *data["numbers"],
        *data["patterns"],
        *data["vocabularies"],
    ):
        assert rule["classification"] in codes
        assert rule.get("kind", "other") in set(Kind)
    for rule in data["numbers"]:
        assert callable(import_module(f"stdnum.{rule['module']}").is_valid)
    for rule in (*data["patterns"], *data["vocabularies"]):
        assert explain({"reason": f"values_{rule['id']}"})
