"""Sign-in and SCIM: an allow-list. allauth's URLs are never included, nor any form of theirs."""

from django.urls import include, path

from identity import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/callback/", views.callback, name="sign-in-callback"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("scim/v2/", include("identity.scim.urls")),
]
