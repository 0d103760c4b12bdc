"""Rights of data subjects: a person is searched for, taken out, erased, with a certificate (D6).

What people are found by comes by POST alone and is in no address.
"""

import itertools
import uuid
from collections.abc import Iterator
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from datacatalog import permissions, selectors, services, subject_rules
from datacatalog.forms import ErasureForm, SubjectForm, SubjectSearch
from datacatalog.models import SubjectRequest
from datacatalog.queueing import queue
from datacatalog.services.subject_row import identifiers_of
from datacatalog.states import SubjectKind, SubjectState
from datacatalog.subject_evidence import kinds
from datacatalog.subject_file import WRITERS, Copy
from identity.errors import BadInput, Missing
from identity.models import User
from vault import signing
from vault.certificates import ERASURE, verified

PAGE_SIZE = 25


@require_safe
@login_required
def rights(request: HttpRequest) -> HttpResponse:
    """The requests, newest first."""
    permissions.check_see_subjects(_user(request))
    form = SubjectSearch(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    rows = selectors.subject_requests(asked.get("kind", ""), asked.get("state", ""))
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "searched": any(asked.values()),
        "may_work": permissions.can_work_subjects(_user(request)),
    }
    return render(request, "datacatalog/rights.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def search(request: HttpRequest) -> HttpResponse:
    """Ask by what the person is found, then look in every app. Who comes has to show a second factor first,
    so that nothing is typed for nothing."""
    user = _user(request)
    permissions.check_work_subjects(user)
    form = SubjectForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        subject_rules.ask(by=user, kind=SubjectKind.ERASURE)
    elif form.is_valid():
        try:
            row = services.search_subject(
                by=user,
                kind=SubjectKind(form.cleaned_data["kind"]),
                reference=form.cleaned_data["reference"],
                identifiers=form.identifiers(),
            )
        except BadInput as error:
            form.add_error(None, error.message)
        else:
            return redirect(row)
    return render(
        request, "datacatalog/right_search.html", {"form": form}, status=422 if form.errors else 200
    )


@require_safe
@never_cache
@login_required
def right(request: HttpRequest, subject_id: uuid.UUID) -> HttpResponse:
    """One request; asks for itself again while it moves."""
    user = _user(request)
    permissions.check_see_subjects(user)
    row = selectors.subject_request(subject_id)
    context: dict[str, Any] = {"row": row, "findings": list(row.findings.all()), "form": ErasureForm()}
    context["total"] = sum(one.records for one in context["findings"])
    context["gone"] = sum(one.erased for one in context["findings"])
    context["held"] = any(one.held for one in context["findings"])
    context["may_work"] = permissions.can_work_subjects(user)
    if getattr(request, "htmx", False):
        return render(request, "datacatalog/_right.html", context)
    labels = kinds()
    context["found_by"] = [labels[kind] for kind in row.by_kinds]
    if context["may_work"]:
        context["identifiers"] = [(labels[one.kind], one.value) for one in identifiers_of(row)]
    return render(request, "datacatalog/right.html", context)


@require_POST
@login_required
def take(request: HttpRequest, subject_id: uuid.UUID) -> StreamingHttpResponse:
    """The copy for the person, in clear, as it is written. A POST, since it is recorded."""
    kind, write = WRITERS.get(request.POST.get("as", ""), WRITERS["json"])
    ending = "txt" if kind.startswith("text") else "json"
    row, decision = services.take_subject(by=_user(request), request_id=subject_id)
    parts = write(Copy(row, _user(request), decision.id, identifiers_of(row)))
    response = StreamingHttpResponse(_begun(parts), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="access-{row.pk}.{ending}"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@login_required
def erase(request: HttpRequest, subject_id: uuid.UUID) -> HttpResponse:
    """Ask for approval of the erasure."""
    permissions.check_work_subjects(_user(request))
    form = ErasureForm(request.POST)
    if not form.is_valid():
        raise BadInput(_("Choose what goes: whole records or their personal fields."))
    whole = form.cleaned_data["what"] == "records"
    row = services.ask_erasure(by=_user(request), request_id=subject_id, whole_records=whole)
    messages.success(request, _("Security is asked to approve it. You are told when it is decided."))
    return redirect(row)


@require_POST
@login_required
def again(request: HttpRequest, subject_id: uuid.UUID) -> HttpResponse:
    """Erase what a hold kept."""
    services.erase_again(by=_user(request), request_id=subject_id, queue=queue)
    return redirect("datacatalog:right", subject_id)


@require_POST
@login_required
def close(request: HttpRequest, subject_id: uuid.UUID) -> HttpResponse:
    """Nothing more is to be done."""
    row = services.close_subject(by=_user(request), request_id=subject_id)
    messages.success(request, _("The request is closed. By what the person was found is deleted."))
    return redirect(row)


@require_safe
@login_required
def certificate(request: HttpRequest, subject_id: uuid.UUID) -> HttpResponse:
    """The certificate to read, after its signature was checked."""
    row = _certified(request, subject_id)
    told = verified(row.certificate, signing.every_pem(row.tenant_id), ERASURE)
    people = {one["by"] for one in told["approved"]} | {told["asked_by"]}
    names = {str(user.pk): user.display_name for user in User.objects.filter(pk__in=people)}
    labels = selectors.labels_of_fields({uuid.UUID(one["dataset"]) for one in told["erased"]})
    for one in told["erased"]:
        one["labels"] = [labels.get((uuid.UUID(one["dataset"]), name), name) for name in one["fields"]]
    context = {"row": row, "told": told, "names": names, "command": COMMAND}
    context["approved"] = [(names.get(one["by"], one["by"]), one["at"]) for one in told["approved"]]
    return render(request, "datacatalog/right_certificate.html", context)


COMMAND = "portal erasure-certificate verify certificate.jws --keys keys.pem"


@require_safe
@login_required
def certificate_file(request: HttpRequest, subject_id: uuid.UUID) -> HttpResponse:
    """The certificate as it was signed."""
    row = _certified(request, subject_id)
    return _file(row.certificate, "certificate.jws", "application/jose")


@require_safe
@login_required
def keys(request: HttpRequest) -> HttpResponse:
    """The public keys by which certificates are verified."""
    permissions.check_see_subjects(_user(request))
    return _file(signing.every_pem(_user(request).tenant_id), "keys.pem", "application/x-pem-file")


def _begun(parts: Iterator[bytes]) -> Iterator[bytes]:
    """With the first record read already: keys that are away are told as an error, not by half a file."""
    first = list(itertools.islice(parts, 2))
    return itertools.chain(first, parts)


def _certified(request: HttpRequest, subject_id: uuid.UUID) -> SubjectRequest:
    permissions.check_see_subjects(_user(request))
    row = selectors.subject_request(subject_id)
    if not row.certificate or row.state not in {SubjectState.DONE, SubjectState.HELD, SubjectState.CLOSED}:
        raise Missing(_("This request has no certificate yet."))
    return row


def _file(text: str, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(text, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)
