"""Rules put in force as publishing leaves them, without the way there."""

import psycopg
from psycopg.types.json import Jsonb

from policy import revisions
from policy.rulebook import Rulebook, shipped
from tests.services import POSTGRES

_ADD = """
INSERT INTO policy_rulesinforce (revision, modules, base, at) VALUES (%s, %s, %s, clock_timestamp())
"""


def put_in_force(rules: Rulebook) -> None:
    """From now on `rules` decide in this process, and soon in all; the database is emptied after the test."""
    with psycopg.connect(POSTGRES.url("portal_app"), autocommit=True) as connection:
        connection.execute(_ADD, [rules.revision, Jsonb(dict(rules.modules)), shipped().revision])
    revisions.refresh()


def another() -> Rulebook:
    """The shipped rules and one more file: another revision that decides alike."""
    return Rulebook((*shipped().modules, ("zz_more.rego", "package portal.more\n\nthere := true\n")))
