"""Addresses below /opa/v1/, for programs: what OPA's management interfaces ask of a server (P4)."""

import re
from threading import Semaphore

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from identity.errors import Missing
from identity.tenancy import tenant_scope
from policy import bundles, revisions
from policy.agents import archives
from policy.agents.archives import Archive
from policy.agents.auth import agent_of
from policy.agents.bodies import json_of
from policy.agents.config import LONG_POLL_SECONDS
from policy.agents.intake import take_logs
from policy.agents.reports import report_of
from policy.agents.services import note_current, note_report
from policy.models import OpaAgent
from policy.signing import signer

PLAIN_MEDIA_TYPE = "application/gzip"  # OPA takes it as: this server does not wait
_WAIT = re.compile(r"(?:^|[;,\s])wait=(\d{1,18})(?:$|[;,\s])")
_seats = Semaphore(settings.OPA_AGENTS_WAITING)


@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """The signed rules in force; with `Prefer: wait=N` (RFC 7240, 4.3) who has them waits for others.

    Only so many wait at once, each holding a thread and nothing else. To who finds no seat the bundle is sent
    again in the media type by which OPA knows that it is to ask from time to time.
    """
    agent = agent_of(request)
    archive = _rules_for(agent)
    seconds = _wanted_wait(request)
    if not _has(request, archive) or not seconds:
        return _answer(request, agent, archive)
    if not _seats.acquire(blocking=False):
        return _sent(archive, PLAIN_MEDIA_TYPE)
    try:
        revisions.wait_for_other(archive.revision, seconds)
    finally:
        _seats.release()
    agent = agent_of(request)  # it may have been revoked meanwhile
    return _answer(request, agent, _rules_for(agent))


@require_GET
def discovery(request: HttpRequest) -> HttpResponse:
    """The signed configuration of the tenant's agents."""
    agent = agent_of(request)
    with tenant_scope(agent.tenant_id):
        archive = archives.discovery_for(agent.tenant_id)
    return _not_modified(archive) if _has(request, archive) else _sent(archive, bundles.MEDIA_TYPE)


@require_GET
def key(request: HttpRequest, key_id: str) -> HttpResponse:
    """A public key of the tenant in PEM: the one that signs, or one that is announced."""
    agent = agent_of(request)
    with tenant_scope(agent.tenant_id):
        pem = signer().public_keys(agent.tenant_id).get(key_id)
    if pem is None:
        raise Missing(_("There is no such key, or none that signs any more."))
    return HttpResponse(pem, content_type="application/x-pem-file")


@csrf_exempt
@require_POST
def logs(request: HttpRequest) -> HttpResponse:
    """Take decision logs."""
    agent = agent_of(request)
    taken = take_logs(agent=agent, document=json_of(request, gzipped=True))
    return JsonResponse({"taken": taken})


@csrf_exempt
@require_POST
def status(request: HttpRequest) -> HttpResponse:
    """Take a status report."""
    agent = agent_of(request)
    note_report(agent, report_of(json_of(request, gzipped=False)))
    return JsonResponse({})


def _rules_for(agent: OpaAgent) -> Archive:
    with tenant_scope(agent.tenant_id):
        return archives.rules_for(agent.tenant_id)


def _wanted_wait(request: HttpRequest) -> int:
    found = _WAIT.search(request.headers.get("Prefer", ""))
    return min(int(found[1]), LONG_POLL_SECONDS) if found else 0


def _has(request: HttpRequest, archive: Archive) -> bool:
    """A tag that a proxy has weakened will do (RFC 9110, 13.1.2)."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return archive.etag in {tag.removeprefix("W/") for tag in known}


def _answer(request: HttpRequest, agent: OpaAgent, archive: Archive) -> HttpResponse:
    if not _has(request, archive):
        return _sent(archive, bundles.MEDIA_TYPE)
    note_current(agent)
    return _not_modified(archive)


def _sent(archive: Archive, media_type: str) -> HttpResponse:
    return _tagged(HttpResponse(archive.content, content_type=media_type), archive)


def _not_modified(archive: Archive) -> HttpResponse:
    response = HttpResponse(status=304)
    del response["Content-Type"]  # there is no content (RFC 9110, 15.4.5)
    return _tagged(response, archive)


def _tagged(response: HttpResponse, archive: Archive) -> HttpResponse:
    response["ETag"] = archive.etag
    patch_cache_control(response, private=True, no_cache=True)
    return response
