"""A small page with every behaviour of js/portal.js, answered by a real server."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from portal import errors, styleguide
from portal.urls import handler400, handler403, handler404, handler500  # noqa: F401

PAGE = """{% extends "base.html" %}
{% block title %}Behaviour{% endblock %}
{% block content %}<h1>Behaviour</h1>
<form data-autosave hx-post="/save/" hx-trigger="change" hx-target="#answer" hx-swap="innerHTML">
  <label>Title <input name="title" value="Leads"></label>
  {% include "_components/save_state.html" with saved=True only %}
</form>
<p id="answer"></p>
<form id="checked" hx-post="/check/"><label>Age <input name="age"></label><button>Check</button></form>
<label>Note <input id="note" value="typed by hand"></label>
<button hx-post="/error/409/" hx-target="#answer">Conflict</button>
<button hx-post="/broken/" hx-target="#answer">Broken</button>
<button hx-post="/save/" hx-confirm="Really save?" hx-target="#answer" hx-swap="innerHTML">Ask first</button>
<ul id="list"><li id="one">One <button hx-post="/removed/" hx-target="#list">Remove</button></li></ul>
<form method="post" action="/plain/" data-confirm="Really send?">{% csrf_token %}<button>Send</button></form>
<p id="when">{% include "_components/time.html" with at=at only %}</p>
<p>{% include "_components/copy.html" with text="abc-123" label="the id" only %}</p>
<button data-opens="box">Open</button>
<dialog class="dialog" id="box" aria-label="Box"><p>Inside</p><button data-closes>Close</button></dialog>
{% endblock %}"""
SENT = """{% extends "base.html" %}{% block content %}<h1>sent</h1>{% endblock %}"""
CHECKED = """<form id="checked" hx-post="/check/"><label>Age <input name="age" aria-invalid="true"
aria-describedby="wrong"></label><p class="field__error" id="wrong">A number, please.</p>
<button>Check</button></form>"""


def page(request: HttpRequest) -> HttpResponse:
    """The page, framed as for somebody signed in."""
    frame = {key: styleguide.specimens()[key] for key in ("nav", "person", "tenant")}
    at = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    return HttpResponse(engines["django"].from_string(PAGE).render({**frame, "at": at}, request))


def save(request: HttpRequest) -> HttpResponse:
    """Proves that the CSRF token came: without it Django answers 403 before this."""
    return HttpResponse(f"<span>got {request.method} {request.POST.get('title', '')}</span>")


def check(request: HttpRequest) -> HttpResponse:
    """A form that comes back with its error."""
    return HttpResponse(CHECKED, status=422)


def removed(request: HttpRequest) -> HttpResponse:
    """The list without the row whose button was pressed."""
    return HttpResponse('<ul id="list"></ul>')


def broken(request: HttpRequest) -> HttpResponse:
    """What a proxy might say: a whole page where a fragment was wanted."""
    return HttpResponse("<!doctype html><html><body>Bad gateway</body></html>", status=502)


def plain(request: HttpRequest) -> HttpResponse:
    """A form without htmx has arrived."""
    return HttpResponse(engines["django"].from_string(SENT).render({}, request))


urlpatterns = [
    path("", page),
    path("save/", save),
    path("check/", check),
    path("removed/", removed),
    path("broken/", broken),
    path("plain/", plain),
    path("error/<int:status>/", errors.page),
]
