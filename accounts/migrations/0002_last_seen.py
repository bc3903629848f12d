from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="last_seen_on",
            field=models.DateField(blank=True, editable=False, null=True, verbose_name="last seen on"),
        ),
        migrations.AddField(
            model_name="user",
            name="erase_on",
            field=models.DateField(blank=True, editable=False, null=True, verbose_name="erased on, unless seen before"),
        ),
    ]
