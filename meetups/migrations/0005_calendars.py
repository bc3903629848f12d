"""What calendars need: when a meetup ended, what became of a sign-up, and the addresses that dates once had."""

import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone


def end_today(apps, schema_editor):
    """Nobody noted when a meetup ended; calendars hear of what was cancelled for a year from now."""
    apps.get_model("meetups", "Meetup").objects.filter(status="ended").update(ended_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [
        ("meetups", "0004_superfluous_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="attendance",
            name="changed_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="attendance",
            name="sequence",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name="meetup",
            name="ended_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="ended at"),
        ),
        migrations.CreateModel(
            name="FormerDate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("planned_for", models.DateField(verbose_name="date")),
                (
                    "meetup",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_dates",
                        to="meetups.meetup",
                    ),
                ),
                (
                    "occurrence",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="former_dates",
                        to="meetups.occurrence",
                    ),
                ),
            ],
            options={
                "verbose_name": "former address of a date",
                "verbose_name_plural": "former addresses of dates",
                "constraints": [models.UniqueConstraint(fields=("meetup", "planned_for"), name="former_date_once")],
            },
        ),
        migrations.RunPython(end_today, migrations.RunPython.noop),
    ]
