"""What the second person is shown before a key is destroyed, in the form of approvals/evidence.py."""

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from approvals import evidence as shown
from vault.models import KeyDestruction, KeyEncryptionKey, StoredSecret, TenantKey
from vault.states import LIVING


def collect(row: KeyDestruction) -> shown.Evidence:
    """Which keys, how much they open, and why they are to go."""
    keks = KeyEncryptionKey.objects.filter(tenant=row.tenant_id, purpose=row.purpose)
    living = keks.filter(state__in=LIVING)
    data_keys = TenantKey.objects.filter(tenant=row.tenant_id, kek__in=living)
    apps = data_keys.exclude(app=None).values("app").distinct().count()
    rows = [
        (_("Asked by"), f"{row.asked_by.display_name}, {row.asked_by.unit or '–'}"),
        (_("Data keys that it opens"), str(data_keys.count())),
        (_("Apps with keys of their own among them"), str(apps)),
        (_("Stored secrets, which stay"), str(StoredSecret.objects.filter(tenant=row.tenant_id).count())),
    ]
    rows += [(str(kek), _describe(kek)) for kek in living.order_by("-version")]
    text = _("What this key protects is lost for good: nobody can read it again, back-ups included.")
    return shown.Evidence(
        recommendation=shown.Recommendation("amber", text),
        tags=(),
        sections=(
            shown.Facts(_("Summary"), tuple(shown.Fact(label, value) for label, value in rows)),
            shown.Text(_("Why"), row.reason),
        ),
    )


def _describe(kek: KeyEncryptionKey) -> str:
    parts = [
        str(kek.get_origin_display()),
        _("since %(day)s") % {"day": date_format(localtime(kek.created_at), "j M Y")},
    ]
    if kek.check_value:
        parts.append(_("check value %(value)s") % {"value": kek.check_value})
    return ", ".join(parts)
