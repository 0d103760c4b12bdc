"""Who gains and who loses what when groups come to hold other roles: asked before, true after (I3).

The same question for portal roles (RoleGrant) and for roles in apps (a version's manifest): pairs of group
and role, each held before the change, after it, or both. A person who keeps a role through another group is
not affected. One statement an answer, however many people and groups there are.
"""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from identity.models import Group

Pairs = frozenset[tuple[uuid.UUID, str]]  # (group, role)


@dataclass(frozen=True)
class Affected:
    """One person with the roles that the change gives and takes, by their keys."""

    id: uuid.UUID
    name: str
    unit: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True)
class Total:
    """One role: how many people gain and lose it, and how many hold it before and after."""

    gained: int
    lost: int
    before: int
    after: int


# RLS keeps every table to the tenant at hand; of identity_user, which has no wall, only members are met.
_WITH = """
    WITH pair AS (
        SELECT * FROM unnest(%s::uuid[], %s::text[], %s::boolean[], %s::boolean[]) AS p(grp, role, was, will)
    ), held AS (
        SELECT m.user_id, pair.role, bool_or(pair.was) AS had, bool_or(pair.will) AS has
        FROM pair JOIN identity_membership m ON m.group_id = pair.grp
        JOIN identity_user u ON u.id = m.user_id AND u.is_active
        GROUP BY 1, 2
    ), changed AS (
        SELECT * FROM held WHERE had <> has
    )
"""
_TOTALS = """
    SELECT role, count(*) FILTER (WHERE has AND NOT had), count(*) FILTER (WHERE had AND NOT has),
        count(*) FILTER (WHERE had), count(*) FILTER (WHERE has)
    FROM held GROUP BY role ORDER BY role
"""
_OF = "SELECT role, has FROM changed WHERE user_id = %s ORDER BY role"
_BY_PAIR = """
    SELECT pair.grp, pair.role, count(*)
    FROM pair JOIN identity_membership m ON m.group_id = pair.grp
    JOIN changed c ON c.user_id = m.user_id AND c.role = pair.role AND c.has = pair.will
    WHERE pair.was <> pair.will GROUP BY 1, 2
"""
_DIGEST = """
    SELECT encode(sha256(convert_to(coalesce(
        string_agg(concat_ws(' ', user_id, role, has), ';' ORDER BY user_id, role), ''
    ), 'UTF8')), 'hex') FROM changed
"""
_COUNT = """
    SELECT count(DISTINCT c.user_id) FROM changed c JOIN identity_user u ON u.id = c.user_id
    WHERE strpos(lower(u.display_name), lower(%s)) > 0
"""
_PAGE = """
    SELECT u.id, u.display_name, u.unit,
        coalesce(array_agg(c.role ORDER BY c.role) FILTER (WHERE c.has), '{}'),
        coalesce(array_agg(c.role ORDER BY c.role) FILTER (WHERE NOT c.has), '{}')
    FROM changed c JOIN identity_user u ON u.id = c.user_id
    WHERE strpos(lower(u.display_name), lower(%s)) > 0
    GROUP BY u.id ORDER BY u.display_name, u.id LIMIT %s OFFSET %s
"""


@dataclass(frozen=True)
class Effect:
    """What becomes of people when `before` becomes `after`: two sets of (group, role).

    `before` and `after` name every pair of the roles that change, since one that stays may keep a person.
    """

    before: Pairs
    after: Pairs

    def people(self, words: str = "") -> "People":
        """Those who gain or lose something, by name; `words` is part of a name."""
        return People(self, words)

    def totals(self) -> dict[str, Total]:
        """By role, for the roles that anybody holds before or after."""
        return {role: Total(*rest) for role, *rest in self._rows(_TOTALS)}

    def of(self, user: uuid.UUID) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The roles that one person gains and loses."""
        rows = self._rows(_OF, user)
        return tuple(role for role, has in rows if has), tuple(role for role, has in rows if not has)

    def by_pair(self) -> dict[tuple[uuid.UUID, str], int]:
        """For each pair that is added or taken away, for how many of the group's members it matters."""
        return {(group, role): count for group, role, count in self._rows(_BY_PAIR)}

    def digest(self) -> str:
        """Equal as long as the same pairs do the same to the same people; SHA-256, in hex."""
        people = self._rows(_DIGEST)[0][0]
        pairs = [sorted(f"{group} {role}" for group, role in side) for side in (self.before, self.after)]
        return hashlib.sha256(repr((pairs, people)).encode()).hexdigest()

    def _rows(self, sql: str, *more: Any) -> list[Any]:
        pairs = sorted(self.before | self.after)
        columns: tuple[list[Any], ...] = (
            [group for group, _role in pairs],
            [role for _group, role in pairs],
            [pair in self.before for pair in pairs],
            [pair in self.after for pair in pairs],
        )
        with connection.cursor() as cursor:
            cursor.execute(_WITH + sql, [*columns, *more])
            rows: list[Any] = cursor.fetchall()
            return rows


class People(Sequence[Affected]):
    """The affected, for a paginator: one statement to count, one a page."""

    def __init__(self, effect: Effect, words: str) -> None:
        self._effect, self._words = effect, words

    def count(self, value: Any = None) -> int:
        """How many people there are."""
        return int(self._effect._rows(_COUNT, self._words)[0][0])

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, slice):
            return self[index : index + 1][0]
        start = index.start or 0
        limit = None if index.stop is None else index.stop - start
        rows = self._effect._rows(_PAGE, self._words, limit, start)
        return [
            Affected(who, name, unit, tuple(gains), tuple(loses)) for who, name, unit, gains, loses in rows
        ]


def by_name(roles: Iterable[tuple[str, Iterable[str]]]) -> Pairs:
    """Pairs of (role, names of its groups), as manifests have them, with the groups of the tenant at hand.

    A name that the provider has pushed no group of admits nobody.
    """
    wanted = [(key, name) for key, names in roles for name in names]
    known = dict(Group.objects.filter(name__in={name for _key, name in wanted}).values_list("name", "pk"))
    return frozenset((known[name], key) for key, name in wanted if name in known)
