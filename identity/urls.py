"""Sign-in and SCIM: an allow-list. allauth's URLs are never included, nor any form of theirs."""

from django.urls import include, path

from identity import backchannel, views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/callback/", views.callback, name="sign-in-callback"),
    path("sign-in/backchannel-logout/", backchannel.logout, name="sign-in-backchannel-logout"),
    path("sign-in/saml/<slug:saml_slug>/", include("identity.saml.urls")),
    path("sign-in/<slug:provider>/", views.sign_in_at, name="provider"),
    path("sign-in/<slug:provider>/callback/", views.callback, name="provider-callback"),
    path(
        "sign-in/<slug:provider>/backchannel-logout/",
        backchannel.logout,
        name="provider-backchannel-logout",
    ),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("scim/v2/", include("identity.scim.urls")),
]
