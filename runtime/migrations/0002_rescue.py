"""An export that the sweep could not put right waits for its next turn."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runtime", "0001_exports"),
    ]

    operations = [
        migrations.AddField(
            model_name="export",
            name="rescue_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="export",
            name="rescue_failures",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
