"""A new person whom no group grants anything: every address of the matrix, with nothing behind it (I3)."""

from django.test import Client

from identity.models import Role, User
from identity.roles import roles_of
from identity.tenancy import tenant_scope
from tests.cast import Cast
from tests.integration.portal.test_permission_matrix import LINES, _ask, scene
from tests.scene import Scene, sign_in

__all__ = ["scene"]  # the matrix's own objects: Lena's, one of each kind

# Pages without rights: his own, empty lists, what anybody in the company may know, and leaving.
OPEN = {
    ("GET", "/"),
    ("GET", "/account/access/"),
    ("GET", "/account/sessions/"),  # his own, as are his tokens
    ("POST", "/account/sessions/others/end/"),
    ("GET", "/account/tokens/"),
    ("GET", "/device/"),  # asks for a code
    ("GET", "/apps/"),
    ("GET", "/apps/<slug:slug>/<str:dataset>/exports/"),  # his own exports: none
    ("POST", "/apps/<slug:slug>/<str:dataset>/"),  # leads on to the list, which refuses
    ("GET", "/approvals/"),
    ("GET", "/data/"),
    ("GET", "/data/<uuid:dataset_id>/"),
    ("GET", "/my-apps/"),
    ("GET", "/notices/"),
    ("POST", "/notices/read/"),
    ("GET", "/policy/rules/"),  # they bind him too
    ("GET", "/policy/rules/<str:code>/"),
    ("GET", "/policy/exceptions/"),  # his own: none
    ("GET", "/sign-in/"),
    ("POST", "/sign-in/"),
    ("GET", "/sign-in/<slug:provider>/"),
    ("POST", "/sign-in/<slug:provider>/"),
    ("GET", "/sign-out/"),
    ("POST", "/sign-out/"),
    # what needs no account at all
    ("GET", "/break-glass/<str:link>/"),
    ("GET", "/sign-in/saml/<slug:saml_slug>/metadata/"),
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/health/live"),
    ("GET", "/style/"),
}


def test_without_a_group_nothing_but_looking_around(scene: Scene) -> None:
    newcomer = _newcomer(scene.cast)
    scene.people["newcomer"] = newcomer
    scene.clients["newcomer"] = Client()
    sign_in(scene.clients["newcomer"], newcomer)
    got = {
        (line.method, f"/{line.route}")
        for line in LINES
        if _ask(scene, scene.fill(line.route), line.method, "newcomer") < 400
    }
    assert got - OPEN == set(), "open to a person whom no group grants anything"
    assert OPEN - got == set(), "no longer open: take it from the list"


def _newcomer(cast: Cast) -> User:
    with tenant_scope(cast.tenant.pk):
        made = User.objects.create(tenant=cast.tenant, username="new@contoso.example", display_name="New One")
    assert roles_of(made) == {Role.END_USER}
    return made
