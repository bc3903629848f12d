"""Signing up, and its yardstick: a bare form and one row inserted in a transaction."""

import itertools
from collections.abc import Iterator

from bench import load

PEOPLE_AT_ONCE = 50
CSRF = "a" * 32
FORM = f"csrfmiddlewaretoken={CSRF}&adults=1&children_0_3=1&children_4_12=0&children_13_18=0&note="
BARE = "/yardstick/insert/"
INSERT = load.post(BARE, "name=Noor&email=noor%40example.org&note=Wij+komen+met+zijn+twee%C3%ABn", "")
ROWS = ("join, 50 people, one date", "join, 50 people, ten dates", "join with page and form")
YARDSTICKS = {
    ROWS[0]: itertools.repeat(INSERT),
    ROWS[1]: itertools.repeat(INSERT),
    ROWS[2]: itertools.cycle([load.get(BARE), INSERT]),
}


def pages(paths: list[str], cookies: list[str]) -> dict[str, Iterator[bytes]]:
    """Return the requests to measure, by their label: each time other people, and other dates in each row."""
    return {
        "join": _posts(paths[:7], cookies),
        ROWS[0]: _posts(paths[7:8], cookies),
        ROWS[1]: _posts(paths[8:18], cookies),
        ROWS[2]: _with_page(paths[18:28], cookies),
    }


def _people(paths: list[str], cookies: list[str]) -> Iterator[tuple[str, str]]:
    """Return dates with someone who signs up; nobody comes twice to a date until all have come to all of them."""
    for shift in itertools.count():
        for number, cookie in enumerate(cookies):
            yield paths[(number + shift) % len(paths)], f"sessionid={cookie}; csrftoken={CSRF}"


def _posts(paths: list[str], cookies: list[str]) -> Iterator[bytes]:
    for path, cookie in _people(paths, cookies):
        yield load.post(f"{path}aanmelden/", FORM, cookie)


def _with_page(paths: list[str], cookies: list[str]) -> Iterator[bytes]:
    for path, cookie in _people(paths, cookies):
        yield load.get(path, cookie)
        yield load.post(f"{path}aanmelden/", FORM, cookie)
