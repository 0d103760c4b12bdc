"""The kinds by name."""

from collections.abc import Mapping

from catalog.manifest import PageKind as Name
from runtime.pages import PageKind
from runtime.pages.dashboard import DashboardPage
from runtime.pages.detail import DetailPage
from runtime.pages.form import FormPage
from runtime.pages.list import ListPage

KINDS: Mapping[str, PageKind] = {
    Name.FORM: FormPage(),
    Name.LIST: ListPage(),
    Name.DETAIL: DetailPage(),
    Name.DASHBOARD: DashboardPage(),
}
