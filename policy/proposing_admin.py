"""Pages of Django admin on which data is not saved but asked for: it counts once a second person from
security approved the change (P7, docs/adr/0082)."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from identity.errors import DomainError
from identity.governed_admin import GovernedAdmin
from policy import services
from policy.datakinds import data_kind, digest_of
from policy.models import DataChange
from policy.selectors import open_change


class ProposalForm(forms.ModelForm):  # type: ignore[type-arg]
    """The values of an object, why they are to change, and what was there when the page was made.

    A valid form has asked for the change already: what the service refuses is said at its field. `person` and
    `kind` are set by the page.
    """

    person: Any
    kind: ClassVar[str]
    names: ClassVar[tuple[str, ...]]  # of the values, as the kind of data has them
    change: DataChange

    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("Whoever approves it reads this. Name the task, not people."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = digest_of(data_kind(self.kind).current(self.key))

    @property
    def key(self) -> str:
        """Which object it is: the code of a row that there is, else what was typed in."""
        if not self.instance._state.adding:
            return str(getattr(self.instance, "code", ""))
        return str(getattr(self, "cleaned_data", {}).get("code", ""))

    def _post_clean(self) -> None:
        """The kind of data checks the values, in place of the model: it knows all that has to hold."""

    def clean(self) -> dict[str, Any]:
        """Ask for the change."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return data
        after = None if data.get("remove") else {name: data[name] for name in self.names}
        try:
            self.change = services.propose_change(
                by=self.person,
                kind=self.kind,
                obj=self.key,
                after=after,
                reason=data["reason"],
                seen=data["seen"],
            )
        except DomainError as error:
            self.add_error(error.code if error.code in self.fields else None, error.message)
        return data


class RemovableForm(ProposalForm):
    """Of an object that can be taken away where nothing uses it."""

    remove = forms.BooleanField(
        label=_("Remove it"), required=False, help_text=_("Only where nothing uses it any more.")
    )


class ProposingAdmin(GovernedAdmin):
    """Add and change are wishes; the page shows a wish that waits."""

    change_form_template = add_form_template = "admin/policy/propose.html"
    kind: str

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The object's story is that of its changes."""
        row = self.get_object(request, object_id)
        query = urlencode({"kind": self.kind, "q": getattr(row, "code", "")})
        return redirect(f"{reverse('admin:policy_datachange_changelist')}?{query}")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Admins ask."""
        return True

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Admins ask."""
        return True

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """The values, whether it is to go, and why; what is not there yet cannot go."""
        names = [name for name in self.form.base_fields if name not in {"remove", "reason", "seen"}]
        goes = ["remove"] if obj is not None and "remove" in self.form.base_fields else []
        return [*names, *goes, "reason", "seen"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form knows who is at it."""
        form = super().get_form(request, obj, change, **kwargs)
        return type("ProposalForm", (form,), {"person": request.user, "kind": self.kind})

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """The object as it is: nothing of what was typed in is there yet."""
        request._data_change = form.change  # type: ignore[attr-defined]
        return form.instance

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The form has asked; nothing is saved here."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """As save_model."""

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """None: what was asked is in the record."""
        return []

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """On to the change that now waits."""
        return self._asked(request)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """As response_add."""
        return self._asked(request)

    def _asked(self, request: HttpRequest) -> HttpResponse:
        change: DataChange = request._data_change  # type: ignore[attr-defined]
        text = gettext("Asked for. It takes effect when a second person from security has approved it.")
        self.message_user(request, text, messages.SUCCESS)
        return redirect(change)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """With the change that waits, if there is one, in words."""
        waiting = None if obj is None and self.kind != "thresholds" else self._waiting(obj)
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False, "waiting": waiting}
        if add and self.kind == "thresholds":
            context["title"] = gettext("Change thresholds")
        if waiting is not None:
            context["told"] = data_kind(self.kind).tell(waiting.object, waiting.before, waiting.after)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _waiting(self, obj: Any) -> DataChange | None:
        return open_change(self.kind, str(getattr(obj, "code", "")))
