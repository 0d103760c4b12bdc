"""An OpenAPI document of the size and the habits of large public ones: made here, since those are not ours."""

import json
import random
from typing import Any

_NAMES = (
    "id email first_name last_name phone status created updated amount currency iban url description name address_line1 "
    "postal_code birth_date ip_address user_agent notes total count active locale country metadata version kind"
).split()


def document(*, schemas: int = 450, seed: int = 3) -> dict[str, Any]:
    """An operation for each of `schemas`, which refer to each other in circles, alternatives and lists."""
    rng = random.Random(seed)
    made = {f"Thing{n}": _schema(n, schemas, rng) for n in range(schemas)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Large API", "version": "2026-11-01"},
        "paths": {f"/v1/things{n}/{{id}}": _path(n) for n in range(schemas)},
        "components": {
            "schemas": made,
            "responses": {"Error": _answer({"$ref": "#/components/schemas/Thing0"})},
        },
    }


def text(**more: int) -> bytes:
    """The document in JSON."""
    return json.dumps(document(**more), indent=1).encode()


def _answer(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "OK", "content": {"application/json": {"schema": schema}}}


def _path(n: int) -> dict[str, Any]:
    ref = {"$ref": f"#/components/schemas/Thing{n}"}
    return {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
        "get": {
            "operationId": f"getThing{n}",
            "responses": {"200": _answer(ref), "default": {"$ref": "#/components/responses/Error"}},
        },
        "post": {
            "summary": f"List things {n}",
            "responses": {
                "200": _answer({"type": "object", "properties": {"data": {"type": "array", "items": ref}}})
            },
        },
    }


def _schema(n: int, schemas: int, rng: random.Random) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name in rng.sample(_NAMES, 14):
        properties[name] = {
            "type": "string",
            "description": f"The {name} of thing {n}, as it was given last.",
        }
    other, third = rng.randrange(schemas), rng.randrange(schemas)
    properties["parent"] = {"anyOf": [{"type": "string"}, {"$ref": f"#/components/schemas/Thing{other}"}]}
    properties["items"] = {"type": ["array", "null"], "items": {"$ref": f"#/components/schemas/Thing{third}"}}
    base = {"type": "object", "required": ["id"], "properties": properties}
    return (
        base
        if n % 3
        else {
            "allOf": [
                base,
                {"type": "object", "properties": {"itself": {"$ref": f"#/components/schemas/Thing{n}"}}},
            ]
        }
    )
