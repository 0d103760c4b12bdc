"""One record, protected values masked, each with a button to reveal it where a role allows."""

import uuid
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from identity.models import User
from policy.inputs import Action
from runtime import gateway
from runtime.frame import frame
from runtime.pages import Place
from runtime.permissions import granted


class DetailPage:
    """Kind "detail"."""

    action: ClassVar[Action] = Action.RECORD_READ
    route: ClassVar[str] = "detail"
    template = "runtime/detail.html"

    def respond(self, request: HttpRequest, place: Place, **parts: Any) -> HttpResponse:
        """The page; `revealed` is a cell in clear to show in place of its masked one."""
        user: Any = request.user
        record: uuid.UUID = parts["record"]
        revealed: gateway.Cell | None = parts.get("revealed")
        sheet = gateway.read_record(
            by=user, live=place.live, dataset=place.dataset, fields=place.fields, record_id=record
        )
        may = granted(user, place.live)
        cells = [
            revealed if revealed is not None and cell.field.id == revealed.field.id else cell
            for cell in sheet.cells
        ]
        context = {"sheet": sheet, "may": may, "base": place.url("list")}
        context["rows"] = [row(place, record, cell, may, by=user) for cell in cells]
        context |= frame(request, place, place.page.title)
        return render(request, self.template, context)


def row(
    place: Place, record: uuid.UUID, cell: gateway.Cell, may: frozenset[str], *, by: User
) -> dict[str, Any]:
    """A line of the sheet. Nothing is offered for a credential: it is never shown again."""
    offered = cell.masked and Action.VALUE_REVEAL in may and gateway.shown_again(by, cell.field)
    return {
        "cell": cell,
        "badge": cell.field.badge,
        "reveal": place.url("reveal", record, cell.field.id) if offered else "",
    }
