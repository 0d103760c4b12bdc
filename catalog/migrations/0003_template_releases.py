"""Which versions of templates a tenant offers."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import identity.tenancy
from identity.walls import Wall


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_sealed"),
        ("identity", "0003_sessions_and_providers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TemplateRelease",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=identity.tenancy.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("template_id", models.CharField(max_length=60, verbose_name="template")),
                ("version", models.CharField(max_length=40, verbose_name="version")),
                (
                    "state",
                    models.CharField(
                        choices=[("published", "Published"), ("withdrawn", "Withdrawn")],
                        default="published",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        help_text="The owners of apps made from it read this. Name no person.",
                        max_length=400,
                        verbose_name="why it is withdrawn",
                    ),
                ),
                ("changed_at", models.DateTimeField(editable=False, null=True, verbose_name="changed")),
                (
                    "changed_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "template",
                "ordering": ["template_id", "-version"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "template_id", "version"), name="template_release_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["published", "withdrawn"])),
                        name="template_release_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("changed_at", None), ("changed_by", None)),
                            models.Q(("changed_at__isnull", False), ("changed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="template_release_changed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), ("state", "published")),
                            models.Q(
                                ("changed_at__isnull", False),
                                ("state", "withdrawn"),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="template_release_withdrawn",
                    ),
                ],
            },
        ),
        Wall("catalog_templaterelease"),
    ]
