"""Forms of the wizard. They take whatever was typed, since a draft may be unfinished; what is wrong with it
is told by the manifest's own checks and by policy, and laid beside the inputs (`show_problems`)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from catalog import content as drafting
from catalog.content import Content, Field
from catalog.vocabulary import Vocabulary
from datacatalog.models.dataset import FIELD_TYPES
from identity.models import Role, User
from identity.roles import holders

MAX_OPTIONS = 200


class LevelSelect(forms.Select):
    """A select of classifications whose options carry their level; the style sheet colours its edge."""

    def __init__(self, levels: Mapping[str, int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.levels = levels

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Django's option with the level beside its value."""
        option = super().create_option(name, value, *args, **kwargs)
        if (level := self.levels.get(str(value))) is not None:
            option["attrs"]["data-level"] = str(level)
        return option


class DraftForm(forms.Form):
    """What must be there is marked so, and never refused: a draft may be unfinished."""

    def full_clean(self) -> None:
        """Read what there is; required fields are required again when it is shown."""
        needed = [field for field in self.fields.values() if field.required]
        for field in needed:
            field.required = False
        super().full_clean()
        for field in needed:
            field.required = True


class PurposeForm(DraftForm):
    """Name, purpose, owner and region of the app."""

    title = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("What people see in their list of apps.")
    )
    name = forms.CharField(
        label=_("Address"),
        max_length=60,
        help_text=_("Small letters, digits and hyphens. Made from the name unless you change it."),
    )
    description = forms.CharField(
        label=_("What it does"), max_length=2000, required=False, widget=forms.Textarea({"rows": 2})
    )
    purpose = forms.CharField(
        label=_("Why the data is needed"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("One sentence that a customer would understand."),
    )
    owner = forms.ChoiceField(label=_("Owner"), help_text=_("Answers for the app and is asked at reviews."))
    unit = forms.CharField(label=_("Business unit"), max_length=120, required=False)
    region = forms.ChoiceField(
        label=_("Region"), help_text=_("Where the app runs and its records are stored.")
    )

    def __init__(
        self, data: QueryDict | None = None, *, content: Content, words: Vocabulary, live: bool = False
    ) -> None:
        """Of a `live` app region and address stay as they are (permissions.check_new_version)."""
        metadata = content["metadata"]
        super().__init__(data, initial={**metadata, "region": content["hosting"]["region"]})
        self.live = live
        if live:
            self._settle("name", _("People know the app at this address; it stays."))
            self._settle("region", _("The records lie here; a new version cannot move them."))
        people = {str(user.pk): user.display_name for user in holders(Role.BUILDER)}
        if metadata["owner"] not in people:
            owner = User.objects.filter(pk=metadata["owner"]).first() if metadata["owner"] else None
            people |= {str(owner.pk): owner.display_name} if owner else {}
        choose(self, "owner", list(people.items()))
        choose(self, "region", [(one.code, one.label) for one in words.regions.values()])

    def _settle(self, name: str, why: StrPromise) -> None:
        """Show `name` and take no other value for it, whatever is sent."""
        self.fields[name].disabled = True
        self.fields[name].help_text = why

    def apply(self, content: Content) -> Content:
        """`content` with what was entered."""
        entered = {name: self.cleaned_data.get(name, "") for name in content["metadata"]}
        before = content["metadata"]
        if not self.live and entered["name"] in ("", drafting.slug_of(before["title"])):
            entered["name"] = drafting.slug_of(entered["title"])
        region = self.cleaned_data.get("region") or content["hosting"]["region"]
        return {
            **content,
            "metadata": {**before, **{key: value.strip() for key, value in entered.items()}},
            "hosting": {"region": region},
        }


class FieldForm(DraftForm):
    """One row of the fields step. Its prefix is the field's id."""

    label = forms.CharField(label=_("Field"), max_length=120)
    name = forms.CharField(
        label=_("Name for machines"),
        max_length=40,
        help_text=_("In exports and the API. Small letters, digits, underscores."),
    )
    type = forms.ChoiceField(label=_("Type"), choices=FIELD_TYPES)
    classification = forms.ChoiceField(label=_("Classification"))
    residency = forms.ChoiceField(label=_("Residency"))
    purpose = forms.CharField(label=_("Why this field"), max_length=400, required=False)
    retention_days = forms.IntegerField(
        label=_("Kept for (days)"), min_value=1, max_value=36525, required=False
    )
    required = forms.BooleanField(label=_("Must be filled in"), required=False)
    options = forms.CharField(
        label=_("Options"), required=False, widget=forms.Textarea({"rows": 3}), help_text=_("One a line.")
    )
    downgrade_reason = forms.CharField(label=_("Why lower than suggested?"), max_length=400)

    def __init__(self, data: QueryDict | None = None, *, field: Field, words: Vocabulary) -> None:
        self.field = field
        initial = {**field, "options": "\n".join(field["options"])}
        super().__init__(data, prefix=field["id"], initial=initial)
        levels = {one.code: one.level for one in words.classifications.values()}
        titles = [(one.code, one.label) for one in words.classifications.values()]
        widget = LevelSelect(levels, attrs={"class": "classification"})
        self.fields["classification"].widget = widget
        choose(self, "classification", [("", _("Choose…")), *titles])
        choose(self, "residency", [("", "–"), *((one, one.upper()) for one in words.regions)])

    def posted(self) -> bool:
        """Whether the row was on the page that was sent; a row added elsewhere meanwhile was not."""
        return self.add_prefix("label") in self.data

    def apply(self) -> Field:
        """The field with what was entered; what cannot be read stays as it was."""
        if not self.posted():
            return self.field
        entered = {key: value for key, value in self.cleaned_data.items() if key not in self.errors}
        options = dict.fromkeys(line.strip() for line in entered.get("options", "").splitlines())
        entered["options"] = [one[:120] for one in options if one][:MAX_OPTIONS]
        for key in ("label", "name", "purpose", "downgrade_reason"):
            entered[key] = str(entered.get(key, self.field[key])).strip()
        if entered["name"] in ("", drafting.name_of(self.field["label"])):
            entered["name"] = drafting.name_of(entered["label"])
        return {**self.field, **entered, "type": entered.get("type") or self.field["type"]}


class AccessForm(DraftForm):
    """Which groups come in, and which of them hold which role of the app."""

    groups = forms.MultipleChoiceField(
        label=_("Groups that may use the app"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        content: Content,
        groups: Iterable[str],
        roles: Sequence[tuple[str, str]],
    ) -> None:
        access = content["access"]
        self.role_keys = [key for key, _title in roles]
        initial = {"groups": access["groups"]}
        initial |= {f"role-{key}": access["roles"].get(key, []) for key in self.role_keys}
        super().__init__(data, initial=initial)
        names = list(dict.fromkeys([*groups, *access["groups"]]))
        choose(self, "groups", [(name, name) for name in names])
        admitted = data.getlist("groups") if data is not None else access["groups"]
        for key, title in roles:
            self.fields[f"role-{key}"] = forms.MultipleChoiceField(
                label=title,
                choices=[(name, name) for name in names if name in admitted],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )

    def apply(self, content: Content) -> Content:
        """`content` with what was chosen. The first group that comes in gets the first role."""
        groups = self.cleaned_data.get("groups", [])
        roles = {key: self.cleaned_data.get(f"role-{key}", []) for key in self.role_keys}
        return {**content, "access": {"groups": groups, "roles": roles}}


def choose(form: forms.Form, name: str, choices: list[tuple[str, Any]]) -> None:
    """Give the choice field `name` its choices."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
    field.choices = choices


def show_problems(form: forms.Form, problems: Mapping[str, list[str]]) -> None:
    """Lay what is wrong beside the inputs: texts by the form's own field names."""
    form.is_valid()
    for name, texts in problems.items():
        for text in texts:
            if name in form.fields and text not in form.errors.get(name, []):
                form.add_error(name, text)
