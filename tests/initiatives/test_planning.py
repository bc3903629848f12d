"""Choosing a day and a place: the page, what it shows of places, and what people who take part hear."""

from datetime import date, time, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from initiatives import plans
from initiatives.models import Initiative, Plan, Support
from initiatives.planning.forms import initial_of
from initiatives.progress import actions as progress
from initiatives.proposing import actions as proposing
from initiatives.refusals import CannotDo, Refusal
from initiatives.stages import EndReason
from initiatives.taking_part.page import suiting
from meetups.schedule.recurrence import Rule
from notifications.delivery import send_due
from tests.factories import make_initiative, make_location, make_meetup, make_occurrence, make_support, make_user
from tests.initiatives.places import make_cavia, next_wednesday, schedule, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def cavia():
    return make_cavia()


def form(**fields):
    on = next_wednesday()
    return {
        "rhythm": "weekly",
        "weekdays": ["2"],
        "first_on": on.isoformat(),
        "start_time": "14:00",
        "end_time": "16:00",
        "ending": "open",
        "place": "",
        "capacity": "",
        **fields,
    }


def plan_url(cavia):
    return reverse("initiative_plan", args=[cavia.idea.slug])


def test_the_page_shows_which_moments_suit_how_many_families(cavia, client):
    cavia.idea.supports.update(moments=["3-afternoon"])
    make_support(cavia.idea, make_user(), moments=["6-morning", "3-afternoon"])
    client.force_login(cavia.fatima)
    page = client.get(plan_url(cavia))
    assert page.context["suiting"] == [
        ("3-afternoon", page.context["suiting"][0][1], 3),
        ("6-morning", page.context["suiting"][1][1], 1),
    ]


def test_offering_other_moments_keeps_the_answers_for_the_rest(cavia):
    everyone = ["2-morning", "3-afternoon", "6-morning"]
    Initiative.objects.filter(pk=cavia.idea.pk).update(moments=everyone)
    Support.objects.filter(initiative=cavia.idea).update(moments=["2-morning", "3-afternoon"])
    cavia.idea.refresh_from_db()
    proposing.change(
        initiative=cavia.idea, by=cavia.fatima, now=timezone.now(), fields={"moments": ["3-afternoon", "7-morning"]}
    )
    cavia.idea.refresh_from_db()
    assert suiting(cavia.idea) == [("3-afternoon", 2)]
    assert Support.objects.filter(initiative=cavia.idea, moments=["2-morning", "3-afternoon"]).count() == 2


def test_a_moment_fills_in_the_day_and_the_hours(cavia):
    initial = initial_of(cavia.idea, None, "3-afternoon", date(2026, 12, 1))
    assert initial == {
        "place": None,
        "weekdays": [2],
        "first_on": date(2026, 12, 16),
        "start_time": time(14),
        "end_time": time(16),
    }
    assert initial_of(cavia.idea, None, "8-noon", date(2026, 12, 1)) == {"place": None}


def test_saving_chooses_a_day_and_a_place(cavia, client):
    client.force_login(cavia.joke)
    answer = client.post(plan_url(cavia), form(place=str(cavia.place.pk), capacity="8"))
    assert answer.url == f"/initiatieven/{cavia.idea.slug}/#step"
    plan = cavia.idea.plan
    assert (plan.place, plan.rrule, plan.capacity) == (cavia.place, "FREQ=WEEKLY;BYDAY=WE", 8)
    assert (plan.first_on, plan.start_time, plan.end_time) == (next_wednesday(), time(14), time(16))
    assert cavia.steps() == ["published", "planned"]
    assert cavia.stage() == "gathering"


def test_what_happens_once_has_a_single_date(cavia, client):
    cavia.idea.shape = "once"
    cavia.idea.save()
    client.force_login(cavia.fatima)
    page = client.get(plan_url(cavia))
    assert "rhythm" not in page.context["form"].fields
    client.post(plan_url(cavia), {"first_on": next_wednesday().isoformat(), "start_time": "14:00", "end_time": "16:00"})
    assert (cavia.idea.plan.rrule, cavia.idea.plan.first_on) == ("", next_wednesday())


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"first_on": "2020-01-01"}, "first_on"),
        ({"first_on": "x" * 10_000}, "first_on"),
        ({"first_on": "2026-12-01\0"}, "first_on"),
        ({"end_time": "13:00"}, "end_time"),
        ({"weekdays": ["9"]}, "weekdays"),
        ({"place": "999999999"}, "place"),
        ({"capacity": "-1"}, "capacity"),
        ({"rhythm": "once"}, "rhythm"),
    ],
)
def test_bad_input_gets_a_sentence_beside_the_field(cavia, client, typed, field):
    client.force_login(cavia.fatima)
    page = client.post(plan_url(cavia), form(**typed))
    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert not Plan.objects.exists()


