"""What is wrong with a file, as data: where, which kind, and the words for it in the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Problem:
    """One fault. `line` counts from 1, 0 where there is none; `path` is like schema[2].name."""

    code: str
    line: int = 0
    path: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """What is wrong and what to do, in the reader's language."""
        return _texts()[self.code] % self.params

    def to_row(self) -> dict[str, Any]:
        """For pages and for the run's own record."""
        return {"line": self.line, "path": self.path, "text": self.text()}


class BrokenFile(Exception):
    """A file that cannot be used; nothing of it was."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: (problem.line, problem.path))
        super().__init__(f"{len(self.problems)} problems")


def kind_name(kind: str) -> str:
    """A JSON type in the reader's words."""
    names = {
        "object": _("a group of names and values"),
        "array": _("a list"),
        "string": _("text"),
        "boolean": _("true or false"),
        "integer": _("a whole number"),
        "number": _("a number"),
        "null": _("empty"),
    }
    return names.get(kind, kind)


def _texts() -> dict[str, str]:
    return {
        "too_large": _("The file has %(size)d kB; at most %(limit)d kB are taken."),
        "not_utf8": _("The file is not text in UTF-8. Save it as UTF-8 and try again."),
        "empty": _("The file is empty."),
        "syntax": _("This is not YAML: %(what)s."),
        "many_documents": _("The file holds more than one document. Import them one by one."),
        "duplicate_key": _("“%(key)s” is given twice; it stands on line %(first)d already. Keep one."),
        "key_not_text": _("A name has to be plain text here."),
        "tag": _("The tag %(tag)s is not taken. Write the plain value."),
        "too_deep": _("This is nested deeper than %(limit)d levels."),
        "too_many": _(
            "The file grows to more than %(limit)d values; repeated aliases (*name) multiply them."
        ),
        "not_contract": _("This is not a data contract: the file has to begin with apiVersion, kind and id."),
        "api_version": _("Version %(have)s of the standard is not taken. Use one of: %(wanted)s."),
        "required": _("“%(key)s” is missing."),
        "type": _("This has to be %(wanted)s, not %(have)s."),
        "enum": _("“%(have)s” is not known here. Use one of: %(wanted)s."),
        "const": _("This has to be “%(wanted)s”."),
        "pattern": _("“%(have)s” is not in the form that the standard asks for."),
        "unknown_key": _("“%(key)s” is not known here. Check the spelling or leave it out."),
        "shape": _("This does not fit any of the forms that the standard allows here."),
        "value": _("This value is outside of what the standard allows."),
        "no_schema": _("The contract describes no dataset: “schema” is missing or empty."),
        "no_fields": _("The dataset “%(name)s” describes no field."),
        "same_name": _("“%(key)s” stands on line %(first)d already. Names must differ."),
        "no_columns": _("There are no names of columns. The first row has to hold them."),
        "empty_name": _("This column has no name. Give it one, or delete it."),
        "no_header": _("The first row holds values where names of columns have to be."),
        "same_column": _("“%(key)s” is the name of column %(first)s already. Names must differ."),
        "too_many_columns": _("There are more than %(limit)d columns."),
        "long_row": _("This row has %(have)d values, but there are %(wanted)d columns."),
        "csv": _("This is not CSV: %(what)s."),
        "no_text": _("This is neither text nor a workbook nor Parquet."),
        "old_excel": _("This workbook is of the old format or has a password. Save it as .xlsx without one."),
        "not_excel": _("This workbook cannot be read. Save it again as .xlsx."),
        "unpacks_too_large": _("The workbook unpacks to %(size)d kB; at most %(limit)d kB are taken."),
        "not_parquet": _("This Parquet file cannot be read: it is cut off or damaged."),
        "not_openapi": _("This is not an OpenAPI document: it has to begin with openapi, info and paths."),
        "openapi_version": _("Version %(have)s of OpenAPI is not taken. Use 3.0 or 3.1."),
        "outside_ref": _("The reference %(ref)s leads out of the document. Bundle it into one file."),
        "bad_ref": _("The reference %(ref)s leads nowhere."),
        "no_responses": _("No operation answers with fields: there is nothing to import."),
        "host_not_allowed": _(
            "Databases on %(host)s are not read from here. Ask whoever runs the portal to allow it."
        ),
        "host_unknown": _("There is no host %(host)s."),
        "dialect": _("Databases of the kind %(kind)s cannot be read here."),
        "database_login": _("The database does not take this name and password, or they may not read it."),
        "database_away": _("The database does not answer, or there is none of this name."),
        "too_slow": _("Nobody came to read it in time. Try again; if that goes on, no worker is running."),
        "database_slow": _("The database took too long to answer."),
        "no_tables": _("There are no tables that this login may see."),
        "too_many_fields": _("There are %(have)d fields; at most %(limit)d are taken at once."),
        "too_long": _("This has %(size)d characters; at most %(limit)d are kept."),
    }
