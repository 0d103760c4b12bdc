import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import identity.tenancy
from identity.walls import Wall


class Migration(migrations.Migration):
    dependencies = [("identity", "0004_leaving")]

    operations = [
        migrations.AddField(
            model_name="tenant",
            name="access_revision",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="user",
            name="risk",
            field=models.CharField(
                choices=[("low", "low"), ("medium", "medium"), ("high", "high")],
                default="low",
                max_length=10,
                verbose_name="risk",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="risk_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="risk reported"),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("risk", "low"), ("risk_at__isnull", False), _connector="OR"),
                name="user_risk_reported",
            ),
        ),
        migrations.CreateModel(
            name="KeptForm",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=identity.tenancy.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("sealed", models.BinaryField()),
                ("expires_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
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
                "verbose_name": "kept form",
                "indexes": [models.Index(fields=["expires_at"], name="kept_form_expiry")],
            },
        ),
        Wall("identity_keptform"),
    ]
