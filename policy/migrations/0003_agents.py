import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import identity.tenancy
from identity.walls import Wall


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0011_user_of_tenant"),
        ("policy", "0002_access_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="OpaAgent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=identity.tenancy.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="Small letters, digits and hyphens. Its decisions are shown under it.",
                        max_length=60,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9][a-z0-9-]*\\Z", "Small letters, digits and hyphens."
                            )
                        ],
                        verbose_name="name",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="added")),
                ("revoked_at", models.DateTimeField(editable=False, null=True, verbose_name="revoked")),
                ("seen_at", models.DateTimeField(editable=False, null=True, verbose_name="last seen")),
                ("reported_at", models.DateTimeField(editable=False, null=True, verbose_name="last status")),
                (
                    "current_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="last up to date"),
                ),
                (
                    "revision",
                    models.CharField(
                        blank=True, editable=False, max_length=64, verbose_name="revision of the rules"
                    ),
                ),
                (
                    "fault",
                    models.CharField(blank=True, editable=False, max_length=64, verbose_name="what is wrong"),
                ),
                (
                    "version",
                    models.CharField(
                        blank=True, editable=False, max_length=32, verbose_name="version of OPA"
                    ),
                ),
            ],
            options={
                "verbose_name": "OPA agent",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="OpaToken",
            fields=[
                ("hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="issued")),
                ("expires_at", models.DateTimeField(editable=False, null=True, verbose_name="valid until")),
                ("last_used_at", models.DateTimeField(editable=False, null=True, verbose_name="last used")),
                ("revoked_at", models.DateTimeField(editable=False, null=True, verbose_name="revoked")),
                (
                    "id",
                    models.UUIDField(
                        default=identity.tenancy.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
            ],
            options={
                "verbose_name": "token of an OPA agent",
                "verbose_name_plural": "tokens of OPA agents",
                "ordering": ["-created_at"],
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="storeddecision",
            name="reported_id",
            field=models.UUIDField(null=True, verbose_name="id at the agent"),
        ),
        migrations.AlterField(
            model_name="storeddecision",
            name="decided_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="decided at"),
        ),
        migrations.AlterField(
            model_name="storeddecision",
            name="engine",
            field=models.CharField(max_length=72, verbose_name="engine"),
        ),
        migrations.AddConstraint(
            model_name="storeddecision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reported_id__isnull", False)),
                fields=("tenant", "reported_id", "engine"),
                name="policy_decision_reported_once",
            ),
        ),
        migrations.AddField(
            model_name="opaagent",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.tenant",
            ),
        ),
        migrations.AddField(
            model_name="opatoken",
            name="agent",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="tokens", to="policy.opaagent"
            ),
        ),
        migrations.AddField(
            model_name="opatoken",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.tenant",
            ),
        ),
        migrations.AddConstraint(
            model_name="opaagent",
            constraint=models.UniqueConstraint(fields=("tenant", "name"), name="policy_agent_name"),
        ),
        Wall("policy_opaagent"),
    ]
