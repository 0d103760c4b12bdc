"""Puts values into the controls of a form in a page that is rendered already. Pure: text in, text out.

Only start tags of controls and the text of text areas are rewritten; everything else stays as it is, byte by
byte. A control that the page does not have is not made, and values of passwords and files are never set.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

Attributes = dict[str, str | None]
Values = Mapping[str, Sequence[str]]
NEVER = {"password", "file", "submit", "button", "image", "reset"}
CONTROLS = {"input", "select", "textarea", "option", "button"}
TARGETS = ("action", "formaction", "hx-post")


def fill(page: str, address: str, target: str, values: Values) -> str:
    """`page`, shown at `address`, with `values` in the form that posts to `target`; as it is if none does."""
    reader = _Reader(page)
    reader.feed(page)
    reader.close()
    form = _form_for(reader.forms, address, target)
    if form is None:
        return page
    return _written(page, _edits(page, reader.tags, form, values))


@dataclass
class _Tag:
    """A start tag with its place in the text."""

    name: str
    attributes: Attributes
    start: int
    end: int
    form: int | None  # the form around it, by number
    select: str | None  # for an option: the name of its select

    @property
    def kind(self) -> str:
        return (self.attributes.get("type") or "text").lower()


@dataclass
class _Form:
    """A form that posts, with the addresses that it or a button of it posts to."""

    number: int
    id: str
    targets: list[str | None] = field(default_factory=list)


class _Reader(HTMLParser):
    """Finds forms and controls."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self._lines = [0]  # where each line begins, as getpos() counts them
        for line in page.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self._open: _Form | None = None
        self._select: tuple[str | None, str | None] = (None, None)
        self.forms: list[_Form] = []
        self.tags: list[_Tag] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "form":
            self._begin(attributes)
        elif self._open is not None:
            self._open.targets += [
                attributes[name] for name in ("formaction", "hx-post") if name in attributes
            ]
        if tag in CONTROLS:
            self._control(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = (None, None)

    def _begin(self, attributes: Attributes) -> None:
        self._open = _Form(len(self.forms), attributes.get("id") or "")
        posts = (attributes.get("method") or "get").lower() == "post"
        self._open.targets = [attributes.get("action")] if posts else []
        if "hx-post" in attributes:
            self._open.targets.append(attributes["hx-post"])
        self.forms.append(self._open)

    def _control(self, tag: str, attributes: Attributes) -> None:
        if tag == "select":
            self._select = (attributes.get("name"), attributes.get("form"))
        owner = attributes.get("form") if tag != "option" else self._select[1]
        form = next((one.number for one in self.forms if owner and one.id == owner), None)
        if form is None and self._open is not None:
            form = self._open.number
        line, column = self.getpos()
        start = self._lines[line - 1] + column
        end = start + len(self.get_starttag_text() or "")
        select = self._select[0] if tag == "option" else None
        self.tags.append(_Tag(tag, attributes, start, end, form, select))


def _form_for(forms: Sequence[_Form], address: str, target: str) -> int | None:
    """The form that posts to `target` exactly, else to its path."""
    for part in (lambda url: url, lambda url: urlsplit(url).path):
        for form in forms:
            if any(part(urljoin(address, one or "") or address) == part(target) for one in form.targets):
                return form.number
    return None


def _edits(page: str, tags: Sequence[_Tag], form: int, values: Values) -> list[tuple[int, int, str]]:
    """What to put in place of which part, in the order of the page."""
    left = {name: list(several) for name, several in values.items()}
    edits: list[tuple[int, int, str]] = []
    for tag in tags:
        name = (tag.select if tag.name == "option" else tag.attributes.get("name")) or ""
        if tag.form != form or name == "csrfmiddlewaretoken":
            continue
        if tag.name == "option":
            if name in values:
                edits.append(_marked(tag, "selected", _option(page, tag) in values[name]))
        elif tag.name == "textarea" and left.get(name):
            end = page.lower().index("</textarea", tag.end)
            edits.append((tag.end, end, "\n" + escape(left[name].pop(0), quote=False)))
        elif tag.name == "input" and tag.kind in {"checkbox", "radio"}:
            ticked = (tag.attributes.get("value") or "on") in values.get(name, ())
            edits.append(_marked(tag, "checked", ticked))
        elif tag.name == "input" and tag.kind not in NEVER and left.get(name):
            edits.append((tag.start, tag.end, _tag(tag.name, {**tag.attributes, "value": left[name].pop(0)})))
    return edits


def _option(page: str, tag: _Tag) -> str:
    """An option's value: its attribute, else its text (HTML, section 4.10.10)."""
    value = tag.attributes.get("value")
    if "value" in tag.attributes:
        return value or ""
    return " ".join(unescape(page[tag.end : page.index("<", tag.end)]).split())


def _marked(tag: _Tag, mark: str, on: bool) -> tuple[int, int, str]:
    attributes = {name: value for name, value in tag.attributes.items() if name != mark}
    return tag.start, tag.end, _tag(tag.name, attributes | ({mark: None} if on else {}))


def _tag(name: str, attributes: Attributes) -> str:
    parts = [key if value is None else f'{key}="{escape(value)}"' for key, value in attributes.items()]
    return f"<{' '.join([name, *parts])}>"


def _written(page: str, edits: Sequence[tuple[int, int, str]]) -> str:
    parts, at = [], 0
    for start, end, text in edits:
        parts += [page[at:start], text]
        at = end
    return "".join([*parts, page[at:]])
