from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0010_roles"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(("removed_at", None)), fields=["tenant", "id"], name="user_of_tenant"
            ),
        ),
    ]
