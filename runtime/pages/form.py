"""A form that makes a record. Sent twice, it makes one."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from policy.inputs import Action
from runtime import gateway, once
from runtime.forms import RecordForm
from runtime.frame import frame
from runtime.pages import Place
from runtime.permissions import granted


class FormPage:
    """Kind "form"."""

    action: ClassVar[Action] = Action.RECORD_CREATE
    route: ClassVar[str] = "form"
    template = "runtime/form.html"

    def respond(self, request: HttpRequest, place: Place, **parts: Any) -> HttpResponse:
        """Show the form, or store what it brings and go on."""
        user: Any = request.user
        form = RecordForm(request.POST, fields=place.fields) if request.method == "POST" else None
        if form is not None and form.is_valid():
            key = once.redeem(form.cleaned_data["key"], user, place.dataset.id)
            gateway.create_record(
                by=user, live=place.live, dataset=place.dataset, record_id=key, values=form.values()
            )
            messages.success(request, _("Saved."))
            return redirect(self._next(place, granted(user, place.live), key))
        # a form that comes back with errors shows as much of the app as an empty one
        gateway.check_form(
            by=user, live=place.live, dataset=place.dataset, action=self.action, fields=place.fields
        )
        if form is None:
            form = RecordForm(fields=place.fields, initial={"key": once.issue(user, place.dataset.id)})
        context = {"form": form, "rows": form.rows(), "back": place.url("list")}
        context |= frame(request, place, place.page.title)
        return render(request, self.template, context, status=422 if form.errors else 200)

    def _next(self, place: Place, may: frozenset[str], key: Any) -> str:
        """The new record where the person may open it, else an empty form for the next one."""
        kinds = {page.kind for page in place.live.manifest.pages if page.dataset == place.dataset.key}
        if "detail" in kinds and Action.RECORD_READ in may:
            return place.url("detail", key)
        if "list" in kinds and Action.RECORD_LIST in may:
            return place.url("list")
        return place.url("form")
