"""Migrations of databases of older versions."""

import importlib

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader

pytestmark = pytest.mark.django_db
OLD_INDEXES = {
    "meetups_occurrence_location_id_0bb1aa89": "CREATE INDEX {} ON meetups_occurrence (location_id)",
    "meetups_occurrence_meetup_id_d88598d3": "CREATE INDEX {} ON meetups_occurrence (meetup_id)",
}


def indexes() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'")
        return dict(cursor.fetchall())


def run_again(app: str, name: str) -> None:
    """Apply a migration to the tables, as on an installation that does not have it yet."""
    migration = importlib.import_module(f"{app}.migrations.{name}").Migration(name, app)
    state = MigrationLoader(connection).project_state(migration.dependencies)
    with connection.schema_editor(atomic=False) as editor:
        migration.apply(state, editor)


def test_old_installations_get_the_same_indexes_as_new_ones():
    as_new = indexes()
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX municipality_by_name")
        for name, statement in OLD_INDEXES.items():
            cursor.execute(statement.format(name))
    assert indexes().keys() ^ as_new.keys() == {"municipality_by_name", *OLD_INDEXES}

    run_again("locations", "0003_index_of_municipality_names")
    run_again("meetups", "0004_superfluous_indexes")
    assert indexes() == as_new

    run_again("locations", "0003_index_of_municipality_names")
    run_again("meetups", "0004_superfluous_indexes")
    assert indexes() == as_new


def test_every_migration_can_be_reversed():
    own = {config.label for config in apps.get_app_configs() if not config.__module__.startswith(("django", "allauth"))}
    irreversible = [
        str(migration)
        for (app, _name), migration in MigrationLoader(connection).disk_migrations.items()
        if app in own and not all(operation.reversible for operation in migration.operations)
    ]
    assert irreversible == []
