"""Sign-in, sign-out and what can go wrong on the way."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from identity import discovery, provider_trial, providers, remembered, sessions, sso
from identity.answers import SignInRefused, safe_next
from identity.forms import AddressForm
from identity.onward import onward
from identity.protocols import protocol_of
from identity.providers import Provider
from identity.rates import check_rate
from identity.refusal_pages import provider_down, refused


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Straight to the provider where there is one for everyone, or where this browser was last; else by the
    domain of an e-mail address. A first sign-in begins by a POST, so no link can start one."""
    after = safe_next(request.POST.get("next") or request.GET.get("next"))
    if request.user.is_authenticated:
        return HttpResponseRedirect(after)
    if request.method == "POST" and "email" in request.POST:
        return _by_address(request, after)
    last = None if "choose" in request.GET else remembered.provider(request)
    if request.method == "GET" and last:
        return _send(request, last, after)
    only = providers.only_one()
    if only:
        return _send(request, only, after) if request.method == "POST" else _page(request, only, after)
    if not providers.any_at_all():
        return provider_down(request, discovery.ProviderDown("no provider is configured"), None, after)
    return render(request, "identity/find_provider.html", {"next": after, "form": AddressForm()})


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_at(request: HttpRequest, provider: str) -> HttpResponse:
    """The address that a provider's portal of apps opens (OpenID Connect Core 1.0, section 4): its page
    with the one button. Of what stands in the query only a target on this site counts."""
    after = safe_next(request.POST.get("next") or request.GET.get("target_link_uri"))
    if request.user.is_authenticated:
        return HttpResponseRedirect(after)
    found = _enabled(provider)
    return _send(request, found, after) if request.method == "POST" else _page(request, found, after)


@never_cache
@require_GET
def callback(request: HttpRequest, provider: str = "") -> HttpResponse:
    """Where the provider sends the browser back to; each provider has its own address (RFC 9700, 4.4)."""
    found = providers.by_slug(provider, enabled=False) if provider else providers.deployment()
    if found is None and provider:
        raise Http404
    try:
        if found is None:
            raise discovery.ProviderDown("no provider is configured")
        check_rate(request, "callback")
        answer = sso.complete(request, found)
        if answer.is_test:
            return provider_trial.show(request, answer)
        sessions.begin(request, answer)
    except SignInRefused as refusal:
        return remembered.forget(refused(request, refusal, found))
    except discovery.ProviderDown as error:
        return provider_down(request, error, found, safe_next(None))
    return remembered.remember(HttpResponseRedirect(answer.next), found)


@never_cache
@require_http_methods(["GET", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Asks once, then ends the session here and at the provider."""
    if request.method == "GET" and request.user.is_authenticated:
        return _sign_out_page(request)
    if request.method == "GET":
        return redirect("sign-in")
    return remembered.forget(HttpResponseRedirect(sessions.end(request) or reverse("sign-in")))


def _by_address(request: HttpRequest, after: str) -> HttpResponse:
    """To the provider of the address's domain. What is answered depends on the domain alone, never on
    whether there is such a person."""
    form = AddressForm(request.POST)
    if form.is_valid():
        address = form.cleaned_data["email"]
        found = providers.by_email(address)
        if found:
            return onward(request, _send(request, found, after, login_hint=address), found.name)
        form.add_error(
            "email",
            _("No company signs in here with this domain. Check the address, or ask your IT department."),
        )
    return render(request, "identity/find_provider.html", {"next": after, "form": form}, status=422)


def _send(request: HttpRequest, provider: Provider, after: str, *, login_hint: str = "") -> HttpResponse:
    check_rate(request, "sign-in")  # each stores a session
    try:
        return protocol_of(provider).begin(request, provider, next_url=after, login_hint=login_hint)
    except discovery.ProviderDown as error:
        return provider_down(request, error, provider, after)


def _page(request: HttpRequest, provider: Provider, after: str) -> HttpResponse:
    try:
        origins = protocol_of(provider).origins(provider)
    except discovery.ProviderDown as error:
        return provider_down(request, error, provider, after)
    action = reverse("provider", args=[provider.slug]) if provider.slug else reverse("sign-in")
    context = {"provider": provider.name, "next": after, "action": action}
    return leading_to(origins, render(request, "identity/sign_in.html", context))


def _enabled(slug: str) -> Provider:
    found = providers.by_slug(slug)
    if found is None:
        raise Http404
    return found


def _sign_out_page(request: HttpRequest) -> HttpResponse:
    provider = sessions.provider_of(request)
    page = render(request, "identity/sign_out.html", {"provider": provider.name if provider else ""})
    try:
        return leading_to(protocol_of(provider).origins(provider), page) if provider else page
    except discovery.ProviderDown:
        return page  # the session here ends all the same


def leading_to(origins: list[str], page: HttpResponse) -> HttpResponse:
    """Let forms of `page` end at the provider: CSP's form-action governs the redirects after a POST too."""
    page._csp_update = {"form-action": origins}  # type: ignore[attr-defined]
    return page
