"""The goals of D2 on locales that the rules were not tuned on; and what each part adds."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest

from bench.columns import HELD_OUT, TUNED, columns
from bench.suggest import answer, figures
from datacatalog.reasons import explain
from datacatalog.suggest import Learned, Signs, Suggestion, plugins, suggest


def test_the_set_is_large_enough_and_always_the_same() -> None:
    made = list(columns())
    assert len(made) >= 2000
    assert len(set(TUNED) | set(HELD_OUT)) == 12
    assert {column.locale for column in made} == {*TUNED, *HELD_OUT}
    assert next(columns()) == made[0]
    assert sum(not column.personal for column in made) > len(made) / 3  # traps


def test_personal_data_is_found_in_locales_that_the_rules_were_not_tuned_on() -> None:
    rows = {row.name: row for row in figures("held", answer(columns(locales=HELD_OUT)), goal=True)}
    assert rows["held: PII yes/no, recall"].value >= 0.95
    assert rows["held: PII yes/no, precision"].value >= 0.75
    for code in ("card", "credential", "health", "special"):
        assert rows[f"held: {code}, recall"].value >= 0.9, code


TRAPS = [
    (
        "card_no",
        "shipments",
        ["4539578763621487", "5500005555555550", "4111111111111112"],
        "card",
    ),  # named so
    ("parcel", "shipments", ["4539578763621487", "5500005555555550", "4111111111111112"], "internal"),
    ("name", "products", ["Green Lamp", "Robert Bosch Drill", "Oak Chair"], "internal"),
    ("name", "", ["Anna Larsson", "Per Åkesson", "Nils Holm"], "pii"),
    ("address", "interfaces", ["10.0.0.1", "192.168.4.7"], "internal"),
    ("address", "customers", ["12 High Street, Leeds", "4 Mill Lane, York"], "pii"),
    ("birth_rate", "countries", ["0.012", "0.009"], "internal"),
    ("order_date", "orders", ["2024-05-01", "2024-06-02"], "internal"),
    ("geburtsdatum", "", ["1980-05-01", "1971-06-02"], "pii"),
    ("email_opt_in", "settings", ["true", "false"], "internal"),
    ("phone", "devices", ["iPhone 15", "Pixel 8", "Fairphone 5"], "internal"),
    (
        "note",
        "",
        ["Called Maria about the bill", "please write to anna@firma.example now", "all is well again"],
        "pii",
    ),
    ("x", "", ["PESEL 1", "44051401359", "02070803628"], "internal"),  # not all are
    ("ref", "", ["44051401359", "02070803628", "92071314764"], "pii"),
    ("ref", "", ["536-90-4399", "219-10-4417", "457-31-5266"], "pii"),
    (
        "email",
        "users",
        ["5f4dcc3b5aa765d61d8327deb882cf99", "098f6bcd4621d373cade4e832627b4f6"],
        "pii",
    ),  # hashed
    ("код", "", ["ghp_" + "A1b2" * 9, "ghp_" + "C3d4" * 9], "credential"),
]


@pytest.mark.parametrize(("name", "dataset", "samples", "code"), TRAPS)
def test_values_and_names_are_weighed_against_each_other(
    name: str, dataset: str, samples: list[str], code: str
) -> None:
    found = suggest(Signs(name, dataset, examples=samples))
    assert found is not None
    assert found.classification == code
    assert explain(found.to_dict())
    assert not any(value in str(found.to_dict()) for value in samples)


def test_what_people_confirmed_raises_and_lowers_only_by_several() -> None:
    fields = Signs("Kundenkürzel")
    assert suggest(fields).classification == "internal"  # type: ignore[union-attr]
    raised = Learned.of([("kundenkuerzel", "pii", 1, 1), ("KUNDENKÜRZEL", "pii", 1, 1)])
    assert suggest(fields, learned=raised).reason == "learned"  # type: ignore[union-attr]

    email = Signs("email_batch")
    alone = Learned.of([("email_batch", "internal", 1, 9)])
    assert suggest(email, learned=alone).classification == "pii"  # type: ignore[union-attr]
    several = Learned.of([("email_batch", "internal", 1, 2), ("email_batch", "internal", 2, 2)])
    lowered = suggest(email, learned=several)
    assert lowered is not None
    assert (lowered.classification, lowered.params) == ("internal", {"times": 4})
    # values speak for themselves, whatever was said of the name
    values = Signs("email_batch", examples=["a@contoso.com", "b@contoso.com"])
    assert suggest(values, learned=several).classification == "pii"  # type: ignore[union-attr]


def by_badge(signs: Signs) -> Iterator[Suggestion]:
    """A suggester as others may write one."""
    if signs.name == "badge":
        yield Suggestion("pii", "plugin", 0.8, params={"text": "Badges are personal here"})


def broken(signs: Signs) -> Iterator[Suggestion]:
    """One that stumbles over the first value."""
    raise ValueError(signs.examples[0])


def test_suggesters_of_others_are_asked_and_may_fail(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    points = [
        EntryPoint("badge", f"{__name__}:by_badge", plugins.GROUP),
        EntryPoint("broken", f"{__name__}:broken", plugins.GROUP),
    ]
    monkeypatch.setattr(plugins, "entry_points", lambda group: points if group == plugins.GROUP else [])
    plugins.installed.cache_clear()
    try:
        found = suggest(Signs("badge", examples=["secret value"]))
        assert found is not None
        assert (found.classification, explain(found.to_dict())) == ("pii", "Badges are personal here")
        assert "suggester broken failed: ValueError" in caplog.text
        assert "secret value" not in caplog.text
    finally:
        plugins.installed.cache_clear()
