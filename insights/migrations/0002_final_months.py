from django.db import migrations, models

# The number of families that came back is shown no more, so nothing writes it; the column goes when no program that
# knows it can be running any more.
RETURNERS_HAVE_A_DEFAULT = "ALTER TABLE insights_monthlyfigure ALTER COLUMN returners SET DEFAULT 0"
RETURNERS_AS_BEFORE = """
UPDATE insights_monthlyfigure SET returners = greatest(returners, second_visits);
ALTER TABLE insights_monthlyfigure ALTER COLUMN returners DROP DEFAULT;
"""

# Families without an address at the dates that were counted already, as far back as sign-ups can be told from visits.
COUNT_UNKNOWN = """
UPDATE insights_tally t SET unknown = found.unknown
FROM (
    SELECT a.occurrence_id, count(*) AS unknown
    FROM meetups_attendance a
    JOIN insights_tally counted ON counted.occurrence_id = a.occurrence_id
    JOIN insights_yearkey k ON k.year = extract(year FROM counted.occurred_on) AND k.secret IS NOT NULL
    WHERE a.is_present AND NOT EXISTS (
        SELECT FROM insights_visit v WHERE v.occurrence_id = a.occurrence_id AND v.attendance_id = a.id
    )
    GROUP BY a.occurrence_id
) AS found
WHERE t.occurrence_id = found.occurrence_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("insights", "0001_initial"),
        ("meetups", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="tally",
            name="unknown",
            field=models.PositiveIntegerField(
                db_default=0, default=0, verbose_name="families without an e-mail address"
            ),
        ),
        migrations.RemoveConstraint(model_name="monthlyfigure", name="figure_second_visits_return"),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(RETURNERS_HAVE_A_DEFAULT, RETURNERS_AS_BEFORE)],
            state_operations=[migrations.RemoveField(model_name="monthlyfigure", name="returners")],
        ),
        migrations.AddField(
            model_name="monthlyfigure",
            name="held",
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name="times"),
        ),
        migrations.AddField(
            model_name="monthlyfigure",
            name="later_visits",
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name="third and later visits"),
        ),
        migrations.AddField(
            model_name="monthlyfigure",
            name="unknown",
            field=models.PositiveIntegerField(
                db_default=0, default=0, verbose_name="families without an e-mail address"
            ),
        ),
        migrations.AddField(
            model_name="monthlyfigure",
            name="final_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="final since"),
        ),
        migrations.AlterField(
            model_name="monthlyfigure",
            name="dates",
            field=models.PositiveIntegerField(default=0, verbose_name="times closed"),
        ),
        migrations.RunSQL(COUNT_UNKNOWN, migrations.RunSQL.noop),
    ]
