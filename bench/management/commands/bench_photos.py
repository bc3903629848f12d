"""Measure how long the worker takes for a photo."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand

from bench import photos


class Command(BaseCommand):
    help = "Seconds, photos an hour and peak memory, for JPEG and HEIC of 12 and 49 megapixels."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--rounds", type=int, default=3)

    def handle(self, *args: Any, **options: Any) -> None:
        photos.measure(rounds=options["rounds"])
