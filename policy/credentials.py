"""Does a text look like a credential? Pure Python; the answer is a fact, the rule judges (S1).

Two signs: the known form of an issuer's tokens wherever it stands, and a random-looking text beside a name
that speaks of a secret. Texts that only point to a secret (`secret:crm-key`, `${CRM_KEY}`) are what a
manifest should hold. The forms follow the issuers' published prefixes.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator

TOKEN_FORMS: dict[str, re.Pattern[str]] = {
    name: re.compile(form)
    for name, form in {
        "private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
        "AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
        "GitHub token": r"\b(?:gh[pousr]_[0-9A-Za-z]{36,}|github_pat_[0-9A-Za-z_]{50,})",
        "GitLab token": r"\bglpat-[0-9A-Za-z_-]{20,}",
        "Slack token": r"\bxox[abeoprs]-[0-9A-Za-z-]{10,}",
        "Slack webhook": r"hooks\.slack\.com/services/T[0-9A-Z]+/B[0-9A-Z]+/[0-9A-Za-z]{20,}",
        "Google API key": r"\bAIza[0-9A-Za-z_-]{35}",
        "Stripe key": r"\b[rs]k_(?:live|test)_[0-9A-Za-z]{16,}",
        "SendGrid key": r"\bSG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}",
        "npm token": r"\bnpm_[0-9A-Za-z]{36}\b",
        "JSON web token": r"\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}",
        "password in a URL": r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,200}:[^\s/@]{3,200}@",
        "bearer token": r"\b[Bb]earer [0-9A-Za-z._~+/-]{20,}",
        "assigned secret": r"(?i)\b(?:password|passwd|pwd|secret|api[_-]?key|access[_-]?token)\b\s*[:=]\s*"
        r"['\"]?(?!\$\{|secret:)[^\s'\"]{8,}",
    }.items()
}
SECRET_NAME = re.compile(
    r"(?i)(?:pass(?:word|wd|phrase)|\bpwd\b|secret|api[_-]?key|access[_-]?key|private[_-]?key|token|credential)"
)
REFERENCE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}|(?:secret|vault|env):\S+")
SHORTEST = 11  # a password in a URL; every other form is longer
RANDOM_LENGTH = 12
RANDOM_BITS = 3.0  # bits a character; English words have about 2.5 at this length, base64 of random 3.5


def looks_like_credential(text: str, name: str = "") -> bool:
    """Whether `text`, found under `name`, has the form of a credential."""
    if len(text) < SHORTEST or REFERENCE.fullmatch(text.strip()):
        return False
    if any(form.search(text) for form in TOKEN_FORMS.values()):
        return True
    return bool(SECRET_NAME.search(name)) and _random(text.strip())


def _random(text: str) -> bool:
    """One word, long enough, with several kinds of characters and much information in each."""
    if len(text) < RANDOM_LENGTH or re.search(r"\s", text):
        return False
    kinds = sum(bool(re.search(kind, text)) for kind in ("[a-z]", "[A-Z]", "[0-9]", "[^A-Za-z0-9]"))
    counts = Counter(text).values()
    bits = -sum(n / len(text) * math.log2(n / len(text)) for n in counts)
    return kinds >= 2 and bits >= RANDOM_BITS


def credential_paths(document: object, path: str = "", name: str = "") -> frozenset[str]:
    """Where in a parsed manifest something looks like a credential, as JSON pointers (RFC 6901).

    Keys are looked at too: a token may stand on either side of a colon.
    """
    return frozenset(_walk(document, path, name))


def _walk(value: object, path: str, name: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            place = f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}"
            if isinstance(key, str) and looks_like_credential(key):
                yield path or "/"  # the key itself is the secret and is not repeated
                continue
            yield from _walk(item, place, str(key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _walk(item, f"{path}/{index}", name)
    elif isinstance(value, str) and looks_like_credential(value, name):
        yield path or "/"
