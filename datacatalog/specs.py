"""What a live dataset's storage is made from: frozen, hashable, pure Python.

Catalog derives a DatasetSpec from an app's manifest; tables.py makes the table of it, records.py the model,
sealing.py the ciphertexts.
"""

import re
import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

_FIELD_ID = re.compile(r"f_[0-9a-z]{1,40}")


def table_of(dataset: uuid.UUID) -> str:
    """The name of a dataset's table in the schema `apps`."""
    return f"t_{dataset.hex}"


class FieldType(StrEnum):
    """The kinds of value that a field can hold."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    INTEGER = "integer"
    MONEY = "money"  # minor units (cents): numeric is not leakproof and could use no index behind the wall
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    CHOICE = "choice"


@dataclass(frozen=True)
class FieldSpec:
    """One field. `id` is the manifest's, for ever the same; it is the column's name too."""

    id: str
    type: FieldType
    protected: bool = False
    required: bool = False
    indexed: bool = False

    def __post_init__(self) -> None:
        if not _FIELD_ID.fullmatch(self.id):
            raise ValueError(f"{self.id!r} is no field id: f_ and up to 40 of 0-9a-z")

    @property
    def column(self) -> str:
        """Where the value is, or its ciphertext if the field is protected."""
        return self.id

    @property
    def index_column(self) -> str:
        """Where the blind index of a protected field is."""
        return f"{self.id}_bidx"

    @property
    def find_column(self) -> str:
        """Where the form is by which a text that is not protected is compared; tables of before lack it."""
        return f"{self.id}_find"


@dataclass(frozen=True)
class DatasetSpec:
    """One dataset as one version of its app has it."""

    id: uuid.UUID
    tenant: uuid.UUID
    app: uuid.UUID
    version: int
    fields: tuple[FieldSpec, ...] = field(default=())

    def __post_init__(self) -> None:
        ids = [item.id for item in self.fields]
        if len(set(ids)) != len(ids):
            raise ValueError("two fields of a dataset have the same id")

    @property
    def table(self) -> str:
        """The table's name in the schema `apps`."""
        return table_of(self.id)

    @cached_property
    def by_id(self) -> dict[str, FieldSpec]:
        """The fields by id."""
        return {item.id: item for item in self.fields}
