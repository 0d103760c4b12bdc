"""Page kinds of running apps: one file a kind, found by the name that manifests use.

A kind is a class with `action` (what policy is asked for), `icon`, `template` and `context()`. The registry
is closed, as the manifest's schema is: a new kind is a new file here, one in the schema, and its docs.
"""

from typing import Any, ClassVar, Protocol

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.manifest import Page
from identity.errors import Missing
from policy.inputs import Action
from runtime.live import LiveApp, LiveDataset


class PageKind(Protocol):
    """One kind of page."""

    action: ClassVar[Action]
    route: ClassVar[str]

    def respond(self, request: HttpRequest, place: "Place", **parts: Any) -> HttpResponse:
        """The page, or the answer to its form."""
        ...


class Place:
    """Where a request is: a live app, one of its datasets, and the page that the manifest describes."""

    def __init__(self, live: LiveApp, dataset: LiveDataset, page: Page | None) -> None:
        self.live = live
        self.dataset = dataset
        self._page = page

    @property
    def page(self) -> Page:
        """The page at hand.

        Raises:
            Missing: the manifest has none of this kind for the dataset.
        """
        if self._page is None:
            raise Missing(_("This app has no such page."))
        return self._page

    @property
    def fields(self) -> tuple[Any, ...]:
        """The page's fields in their order."""
        return self.dataset.chosen(self.page.fields)

    def url(self, route: str, *more: Any) -> str:
        """An address of this dataset."""
        return reverse(f"runtime:{route}", args=[self.live.slug, self.dataset.key, *more])


def place_of(live: LiveApp, dataset: str, kind: str) -> Place:
    """The place of the first page of `kind` over `dataset`.

    Raises:
        Missing: the app has no such dataset.
    """
    found = live.dataset(dataset)
    pages = (page for page in live.manifest.pages if page.kind == kind and page.dataset == dataset)
    return Place(live, found, next(pages, None))
