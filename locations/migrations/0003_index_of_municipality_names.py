"""Some installations made their tables before 0001 had its last index; give them that index too."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

NAME = "municipality_by_name"


def add_where_missing(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Build the index; writing to this table waits meanwhile, but it has a few hundred rows at most."""
    municipality = apps.get_model("locations", "Municipality")
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        present = connection.introspection.get_constraints(cursor, municipality._meta.db_table)
    if NAME not in present:
        [index] = [one for one in municipality._meta.indexes if one.name == NAME]
        schema_editor.add_index(municipality, index)


class Migration(migrations.Migration):
    dependencies = [
        ("locations", "0002_theme"),
    ]

    operations = [
        migrations.RunPython(add_where_missing, migrations.RunPython.noop, elidable=True),
    ]
