"""A site with one page that changes something and is then refused."""

from django.core.exceptions import BadRequest, PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path

from identity.models import Group
from policy import pdp
from policy.inputs import Resource, Subject
from portal import urls as site


def refused(request: HttpRequest) -> HttpResponse:
    """Make a group, then ask for what nobody may."""
    tenant = str(request.user.tenant_id)
    Group.objects.create(tenant_id=tenant, name="must not stay")
    subject = Subject(id=str(request.user.pk), tenant=tenant)
    pdp.decide(subject, "record.fly", Resource(tenant=tenant)).raise_if_denied()
    return HttpResponse("never")


def given_up(request: HttpRequest, how: str) -> HttpResponse:
    """Make a group and see a denial, then end as Django's own exceptions do."""
    tenant = str(request.user.tenant_id)
    Group.objects.create(tenant_id=tenant, name="must not stay")
    with transaction.atomic():
        pdp.decide(Subject(id=str(request.user.pk), tenant=tenant), "record.fly", Resource(tenant=tenant))
        transaction.set_rollback(True)
    raise {"404": Http404, "403": PermissionDenied, "400": BadRequest, "500": RuntimeError}[how]


urlpatterns = [
    path("refused/", refused),
    path("given-up/<str:how>/", given_up),
    path("", include("portal.urls")),
]
handler400, handler403 = site.handler400, site.handler403
handler404, handler500 = site.handler404, site.handler500
