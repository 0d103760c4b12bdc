"""The labelled columns: header, samples, class. Same seed, same columns."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from faker import Faker

from bench.columns import kinds
from bench.columns.words import HEADERS, OTHERS, SPARE

TUNED = ("en_US", "de_DE", "fr_FR", "pl_PL", "pt_BR", "ja_JP")
HELD_OUT = ("es_ES", "it_IT", "nl_NL", "sv_SE", "tr_TR", "ru_RU")
ROWS = 20
EMPTY = 0.08
SENSITIVE_TIMES = 4  # columns of each sensitive kind and locale
OTHER_TIMES = 3
NAMELESS = 0.15  # of the columns whose values alone can tell
CLASSES = {
    "salary": "confidential",
    "card": "card",
    "blood": "health",
    "diagnosis": "health",
    "religion": "special",
    "password": "credential",
    "secret": "credential",
}
PEOPLE = ["customers", "employees", "contacts", "users", "patients", "leads", ""]
# without a name these are numbers and words like any others
NAMED_ONLY = {
    "age",
    "salary",
    "birth",
    "postcode",
    "username",
    "diagnosis",
    "plate",
    "notes",
    "religion",
    "password",
}


@dataclass(frozen=True)
class Labelled:
    """One column. `kind` is the class of values, `classification` the right tag."""

    locale: str
    dataset: str
    name: str
    samples: tuple[str, ...]
    kind: str
    classification: str

    @property
    def personal(self) -> bool:
        """Whether it tells of people."""
        return self.classification in {"pii", "special", "health", "card"}


def columns(seed: int = 5, locales: tuple[str, ...] = (*TUNED, *HELD_OUT)) -> Iterator[Labelled]:
    """About 200 columns a locale."""
    for number, locale in enumerate(locales):
        rng = random.Random(f"{seed} {locale}")
        fake = Faker(locale)
        fake.seed_instance(seed * 1000 + number)
        yield from _sensitive(rng, fake, locale)
        yield from _others(rng, fake, locale)


def _sensitive(rng: random.Random, fake: Faker, locale: str) -> Iterator[Labelled]:
    for kind, headers in HEADERS.items():
        own = headers.get(locale[:2], [])
        for time in range(SENSITIVE_TIMES):
            nameless = kind not in NAMED_ONLY and rng.random() < NAMELESS
            pool = own if own and time % 2 == 0 else headers["en"]
            name = rng.choice(SPARE).format(n=rng.randint(1, 40)) if nameless else rng.choice(pool)
            values = _filled(rng, lambda kind=kind: kinds.value(kind, fake, rng, locale))
            yield Labelled(locale, rng.choice(PEOPLE), name, values, kind, CLASSES.get(kind, "pii"))


def _others(rng: random.Random, fake: Faker, locale: str) -> Iterator[Labelled]:
    for kind, names, dataset in OTHERS:
        for _time in range(OTHER_TIMES):
            nameless = rng.random() < NAMELESS
            name = rng.choice(SPARE).format(n=rng.randint(1, 40)) if nameless else rng.choice(names)
            values = _filled(rng, lambda kind=kind: kinds.value(kind, fake, rng, locale))
            where = dataset if rng.random() < 0.8 else ""
            if not where and name in {"name", "address", "age", "title", "race", "weight", "height", "phone"}:
                where = dataset  # without its table such a name tells nothing to people either
            yield Labelled(locale, where, name, values, kind, "internal")


def _filled(rng: random.Random, make: object) -> tuple[str, ...]:
    return tuple("" if rng.random() < EMPTY else str(make()) for _row in range(ROWS))  # type: ignore[operator]
