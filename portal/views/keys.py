"""The page of keys: what there is, how old and how used; rotate, bring, switch off, destroy (S3, S4).

It stands here because an admin's pages are behind the portal's own door (portal/conditions.py).
"""

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from identity.errors import BadInput, Missing
from portal.admin_pages import person
from portal.conditions import check_admin
from portal.key_forms import Destruction, WrappedKey
from vault import selectors, services, signing
from vault.models import KeyDestruction, KeyEncryptionKey
from vault.permissions import can_manage, can_switch_off, check_manage, check_see, check_switch_off
from vault.states import LIVING, KekState

TONES = {
    KekState.ACTIVE: "ok",
    KekState.DESTROYING: "warn",
    KekState.DESTROYED: "stop",
    KeyDestruction.State.ASKED: "info",
    KeyDestruction.State.GRANTED: "warn",
    KeyDestruction.State.DONE: "stop",
}


@require_safe
@login_required
def keys(request: HttpRequest) -> HttpResponse:
    """Keys by purpose; the part that moves asks for itself again."""
    user = person(request)
    check_see(user)
    jobs = selectors.running(user.tenant_id)
    if getattr(request, "htmx", False):
        return render(request, "portal/_key_rewraps.html", {"jobs": jobs, "was_running": True})
    rows = selectors.standings(user.tenant_id)
    data = rows[0].active
    context = {
        "rows": [(row, _shown(row.active), _old(row.active)) for row in rows],
        "older": [(kek, _shown(kek)) for row in rows for kek in row.older],
        "jobs": jobs,
        "data": data,
        "gone": data is None and any(kek.state == KekState.DESTROYED for kek in rows[0].older),
        "destructions": [
            (one, TONES.get(KeyDestruction.State(one.state), "plain"))
            for one in selectors.destructions(user.tenant_id)
        ],
        "manages": can_manage(user),
        "switches": can_switch_off(user),
        "days": selectors.USE_DAYS,
        "most_days": settings.KEY_MOST_DAYS,
    }
    return render(request, "portal/keys.html", context)


@require_POST
@login_required
def rotate(request: HttpRequest, purpose: str) -> HttpResponse:
    """Another key for `purpose`; a worker wraps the data keys anew."""
    user = _manager(request)
    if purpose not in KeyEncryptionKey.Purpose.values:
        raise Missing(_("There are no keys for this."))
    services.rotate_kek(by=user, tenant=user.tenant_id, purpose=KeyEncryptionKey.Purpose(purpose))
    messages.success(request, _("A new key wraps from now on. The data keys follow."))
    return redirect("keys")


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def import_(request: HttpRequest) -> HttpResponse:
    """How to bring a key; a POST begins, and shows the token once."""
    user = _manager(request)
    token = ""
    if request.method == "POST":
        _row, token = services.begin_import(by=user, tenant=user.tenant_id)
    return _import_page(request, WrappedKey(initial={"token": token}), token=token)


@never_cache
@require_POST
@login_required
def finish_import(request: HttpRequest) -> HttpResponse:
    """Take the wrapped key."""
    user = _manager(request)
    form = WrappedKey(request.POST, request.FILES)
    if form.is_valid():
        data = form.cleaned_data
        try:
            job = services.finish_import(
                by=user, tenant=user.tenant_id, token=data["token"].strip(), wrapped=data["file"]
            )
        except BadInput as error:
            form.add_error("file", error.message)
        else:
            text = _("Your key wraps from now on; its check value is %(value)s. The data keys follow.")
            messages.success(request, text % {"value": job.kek.check_value})
            return redirect("keys")
    return _import_page(request, form, status=422)


@require_POST
@login_required
def switch_off(request: HttpRequest) -> HttpResponse:
    """Close all data. No rule of sign-in stands in the way of an emergency: it can be put back."""
    user = person(request)
    check_switch_off(user)
    services.disable_key(by=user, tenant=user.tenant_id)
    messages.success(request, _("The key is off. Within five seconds nothing of the data can be read."))
    return redirect("keys")


