"""Since when someone is a host; and the addresses of guests in the one way that lookups expect from now on."""

import django.utils.timezone
from django.db import migrations, models

from accounts.addresses import normalise

BEYOND_ASCII = r"[^ -~]"


def write_anew(apps, schema_editor):
    """Where the same guest is on the list of a date already, written so, the older writing stays."""
    guests = apps.get_model("meetups", "Attendance").objects.filter(user=None)
    for guest in guests.filter(guest_email__regex=BEYOND_ASCII).only("guest_email", "occurrence_id"):
        address = normalise(guest.guest_email)
        if not guests.filter(occurrence=guest.occurrence_id, guest_email__iexact=address).exists():
            guests.filter(pk=guest.pk).update(guest_email=address)


class Migration(migrations.Migration):
    dependencies = [("meetups", "0002_door_tap"), ("accounts", "0004_one_way_to_write_an_address")]

    operations = [
        migrations.AddField(
            model_name="host",
            name="since",
            field=models.DateTimeField(editable=False, null=True, verbose_name="host since"),
        ),
        # In a step of its own: who is host already keeps no instant, and so sees all dates.
        migrations.AlterField(
            model_name="host",
            name="since",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, null=True, verbose_name="host since"
            ),
        ),
        migrations.RunPython(write_anew, migrations.RunPython.noop),
    ]
