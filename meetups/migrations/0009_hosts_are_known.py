from django.db import migrations
from django.utils import timezone


def trust_present_hosts(apps, schema_editor):
    """Count everyone who wrote or hosts a meetup as known: their texts have been public for a while."""
    users = set(apps.get_model("meetups", "Host").objects.values_list("user", flat=True))
    users |= set(apps.get_model("meetups", "Meetup").objects.values_list("created_by", flat=True)) - {None}
    trust = apps.get_model("moderation", "Trust")
    trust.objects.bulk_create(
        [trust(user_id=pk, fact="texts_fine", on=timezone.localdate()) for pk in sorted(users)], ignore_conflicts=True
    )


class Migration(migrations.Migration):
    dependencies = [
        ("meetups", "0008_visibility"),
        ("moderation", "0001_initial"),
    ]

    operations = [migrations.RunPython(trust_present_hosts, migrations.RunPython.noop)]
