"""The decision point for programs that run elsewhere: what the portal's own pages ask, asked over HTTP (P2).

The caller names a person, an action and data of a live app; roles, groups and tags are the portal's own and
are never taken from the caller. What the person's session there showed may be told along; without it the
person is taken to have shown nothing, so that access rules which ask for something refuse or challenge.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.models import App
from catalog.permissions import owns
from identity.address import parsed
from identity.errors import BadInput, DomainError, Missing, NotAllowed
from identity.models import User
from identity.permissions import can_administer
from identity.presence import Presence, present
from identity.step_up import contexts_of
from policy import store
from policy.decision import Decision
from policy.inputs import Action, Context
from runtime.decisions import ask
from runtime.live import LiveApp, live_app

MOST = 100  # questions in one call
# what can be asked about from outside: what apps do, not what the portal does
ACTIONS = {
    action.value: action for action in Action if action.value.startswith(("record.", "value.", "dashboard."))
}


def decide_all(request: HttpRequest, caller: User, body: Mapping[str, Any]) -> dict[str, Any]:
    """Each question in its place: a decision, or what is wrong with it.

    Raises:
        BadInput: `decisions` is no list of 1 to 100 objects.
    """
    asked = body.get("decisions")
    right = isinstance(asked, list) and 0 < len(asked) <= MOST
    if not right or not all(isinstance(question, dict) for question in asked or ()):
        text = _("Send between one and %(most)d questions in “decisions”.")
        raise BadInput(text % {"most": MOST}, code="decisions")
    known = _Known(request, caller)
    return {"decisions": [_answer(known, question) for question in asked or ()]}


def decide_one(request: HttpRequest, caller: User, body: Mapping[str, Any]) -> dict[str, Any]:
    """The decision on one question.

    Raises:
        BadInput, Missing, NotAllowed: the question names what is not there, or not the caller's to ask.
    """
    return shown(_Known(request, caller).decide(body))


def _answer(known: "_Known", question: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return shown(known.decide(question))
    except DomainError as error:
        return {"error": {"status": error.status, "code": error.code, "detail": error.message}}


class _Known:
    """People and apps of one call, each looked up once."""

    def __init__(self, request: HttpRequest, caller: User) -> None:
        self.request, self.caller = request, caller
        self._people: dict[str, User] = {}
        self._apps: dict[str, LiveApp] = {}
        self._mine: dict[str, bool] = {}

    def decide(self, question: Mapping[str, Any]) -> Decision:
        """Ask what `question` says."""
        action = ACTIONS.get(_text(question, "action"))
        if action is None:
            words = {"actions": ", ".join(sorted(ACTIONS))}
            raise BadInput(_("“action” is one of: %(actions)s.") % words, code="action")
        person, live = self._person(_text(question, "subject")), self._app(_text(question, "app"))
        if person.pk != self.caller.pk and not self._may_ask_for_others(live):
            raise NotAllowed(_("Only owners of the app and admins ask about others."), code="subject")
        dataset = live.dataset(_text(question, "dataset"))
        names = {item.name: item for item in dataset.fields}
        wanted = _texts(question, "fields")
        if wanted is not None and not set(wanted) <= names.keys():
            raise BadInput(_("The dataset has no such field."), code="fields")
        with self._edge(person, question.get("session")):
            return ask(
                by=person,
                live=live,
                action=action,
                dataset=dataset,
                fields=None if wanted is None else [names[name] for name in wanted],
                context=_context(question, live),
                preview=question.get("preview") is True,
            )

    def _person(self, name: str) -> User:
        if name not in self._people:
            rows = User.objects.filter(tenant=self.caller.tenant_id, username__iexact=name)
            found = self.caller if name == "me" else rows.select_related("tenant").first()
            if found is None:
                raise Missing(_("There is no such person."), code="subject")
            self._people[name] = found
        return self._people[name]

    def _app(self, slug: str) -> LiveApp:
        if slug not in self._apps:
            self._apps[slug] = live_app(slug)
        return self._apps[slug]

    def _may_ask_for_others(self, live: LiveApp) -> bool:
        if live.slug not in self._mine:
            app = App.objects.get(pk=live.id)
            self._mine[live.slug] = owns(self.caller, app) or can_administer(self.caller)
        return self._mine[live.slug]

    @contextmanager
    def _edge(self, person: User, session: Any) -> Iterator[None]:
        """As if the person were here with what the caller saw; for himself, the token's own proof will do."""
        if session is None and person.pk == self.caller.pk:
            yield
            return
        with present(_presence(self.request, person, session) if session is not None else None):
            yield


def shown(decision: Decision) -> dict[str, Any]:
    """A decision as the API tells it; `page` explains it, where it is kept."""
    kept = store.keeps(decision)
    return {
        "id": str(decision.id),
        "allowed": decision.allowed,
        "reasons": [
            {
                "code": reason.code,
                "case": reason.case,
                "kind": reason.kind.value,
                "text": reason.text,
                "remedy": reason.remedy,
            }
            for reason in decision.reasons
        ],
        "obligations": asdict(decision.obligations),
        "tier": decision.tier.value,
        "approvals": [asdict(step) for step in decision.steps],
        "revision": decision.revision,
        "engine": decision.engine,
        "milliseconds": decision.duration_ms,
        "page": reverse("audit:decision", args=[decision.id]) if kept else None,
    }


def _context(question: Mapping[str, Any], live: LiveApp) -> Context:
    region = question.get("target")
    if region is None:
        return Context(raw=question.get("raw") is True)
    target = live.target(region) if isinstance(region, str) else None
    if target is None:
        raise BadInput(_("Choose a region that your company has set up."), code="target")
    return Context(target=target, raw=question.get("raw") is True)


def _presence(request: HttpRequest, person: User, session: Any) -> Presence:
    """What a relying party saw of the sign-in (OpenID Connect Core 1.0, section 2)."""
    if not isinstance(session, dict):
        raise BadInput(_("“session” is an object."), code="session")
    auth_time, device = session.get("auth_time", 0), session.get("device_compliant")
    if type(auth_time) is not int or not (device is None or type(device) is bool):
        text = _("“auth_time” is a number of seconds, “device_compliant” true or false.")
        raise BadInput(text, code="session")
    address = session.get("address", "")
    return Presence(
        person=person.pk,
        access_revision=person.tenant.access_revision,
        own_key=person.tenant.brings_own_key,
        acr=_text(session, "acr", ""),
        amr=frozenset(_texts(session, "amr") or ()),
        auth_time=auth_time,
        step_up_acr=partial(contexts_of, request),
        device_compliant=device,
        address=parsed(address) if isinstance(address, str) else None,
        risk=person.risk,
    )


def _text(body: Mapping[str, Any], name: str, missing: str | None = None) -> str:
    value = body.get(name, missing)
    if not isinstance(value, str) or len(value) > 300:
        raise BadInput(_("“%(name)s” is a text.") % {"name": name}, code=name)
    return value


def _texts(body: Mapping[str, Any], name: str) -> list[str] | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > 500 or not all(isinstance(one, str) for one in value):
        raise BadInput(_("“%(name)s” is a list of texts.") % {"name": name}, code=name)
    return value
