"""Classifications and regions as policy data that is changed with review (contract: policy/datakinds.py).

Which apps carry a class or lie in a region is known in catalog alone, which completes these
(catalog/scheme_data.py).
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.evidence import Change, Fact
from datacatalog import scheme_words as words
from datacatalog.models import Classification, DatasetField, ImportRun, Region
from datacatalog.models.dataset import Dataset
from identity.errors import BadInput, Conflict
from identity.tenancy import current_tenant
from policy.datakinds import Told, Values, differing
from policy.models import AccessRule

MOST_LEVEL = 5
MOST_NAMED = 10
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_CODE_TEXT = gettext_lazy("Use small letters, digits and underscores, and begin with a letter.")


class _SchemeData(ABC):
    """What both have in common: rows by code, checked by their model."""

    model: type[Classification] | type[Region]
    names: tuple[str, ...]
    told: tuple[str, ...]  # codes and numbers, for the record

    def named(self, obj: str, values: Values | None) -> str:
        """Title and code."""
        title = words.shown(values["title"]) if values else ""
        return f"{title} ({obj})" if title else obj

    def current(self, obj: str, *, locked: bool = False) -> Values | None:
        """The row as values."""
        rows = self.model.objects.select_for_update() if locked else self.model.objects.all()
        row = rows.filter(code=obj).first()
        return {name: getattr(row, name) for name in self.names} if row else None

    def check(self, obj: str, before: Values | None, after: Values | None) -> Values | None:
        """As the model has it; what is used cannot go."""
        if not CODE.match(obj):
            raise BadInput(str(_CODE_TEXT), code="code")
        if after is None:
            if before is None:
                raise BadInput(_("There is no such entry."), code="code")
            self.check_unused(obj)
            return None
        row = self.model(code=obj, **{name: after[name] for name in self.names})
        try:
            row.clean_fields(exclude=["tenant"])
        except ValidationError as error:
            name, texts = next(iter(error.message_dict.items()))
            raise BadInput(texts[0], code=name) from error
        values = {name: getattr(row, name) for name in self.names}
        self.check_values(values)
        return values

    def tell(self, obj: str, before: Values | None, after: Values | None) -> Told:
        """Each difference, what of it is grave, and who is concerned."""
        names = [name for name in self.names if name in differing(before, after)]
        old, new = before or {}, after or {}
        kind: Any = "added" if before is None else "removed" if after is None else "changed"
        changes = [
            Change(kind, words.line(self.model, name, old.get(name), new.get(name), kind)) for name in names
        ]
        both = before is not None and after is not None
        return Told(
            changes=tuple(changes),
            grave=tuple(self.grave(old, new)) if both else (),
            affected=tuple(self.affected(obj)) if before is not None else (),
            follows=self.follows(old, new) if both else "",
        )

    def codes(self, values: Values | None) -> dict[str, Any] | None:
        """Without titles and sentences."""
        return {name: values[name] for name in self.told} if values is not None else None

    def apply(self, obj: str, after: Values | None) -> None:
        """Write, or take away. Running apps look at the rows with each request."""
        if after is None:
            self.model.objects.filter(code=obj).delete()
        else:
            tenant = current_tenant()
            assert tenant is not None  # noqa: S101 - rows are read and written in a tenant alone
            self.model.objects.update_or_create(tenant_id=tenant, code=obj, defaults=dict(after))

    def check_unused(self, obj: str) -> None:
        """Raises:
        Conflict: something uses it; the text says what.
        """
        if used := [f"{fact.label}: {fact.value}" for fact in self.affected(obj) if fact.value != "0"]:
            text = _("It is in use and cannot be removed. %(what)s.")
            raise Conflict(text % {"what": "; ".join(used)}, code="remove")

    def affected(self, obj: str) -> list[Fact]:
        """How much data is concerned, and which apps by name."""
        return [*self.data(obj), Fact(_("Apps"), words.several(self.apps(obj), MOST_NAMED))]

    @abstractmethod
    def apps(self, code: str) -> Sequence[str]:
        """Titles of the apps, live or about to be, whose manifests name the code."""

    @abstractmethod
    def data(self, code: str) -> list[Fact]:
        """What of the data catalog it concerns."""

    @abstractmethod
    def check_values(self, values: dict[str, Any]) -> None:
        """What the model alone does not check; may bring a value into its usual form."""

    @abstractmethod
    def grave(self, old: Values, new: Values) -> Sequence[str]:
        """What protects less than before."""

    @abstractmethod
    def follows(self, old: Values, new: Values) -> str:
        """What it means for what is stored or waits."""


class ClassificationData(_SchemeData):
    """Classes of data."""

    model = Classification
    told = ("level", "personal", "protected", "mask", "retention_min_days", "retention_max_days")
    names = ("title", "description", *told, "regulations")

    @property
    def label(self) -> str:
        """What it is called."""
        return _("Classification")

    def data(self, code: str) -> list[Fact]:
        """Fields, their datasets, and access rules that name the class."""
        fields = DatasetField.objects.filter(classification__code=code)
        rules = AccessRule.objects.filter(classifications__contains=[code])
        return [
            Fact(_("Fields with this class"), str(fields.count())),
            Fact(_("Datasets with such fields"), str(fields.values("dataset").distinct().count())),
            Fact(_("Access rules that name it"), str(rules.count())),
        ]

    def check_values(self, values: dict[str, Any]) -> None:
        """Levels 0 to 5; what is protected has a mask; a time that can be kept."""
        if values["level"] > MOST_LEVEL:
            raise BadInput(_("Levels go from 0 to %(most)d.") % {"most": MOST_LEVEL}, code="level")
        if values["protected"] and not values["mask"]:
            raise BadInput(_("What is encrypted needs a mask: choose how it is shown."), code="mask")
        least, most = values["retention_min_days"], values["retention_max_days"]
        if most == 0:
            raise BadInput(_("Values are kept for a day at least."), code="retention_max_days")
        if least is not None and most is not None and least > most:
            raise BadInput(_("The shortest time is longer than the longest."), code="retention_min_days")
        values["regulations"] = words.regulations(values["regulations"])

    def grave(self, old: Values, new: Values) -> Sequence[str]:
        """A lower level, protection or the mark of personal data gone, a milder mask, a longer time."""
        return words.loosened(old, new)

    def follows(self, old: Values, new: Values) -> str:
        """Encryption was fixed at go-live (catalog, AppVersion.sealed); everything else counts at once."""
        text = _(
            "Masks, approvals and access rules follow it from the next request on. An app that waits for "
            "approval is decided again when it goes live, and may need more than it was approved for."
        )
        if old["protected"] == new["protected"]:
            return text
        stored = _(
            "How a running app stores its values was fixed when its version went live: what is encrypted "
            "stays encrypted, and what is not stays as it is, until its next version goes live."
        )
        return f"{text} {stored}"


class RegionData(_SchemeData):
    """Places where data lies."""

    model = Region
    told = ("jurisdiction", "sovereign")
    names = ("title", *told, "provider")

    @property
    def label(self) -> str:
        """What it is called."""
        return _("Region")

    def data(self, code: str) -> list[Fact]:
        """Datasets that lie there, fields that have to, imports that were for it."""
        fields = DatasetField.objects.filter(Q(residency__code=code) | Q(dataset__region__code=code))
        return [
            Fact(_("Datasets that lie there"), str(Dataset.objects.filter(region__code=code).count())),
            Fact(_("Fields that lie or must lie there"), str(fields.count())),
            Fact(_("Imports for it"), str(ImportRun.objects.filter(region__code=code).count())),
        ]

    def check_values(self, values: dict[str, Any]) -> None:
        """A jurisdiction is a code too: rules compare it letter by letter."""
        if not CODE.match(values["jurisdiction"]):
            raise BadInput(str(_CODE_TEXT), code="jurisdiction")

    def grave(self, old: Values, new: Values) -> Sequence[str]:
        """Another law, or no longer sovereign."""
        found = []
        if old["jurisdiction"] != new["jurisdiction"]:
            text = _("Another law: %(before)s → %(after)s; rules on borders judge what lies there anew.")
            found.append(text % {"before": old["jurisdiction"], "after": new["jurisdiction"]})
        if old["sovereign"] and not new["sovereign"]:
            found.append(_("It is no longer sovereign: what lies there may leave like other data."))
        return found

    def follows(self, old: Values, new: Values) -> str:
        """Rows describe places; they move nothing."""
        return _("No stored value moves. Exports, calls and go-lives are decided by it from the next one on.")
