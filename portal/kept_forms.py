"""A form that was sent too early comes back as it was filled in, for the person to check and send again.

What was posted is sealed under the tenant's keys while he proves who he is; the session only knows for which
page it is. Not kept are files, values of credential fields, and what is called like a secret. Nothing is
sent behind his back: the page is shown as ever, with his entries in it (docs/adr/0068).
"""

import json
import logging
import re
import uuid
from collections.abc import Callable, Collection
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from identity import services
from identity.models import User
from identity.tenancy import uuid7
from portal.form_filler import fill
from vault import keys
from vault.errors import CannotDecrypt, KeysUnavailable
from vault.sealing import NO_APP

logger = logging.getLogger(__name__)

MOST_BYTES = 64 * 1024
MOST_PAGES = 5
SESSION_KEY = "kept_forms"  # page -> id
FIELD = "kept-form"
SECRET = re.compile(r"secret|passw|passphrase|credential|token|private", re.IGNORECASE)
GetResponse = Callable[[HttpRequest], HttpResponseBase]


def keep(request: HttpRequest, page: str, never: Collection[str]) -> bool:
    """Keep what `request` posted for its person's next look at `page`; fields in `never` are left out.

    False where it cannot be: too large, or no keys to seal it with.
    """
    user = request.user
    if not isinstance(user, User):
        return False
    posted = {name: values for name, values in request.POST.lists() if not _withheld(request, name, never)}
    text = json.dumps({"to": request.get_full_path(), "values": posted})
    if len(text.encode()) > MOST_BYTES:
        return False
    form_id = uuid7()
    try:
        sealed = keys.encrypt(user.tenant_id, NO_APP, FIELD, form_id, text)
    except KeysUnavailable:
        return False
    services.keep_form(by=user, form_id=form_id, sealed=sealed)
    pages = dict(request.session.get(SESSION_KEY, {}))
    pages.pop(page, None)
    pages[page] = str(form_id)
    request.session[SESSION_KEY] = dict(list(pages.items())[-MOST_PAGES:])
    return True


def _withheld(request: HttpRequest, name: str, never: Collection[str]) -> bool:
    sensitive = getattr(request, "sensitive_post_parameters", ())  # Django's own decorator sets it
    if sensitive == "__ALL__" or name in sensitive:
        return True
    return name == "csrfmiddlewaretoken" or name in never or bool(SECRET.search(name))


class KeptFormMiddleware:
    """Fills a page with what was kept for it. Innermost: it needs the person's tenant."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer `request`; costs nothing unless the session knows of a form for this very page."""
        kept = self._kept(request)
        if kept is None:
            return self.get_response(request)
        messages.info(
            request, _("You proved who you are. Nothing was changed yet: check the form and send it again.")
        )
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and response.status_code == 200 and _is_page(response):
            text = response.content.decode(response.charset)
            response.content = fill(text, request.get_full_path(), kept["to"], kept["values"])
            self._forget(request)
        return response

    def _kept(self, request: HttpRequest) -> dict[str, Any] | None:
        user = request.user
        if request.method != "GET" or getattr(request, "htmx", False) or not isinstance(user, User):
            return None
        form_id = request.session.get(SESSION_KEY, {}).get(request.get_full_path())
        if form_id is None:
            return None
        sealed = services.kept_form(by=user, form_id=uuid.UUID(form_id))
        if sealed is None:
            self._forget(request)
            return None
        try:
            text = keys.decrypt(user.tenant_id, NO_APP, FIELD, uuid.UUID(form_id), sealed)
        except (CannotDecrypt, KeysUnavailable):
            logger.warning("a kept form could not be opened")
            return None
        found: dict[str, Any] = json.loads(text)
        return found

    def _forget(self, request: HttpRequest) -> None:
        pages = dict(request.session[SESSION_KEY])
        form_id = pages.pop(request.get_full_path())
        request.session[SESSION_KEY] = pages
        services.drop_form(by=request.user, form_id=uuid.UUID(form_id))  # type: ignore[arg-type]


def _is_page(response: HttpResponse) -> bool:
    return response.get("Content-Type", "").startswith("text/html")
