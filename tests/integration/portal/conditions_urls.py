"""The site, with an address of an API that lists records."""

from django.http import HttpRequest, JsonResponse
from django.urls import include, path

from policy import pdp
from policy.inputs import Action, Resource
from policy.subjects import subject_of


def admin_override(request: HttpRequest) -> JsonResponse:
    """Ask for something on which an access rule speaks."""
    resource = Resource(tenant=str(request.user.tenant_id))
    pdp.decide(subject_of(request.user), Action.ADMIN_USE, resource).raise_if_denied()
    return JsonResponse({})


urlpatterns = [path("api/v1/thing", admin_override), path("", include("portal.urls"))]
