"""Stop using `password_mark` of an address change, and leave its column to a later version.

Processes of the previous version still read and write the column; those of this version rely on its default.
"""

from django.db import migrations

MARK_HAS_A_DEFAULT = "ALTER TABLE accounts_addresschange ALTER COLUMN password_mark SET DEFAULT ''"
MARK_AS_BEFORE = "ALTER TABLE accounts_addresschange ALTER COLUMN password_mark DROP DEFAULT"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_plain_labels"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(MARK_HAS_A_DEFAULT, MARK_AS_BEFORE)],
            state_operations=[migrations.RemoveField(model_name="addresschange", name="password_mark")],
        ),
    ]
