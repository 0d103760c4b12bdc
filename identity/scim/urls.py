"""The endpoint under /scim/v2: every address is listed, the rest answers 404 in SCIM's own form."""

from django.urls import path

from identity.scim.base import Discovery, NotFound, NotOffered
from identity.scim.views import Groups, Users

urlpatterns = [
    path("ServiceProviderConfig", Discovery.as_view(), {"kind": "ServiceProviderConfig"}, name="scim-config"),
    path("Schemas", Discovery.as_view(), {"kind": "Schemas"}, name="scim-schemas"),
    path("Schemas/<str:name>", Discovery.as_view(), {"kind": "Schemas"}, name="scim-schema"),
    path("ResourceTypes", Discovery.as_view(), {"kind": "ResourceTypes"}, name="scim-types"),
    path("ResourceTypes/<str:name>", Discovery.as_view(), {"kind": "ResourceTypes"}, name="scim-type"),
    path("Users", Users.as_view(), name="scim-user"),
    path("Users/<str:pk>", Users.as_view(), name="scim-user"),
    path("Groups", Groups.as_view(), name="scim-group"),
    path("Groups/<str:pk>", Groups.as_view(), name="scim-group"),
    path("Bulk", NotOffered.as_view(), name="scim-bulk"),
    path("Me", NotOffered.as_view(), name="scim-me"),
    path(".search", NotOffered.as_view(), name="scim-search"),
    path("<path:rest>", NotFound.as_view(), name="scim-unknown"),
]
