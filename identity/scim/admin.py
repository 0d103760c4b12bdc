"""Clients that push people and groups, their tokens and their last requests, for who sets provisioning up."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, F, Max, Q, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from identity import services
from identity.governed_admin import GovernedAdmin, Named
from identity.models import ScimCall, ScimClient, ScimToken
from identity.scim.forms import ClientForm
from identity.token_forms import RotateForm


@admin.register(ScimClient)
class ScimClientAdmin(GovernedAdmin):
    """Who may push, and what. A token is shown once, when it is made."""

    form = ClientForm
    list_display = ["name", "scope", "valid_tokens", "last_used", "requests", "revoked_at"]
    search_fields = ["name"]
    fields = ["name", "scopes", "lifetime"]
    actions = ["revoke"]
    change_form_template = "admin/identity/scimclient/change_form.html"

    def get_fields(self, request: HttpRequest, obj: ScimClient | None = None) -> list[Any]:
        """The life of a token is chosen when one is made."""
        return (
            ["name", "scopes", "lifetime"] if obj is None else ["name", "scopes", "created_at", "revoked_at"]
        )

    def get_readonly_fields(self, request: HttpRequest, obj: ScimClient | None = None) -> list[str]:
        """When it was made and revoked is shown, not set."""
        return [] if obj is None else ["created_at", "revoked_at"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """With the number of valid tokens and the last use, in the one query of the list."""
        rows: QuerySet[Any] = (
            super()
            .get_queryset(request)
            .annotate(
                valid=Count("tokens", filter=ScimToken.valid("tokens__")), used_at=Max("tokens__last_used_at")
            )
        )
        return rows

    @admin.display(description=_("valid tokens"))
    def valid_tokens(self, client: Any) -> int:
        """Two while one replaces the other."""
        return int(client.valid)

    @admin.display(description=_("last used"), ordering="used_at")
    def last_used(self, client: Any) -> Any:
        """By any of its tokens, to the minute."""
        return client.used_at

    @admin.display(description=_("last requests"))
    def requests(self, client: Any) -> str:
        """Where they are listed."""
        url = f"{reverse('admin:identity_scimcall_changelist')}?client__id__exact={client.pk}"
        return format_html('<a href="{}">{}</a>', url, gettext("Show"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Admins let providers in."""
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Name and scopes may change while the client lives."""
        return obj is None or obj.revoked_at is None

    def save_model(self, request: HttpRequest, obj: ScimClient, form: "ModelForm[Any]", change: bool) -> None:
        """By the service; a new token lives in this request and nowhere else."""
        user: Any = request.user
        name, scopes = form.cleaned_data["name"], form.cleaned_data["scopes"]
        if change:
            client = ScimClient.objects.get(pk=obj.pk)
            services.change_scim_client(by=user, client=client, name=name, scopes=scopes)
            return
        client, token = services.issue_scim_token(
            by=user,
            tenant=user.tenant,
            name=name,
            scopes=scopes,
            expires_at=form.cleaned_data["lifetime"],
        )
        obj.pk = client.pk
        request._scim_token = token  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: ScimClient, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the token, this once."""
        return self._show(request, obj, request._scim_token)  # type: ignore[attr-defined]

    def get_urls(self) -> list[URLPattern]:
        """The page on which a token is replaced, beside Django's own."""
        rotate = path(
            "<path:object_id>/rotate/",
            self.admin_site.admin_view(self.rotate),
            name="identity_scimclient_rotate",
        )
        return [rotate, *super().get_urls()]

    def rotate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask how long the old token stays valid; make the new one and show it, this once."""
        client = self.get_object(request, object_id)
        if client is None or client.revoked_at is not None:
            raise Http404
        form = RotateForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            user: Any = request.user
            token = services.rotate_scim_token(
                by=user,
                client=client,
                overlap=timedelta(hours=int(form.cleaned_data["overlap"])),
                expires_at=form.cleaned_data["lifetime"],
            )
            return self._show(request, client, token)
        title = gettext("Replace the token of “%(name)s”") % {"name": client.name}
        context = {**self.admin_site.each_context(request), "client": client, "form": form, "title": title}
        context["opts"] = self.opts
        return render(request, "admin/identity/scimclient/rotate.html", context)

    def _show(self, request: HttpRequest, client: ScimClient, token: str) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "client": client, "title": gettext("New token")}
        response = render(request, "admin/identity/scimclient/token.html", context | {"token": token})
        response["Cache-Control"] = "no-store"
        return response

    @admin.action(description=_("Revoke the chosen clients with all their tokens"))
    def revoke(self, request: HttpRequest, queryset: "QuerySet[ScimClient]") -> None:
        """They are refused from the next request on."""
        for client in queryset:
            services.revoke_scim_client(by=request.user, client=client)  # type: ignore[arg-type]
        self.message_user(request, gettext("Revoked."), messages.SUCCESS)


@admin.register(ScimToken)
class ScimTokenAdmin(GovernedAdmin):
    """The tokens of the clients; their text is kept nowhere."""

    list_display = ["client", "created_at", "state", "expires_at", "last_used_at", "revoked_at"]
    list_display_links = None
    list_filter = [("client", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["client"]
    search_fields = ["client__name"]
    fields = ["client", "created_at", "expires_at", "last_used_at", "revoked_at"]
    actions = ["revoke"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Tokens of the admin's tenant: the row itself names none."""
        tenant = request.user.tenant_id  # type: ignore[union-attr]
        rows: QuerySet[Any] = admin.ModelAdmin.get_queryset(self, request).filter(client__tenant=tenant)
        found: QuerySet[Any] = rows.annotate(is_valid=Count("pk", filter=ScimToken.valid()))
        return found

    @admin.display(description=_("state"))
    def state(self, token: Any) -> str:
        """Whether a request may carry it now."""
        if token.revoked_at:
            return gettext("revoked")
        return gettext("valid") if token.is_valid else gettext("expired")

    @admin.action(description=_("Revoke the chosen tokens"))
    def revoke(self, request: HttpRequest, queryset: "QuerySet[ScimToken]") -> None:
        """They are refused from the next request on."""
        for token in queryset.select_related("client"):
            services.revoke_scim_token(by=request.user, token=token)  # type: ignore[arg-type]
        self.message_user(request, gettext("Revoked."), messages.SUCCESS)


