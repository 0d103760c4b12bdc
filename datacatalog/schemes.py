"""What a new tenant starts with: its classifications and regions. Tenant data from then on.

Pure Python: `portal check` takes these where a repository names none.
"""

from dataclasses import dataclass

from datacatalog.masking import Method


def gettext_noop(message: str) -> str:
    """Marks a message for translation and leaves it alone."""
    return message


_ = gettext_noop


@dataclass(frozen=True)
class ClassificationSeed:
    """One class of data. `level` orders them: to tag lower than suggested needs a reason."""

    code: str
    title: str
    description: str
    level: int
    personal: bool = False
    protected: bool = False  # stored encrypted, masked on every way out
    mask: Method | None = None
    regulations: tuple[str, ...] = ()
    retention_min_days: int | None = None
    retention_max_days: int | None = None


@dataclass(frozen=True)
class RegionSeed:
    """One place where data is stored."""

    code: str
    title: str
    jurisdiction: str
    provider: str = "self-hosted"
    sovereign: bool = False


CLASSIFICATIONS = (
    ClassificationSeed("public", _("Public"), _("Anyone may read it."), 0),
    ClassificationSeed("internal", _("Internal"), _("For everyone in the company."), 1),
    ClassificationSeed("confidential", _("Confidential"), _("For those who need it for their work."), 2),
    ClassificationSeed(
        "pii",
        _("PII"),
        _("Tells who a person is, alone or together with other data."),
        3,
        personal=True,
        protected=True,
        mask=Method.PARTIAL,
        regulations=("GDPR", "CCPA"),
        retention_max_days=3650,
    ),
    ClassificationSeed(
        "special",
        _("Special category"),
        _("Origin, beliefs, biometrics, sexual orientation, union membership (GDPR Art. 9)."),
        4,
        personal=True,
        protected=True,
        mask=Method.HIDE,
        regulations=("GDPR Art. 9",),
        retention_max_days=3650,
    ),
    ClassificationSeed(
        "card",
        _("Payment card"),
        _("Card numbers and what belongs to them."),
        4,
        protected=True,
        mask=Method.PARTIAL,
        regulations=("PCI DSS",),
        retention_max_days=3650,
    ),
    ClassificationSeed(
        "health",
        _("Health"),
        _("Anything about a person's health or care."),
        4,
        personal=True,
        protected=True,
        mask=Method.HIDE,
        regulations=("HIPAA", "GDPR Art. 9"),
        retention_max_days=3650,
    ),
    ClassificationSeed(
        "credential",
        _("Credential"),
        _("Passwords, keys and tokens. They belong in the secret store, not in a dataset."),
        5,
        protected=True,
        mask=Method.HIDE,
    ),
)

REGIONS = (
    RegionSeed("eu", _("European Union"), "eu"),
    RegionSeed("us", _("United States"), "us"),
    RegionSeed("apac", _("Asia-Pacific"), "apac"),
)

# How contracts name classes of data (their standard leaves it free) -> ours.
CONTRACT_CLASSIFICATIONS = {
    "public": "public",
    "open": "public",
    "internal": "internal",
    "confidential": "confidential",
    "restricted": "confidential",
    "sensitive": "confidential",
    "secret": "confidential",
    "pii": "pii",
    "personal": "pii",
    "phi": "health",
    "health": "health",
    "pci": "card",
    "special": "special",
}
