"""Where a person lets a command line in: the code is typed or in the address, and always confirmed."""

from dataclasses import asdict
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from identity.errors import Missing, NotAllowed
from identity.models import Scope, User
from identity.rates import check_tries
from identity.services import devices
from identity.sessions import BREAK_GLASS, context_of, this_login


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def device(request: HttpRequest) -> HttpResponse:
    """Ask for the code, show who asks and for what, and take the person's word (RFC 8628, 3.3 and 5.4).

    A code in the address (verification_uri_complete) only fills the form: it approves nothing.
    """
    user = cast("User", request.user)
    answer = request.POST.get("answer", "")
    code = (request.POST.get("code") or request.GET.get("code", ""))[:40]
    if request.method != "POST":
        return render(request, "identity/device.html", {"code": code})
    check_tries(f"device:{user.pk}", most=20, minutes=10)  # 34 bits are not to be guessed (RFC 8628, 5.1)
    try:
        grant = devices.waiting_grant(code)
        if answer not in {"approve", "deny"}:
            scopes = [label for value, label in Scope.choices if value in grant.scopes]
            context = {"code": code, "grant": grant, "scopes": scopes}
            return render(request, "identity/device_confirm.html", context)
        return _decide(request, user, code, approve=answer == "approve")
    except Missing as error:
        return render(request, "identity/device.html", {"code": code, "error": error.message}, status=404)


def _decide(request: HttpRequest, user: User, code: str, *, approve: bool) -> HttpResponse:
    context = context_of(request)
    if approve and (context is None or context.issuer == BREAK_GLASS):
        raise NotAllowed(_("Only a session that your provider began can let a command line in."))
    devices.decide_device(
        by=user,
        user_code=code,
        approve=approve,
        proof=asdict(context) if context else {},
        login=this_login(request).first(),
    )
    return render(request, "identity/device_done.html", {"approved": approve})
