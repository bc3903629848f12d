"""Write the addresses that have letters beyond ASCII in the one way that lookups expect from now on."""

from django.db import migrations

from accounts.addresses import normalise

BEYOND_ASCII = r"[^ -~]"


def write_anew(apps, schema_editor):
    """Where the same address is there already, written so, the older writing stays: joining two people is for staff."""
    User = apps.get_model("accounts", "User")
    EmailAddress = apps.get_model("account", "EmailAddress")
    for user in User.objects.filter(email__regex=BEYOND_ASCII).only("email"):
        if not User.objects.filter(email=normalise(user.email)).exists():
            User.objects.filter(pk=user.pk).update(email=normalise(user.email))
    for row in EmailAddress.objects.filter(email__regex=BEYOND_ASCII):
        if not EmailAddress.objects.filter(email=normalise(row.email)).exists():
            EmailAddress.objects.filter(pk=row.pk).update(email=normalise(row.email))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_last_seen"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(write_anew, migrations.RunPython.noop)]
