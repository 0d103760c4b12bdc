"""Charts over a dataset's fields that are not protected."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from policy.inputs import Action
from runtime import gateway
from runtime.charts import Chart
from runtime.frame import frame
from runtime.pages import Place


class DashboardPage:
    """Kind "dashboard"."""

    action: ClassVar[Action] = Action.DASHBOARD_VIEW
    route: ClassVar[str] = "dashboard"
    template = "runtime/dashboard.html"

    def respond(self, request: HttpRequest, place: Place, **parts: Any) -> HttpResponse:
        """The page."""
        wanted = [(place.dataset.by_id[chart.field], chart.measure) for chart in place.page.charts]
        charts = gateway.dashboard(
            by=request.user,  # type: ignore[arg-type]  # signed in
            live=place.live,
            dataset=place.dataset,
            wanted=wanted,
        )
        context: dict[str, Any] = {
            "charts": [
                {"id": f"chart-{n}", "chart": one if isinstance(one, Chart) else None, "gap": one}
                for n, one in enumerate(charts, start=1)
            ]
        }
        context |= frame(request, place, place.page.title)
        return render(request, self.template, context)