def test_checking_shows_what_is_not_taken_and_saves_nothing(cavia, client):
    busy = make_location(cavia.town, name="Buurthuis")
    elsewhere = make_location(name="Bieb in Leiden")
    on = next_wednesday()
    make_occurrence(make_meetup(busy, first_on=on, start_time=time(15), end_time=time(17)))
    client.force_login(cavia.fatima)
    page = client.post(plan_url(cavia), form(check="1"))
    found = {c.place.name: (c.taken, c.dates > 20) for c in page.context["candidates"]}
    assert found == {"Buurthuis": (1, True), cavia.place.name: (0, True)}
    assert elsewhere.name not in page.content.decode()
    assert not Plan.objects.exists()
    assert "not taken in Pedbasis" in client.post(f"/en{plan_url(cavia)}", form(check="1")).content.decode()


def test_a_place_is_not_taken_when_one_thing_ends_as_the_other_begins(cavia):
    on = next_wednesday()
    make_occurrence(make_meetup(cavia.place, first_on=on, start_time=time(12), end_time=time(14)))
    make_occurrence(make_meetup(cavia.place, first_on=on, start_time=time(14), end_time=time(16)), status="cancelled")
    scheduled = Plan(**schedule())
    [candidate] = plans.candidates([cavia.place], scheduled, cavia.idea, now=timezone.now())
    assert candidate.taken == 0


def test_the_place_is_taken_where_it_agreed_to_another_idea(cavia):
    other = make_initiative(municipality=cavia.town)
    cavia.make_ready()
    [candidate] = plans.candidates([cavia.place], Plan(**schedule()), other, now=timezone.now())
    assert (candidate.taken, candidate.dates) == (11, 27)  # up to the date until which the place agreed
    [own] = plans.candidates([cavia.place], Plan(**schedule()), cavia.idea, now=timezone.now())
    assert own.taken == 0


def test_candidates_cost_the_same_for_one_place_and_for_thirty(cavia, django_assert_num_queries):
    places = [cavia.place, *[make_location(cavia.town) for _ in range(30)]]
    for some in (places[:1], places):
        with django_assert_num_queries(2):
            plans.candidates(some, Plan(**schedule()), cavia.idea, now=timezone.now())


def test_only_those_who_started_it_choose(cavia, client):
    for person in (cavia.sam, make_user()):
        client.force_login(person)
        assert client.get(plan_url(cavia)).status_code == 404
        assert client.post(plan_url(cavia), form()).status_code == 404
        with pytest.raises(CannotDo) as refused:
            cavia.choose(by=person)
        assert refused.value.refusal == Refusal.NOT_YOURS
    client.logout()
    assert client.get(plan_url(cavia)).status_code == 302


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"stage": "paused"}, Refusal.NOT_IN_THIS_STAGE),
        ({"stage": "ended", "end_reason": "done"}, Refusal.NOT_IN_THIS_STAGE),
        ({"shape": "once"}, Refusal.DOES_NOT_FIT),
        ({"shape": "outdoors"}, Refusal.DOES_NOT_FIT),
    ],
)
def test_a_plan_is_refused_in_another_stage_or_for_another_shape(fields, refusal):
    cavia = make_cavia(**fields)
    with pytest.raises(CannotDo) as refused:
        cavia.choose()
    assert refused.value.refusal == refusal
    assert not Plan.objects.exists()


def test_outdoors_only_places_outdoors_can_be_chosen_and_nobody_has_to_agree(client):
    cavia = make_cavia(shape="outdoors", meeting_point="Bij de brug")
    client.force_login(cavia.fatima)
    page = client.get(plan_url(cavia))
    assert page.context["has_no_place"]
    assert "Sanne" in page.content.decode()
    park = make_location(cavia.town, name="Weusthagpark", kind="outdoors")
    assert list(client.get(plan_url(cavia)).context["form"].fields["place"].queryset) == [park]
    cavia.choose(place=None)
    assert cavia.stage() == "ready"
    with pytest.raises(CannotDo) as refused:
        cavia.ask()
    assert refused.value.refusal == Refusal.NO_CONSENT_NEEDED
    assert cavia.steps() == ["published", "planned", "settled"]


def test_choosing_the_same_again_changes_nothing(cavia):
    cavia.choose()
    sent()
    cavia.choose(capacity=9)
    assert cavia.steps() == ["published", "planned"]
    assert cavia.idea.plan.capacity == 9
    assert sent() == []


def test_people_hear_the_old_and_the_new_day_once_with_a_way_out(cavia):
    cavia.choose()
    send_due(now=timezone.now() + timedelta(hours=1))
    mail.outbox.clear()
    cavia.choose(start_time=time(10), end_time=time(12))
    cavia.choose(start_time=time(10), end_time=time(12), place=make_location(cavia.town, name="Buurthuis"))
    send_due(now=timezone.now() + timedelta(hours=1))
    told = {message.to[0]: message for message in mail.outbox}
    assert sorted(told) == sorted([cavia.sam.email, "mees@guest.example"])
    assert len(mail.outbox) == 2
    body = told["mees@guest.example"].body
    for words in ("14.00", "16.00", "10.00", "12.00", "Kinderboerderij De Buitenmannen", "Buurthuis", "/link/"):
        assert words in body


