"""The words for tags, and the levels that the rules look at: those that ship with the portal, or of a file.

A tenant's own are rows of its database, which CI does not see; a repository that depends on them keeps them
beside its manifests (docs/guides/check-in-ci.md).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from catalog import manifest as m
from datacatalog.schemes import CLASSIFICATIONS, REGIONS, ClassificationSeed, RegionSeed
from policy.thresholds import DEFAULTS, Thresholds, defaults, out_of_order

SCHEMA_FILE = Path(__file__).with_name("scheme.schema.json")


@dataclass(frozen=True)
class Scheme:
    """Classifications and regions by code, and thresholds."""

    classifications: Mapping[str, ClassificationSeed]
    regions: Mapping[str, RegionSeed]
    thresholds: Thresholds = DEFAULTS

    @classmethod
    def shipped(cls) -> "Scheme":
        """What every new tenant starts with."""
        return cls({one.code: one for one in CLASSIFICATIONS}, {one.code: one for one in REGIONS})

    @classmethod
    def read(cls, path: Path) -> "Scheme":
        """The scheme of a YAML or JSON file; a part that it leaves out is the one that ships.

        Raises:
            OSError: it cannot be read.
            ValueError: it is no scheme (ManifestError when it is not even YAML).
        """
        loaded = m.load(path.read_bytes())
        error = best_match(_validator().iter_errors(loaded.data))
        if error is not None:
            line = m.nearest(tuple(error.absolute_path), loaded.places).line
            raise ValueError(f"line {line}: {error.message}")
        shipped = cls.shipped()
        return cls(
            _classes(loaded.data) or shipped.classifications,
            _regions(loaded.data) or shipped.regions,
            _thresholds(loaded.data),
        )


def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


def _classes(data: Mapping[str, Any]) -> dict[str, ClassificationSeed]:
    blank = {"description": ""}
    return {
        row["code"]: ClassificationSeed(**blank | {"title": row["code"]} | row)
        for row in data.get("classifications", [])
    }


def _thresholds(data: Mapping[str, Any]) -> Thresholds:
    values = defaults() | data.get("thresholds", {})
    if pair := out_of_order(values):
        raise ValueError(f"thresholds: {pair[0]} {values[pair[0]]} is above {pair[1]} {values[pair[1]]}")
    return Thresholds(**values)


def _regions(data: Mapping[str, Any]) -> dict[str, RegionSeed]:
    return {row["code"]: RegionSeed(**{"title": row["code"]} | row) for row in data.get("regions", [])}
