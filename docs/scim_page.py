"""docs/reference/scim.md: what provisioning keeps, from the schemas that the endpoint serves."""

from scim2_models import Attribute, Mutability, Schema, Uniqueness

from identity.scim.resources import GROUP, USER, EnterpriseUser

INTRODUCTION = """# SCIM attributes

Made from `identity/scim/resources.py` by `python -m docs.generate`; the endpoint tells the same under
`/scim/v2/Schemas`. What is not listed is passed over: a provider may send it, and nothing of it is kept.
`id`, `externalId` and `meta` belong to every resource (RFC 7643, 3.1).
"""


def page() -> str:
    """The whole page: a table for each schema (RFC 7643, section 7)."""
    schemas = [model.to_schema() for model in (USER, EnterpriseUser, GROUP)]
    return "\n".join([INTRODUCTION, *map(_section, schemas)])


def _section(schema: Schema) -> str:
    head = [f"## {schema.name}", "", f"`{schema.id}`", "", "| attribute | type | rules | what it is |"]
    rows = [row for attribute in schema.attributes or [] for row in _rows(attribute)]
    return "\n".join([*head, "|---|---|---|---|", *rows, ""])


def _rows(attribute: Attribute, above: str = "") -> list[str]:
    name = f"{above}{attribute.name}"
    kind = attribute.type.value if attribute.type else ""
    several = ", several" if attribute.multi_valued else ""
    row = f"| `{name}` | {kind}{several} | {_rules(attribute)} | {attribute.description} |"
    return [row, *(line for part in attribute.sub_attributes or [] for line in _rows(part, f"{name}."))]


def _rules(attribute: Attribute) -> str:
    rules = [
        "required" if attribute.required else "",
        "unique" if attribute.uniqueness is Uniqueness.server else "",
        attribute.mutability.value if attribute.mutability not in {None, Mutability.read_write} else "",
        "case matters" if attribute.case_exact else "",
    ]
    return ", ".join(rule for rule in rules if rule)
