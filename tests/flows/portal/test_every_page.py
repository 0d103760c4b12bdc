"""Show 8 of the ground: every page is clean (axe in light, dark and on a phone; nothing in the console).

The pages of the main job are looked at there (tests/flows/test_main_job.py); here are all others.
"""

from collections.abc import Callable

import pytest
from django.conf import settings

from tests.browser import Visitor
from tests.scene import make_scene, sign_in

pytestmark = pytest.mark.needs_browser
PAGES = {
    "ada": [
        "/admin/",
        "/admin/<app_label>/",
        "/admin/identity/user/",
        "/admin/identity/user/<path:object_id>/change/",
        "/admin/identity/group/<path:object_id>/change/",
        "/admin/identity/rolegrant/",
        "/people/",
        "/people/<uuid:person_id>/access/",
        "/people/roles/",
        "/people/roles/apps/",
        "/people/roles/apps/<slug:slug>/",
        "/admin/identity/identityprovider/",
        "/admin/identity/identityprovider/add/",
        "/admin/identity/identityprovider/<uuid:object_id>/change/",
        "/admin/identity/loginsession/",
        "/admin/identity/accesstoken/",
        "/admin/identity/signalstream/add/",
        "/admin/identity/signalstream/<path:object_id>/change/",
        "/admin/catalog/templaterelease/",
        "/admin/catalog/templaterelease/<path:object_id>/change/",
        "/admin/identity/samlprovider/",
        "/admin/identity/samlprovider/add/",
        "/admin/identity/samlprovider/<uuid:object_id>/change/",
        "/admin/identity/scimclient/",
        "/admin/identity/scimclient/add/",
        "/admin/identity/scimclient/<path:object_id>/change/",
        "/admin/identity/scimclient/<path:object_id>/rotate/",
        "/admin/identity/scimtoken/",
        "/admin/identity/scimcall/",
        "/admin/datacatalog/dataset/",
        "/admin/datacatalog/datasetfield/",
        "/admin/vault/tenantkey/",
        "/admin/policy/accessrule/",
        "/admin/policy/accessrule/add/",
        "/admin/policy/network/<path:object_id>/change/",
        "/admin/policy/opaagent/",
        "/admin/policy/opaagent/add/",
        "/admin/policy/opaagent/<path:object_id>/change/",
        "/admin/policy/opaagent/<path:object_id>/rotate/",
        "/admin/policy/opatoken/",
        "/admin/policy/datachange/",
        "/admin/policy/datachange/<path:object_id>/change/",
        "/admin/policy/thresholdset/<path:object_id>/change/",
        "/admin/datacatalog/classification/",
        "/admin/datacatalog/classification/<path:object_id>/change/",
        "/admin/datacatalog/region/add/",
        "/policy/agents/",
        "/audit/",
    ],
    "lena": [
        "/",
        "/my-apps/",
        "/build/app/<slug:slug>/",
        "/build/app/<slug:slug>/versions/<int:number>/",
        "/audit/apps/<uuid:app_id>/",
        "/audit/decisions/<uuid:decision_id>/",
        "/policy/rules/",
        "/policy/rules/<str:code>/",
        "/policy/exceptions/",
        "/policy/exceptions/<uuid:exception_id>/",
        "/apps/<slug:slug>/<str:dataset>/<uuid:record>",
        "/apps/<slug:slug>/<str:dataset>/exports/",
        "/data/",
        "/data/<uuid:dataset_id>/",
        "/data/import/",
        "/data/import/<uuid:run_id>/",
        "/notices/",
        "/account/access/",
        "/sign-out/",
        "/account/sessions/",
        "/account/tokens/",
        "/device/",
    ],
    "omar": [
        "/apps/<slug:slug>/<str:dataset>/<uuid:record>/edit",
        "/apps/<slug:slug>/<str:dataset>/<uuid:record>/delete",
    ],
}


@pytest.mark.parametrize("person", PAGES)
def test_every_other_page_is_clean(
    person: str, committed: None, visitors: Callable[..., Visitor], serve: Callable[..., str]
) -> None:
    scene = make_scene()
    visitor = visitors(serve(), "every-page")
    sign_in(scene.clients[person], scene.people[person])
    name = settings.SESSION_COOKIE_NAME
    value = scene.clients[person].cookies[name].value
    visitor.context.add_cookies([{"name": name, "value": value, "url": visitor.base_url}])
    failed = []
    for route in PAGES[person]:
        visitor.open(scene.fill(route.removeprefix("/")))
        try:
            visitor.assert_clean(
                f"{person}-{route.strip('/').replace('/', '-').replace('<', '').replace('>', '')}"
            )
        except AssertionError as error:
            failed.append(str(error))
            visitor.complaints.clear()
    assert not failed, "\n\n".join(failed)
