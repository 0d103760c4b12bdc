"""What an admin says of an access rule or a network."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from catalog.models import App
from catalog.states import AppState
from datacatalog.models import Classification
from identity.errors import DomainError
from identity.models import User
from policy import services
from policy.inputs import Action
from policy.models import AccessRule, Network
from portal import access_preview

ACTIONS: dict[Action, Promise] = {
    Action.RECORD_LIST: __("list records"),
    Action.RECORD_READ: __("open a record"),
    Action.RECORD_CREATE: __("add a record"),
    Action.RECORD_UPDATE: __("change a record"),
    Action.RECORD_DELETE: __("delete a record"),
    Action.VALUE_REVEAL: __("reveal a protected value"),
    Action.RECORD_EXPORT: __("export records"),
    Action.DASHBOARD_VIEW: __("look at a dashboard"),
    Action.CONNECTOR_CALL: __("call a connector"),
    Action.APP_SUBMIT: __("submit an app"),
    Action.APP_GO_LIVE: __("take an app live"),
    Action.APPROVAL_VOTE: __("decide on a request for approval"),
    Action.ADMIN_OVERRIDE: __("override a guardrail"),
    Action.ADMIN_USE: __("use the admin pages"),
    Action.SUBJECT_ACCESS: __("find a person's data"),
    Action.SUBJECT_ERASE: __("erase a person's data"),
}
MOST_APPS = 1000


class AccessRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rule. `person` is the admin at the form: a rule that would shut him out is refused."""

    person: User

    actions = forms.MultipleChoiceField(
        label=__("Actions"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=__("None means all."),
    )
    apps = forms.MultipleChoiceField(label=__("Apps"), required=False, help_text=__("None means all."))
    classifications = forms.MultipleChoiceField(
        label=__("Classifications"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=__("One of the touched fields is enough; none, nor a level or personal data: all data."),
    )
    networks = forms.MultipleChoiceField(
        label=__("Networks"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=__("One of them is enough. An address that is not known is in none."),
    )

    class Meta:
        model = AccessRule
        fields = [
            "name",
            "is_enabled",
            "actions",
            "apps",
            "classifications",
            "min_level",
            "personal",
            "raw_only",
            "second_factor",
            "acr",
            "amr",
            "max_age_minutes",
            "device",
            "networks",
            "max_risk",
            "effect",
        ]
        help_texts = {
            "min_level": __("0 public to 5 credentials."),
            "raw_only": __("Reveals always are; exports where the person asks for it."),
            "second_factor": __("One of the contexts that the person's provider counts as a step-up."),
            "acr": __("Only these contexts will do, by spaces, best first."),
            "amr": __("One of these methods (RFC 8176), by spaces: hwk, fido, otp …"),
            "device": __("The provider has to say that it is; where it says nothing, it is not."),
            "max_risk": __("People whose account is reported above it are refused."),
            "effect": __("A device, a network or a risk that does not do is refused in any case."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = set(self.instance.apps)
        apps = App.objects.exclude(state=AppState.RETIRED).order_by("title")
        shown = [(str(pk), title) for pk, title in apps.values_list("pk", "title")[:MOST_APPS]]
        gone = own - {pk for pk, _title in shown}
        self._choose("actions", [(action.value, str(label)) for action, label in ACTIONS.items()])
        self._choose("apps", [*shown, *((one, _("(retired) %(id)s") % {"id": one}) for one in sorted(gone))])
        classes = Classification.objects.order_by("level", "code")
        self._choose("classifications", [(one.code, one.label) for one in classes])
        self._choose("networks", [(str(pk), name) for pk, name in Network.objects.values_list("pk", "name")])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        cast("forms.MultipleChoiceField", self.fields[name]).choices = choices

    def _post_clean(self) -> None:
        """The rule as a whole: what a service would refuse is said at the form."""
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        if AccessRule.objects.filter(name=self.instance.name).exclude(pk=self.instance.pk).exists():
            self.add_error("name", _("Another rule has this name."))
            return
        try:
            services.check_rule(self.instance)
            access_preview.check_not_shut_out(by=self.person, rule=self.instance)
        except DomainError as error:
            self.add_error(None, error.message)


class NetworkForm(forms.ModelForm):  # type: ignore[type-arg]
    """A network, its blocks one a line."""

    blocks = forms.CharField(
        label=__("Address blocks"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=__("One a line, like 192.0.2.0/24 or 2001:db8::/32."),
    )

    class Meta:
        model = Network
        fields = ["name", "blocks"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["blocks"] = "\n".join(self.instance.blocks)

    def clean_name(self) -> str:
        """A name is used once."""
        name: str = self.cleaned_data["name"]
        if Network.objects.filter(name=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Another network has this name."))
        return name

    def clean_blocks(self) -> list[str]:
        """The blocks in their usual form."""
        try:
            return services.blocks_of(self.cleaned_data["blocks"])
        except DomainError as error:
            raise ValidationError(error.message) from error
