"""What is in force, read over any connection of PostgreSQL. Knows no Django: `portal up` reads it too."""

from typing import Any

import psycopg

from policy.rulebook import Rulebook, shipped

Connection = psycopg.Connection[tuple[Any, ...]]


def newest_id(connection: Connection) -> int:
    """Of what was put in force last; 0 while nothing was, as before the first migration."""
    try:
        row = connection.execute("SELECT max(id) FROM policy_rulesinforce").fetchone()
    except psycopg.errors.UndefinedTable:
        return 0
    return int(row[0]) if row and row[0] is not None else 0


def newest(connection: Connection) -> Rulebook:
    """The rules that decide: those put in force last, else what the release ships."""
    number = newest_id(connection)
    if not number:
        return shipped()
    query = "SELECT modules FROM policy_rulesinforce WHERE id = %s"
    row = connection.execute(query, [number]).fetchone()
    return Rulebook.of(row[0]) if row else shipped()
