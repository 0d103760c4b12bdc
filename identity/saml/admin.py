"""The tenant's SAML providers for admins: connect by metadata, test, enable, rotate keys (I1)."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from identity import services
from identity.admin.providers import IdentityProviderAdmin
from identity.models import IdentityProvider, SamlProvider
from identity.provider_check import Check
from identity.providers import provider_of
from identity.saml.addresses import url_of
from identity.saml.check import checks_of
from identity.saml.forms import SamlProviderForm
from identity.saml.idp import BadMetadata, idp_of
from identity.saml.keys import certificates_of
from identity.saml.services import (
    add_saml_key,
    change_saml_provider,
    create_saml_provider,
    remove_saml_key,
    use_saml_key,
)


@admin.register(SamlProvider)
class SamlProviderAdmin(IdentityProviderAdmin):
    """As every provider: off until a test has passed; it comes by its metadata."""

    form = SamlProviderForm  # type: ignore[assignment]
    list_display = ["name", "issuer", "is_enabled", "tested_at"]
    list_filter = ["is_enabled"]
    fields = [
        "name", "slug", "metadata", "metadata_file", "metadata_url", "match", "subject", "step_up_contexts",
        "domains",
    ]  # fmt: skip
    change_form_template = "admin/identity/samlprovider/change_form.html"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """All that are listed here."""
        return True

    def steps(self) -> dict[str, Callable[..., HttpResponse]]:
        """Beside those of every provider: the three of a key's rotation."""
        return super().steps() | {
            "key-add": self.key_add,
            "key-use": self.key_use,
            "key-remove": self.key_remove,
        }

    def checks(self, row: Any) -> list[Check]:
        """Of metadata and certificates."""
        return checks_of(provider_of(row), row.certificates)

    def save_model(
        self, request: HttpRequest, obj: IdentityProvider, form: "ModelForm[Any]", change: bool
    ) -> None:
        """Connect or change, by the services."""
        assert isinstance(form, SamlProviderForm)  # noqa: S101 - it is this class's own
        by: Any = request.user
        if change:
            row = change_saml_provider(by=by, provider=obj, connection=form.connection())
        else:
            row = create_saml_provider(by=by, slug=form.cleaned_data["slug"], connection=form.connection())
            obj.pk, obj.tenant = row.pk, row.tenant
        services.set_email_domains(by=by, provider=row, domains=form.cleaned_data["domains"].splitlines())
        self.warn_of_test(request, row)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> Any:
        """On to the page with the addresses to paste and the buttons."""
        return redirect("admin:identity_samlprovider_change", obj.pk)

    def key_add(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """By the service."""
        done = gettext("The new key is published. Paste its certificate at the provider, then use it.")
        return self._switch(request, object_id, add_saml_key, done)

    def key_use(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """By the service."""
        return self._switch(request, object_id, use_saml_key, gettext("The new key signs now."))

    def key_remove(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """By the service."""
        return self._switch(request, object_id, remove_saml_key, gettext("The old key is gone."))

    def addresses(self, row: Any) -> list[tuple[str, str]]:
        """What the admin pastes at the provider."""
        provider = provider_of(row)
        front = url_of(provider, "acs").removesuffix(reverse("saml-acs", args=[row.slug]))
        return [
            (gettext("Entity id (audience, identifier)"), url_of(provider, "metadata")),
            (gettext("Assertion consumer service (ACS, reply URL)"), url_of(provider, "acs")),
            (gettext("Single logout service"), url_of(provider, "slo")),
            (gettext("Metadata of the portal"), url_of(provider, "metadata")),
            (gettext("Sign-on URL"), front + reverse("provider", args=[row.slug])),
        ]

    def about(self, row: Any) -> dict[str, Any]:
        """What the metadata says, and the portal's own certificates."""
        try:
            return {"idp": idp_of(row.metadata), "own": certificates_of(row.certificates)}
        except BadMetadata as error:
            return {"down": str(error)}
