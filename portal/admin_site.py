"""Django admin behind SSO: it has no login of its own (I1)."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _


class PortalAdmin(AdminSite):
    """The admin's pages, reached by people with the role admin alone."""

    site_header = site_title = _("Micro Apps admin")
    index_title = _("Administration")

    def login(self, request: HttpRequest, extra_context: object = None) -> HttpResponse:  # noqa: ARG002
        """No form: the provider signs in, and whoever lacks the role is told so."""
        from django.core.exceptions import (
            PermissionDenied,
        )  # Django's admin imports this module early

        if request.user.is_authenticated:
            raise PermissionDenied
        query = urlencode({"next": request.get_full_path()})
        return HttpResponseRedirect(f"{resolve_url('sign-in')}?{query}")


class PortalAdminConfig(AdminConfig):
    """Puts PortalAdmin in the place of Django's."""

    default_site = "portal.admin_site.PortalAdmin"