@require_POST
@login_required
def switch_on(request: HttpRequest) -> HttpResponse:
    """Open it again."""
    user = _manager(request)
    services.enable_key(by=user, tenant=user.tenant_id)
    messages.success(request, _("The key is on again."))
    return redirect("keys")


@require_POST
@login_required
def begin_anew(request: HttpRequest) -> HttpResponse:
    """New keys after the destruction of those before."""
    user = _manager(request)
    services.begin_anew(by=user, tenant=user.tenant_id)
    messages.success(request, _("There are new keys for new data. What was destroyed stays unreadable."))
    return redirect("keys")


@require_http_methods(["GET", "POST"])
@login_required
def destroy(request: HttpRequest) -> HttpResponse:
    """Ask for the destruction of the key to all data."""
    user = _manager(request)
    form = Destruction(request.POST if request.method == "POST" else None)
    if form.is_valid():
        row = services.ask_destruction(by=user, reason=form.cleaned_data["reason"])
        messages.success(request, _("Somebody from security has to agree. You hear when it is decided."))
        return redirect(row)
    context = {"form": form, "crumbs": _crumbs()}
    return render(request, "portal/key_destroy.html", context, status=422 if form.errors else 200)


@require_safe
@login_required
def destruction(request: HttpRequest, destruction_id: uuid.UUID) -> HttpResponse:
    """One destruction, with its certificate when it is done."""
    row = _destruction(request, destruction_id)
    context = {
        "row": row,
        "tone": TONES.get(KeyDestruction.State(row.state), "plain"),
        "crumbs": _crumbs(),
        "command": "portal key-certificate verify certificate.jws --keys signatures.pem",
    }
    return render(request, "portal/key_destruction.html", context)


@require_safe
@login_required
def certificate(request: HttpRequest, destruction_id: uuid.UUID) -> HttpResponse:
    """The certificate as a file (a JWS, RFC 7515)."""
    row = _destruction(request, destruction_id)
    if not row.certificate:
        raise Missing(_("There is no certificate: the key is not destroyed."))
    return _file(row.certificate + "\n", "certificate.jws", "application/jose")


@require_safe
@login_required
def signing_keys(request: HttpRequest) -> HttpResponse:
    """The public keys that certificates are verified by, those that signed before included."""
    user = person(request)
    check_see(user)
    return _file(signing.every_pem(user.tenant_id), "signatures.pem", "application/x-pem-file")


def _manager(request: HttpRequest) -> Any:
    user = person(request)
    check_manage(user)
    check_admin(request)
    return user


def _destruction(request: HttpRequest, destruction_id: uuid.UUID) -> KeyDestruction:
    user = person(request)
    check_see(user)
    rows = KeyDestruction.objects.filter(tenant=user.tenant_id).select_related("asked_by")
    row = rows.filter(pk=destruction_id).first()
    if row is None:
        raise Missing(_("There is no such destruction."))
    return row


def _import_page(
    request: HttpRequest, form: WrappedKey, *, token: str = "", status: int = 200
) -> HttpResponse:
    pending = selectors.pending_import(person(request).tenant_id)
    context = {
        "form": form,
        "pending": pending,
        "token": token,
        "crumbs": _crumbs(),
        "commands": COMMANDS,
    }
    return render(request, "portal/key_import.html", context, status=status)


COMMANDS = """openssl rand -out company.key 32
openssl pkeyutl -encrypt -pubin -inkey import.pem -in company.key -out company.key.wrapped \\
  -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256"""


def _crumbs() -> list[dict[str, str]]:
    return [{"label": _("Keys"), "url": reverse("keys")}]


def _shown(kek: KeyEncryptionKey | None) -> tuple[str, str]:
    """The key's state in a word and a tone."""
    if kek is None:
        return _("none"), "stop"
    if kek.disabled_at and kek.state in LIVING:
        return _("switched off"), "stop"
    return kek.get_state_display(), TONES.get(KekState(kek.state), "plain")


def _old(kek: KeyEncryptionKey | None) -> bool:
    return kek is not None and kek.created_at <= timezone.now() - timedelta(days=settings.KEY_MOST_DAYS)


def _file(content: str, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
