"""Fill an empty database with the ten towns of the demo."""

import argparse
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone
from tqdm import tqdm

from accounts.models import User
from demo.data import bulk, bulk_ideas
from demo.data.towns import Demo, TooFew
from initiatives.models import Initiative
from insights.actions import recount
from locations.models import Location, Municipality
from meetups.models import Attendance, Meetup, Occurrence


class Command(BaseCommand):
    help = "Fill an empty database with ten towns, a year of meetups behind them and half a year to come."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="same seed, same day: the same data")
        size = parser.add_mutually_exclusive_group()
        size.add_argument(
            "--scale", type=int, default=1, metavar="N", help="N times as many dates and ideas, in more towns"
        )
        size.add_argument(
            "--occurrences",
            type=int,
            metavar="N",
            help="exactly N dates, to measure with: about 85 %% past when N is large; in the towns that are added, "
            "every past date has 2 sign-ups (both present) and every date in the coming two weeks has 2",
        )
        parser.add_argument(
            "--ideas", type=int, metavar="N", help="N more ideas, of random words, to measure with; instead of --scale"
        )
        parser.add_argument("--flush", action="store_true", help="first empty every table that this fills")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.make(timezone.now(), **options)
        except TooFew as problem:
            raise CommandError(str(problem)) from problem
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # without statistics the planner would choose nested loops
        self.stdout.write(
            f"{Municipality.objects.count()} towns, {Location.objects.count()} places, "
            f"{Meetup.objects.count()} meetups, "
            f"{Occurrence.objects.count()} dates, {Attendance.objects.count()} sign-ups, {User.objects.count()} people"
        )

    def make(
        self, now: datetime, *, seed: int, scale: int, occurrences: int | None, ideas: int | None, **options: Any
    ) -> None:
        demo = Demo(seed=seed, now=now)
        if occurrences is not None:
            demo.shorten(to=occurrences)
        with transaction.atomic():
            if options["flush"]:
                flush()
            elif Municipality.objects.exists() or User.objects.exists():
                raise CommandError(
                    "There is data here already, and demo data would mix with it. "
                    "To throw everything away and start over: manage.py demo_data --flush"
                )
            demo.make()
            made = Occurrence.objects.count()
            wanted = made * scale if occurrences is None else occurrences
            if wanted == made:
                recount(now=now)
        if wanted > made:
            self.make_more(wanted - made, seed=seed, now=now, today=demo.today)
        more_ideas = Initiative.objects.count() * (scale - 1) if ideas is None else ideas
        if more_ideas:
            bulk_ideas.make(more_ideas)

    def make_more(self, dates: int, *, seed: int, now: datetime, today: date) -> None:
        """Create bulk dates and count all visits, not in a single transaction: see demo.data.bulk."""
        try:
            with tqdm(total=dates, unit=" dates", desc="Towns", disable=None) as bar:
                bulk.make(dates, seed=seed, today=today, progress=bar.update)
            closed = Occurrence.objects.filter(closed_at__isnull=False).count()
            with tqdm(total=closed, unit=" dates", desc="Counting visits", disable=None) as bar:
                recount(now=now, progress=bar.update)
        except BaseException:  # Ctrl-C too
            self.stderr.write(
                "Stopped half-way: the database is half-filled. To start over: manage.py demo_data --flush"
            )
            raise


def flush() -> None:
    """Truncate all tables of our own apps, and those that reference them."""
    models = [model for app in settings.OWN_APPS for model in apps.get_app_config(app).get_models()]
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in models)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
