"""Creating demo data: reproducible, of any size, and only in an empty database."""

from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import User
from demo.data import bulk
from demo.data.content import read_towns
from demo.data.towns import Demo
from demo.management.commands import demo_data
from demo.management.commands.demo_data import flush
from initiatives import needs
from initiatives.demo_data import IdeaContent, make_idea
from initiatives.models import Initiative, SearchWord
from insights.models import Tally
from locations.geo import Point
from locations.models import Location, Municipality
from locations.theme import colours
from meetups.clock import AMSTERDAM
from meetups.models import Attendance, Meetup, Occurrence
from moderation.demo_data import know
from tests.factories import make_municipality, make_role, make_user
from tests.visitors import rolled_back

pytestmark = pytest.mark.django_db


def test_demo_data_refuses_a_database_with_data():
    User.objects.create_user("someone@example.org")
    with pytest.raises(CommandError, match="--flush"):
        call_command(demo_data.Command())
    assert Municipality.objects.count() == 0


def test_the_same_seed_on_the_same_day_gives_the_same_data(monkeypatch):
    town = next(town for town in read_towns() if town.slug == "weert")
    monkeypatch.setattr("demo.data.towns.read_towns", lambda: [town])
    monkeypatch.setattr("demo.data.towns.CAST", ())

    def made(seed: int) -> list:
        with rolled_back():
            Demo(seed=seed, now=datetime(2026, 11, 24, 9, tzinfo=AMSTERDAM)).make()
            fields = ("occurrence__planned_for", "user__first_name", "state", "is_present", "note", "created_at")
            return list(Attendance.objects.order_by("pk").values_list(*fields))

    first = made(1)
    assert first == made(1)
    assert first != made(2)


def test_some_towns_have_their_own_theme():
    towns = {town.slug: town for town in read_towns()}
    assert {town.accent for town in towns.values() if town.accent and colours.is_usable(town.accent)} == {
        *("#7a3b0c", "#1b4f9c", "#5b2a82")
    }
    assert [(slug, town.picture.width) for slug, town in towns.items() if town.picture] == [("brummen", 372)]


def test_exact_number_of_dates_is_created(monkeypatch, capsys):
    town = next(town for town in read_towns() if town.slug == "weert")
    monkeypatch.setattr("demo.data.towns.read_towns", lambda: [town])
    monkeypatch.setattr("demo.data.towns.CAST", ())
    call_command(demo_data.Command(), "--occurrences", "700", verbosity=0)
    assert Occurrence.objects.count() == 700
    assert Municipality.objects.count() <= 3
    assert Tally.objects.count() == Occurrence.objects.filter(closed_at__isnull=False).count() > 300
    for location in Location.objects.exclude(municipality__name="Weert").select_related("municipality"):
        assert Point(location.latitude, location.longitude).distance_km(location.municipality.point) <= 5.1
    Occurrence.objects.create(  # the reserved ids are not used again
        meetup=Meetup.objects.first(),
        location=Meetup.objects.first().location,
        starts_at=timezone.now(),
        ends_at=timezone.now() + timedelta(hours=1),
        planned_for=timezone.localdate() + timedelta(days=400),
    )


def test_exact_number_of_ideas_is_added(monkeypatch):
    town = next(town for town in read_towns() if town.slug == "weert")
    monkeypatch.setattr("demo.data.towns.read_towns", lambda: [town])
    monkeypatch.setattr("demo.data.towns.CAST", ())
    call_command(demo_data.Command(), "--ideas", "200", verbosity=0)
    added = Initiative.objects.filter(slug__startswith="idee-")
    assert added.count() == 200
    assert Initiative.objects.count() > 200
    assert len(set(added.values_list("stage", flat=True))) > 4
    assert SearchWord.objects.filter(word="kinderen").exists()
    for initiative in added[:5]:
        asks = sorted(initiative.asks)
        needs.recount(initiative)
        assert sorted(initiative.asks) == asks


def test_in_the_demo_nobody_who_works_for_the_municipality_asks_it_something():
    town, now = make_municipality(), timezone.now()
    officer, parent = make_role("policy_officer", town, make_user("Henk")), make_user("Samira")
    proposer = make_user("Dewi")
    know([proposer], now=now)
    content = IdeaContent(
        town=town.slug, by="Dewi", title="Vliegeren", what="Samen vliegeren.", for_whom="iedereen", days=20, come=2,
        talk=["Mag ik mee?"], questions=[{"ask": "Mag het op het plein?", "answer": "Ja."}],
    )  # fmt: skip
    idea = make_idea(content, town=town, proposer=proposer, people=[officer, parent], now=now)
    question = idea.questions.get()
    assert (question.asked_by, question.answers.get().by) == (parent, officer)
    assert idea.posts.get().author == parent


def test_million_dates_fit_in_the_maximum_number_of_towns():
    plans = bulk._plan(1_000_000 // bulk.DATES_PER_MEETUP)
    assert len(plans) == bulk.MAX_TOWNS
    assert {plan.meetups for plan in plans} == {16, 17}
    assert len({plan.place.label for plan in plans}) == len(plans)


def test_failure_halfway_says_how_to_start_over(monkeypatch, capsys):
    monkeypatch.setattr("demo.data.towns.read_towns", list)
    monkeypatch.setattr("demo.data.towns.CAST", ())
    monkeypatch.setattr("demo.data.bulk._copy", lambda *rows: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        call_command(demo_data.Command(), "--occurrences", "10", verbosity=0)
    assert "half-filled" in capsys.readouterr().err


def test_too_few_dates_are_refused():
    with pytest.raises(CommandError, match="Ask for that many or more"):
        call_command(demo_data.Command(), "--occurrences", "3")


def test_flush_empties_the_tables():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    User.objects.create_user("someone@example.org")
    flush()
    assert not User.objects.exists()
