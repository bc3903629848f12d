"""Write the addresses that have letters beyond ASCII in the one way that lookups expect from now on."""

from django.db import migrations

from accounts.addresses import normalise

BEYOND_ASCII = r"[^ -~]"


def write_anew(apps, schema_editor):
    """A wish that is there already under the same address stands; the older writing of it goes."""
    Message = apps.get_model("notifications", "Message")
    Preference = apps.get_model("notifications", "Preference")
    for message in Message.objects.filter(email__regex=BEYOND_ASCII).only("email"):
        Message.objects.filter(pk=message.pk).update(email=normalise(message.email))
    for wish in Preference.objects.filter(email__regex=BEYOND_ASCII):
        same = Preference.objects.filter(email=normalise(wish.email), topic=wish.topic, channel=wish.channel)
        if not wish.is_wanted:
            same.update(is_wanted=False)
        if same.exists():
            wish.delete()
        else:
            Preference.objects.filter(pk=wish.pk).update(email=normalise(wish.email))


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial")]

    operations = [migrations.RunPython(write_anew, migrations.RunPython.noop)]
