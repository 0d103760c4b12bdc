"""Every path of the provider: the protocol's endpoints by name, never the library's whole list."""

from django.db.transaction import non_atomic_requests
from django.urls import include, path
from oauth2_provider.views import JwksInfoView, TokenView

from devidp import endpoints, views

# The key set and the discovery document touch no table: no transaction, so they answer at any time.
protocol = [
    path(
        ".well-known/openid-configuration",
        non_atomic_requests(endpoints.Discovery.as_view()),
        name="oidc-connect-discovery-info",
    ),
    path(".well-known/jwks.json", non_atomic_requests(JwksInfoView.as_view()), name="jwks-info"),
    path("authorize/", endpoints.Authorize.as_view(), name="authorize"),
    path("token/", TokenView.as_view(), name="token"),
    path("userinfo/", endpoints.UserInfo.as_view(), name="user-info"),
    path("end-session/", endpoints.EndSession.as_view(), name="rp-initiated-logout"),
]

urlpatterns = [
    path("", include((protocol, "oauth2_provider"))),
    path("", views.home, name="home"),
    path("sign-in/", views.sign_in, name="sign-in"),
    path("step-up/", views.step_up, name="step-up"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("devidp.css", non_atomic_requests(views.styles), name="styles"),
]
