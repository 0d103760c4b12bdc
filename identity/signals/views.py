"""Where transmitters push to (RFC 8935). A stream's own token and the signature let in, no cookie."""

import hmac
import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from identity.models import SignalStream
from identity.services.tokens import hash_of
from identity.signals.keys import TransmitterDown
from identity.signals.receiving import take
from identity.signals.tokens import SetRefused

MOST_BYTES = 64 * 1024
MEDIA_TYPE = "application/secevent+jwt"


@csrf_exempt
@require_POST
def push(request: HttpRequest, stream_id: uuid.UUID) -> HttpResponse:
    """Take one token: 202, or 400 with a reason in JSON (RFC 8935, 2.2 and 2.3)."""
    stream = SignalStream.objects.filter(
        pk=stream_id, is_enabled=True, delivery=SignalStream.Delivery.PUSH
    ).first()
    _scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    # an unknown stream and a wrong token look the same
    if stream is None or not hmac.compare_digest(stream.push_hash, hash_of(given.strip())):
        return _refused("authentication_failed", "The transmitter could not be authenticated.")
    if request.content_type != MEDIA_TYPE or len(request.body) > MOST_BYTES:
        return _refused("invalid_request", f"Send {MEDIA_TYPE}.")
    try:
        take(stream, request.body.decode("ascii", errors="replace"))
    except SetRefused as refused:
        return _refused(refused.err, refused.reason)
    except TransmitterDown:
        return HttpResponse(status=503, headers={"Retry-After": "30"})
    return HttpResponse(status=202)


def _refused(err: str, description: str) -> HttpResponse:
    response = JsonResponse({"err": err, "description": description}, status=400)
    response["Content-Language"] = "en"
    return response
