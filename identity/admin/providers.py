"""The tenant's sign-in providers for admins: connect, test, enable (I1)."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext

from identity import discovery, provider_check, services
from identity.errors import DomainError
from identity.forms import ProviderForm
from identity.governed_admin import GovernedAdmin
from identity.models import IdentityProvider
from identity.protocols import protocol_of
from identity.provider_check import Check
from identity.providers import deployment, provider_of

_CHANGE = "admin:identity_identityprovider_change"


@admin.register(IdentityProvider)
class IdentityProviderAdmin(GovernedAdmin):
    """Providers that the tenant brings. One signs people in once a test has passed and it is enabled."""

    form = ProviderForm
    list_display = ["name", "kind", "issuer", "is_enabled", "tested_at"]
    list_filter = ["kind", "is_enabled"]
    search_fields = ["name", "issuer", "domains__domain"]
    fields = [
        "name", "slug", "issuer", "client_id", "secret", "match", "subject", "step_up_contexts", "domains",
    ]  # fmt: skip
    change_form_template = "admin/identity/identityprovider/change_form.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Admins connect providers."""
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Those of OpenID Connect are changed here."""
        return obj is None or obj.kind == IdentityProvider.Kind.OIDC

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only what is off."""
        return obj is not None and not obj.is_enabled

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The short name stands in addresses that were pasted at the provider."""
        return ["slug"] if obj else []

    def get_urls(self) -> list[URLPattern]:
        """Beside Django's own: what the buttons of the page do."""
        own = [
            path(
                f"<uuid:object_id>/{name}/",
                self.admin_site.admin_view(step),
                name=f"identity_{self.opts.model_name}_{name}",
            )
            for name, step in self.steps().items()
        ]
        return own + list(super().get_urls())

    def steps(self) -> dict[str, Callable[..., HttpResponse]]:
        """What each button calls, by the last part of its address."""
        return {
            "check": self.check_now,
            "test": self.test_sign_in,
            "enable": self.enable,
            "disable": self.disable,
        }

    def checks(self, row: IdentityProvider) -> list[Check]:
        """What the button "Check the connection" finds."""
        return provider_check.checks_of(provider_of(row))

    def addresses(self, row: IdentityProvider) -> list[tuple[str, str]]:
        """What the admin pastes at the provider."""
        return _addresses(row)

    def about(self, row: IdentityProvider) -> dict[str, Any]:
        """What the provider publishes."""
        return _about(row)

    def warn_of_test(self, request: HttpRequest, row: IdentityProvider) -> None:
        """A change may have broken the sign-in that the admin came by."""
        if row.is_enabled and row.tested_at is None:
            self.message_user(request, gettext("Test the sign-in before you sign out."), messages.WARNING)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Each protocol has a page of its own."""
        if self.model is IdentityProvider:
            rows = self.get_queryset(request).filter(kind=IdentityProvider.Kind.SAML)
            with suppress(ValidationError):  # an id that is none is Django's to answer
                if rows.filter(pk=object_id).exists():
                    return redirect("admin:identity_samlprovider_change", object_id)
        return super().change_view(request, object_id, form_url, extra_context)

    def save_model(
        self, request: HttpRequest, obj: IdentityProvider, form: "ModelForm[Any]", change: bool
    ) -> None:
        """Connect or change, by the services."""
        assert isinstance(form, ProviderForm)  # noqa: S101 - it is this class's own
        by: Any = request.user
        secret = form.cleaned_data["secret"]
        if change:
            row = services.change_provider(by=by, provider=obj, connection=form.connection())
            if secret:
                services.keep_provider_secret(by=by, provider=row, secret=secret)
        else:
            row = services.create_provider(
                by=by,
                kind=IdentityProvider.Kind.OIDC,
                slug=form.cleaned_data["slug"],
                connection=form.connection(),
                secret=secret,
            )
            obj.pk, obj.tenant = row.pk, row.tenant
        services.set_email_domains(by=by, provider=row, domains=form.cleaned_data["domains"].splitlines())
        self.warn_of_test(request, row)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> Any:
        """On to the page with the addresses to paste and the buttons."""
        return redirect(_CHANGE, obj.pk)

    def delete_model(self, request: HttpRequest, obj: IdentityProvider) -> None:
        """By the service."""
        services.remove_provider(by=request.user, provider=obj)  # type: ignore[arg-type]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """None on many at once: each is tested by itself."""
        return {}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With what the provider says of itself, and the addresses to paste there."""
        obj: IdentityProvider | None = kwargs.get("obj")
        if obj is None:
            return super().render_change_form(request, context, *args, **kwargs)
        provider = provider_of(obj)
        context |= {"provider": obj, "addresses": self.addresses(obj), "about": self.about(obj)}
        context["falls_back"] = deployment()
        page = super().render_change_form(request, context, *args, **kwargs)
        with suppress(discovery.ProviderDown):  # the page says so, and a test would not get there
            origins = protocol_of(provider).origins(provider)
            page._csp_update = {"form-action": origins}  # type: ignore[attr-defined]
        return page

    def check_now(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Read discovery and keys anew, ask for the client; the result stands on the page."""
        row = self._row(request, object_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        context = {"checks": self.checks(row), "title": gettext("Check of the connection")}
        return self.changeform_view(request=_as_get(request), object_id=str(row.pk), extra_context=context)

    def test_sign_in(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """A whole round trip that opens no session; its end is identity.provider_trial."""
        row = self._row(request, object_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        provider = provider_of(row)
        back = reverse(_CHANGE, args=[row.pk])
        try:
            return protocol_of(provider).begin(request, provider, next_url=back, is_test=True)
        except discovery.ProviderDown as error:
            text = gettext("The provider cannot be reached: %(why)s.") % {"why": error}
            self.message_user(request, text, messages.ERROR)
            return redirect(back)

    def enable(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """By the service, after a test."""
        return self._switch(request, object_id, services.enable_provider, gettext("It signs people in now."))

    def disable(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """By the service, unless it is the last way in."""
        return self._switch(request, object_id, services.disable_provider, gettext("It signs in nobody now."))

    def _switch(
        self, request: HttpRequest, object_id: Any, service: Callable[..., None], done: str
    ) -> HttpResponse:
        row = self._row(request, object_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            service(by=request.user, provider=row)
        except DomainError as error:
            self.message_user(request, error.message, messages.ERROR)
        else:
            self.message_user(request, done, messages.SUCCESS)
        return redirect(_CHANGE, row.pk)

    def _row(self, request: HttpRequest, object_id: Any) -> IdentityProvider:
        row: IdentityProvider | None = self.get_queryset(request).filter(pk=object_id).first()
        if row is None:
            raise Http404
        return row


def _as_get(request: HttpRequest) -> HttpRequest:
    """The same request, for the page that Django makes of a GET."""
    request.method = "GET"
    return request


def _addresses(row: IdentityProvider) -> list[tuple[str, str]]:
    """What the admin pastes at the provider."""
    provider = provider_of(row)
    home = provider.url("callback").removesuffix(provider.path("callback")) + reverse("home")
    front = home.removesuffix(reverse("home")) + reverse("provider", args=[row.slug])
    return [
        (gettext("Redirect URI"), provider.url("callback")),
        (gettext("Post-logout redirect URI"), home),
        (gettext("Back-channel logout URI"), provider.url("backchannel-logout")),
        (gettext("Initiate login URI"), front),
    ]


def _about(row: IdentityProvider) -> dict[str, Any]:
    """What the provider publishes; empty where it cannot be read."""
    if row.kind != IdentityProvider.Kind.OIDC:
        return {}
    try:
        metadata = discovery.metadata_of(row.issuer)
        keys = discovery.key_set_of(metadata)
    except discovery.ProviderDown as error:
        return {"down": str(error)}
    return {
        "endpoints": [
            (name, metadata.content[name])
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint")
            if name in metadata.content
        ],
        "acr": metadata.content.get("acr_values_supported", []),
        "pkce": "S256" in metadata.content.get("code_challenge_methods_supported", []),
        "iss": metadata.sends_iss,
        "keys": [{name: key.get(name, "") for name in ("kid", "kty", "alg", "use")} for key in keys.keys],
        "read_at": datetime.fromtimestamp(keys.read_at, UTC),
    }
