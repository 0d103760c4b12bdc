from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("vault", "0002_secrets"),
    ]

    operations = [
        migrations.AlterField(
            model_name="tenantkey",
            name="purpose",
            field=models.CharField(
                choices=[("fields", "field values"), ("index", "blind indexes"), ("signing", "signatures")],
                max_length=10,
                verbose_name="purpose",
            ),
        ),
        migrations.AlterField(
            model_name="tenantkey",
            name="state",
            field=models.CharField(
                choices=[("next", "announced"), ("active", "active"), ("retired", "retired")],
                default="active",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.RemoveConstraint(model_name="tenantkey", name="tenantkey_retired_at"),
        migrations.AddConstraint(
            model_name="tenantkey",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "next")),
                fields=("tenant", "purpose"),
                name="tenantkey_one_next",
            ),
        ),
        migrations.AddConstraint(
            model_name="tenantkey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("retired_at", None), ("state__in", ["next", "active"])),
                    models.Q(("retired_at__isnull", False), ("state", "retired")),
                    _connector="OR",
                ),
                name="tenantkey_retired_at",
            ),
        ),
    ]
