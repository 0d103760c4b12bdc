"""OPA agents and their tokens, for who lets other runtimes take part (P4); thresholds, and changes of policy
data (P7)."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Count, Max, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from identity.governed_admin import GovernedAdmin
from identity.token_forms import RotateForm
from policy.agents import config, services
from policy.agents.forms import AgentForm
from policy.datakinds import data_kind, labels
from policy.models import DataChange, OpaAgent, OpaToken, ThresholdSet
from policy.proposing_admin import ProposalForm, ProposingAdmin
from policy.signing import signer
from policy.states import ChangeState
from policy.thresholds import BOUNDS


@admin.register(OpaAgent)
class OpaAgentAdmin(GovernedAdmin):
    """Who may pull rules and push decisions. A token is shown once, when it is made."""

    form = AgentForm
    list_display = ["name", "valid_tokens", "last_used", "revision", "seen_at", "revoked_at"]
    search_fields = ["name"]
    actions = ["revoke"]
    change_form_template = "admin/policy/opaagent/change_form.html"

    def get_fields(self, request: HttpRequest, obj: OpaAgent | None = None) -> list[Any]:
        """The life of a token is chosen when one is made; what the agent reports is shown."""
        shown = ["created_at", "seen_at", "reported_at", "current_at", "revision", "fault", "version"]
        return ["name", "lifetime"] if obj is None else ["name", *shown, "revoked_at"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """With the number of valid tokens and the last use, in the one query of the list."""
        rows: QuerySet[Any] = (
            super()
            .get_queryset(request)
            .annotate(
                valid=Count("tokens", filter=OpaToken.valid("tokens__")), used_at=Max("tokens__last_used_at")
            )
        )
        return rows

    @admin.display(description=_("valid tokens"))
    def valid_tokens(self, agent: Any) -> int:
        """Two while one replaces the other."""
        return int(agent.valid)

    @admin.display(description=_("last used"), ordering="used_at")
    def last_used(self, agent: Any) -> Any:
        """By any of its tokens, to the minute."""
        return agent.used_at

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Admins let agents in."""
        return True

    def save_model(self, request: HttpRequest, obj: OpaAgent, form: "ModelForm[Any]", change: bool) -> None:
        """By the service; a new token lives in this request and nowhere else."""
        user: Any = request.user
        agent, token = services.add_agent(
            by=user, name=form.cleaned_data["name"], expires_at=form.cleaned_data["lifetime"]
        )
        obj.pk = agent.pk
        request._opa_token = token  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: OpaAgent, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the token, this once."""
        return self._show(request, obj, request._opa_token)  # type: ignore[attr-defined]

    def get_urls(self) -> list[URLPattern]:
        """The page on which a token is replaced, beside Django's own."""
        view = self.admin_site.admin_view(self.rotate)
        return [
            path("<path:object_id>/rotate/", view, name="policy_opaagent_rotate"),
            *super().get_urls(),
        ]

    def rotate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask how long the old token stays valid; make the new one and show it, this once."""
        agent = self.get_object(request, object_id)
        if agent is None or agent.revoked_at is not None:
            raise Http404
        form = RotateForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            user: Any = request.user
            token = services.rotate_agent_token(
                by=user,
                agent=agent,
                overlap=timedelta(hours=int(form.cleaned_data["overlap"])),
                expires_at=form.cleaned_data["lifetime"],
            )
            return self._show(request, agent, token)
        title = gettext("Replace the token of “%(name)s”") % {"name": agent.name}
        context = {**self.admin_site.each_context(request), "agent": agent, "form": form, "title": title}
        return render(request, "admin/policy/opaagent/rotate.html", context | {"opts": self.opts})

    def _show(self, request: HttpRequest, agent: OpaAgent, token: str) -> HttpResponse:
        user: Any = request.user
        keys = signer().public_keys(user.tenant_id)
        context = {
            **self.admin_site.each_context(request),
            "agent": agent,
            "title": gettext("New token"),
            "token": token,
            "whole": config.boot(settings.BASE_URL, keys),
            "discovers": config.boot(settings.BASE_URL, keys, discovers=True),
        }
        response = render(request, "admin/policy/opaagent/token.html", context)
        response["Cache-Control"] = "no-store"
        return response

    @admin.action(description=_("Revoke the chosen agents with all their tokens"))
    def revoke(self, request: HttpRequest, queryset: "QuerySet[OpaAgent]") -> None:
        """They are refused from the next request on."""
        for agent in queryset:
            services.revoke_agent(by=request.user, agent=agent)  # type: ignore[arg-type]
        self.message_user(request, gettext("Revoked."), messages.SUCCESS)


@admin.register(OpaToken)
class OpaTokenAdmin(GovernedAdmin):
    """The tokens of the agents; their text is kept nowhere."""

    list_display = ["agent", "created_at", "state", "expires_at", "last_used_at", "revoked_at"]
    list_display_links = None
    list_filter = [("agent", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["agent"]
    search_fields = ["agent__name"]
    fields = ["agent", "created_at", "expires_at", "last_used_at", "revoked_at"]
    actions = ["revoke"]

    @admin.display(description=_("state"))
    def state(self, token: OpaToken) -> str:
        """Whether a request may carry it now."""
        return {"revoked": gettext("revoked"), "expired": gettext("expired")}.get(
            token.ended, gettext("valid")
        )

    @admin.action(description=_("Revoke the chosen tokens"))
    def revoke(self, request: HttpRequest, queryset: "QuerySet[OpaToken]") -> None:
        """They are refused from the next request on."""
        for token in queryset.select_related("agent"):
            services.revoke_agent_token(by=request.user, token=token)  # type: ignore[arg-type]
        self.message_user(request, gettext("Revoked."), messages.SUCCESS)


class ThresholdForm(ProposalForm):
    """Every number, within its bounds."""

    names = tuple(BOUNDS)

    class Meta:
        model = ThresholdSet
        fields = tuple(BOUNDS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (low, high) in BOUNDS.items():
            self.fields[name].widget.attrs |= {"min": low, "max": high}


@admin.register(ThresholdSet)
class ThresholdAdmin(ProposingAdmin):
    """The tenant's numbers: one set, hence one page."""

    kind = "thresholds"
    form = ThresholdForm

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Straight to the one page."""
        row = self.get_queryset(request).first()
        name = "admin:policy_thresholdset_change" if row else "admin:policy_thresholdset_add"
        return redirect(name, row.pk) if row else redirect(name)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """While the usual ones hold; from then on they are changed."""
        return not self.get_queryset(request).exists()


class KindOfData(admin.SimpleListFilter):
    """Changes of one kind of data."""

    title = _("what")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """The kinds that there are, in words."""
        return list(labels().items())

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Those of the one that is chosen."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(DataChange)
class DataChangeAdmin(GovernedAdmin):
    """What was asked for, and what came of it."""

    recorded_as = "policydata"
    list_display = ["what", "object", "state", "asked_by", "asked_at", "closed_at"]
    list_filter = ["state", KindOfData]
    list_select_related = ["asked_by"]
    search_fields = ["object"]
    fields = ["state", "asked_by", "asked_at", "closed_at", "reason"]
    view_on_site = False  # this is its page
    change_form_template = "admin/policy/datachange/change_form.html"

    @admin.display(description=_("what"), ordering="kind")
    def what(self, change: DataChange) -> str:
        """The kind of data in words."""
        return labels().get(change.kind, change.kind)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """With the difference in words, and whether it can still take effect."""
        kind = data_kind(obj.kind)
        name = kind.named(obj.object, obj.after if obj.before is None else obj.before)
        context |= {"title": gettext("Change of policy data"), "subtitle": f"{kind.label}: {name}"}
        context["told"] = kind.tell(obj.object, obj.before, obj.after)
        context["stale"] = obj.state == ChangeState.IN_REVIEW and kind.current(obj.object) != obj.before
        return super().render_change_form(request, context, add, change, form_url, obj)
