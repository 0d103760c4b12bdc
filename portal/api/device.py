"""Where the command line asks to be let in and waits for it (RFC 8628, sections 3.1 to 3.5).

It is a public client without a secret: what protects its user is the confirmation in the browser.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from identity.errors import BadInput
from identity.rates import check_rate
from identity.services import devices

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
CLIENT_ID = "portal-cli"


@csrf_exempt
@require_POST
def authorize(request: HttpRequest) -> JsonResponse:
    """A device code and a user code (RFC 8628, 3.2)."""
    check_rate(request, "device-begin", most=30, minutes=10)
    if request.POST.get("client_id") != CLIENT_ID:
        return _error("invalid_client")
    try:
        name = request.POST.get("client_name", "").replace("\x00", "")
        grant, device, user = devices.begin_device(
            client_name=name, scopes=request.POST.get("scope", "").split()
        )
    except BadInput as error:
        return _error(error.code)
    page = str(settings.BASE_URL) + reverse("device")
    return _answer(
        {
            "device_code": device,
            "user_code": user,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?code={user}",
            "expires_in": int(devices.LIFE.total_seconds()),
            "interval": grant.interval,
        }
    )


@csrf_exempt
@require_POST
def token(request: HttpRequest) -> JsonResponse:
    """The access token, once the person has agreed (RFC 8628, 3.4 and 3.5)."""
    if request.POST.get("client_id") != CLIENT_ID:
        return _error("invalid_client")
    if request.POST.get("grant_type") != GRANT:
        return _error("unsupported_grant_type")
    code = request.POST.get("device_code", "")
    if not code or len(code) > 100:
        return _error("invalid_request")
    try:
        row, shown = devices.poll_device(device_code=code)
    except devices.PollRefused as refused:
        return _error(refused.error)
    left = int((row.expires_at - timezone.now()).total_seconds())
    return _answer(
        {"access_token": shown, "token_type": "Bearer", "expires_in": left, "scope": " ".join(row.scopes)}
    )


def _answer(content: dict[str, Any], status: int = 200) -> JsonResponse:
    return JsonResponse(content, status=status, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _error(code: str) -> JsonResponse:
    return _answer({"error": code}, 401 if code == "invalid_client" else 400)
