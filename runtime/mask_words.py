"""How a value was masked, in words: for columns of exports, and for who hears a page read out."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from datacatalog.masking import Method

COLUMNS: dict[str, Promise] = {
    "": _("as it is"),
    Method.PARTIAL.value: _("in part"),
    Method.GENERALISE.value: _("as ranges"),
    Method.TOKEN.value: _("as tokens"),
    Method.HIDE.value: _("left out"),
}
CELLS: dict[str, Promise] = {
    Method.PARTIAL.value: _("masked, a part is shown"),
    Method.GENERALISE.value: _("masked, the range is shown"),
    Method.TOKEN.value: _("masked by a token"),
    Method.HIDE.value: _("hidden"),
}
