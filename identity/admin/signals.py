"""Streams of security events, for admins: where they come from, and how they are doing."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from identity.governed_admin import GovernedAdmin
from identity.models import SignalStream
from identity.services.signals import save_stream
from identity.signals.keys import is_safe

ADDRESSES = ("issuer", "jwks_uri", "poll_url")


class StreamForm(forms.ModelForm):  # type: ignore[type-arg]
    """A stream; the token to poll with goes to the vault and is never shown."""

    token = forms.CharField(
        label=_("token to poll with"),
        help_text=_("Leave it empty to keep the one that is stored."),
        required=False,
        max_length=4000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    class Meta:
        model = SignalStream
        fields = [
            "name",
            "issuer",
            "audience",
            "people_issuer",
            "jwks_uri",
            "delivery",
            "poll_url",
            "is_enabled",
        ]

    def clean(self) -> dict[str, Any]:
        """Addresses are HTTPS; a stream that is polled has one to poll and a token."""
        given: dict[str, Any] = super().clean() or {}
        for name in ADDRESSES:
            if given.get(name) and not is_safe(given[name]):
                self.add_error(name, _("Give an https:// address."))
        polled = given.get("delivery") == SignalStream.Delivery.POLL
        if polled and not given.get("poll_url"):
            self.add_error("poll_url", _("Give the address to poll."))
        if polled and self.instance._state.adding and not given.get("token"):
            self.add_error("token", _("Give the token to poll with."))
        if not polled and given.get("poll_url"):
            raise ValidationError(_("A stream that is pushed has no address to poll."))
        return given


@admin.register(SignalStream)
class SignalStreamAdmin(GovernedAdmin):
    """Each tells of one provider's people; the token to push with is shown once, when it is made."""

    form = StreamForm
    list_display = ["name", "issuer", "delivery", "is_enabled", "last_event_at", "last_error_at"]
    search_fields = ["name", "issuer"]
    health = ("last_event_at", "last_error_at", "last_error", "push_address")
    readonly_fields = health

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """How it is doing is shown once it is there; how it is delivered does not change."""
        return [*StreamForm.Meta.fields, "token", *(self.health if obj else ())]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """How it is delivered decides which tokens there are."""
        return [*self.health, *(["delivery"] if obj else [])]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Admins connect providers."""
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Admins keep them right."""
        return True

    @admin.display(description=_("address to push to"))
    def push_address(self, stream: SignalStream) -> str:
        """What the transmitter is told."""
        return self._address(stream) if stream.delivery == SignalStream.Delivery.PUSH else "–"

    def save_model(self, request: HttpRequest, obj: SignalStream, form: Any, change: bool) -> None:
        """By the service; a new token to push with lives in this request and nowhere else."""
        user: Any = request.user
        token = save_stream(by=user, stream=obj, token=form.cleaned_data["token"])
        request._push_token = token  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: SignalStream, post_url_continue: str | None = None
    ) -> Any:
        """Show the token to push with, this once."""
        token = request._push_token  # type: ignore[attr-defined]
        if not token:
            return super().response_add(request, obj, post_url_continue)
        context = {**self.admin_site.each_context(request), "stream": obj, "token": token}
        context |= {"title": gettext("New stream"), "address": self._address(obj)}
        response: HttpResponse = render(request, "admin/identity/signalstream/token.html", context)
        response["Cache-Control"] = "no-store"
        return response

    @staticmethod
    def _address(stream: SignalStream) -> str:
        return str(settings.BASE_URL) + reverse("signals-push", args=[stream.pk])
