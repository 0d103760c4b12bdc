"""The endpoint under /scim/v2, by django-scim2's names; what is not listed answers 404 in SCIM's own form."""

from django.urls import path, re_path

from identity.scim.base import Discovery, NotFound, NotOffered
from identity.scim.bulk import Bulk
from identity.scim.views import Groups, Search, Users

app_name = "scim"
_DISCOVERY = {
    "service-provider-config": "ServiceProviderConfig",
    "resource-types": "ResourceTypes",
    "schemas": "Schemas",
}

urlpatterns = [
    path("", Search.as_view(), name="root"),
    path(".search", Search.as_view(http_method_names=["post"]), name="search"),
    path("Users/.search", Search.as_view(http_method_names=["post"], kinds=("User",)), name="users-search"),
    path(
        "Groups/.search", Search.as_view(http_method_names=["post"], kinds=("Group",)), name="groups-search"
    ),
    path("Users", Users.as_view(), name="users"),
    path("Users/<str:uuid>", Users.as_view(), name="users"),
    path("Groups", Groups.as_view(), name="groups"),
    path("Groups/<str:uuid>", Groups.as_view(), name="groups"),
    path("Me", NotOffered.as_view(), name="me"),
    path("Bulk", Bulk.as_view(), name="bulk"),
    *(path(kind, Discovery.as_view(), {"which": kind}, name=name) for name, kind in _DISCOVERY.items()),
    *(
        path(f"{kind}/<str:name>", Discovery.as_view(), {"which": kind}, name=name)
        for name, kind in _DISCOVERY.items()
        if name != "service-provider-config"
    ),
    re_path(r"^(?P<rest>.+)$", NotFound.as_view(), name="unknown"),
]
