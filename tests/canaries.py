"""Values planted to be looked for, and every way in which one may be spelled where it does not belong."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_plus


@dataclass(frozen=True)
class Canary:
    """`parts` are those that a mask must never leave: each tells the value, or who it is of, by itself."""

    value: str
    parts: tuple[str, ...] = ()

    def found_in(self, haystack: bytes) -> list[str]:
        """The spellings that `haystack` holds."""
        lower = haystack.lower()
        return [name for name, needle, exact in self.spellings() if needle in (haystack if exact else lower)]

    def spellings(self) -> Iterator[tuple[str, bytes, bool]]:
        """(name, bytes, whether letters' case counts)."""
        for part in (self.value, *self.parts):
            raw = part.encode()
            yield f"plain {part}", raw.lower(), False
            yield f"reversed {part}", raw[::-1].lower(), False
            yield f"hexadecimal {part}", raw.hex().encode(), False
            yield f"UTF-16 {part}", part.lower().encode("utf-16-le"), False
            for name, text in (("URL", quote(part, safe="")), ("form", quote_plus(part))):
                yield f"{name} {part}", text.lower().encode(), False
            for offset in range(3):
                for name, encode in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode)):
                    yield f"{name} {part}", _inner(raw, offset, encode), True


def _inner(raw: bytes, offset: int, encode: object) -> bytes:
    """What is the same of the base64 of `raw` wherever it stands `offset` bytes after a group's begin."""
    text: bytes = encode(b"\0" * offset + raw)  # type: ignore[operator]
    return text[-(-offset * 8 // 6) : (offset + len(raw)) * 8 // 6]
