"""Some installations made their tables before 0001 lost two indexes that others begin with; drop them there too."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("meetups", "0003_host_since"),
    ]

    operations = [
        migrations.RunSQL(
            [
                "DROP INDEX IF EXISTS meetups_occurrence_location_id_0bb1aa89",
                "DROP INDEX IF EXISTS meetups_occurrence_meetup_id_d88598d3",
            ],
            migrations.RunSQL.noop,
            elidable=True,
        ),
    ]
