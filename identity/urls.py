"""Sign-in and SCIM: an allow-list. allauth's URLs are never included, nor any form of theirs."""

from django.urls import include, path, re_path

from identity import views
from identity.scim.base import NotFound
from identity.scim.views import Search

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/callback/", views.callback, name="sign-in-callback"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("scim/v2/", include("identity.scim.urls")),
    path("scim/v2", Search.as_view()),  # a provider may leave the last stroke out
    re_path(r"^scim/(?P<rest>.*)$", NotFound.as_view()),
]
