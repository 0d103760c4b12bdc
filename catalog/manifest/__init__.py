"""The app's description (T8): parse, check, canonical form, digest, differences.

Pure Python without Django: the command line and CI use it as it is. The format is documented in
docs/reference/manifest.md and published as JSON Schema in schema.json.
"""

import hashlib

import rfc8785

from .changes import Change, diff
from .check import check, nearest, placed, schema
from .problems import MESSAGES, ManifestError, Place, Problem
from .shape import (
    API_VERSION,
    KIND,
    AppRole,
    Chart,
    Connector,
    Dataset,
    Field,
    FieldType,
    Guardrails,
    Hosting,
    Identity,
    Manifest,
    Metadata,
    OperationGuardrails,
    Page,
    PageKind,
    Source,
    Suggestion,
    TemplateRef,
    build,
    plain,
    to_data,
)
from .text import MAX_BYTES, Loaded, load


def parse(text: str | bytes) -> Manifest:
    """The manifest that `text` (YAML or JSON) describes.

    Raises:
        ManifestError: with every problem found: code, path, line and plain words.
    """
    loaded = load(text)
    problems = check(loaded.data, loaded.places)
    if problems:
        raise ManifestError(problems)
    return build(loaded.data)


def canonical(manifest: Manifest) -> bytes:
    """The one byte form of `manifest`: RFC 8785 canonical JSON, defaults left out."""
    return rfc8785.dumps(to_data(manifest))


def digest(manifest: Manifest) -> str:
    """SHA-256 of the canonical form, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(manifest)).hexdigest()


__all__ = [
    "API_VERSION",
    "KIND",
    "MAX_BYTES",
    "MESSAGES",
    "AppRole",
    "Change",
    "Chart",
    "Connector",
    "Dataset",
    "Field",
    "FieldType",
    "Guardrails",
    "Hosting",
    "Identity",
    "Loaded",
    "Manifest",
    "ManifestError",
    "Metadata",
    "OperationGuardrails",
    "Page",
    "PageKind",
    "Place",
    "Problem",
    "Source",
    "Suggestion",
    "TemplateRef",
    "build",
    "canonical",
    "check",
    "diff",
    "digest",
    "load",
    "nearest",
    "parse",
    "placed",
    "plain",
    "schema",
    "to_data",
]
