"""Note since when someone has a role or may open the technical administration; who has so already: since now."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_devices_and_address_changes")]

    operations = [
        migrations.AddField(
            model_name="role",
            name="created_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="since"
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="staff_since",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="may open it since"
            ),
        ),
    ]
