"""The demo's people, read from `people.yaml`."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

PEOPLE_FILE = Path(__file__).with_name("people.yaml")


@dataclass(frozen=True)
class Person:
    """One person as the directory knows them; `id` is the `sub` and the SCIM externalId."""

    id: str
    username: str
    given_name: str
    family_name: str
    job: str
    department: str
    time_zone: str
    groups: tuple[str, ...]
    manager: str = ""  # the manager's `id`, empty at the top
    device_compliant: bool | None = None  # of the device in their hands; None: not managed at all

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True)
class Company:
    """One tenant's directory."""

    key: str
    title: str
    groups: tuple[str, ...]
    people: tuple[Person, ...]


@cache
def companies() -> dict[str, Company]:
    """All companies by key, in the order of the file.

    Raises:
        ValueError: a person or group refers to one that is not there.
    """
    content = YAML(typ="safe").load(PEOPLE_FILE.read_text(encoding="utf-8"))
    found = {
        key: Company(
            key=key,
            title=entry["title"],
            groups=tuple(entry["groups"]),
            people=tuple(
                Person(**{**person, "groups": tuple(person["groups"])}) for person in entry["people"]
            ),
        )
        for key, entry in content.items()
    }
    for company in found.values():
        ids = {person.id for person in company.people}
        for person in company.people:
            if person.manager and person.manager not in ids:
                raise ValueError(f"{person.id}: no manager {person.manager} in {company.key}")
            if unknown := set(person.groups) - set(company.groups):
                raise ValueError(f"{person.id}: no group {unknown} in {company.key}")
    return found


@cache
def people() -> dict[str, Person]:
    """Every person of every company by `id`."""
    return {person.id: person for company in companies().values() for person in company.people}
