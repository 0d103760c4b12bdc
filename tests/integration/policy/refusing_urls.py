"""A site with one page that changes something and is then refused."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from identity.models import Group
from policy import pdp
from policy.inputs import Resource, Subject


def refused(request: HttpRequest) -> HttpResponse:
    """Make a group, then ask for what nobody may."""
    tenant = str(request.user.tenant_id)
    Group.objects.create(tenant_id=tenant, name="must not stay")
    subject = Subject(id=str(request.user.pk), tenant=tenant)
    pdp.decide(subject, "record.fly", Resource(tenant=tenant)).raise_if_denied()
    return HttpResponse("never")


urlpatterns = [path("refused/", refused), path("", include("portal.urls"))]