def test_a_change_that_is_put_back_in_time_is_not_told(cavia):
    cavia.choose()
    sent()
    cavia.choose(start_time=time(10), end_time=time(12))
    cavia.choose()
    assert sent() == []


def test_a_later_change_of_a_text_is_told_in_the_same_mail(cavia):
    cavia.choose()
    sent()
    cavia.choose(start_time=time(10), end_time=time(12))
    fields = {"for_whom": "alleen opa’s en oma’s"}
    proposing.change(initiative=cavia.idea, by=cavia.fatima, now=timezone.now(), fields=fields)
    send_due(now=timezone.now() + timedelta(hours=1))
    assert len(mail.outbox) == 2
    for message in mail.outbox:
        assert "10.00" in message.body
        assert "alleen opa’s en oma’s" in message.body


def test_another_shape_forgets_the_plan_and_tells_the_place(cavia):
    cavia.make_ready()
    fields = {"shape": "once"}
    proposing.change(initiative=cavia.idea, by=cavia.fatima, now=timezone.now(), fields=fields)
    assert not Plan.objects.exists()
    assert cavia.stage() == "gathering"
    assert cavia.steps()[-1] == "voided"
    assert [to for to, _subject in sent()].count("balie@boerderij.example") == 1


def test_another_shape_during_a_pause_forgets_the_plan_too(cavia):
    cavia.make_ready()
    progress.pause(initiative=cavia.idea, by=cavia.fatima, now=timezone.now())
    proposing.change(initiative=cavia.idea, by=cavia.fatima, now=timezone.now(), fields={"shape": "once"})
    assert (cavia.stage(), cavia.steps()[-1], Plan.objects.exists()) == ("paused", "voided", False)


def test_stopping_lets_the_place_go_and_going_on_asks_anew(cavia):
    request = cavia.make_ready()
    progress.end(initiative=cavia.idea, by=cavia.fatima, reason=EndReason.DONE, note="", now=timezone.now())
    request.refresh_from_db()
    assert (request.state, request.slots.count()) == ("void", 0)
    assert [to for to, _subject in sent()].count("balie@boerderij.example") == 1
    progress.reopen(initiative=cavia.idea, by=cavia.fatima, now=timezone.now())
    assert cavia.stage() == "gathering"


def test_the_idea_is_ready_again_after_a_pause_in_which_the_place_agreed(cavia):
    cavia.choose()
    request = cavia.ask()
    progress.pause(initiative=cavia.idea, by=cavia.fatima, now=timezone.now())
    cavia.agree(request)
    assert cavia.stage() == "paused"
    progress.resume(initiative=cavia.idea, by=cavia.fatima, now=timezone.now())
    assert cavia.stage() == "ready"
    assert cavia.steps()[-4:] == ["paused", "agreed", "resumed", "settled"]


def test_the_rule_moves_to_the_day_of_another_moment():
    assert plans.moved(Rule.parse("FREQ=WEEKLY;INTERVAL=2;BYDAY=WE"), date(2026, 12, 4)) == Rule.weekly([4], 2)
    assert plans.moved(Rule.parse("FREQ=MONTHLY;BYDAY=1WE"), date(2026, 12, 11)) == Rule.monthly(2, 4)
    assert plans.moved(Rule.parse("FREQ=MONTHLY;BYDAY=1WE"), date(2026, 12, 31)) == Rule.monthly(-1, 3)
    assert plans.moved(Rule.once(), date(2026, 12, 4)) == Rule.once()


def test_the_database_refuses_a_plan_that_ends_before_it_starts(cavia):
    with pytest.raises(IntegrityError, match="plan_ends_after_start"), transaction.atomic():
        Plan.objects.create(initiative=cavia.idea, **schedule(end_time=time(13)))
    with pytest.raises(IntegrityError, match="plan_capacity_at_least_one"), transaction.atomic():
        Plan.objects.create(initiative=cavia.idea, capacity=0, **schedule())


def test_the_public_page_shows_what_is_chosen_and_that_the_place_did_not_agree_yet(
    cavia, client, django_capture_on_commit_callbacks
):
    cavia.choose()
    url = f"/en{cavia.idea.get_absolute_url()}"
    page = client.get(url).content.decode()
    assert "Every Wednesday, 14:00 to 16:00, for the first time on" in page
    assert "The place has not said yes yet." in page
    request = cavia.ask()
    with django_capture_on_commit_callbacks(execute=True):
        cavia.agree(request)
    page = client.get(url).content.decode()
    assert "The place has not said yes yet." not in page
    assert "(from an email)" in page


def test_the_public_page_costs_three_queries_at_most(cavia, client, django_assert_max_num_queries):
    cavia.make_ready()
    with django_assert_max_num_queries(3):
        client.get(cavia.idea.get_absolute_url() + "?x=1")
