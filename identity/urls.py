"""Sign-in and SCIM: an allow-list. allauth's URLs are never included, nor any form of theirs."""

from django.urls import include, path, re_path

from identity.scim.base import NotFound
from identity.scim.views import Search
from identity.signals import views as signals
from identity.views import account, backchannel, devices, sign_in

urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-in/callback/", sign_in.callback, name="sign-in-callback"),
    path("sign-in/backchannel-logout/", backchannel.logout, name="sign-in-backchannel-logout"),
    path("sign-in/saml/<slug:saml_slug>/", include("identity.saml.urls")),
    path("sign-in/<slug:provider>/", sign_in.sign_in_at, name="provider"),
    path("sign-in/<slug:provider>/callback/", sign_in.callback, name="provider-callback"),
    path(
        "sign-in/<slug:provider>/backchannel-logout/",
        backchannel.logout,
        name="provider-backchannel-logout",
    ),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("account/sessions/", account.sessions, name="sessions"),
    path("account/sessions/others/end/", account.end_other_sessions, name="end-other-sessions"),
    path("account/sessions/<uuid:login_id>/end/", account.end_session, name="end-session"),
    path("account/tokens/", account.tokens, name="tokens"),
    path("account/tokens/<uuid:token_id>/revoke/", account.revoke_token, name="revoke-token"),
    path("api/signals/<uuid:stream_id>/push", signals.push, name="signals-push"),
    path("device/", devices.device, name="device"),
    path("scim/v2/", include("identity.scim.urls")),
    path("scim/v2", Search.as_view()),  # a provider may leave the last stroke out
    re_path(r"^scim/(?P<rest>.*)$", NotFound.as_view()),
]