class Outcome(admin.SimpleListFilter):
    """Done, refused or failed."""

    title = _("outcome")
    parameter_name = "outcome"
    _CONDITIONS = {
        "done": Q(status__lt=400),
        "refused": Q(status__gte=400, status__lt=500),
        "failed": Q(status__gte=500),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The three."""
        return [("done", _("done")), ("refused", _("refused")), ("failed", _("failed"))]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Rows of the chosen outcome."""
        return queryset.filter(self._CONDITIONS.get(self.value() or "", Q()))


@admin.register(ScimCall)
class ScimCallAdmin(GovernedAdmin):
    """The last requests of each client with what came of them, the refused ones too."""

    list_display = [
        *("at", "client", "method", "resource_type", "resource", "status", "scim_type", "detail"),
        "milliseconds",
    ]
    list_display_links = None
    list_filter = [
        Outcome,
        ("client", admin.RelatedOnlyFieldListFilter),
        "method",
        "resource_type",
        ("scim_type", Named),
    ]
    list_select_related = ["client"]
    search_fields = ["=resource_id", "=request"]
    fields = [
        *("at", "client", "method", "resource_type", "resource_id", "status", "scim_type", "detail"),
        *("milliseconds", "request"),
    ]
    change_list_template = "admin/identity/scimcall/change_list.html"

    @admin.display(description=_("id"), ordering=F("resource_id"))
    def resource(self, call: ScimCall) -> str:
        """A link to the person or group, where it is one."""
        name = {"User": "user", "Group": "group"}.get(call.resource_type)
        if call.resource_id is None or name is None:
            return str(call.resource_id or "–")
        url = reverse(f"admin:identity_{name}_change", args=[call.resource_id])
        return format_html('<a href="{}">{}</a>', url, call.resource_id)
