"""docs/reference/masks.md: what is left of a value, by kind and method; the code masks the examples."""

from datacatalog.masking import Kind, Method, mask_column

EXAMPLES = {
    Kind.EMAIL: "lena.marsh@contoso.example",
    Kind.PHONE: "+49 30 1234567",
    Kind.NAME: "Mia Novak",
    Kind.CARD: "4111 1111 1111 1111",
    Kind.IBAN: "DE89 3704 0044 0532 0130 00",
    Kind.DATE: "1990-05-17",
    Kind.NUMBER: "4711",
    Kind.POSTCODE: "10115",
    Kind.FREE_TEXT: "Call Mia back on Monday",
    Kind.OTHER: "4471-XK",
}
HEAD = """# Masks

What is left of a value, by its kind (from the field's type and name) and by method, the mildest first. Of
the method that the decision asks for and that of the field's class the stricter counts (ADR 0094). A token
(`token`) is the same for equal values of one field and has no relation to those of any other.

| kind | example | `partial` | `generalise` | `hide` |
|---|---|---|---|---|
"""


def page() -> str:
    """The page's text."""
    return HEAD + "".join(_row(kind, example) for kind, example in EXAMPLES.items())


def _row(kind: Kind, example: str) -> str:
    shown = [
        mask_column([example], kind=kind, method=method)[0]
        for method in (Method.PARTIAL, Method.GENERALISE, Method.HIDE)
    ]
    return f"| {kind.value} | {example} | " + " | ".join(str(text) for text in shown) + " |\n"
