"""None of django-scim2's unsafe defaults can be reached (ADR 0037)."""

import inspect
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.views import View
from django_scim import settings as stock
from django_scim.settings import scim_settings

from identity.models import User
from identity.scim.adapters import GroupAdapter, UserAdapter
from tests.scim import PATCH, Scim

pytestmark = pytest.mark.django_db
OURS = ("identity.", "django.")
# what is still the library's own on our classes, and why it may be
INHERITED = {
    "__init__": "keeps the row",
    "id": "the text of the primary key",
    "path": "reverse() of the address",
    "request": "no request is ever given",
    "model_cls": "asks the settings",
    "scim_adapter": "asks the settings",
    "lookup_field": "a name",
    "get_extra_filter_kwargs": "closed by the settings",
    "get_extra_exclude_kwargs": "closed by the settings",
    "get_object_post_processor": "closed by the settings",
    "get_queryset_post_processor": "closed by the settings",
    "get_object": "is called by the views that are replaced, and closed by the settings",
    "status_501": "is called by the dispatch that is replaced",
    "load_body": "is called by the views that are replaced",
}


def scim_views(patterns: Any = None, below: str = "") -> list[tuple[str, type[View]]]:
    """Every address below /scim/ with its view class."""
    found: list[tuple[str, type[View]]] = []
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        where = below + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += scim_views(pattern.url_patterns, where)
        elif isinstance(pattern, URLPattern) and where.lstrip("^").startswith("scim"):
            found.append((where, pattern.callback.view_class))
    return found


def of_library(kind: type) -> set[str]:
    """The names on `kind` whose code is django-scim2's."""
    names = set()
    for name, member in inspect.getmembers(kind):
        code = member.fget if isinstance(member, property) else member
        code = inspect.unwrap(code) if callable(code) else code
        if callable(code) and str(getattr(code, "__module__", "")).startswith("django_scim"):
            names.add(name)
    return names - {"scim_adapter_getter", "model_cls_getter"}


def test_every_address_is_served_by_our_code() -> None:
    views = scim_views()
    assert len(views) > 15
    for where, view in views:
        assert view.__module__.startswith("identity.scim"), where
        assert of_library(view) - INHERITED.keys() == set(), where


@pytest.mark.parametrize("adapter", [UserAdapter, GroupAdapter])
def test_adapters_inherit_nothing_that_reads_or_writes(adapter: type) -> None:
    assert of_library(adapter) - INHERITED.keys() == set()
    for name in ("save", "from_dict", "to_dict", "handle_operations", "handle_add"):
        with pytest.raises(Exception, match="not offered"):
            getattr(adapter(User()), name)()


def test_no_setting_is_left_to_its_default() -> None:
    """Each that names code names ours; a default of a later version fails here."""
    for name in stock.IMPORT_STRINGS:
        assert str(settings.SCIM_SERVICE_PROVIDER[name]).startswith(OURS), name
    assert set(stock.DEFAULTS) - settings.SCIM_SERVICE_PROVIDER.keys() == {"DOCUMENTATION_URI"}
    assert settings.SCIM_SERVICE_PROVIDER["EXPOSE_SCIM_EXCEPTIONS"] is False


def test_its_middleware_is_not_installed_and_would_let_nobody_in() -> None:
    assert not any("django_scim" in name for name in [*settings.MIDDLEWARE, *settings.INSTALLED_APPS])
    predicate = scim_settings.GET_IS_AUTHENTICATED_PREDICATE
    assert not predicate(User(is_active=True))
    assert not predicate(AnonymousUser())


def test_a_person_can_neither_read_people_nor_join_a_group(scim: Scim) -> None:
    user, group = scim.user(), scim.group("Admins")
    client = Client()
    client.force_login(User.objects.get(pk=user["id"]), backend="identity.backends.DirectoryBackend")
    assert client.get("/scim/v2/Users").status_code == 401
    join = {"schemas": [PATCH], "Operations": [{"op": "add", "path": "members", "value": [user]}]}
    path = f"/scim/v2/Groups/{group['id']}"
    assert client.patch(path, join, content_type="application/scim+json").status_code == 401
    assert scim.members(group) == set()


def test_bodies_are_not_logged(scim: Scim, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    scim.user("very-private-name", password="very-private-word")
    scim.call("POST", "/Users", {"schemas": [], "userName": "very-private-name"})
    assert "very-private" not in "".join(
        record.getMessage() for record in caplog.records if "scim" in record.name
    )
