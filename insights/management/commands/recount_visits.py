"""Recount all visits, as a repair."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from insights import actions
from meetups.models import Occurrence


class Command(BaseCommand):
    help = "Recount all visits. Gives the same figures as the periodic count; final months do not change."

    def handle(self, *args: Any, **options: Any) -> None:
        total = Occurrence.objects.filter(closed_at__isnull=False).count()
        done = 0

        def show(more: int) -> None:
            nonlocal done
            done += more
            if self.stdout.isatty():
                self.stdout.write(f"\rCounting: {done} of {total} dates", ending="")
                self.stdout.flush()

        counted = actions.recount(now=timezone.now(), progress=show)
        self.stdout.write(f"{chr(13) if self.stdout.isatty() else ''}{counted} dates counted.")
