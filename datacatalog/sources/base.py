"""What every source is read into. `examples` are looked at for suggestions and are never stored."""

from dataclasses import dataclass, field

from datacatalog.specs import FieldType

MAX_NAME = 200
MAX_OBJECTS = 2_000
MAX_FIELDS = 20_000


@dataclass(frozen=True)
class SourceField:
    """One column, property or leaf."""

    name: str
    label: str
    description: str = ""
    type: FieldType = FieldType.TEXT
    source_type: str = ""
    required: bool = False
    classification: str = ""
    tags: tuple[str, ...] = ()
    examples: tuple[str, ...] = field(default=(), repr=False)
    line: int = 0


@dataclass(frozen=True)
class SourceObject:
    """One table, view, sheet, topic or response."""

    name: str
    title: str
    fields: tuple[SourceField, ...]
    description: str = ""
    retention_days: int | None = None
    line: int = 0


@dataclass(frozen=True)
class Source:
    """A contract, file, interface or database. `id` tells the same source again, `version` its state."""

    id: str
    version: str
    name: str
    objects: tuple[SourceObject, ...]
    purpose: str = ""

    @property
    def field_count(self) -> int:
        """Fields of all objects together."""
        return sum(len(item.fields) for item in self.objects)
