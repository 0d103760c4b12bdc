"""What people of a tenant have confirmed for fields of the same name weighs in (D2)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from datacatalog.suggest.signs import Suggestion
from datacatalog.suggest.words import squash

ENOUGH = 3  # confirmations of one class, and no other, that make a name's usual sign doubtful
PEOPLE = 2  # ... by as many people at least: nobody alone teaches the portal to look away
DOUBT = 0.45  # what is left of the sign's confidence then


@dataclass
class Learned:
    """Squashed name -> class -> how often it was confirmed, and by how many."""

    times: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    people: dict[str, set[object]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, object, int]]) -> "Learned":
        """From (name, class, person, times)."""
        made = cls()
        for name, code, person, times in rows:
            key = squash(name)
            made.times[key][code] += times
            made.people[key].add(person)
        return made

    def signs(self, name: str) -> Iterator[Suggestion]:
        """The class that was confirmed most; surer the more often and the more alike."""
        times = self.times.get(squash(name))
        if not times:
            return
        total = sum(times.values())
        code, most = max(times.items(), key=lambda item: item[1])
        confidence = round(min(0.9, (0.45 + 0.1 * most) * most / total), 2)
        yield Suggestion(code, "learned", confidence, params={"times": most})

    def doubts(self, name: str, code: str) -> bool:
        """Whether people have tagged this name otherwise often enough to doubt `code` for it."""
        key = squash(name)
        times = self.times.get(key, {})
        return (
            len(times) == 1
            and code not in times
            and sum(times.values()) >= ENOUGH
            and len(self.people[key]) >= PEOPLE
        )
