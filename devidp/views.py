"""The provider's pages for people; its endpoints for clients are in `endpoints.py`."""

import secrets
from pathlib import Path

from django.contrib.auth import get_user_model, login, logout
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from devidp import backchannel
from devidp.people import companies, people
from devidp.sign_in import SignIn, keep_demands, restore_demands

_CODE_KEY = "one_time_code"
_TRIES_KEY = "one_time_tries"
_MOST_TRIES = 5
STYLES = Path(__file__).with_name("static") / "devidp.css"


@require_GET
def styles(_request: HttpRequest) -> FileResponse:
    """The one style sheet."""
    return FileResponse(STYLES.open("rb"), content_type="text/css")


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Who is signed in here."""
    person = people().get(request.user.get_username()) if request.user.is_authenticated else None
    return render(request, "devidp/home.html", {"person": person, "sign_in": SignIn.of(request)})


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Choose who to be. This is the whole of the provider's first factor."""
    after = _own_path(request)
    if request.method == "GET":
        return render(request, "devidp/sign_in.html", {"companies": companies().values(), "next": after})
    person = people().get(request.POST.get("person", ""))
    if person is None:
        return render(
            request,
            "devidp/sign_in.html",
            {
                "companies": companies().values(),
                "next": after,
                "error": "Choose one of the people.",
            },
            status=400,
        )
    user, _made = get_user_model().objects.get_or_create(username=person.id)
    demands = keep_demands(request)
    login(request, user)  # empties the session when it was another person's
    restore_demands(request, demands)
    SignIn.now(request, level=1)
    return redirect(after)


@require_http_methods(["GET", "POST"])
def step_up(request: HttpRequest) -> HttpResponse:
    """The second factor: type the code that the page itself shows, as a phone would show it."""
    after = _own_path(request)
    if not request.user.is_authenticated:
        return redirect(f"{reverse('sign-in')}?{request.GET.urlencode()}")
    error = ""
    if request.method == "POST":
        given = request.POST.get("code", "").replace(" ", "")
        expected = request.session.get(_CODE_KEY, "")
        if expected and secrets.compare_digest(given.encode(), expected.encode()):
            del request.session[_CODE_KEY]
            SignIn.now(request, level=2)
            request.session.cycle_key()
            return redirect(after)
        error = "That is not the code. Type the six digits shown above."
        request.session[_TRIES_KEY] = request.session.get(_TRIES_KEY, 0) + 1
    if _CODE_KEY not in request.session or request.session.get(_TRIES_KEY, 0) >= _MOST_TRIES:
        request.session[_CODE_KEY] = f"{secrets.randbelow(10**6):06d}"
        request.session[_TRIES_KEY] = 0
    return render(
        request,
        "devidp/step_up.html",
        {
            "person": people()[request.user.get_username()],
            "code": request.session[_CODE_KEY],
            "next": after,
            "error": error,
        },
        status=400 if error else 200,
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session here and tell the client."""
    end_session(request)
    return redirect("home")


def end_session(request: HttpRequest) -> None:
    """Sign the person out; the client hears of it once the answer's transaction is committed."""
    signed_in = SignIn.of(request)
    if signed_in is not None:
        sub, sid = request.user.get_username(), signed_in.sid
        transaction.on_commit(lambda: backchannel.tell_client(sub, sid))
    logout(request)


def _own_path(request: HttpRequest) -> str:
    """Where to go on: a path of this provider, never another host."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    own = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/")
    return wanted if own else reverse("home")
