"""When a test sign-in at a provider last named an admin."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0005_risk")]

    operations = [
        migrations.AddField(
            model_name="identityprovider",
            name="tested_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="test passed"),
        ),
    ]
