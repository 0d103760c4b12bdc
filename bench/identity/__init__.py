"""People coming in by SCIM, and what the check of a session costs each page (I2, I5)."""

from bench.harness import Row
from bench.identity import scim, session

soak = scim.soak


def run() -> list[Row]:
    """Both; the session first, while few people are there."""
    return [*session.run(), *scim.run()]
