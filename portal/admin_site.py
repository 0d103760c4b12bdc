"""Django admin behind SSO: it has no login of its own (I1), and opens when the access rules are met (I4)."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import URLPattern, URLResolver
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

# Django's own forms for passwords, and its sign-out beside the site's
_WITHOUT = {"password_change", "password_change_done", "login", "logout", "autocomplete"}


class PortalAdmin(AdminSite):
    """The admin's pages, reached by people with the role admin alone."""

    site_header = site_title = _("Micro Apps admin")
    index_title = _("Administration")
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """The house's own models alone: what libraries register could make accounts and e-mail addresses."""
        single = isinstance(model_or_iterable, type)
        models: list[Any] = [model_or_iterable] if single else list(model_or_iterable)
        own = [model for model in models if model._meta.app_label in settings.LOCAL_APPS]
        super().register(own, admin_class, **options)

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Django's, without those that handle passwords."""
        return [url for url in super().get_urls() if getattr(url, "name", None) not in _WITHOUT]

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """Every page: signed in, role admin, access rules met (floor: policy/rules.py); in this order."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            from portal.conditions import check_admin  # Django loads this module before the apps

            if not request.user.is_authenticated:
                query = urlencode({"next": request.get_full_path()})
                return HttpResponseRedirect(f"{resolve_url('sign-in')}?{query}")
            if not self.has_permission(request):
                raise PermissionDenied
            check_admin(request)
            response: HttpResponse = inner(request, *args, **kwargs)
            return response

        return update_wrapper(guarded, view)


class PortalAdminConfig(AdminConfig):
    """Puts PortalAdmin in the place of Django's."""

    default_site = "portal.admin_site.PortalAdmin"
