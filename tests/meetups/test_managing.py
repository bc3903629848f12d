"""The pages to create and change meetups: permissions, results and errors."""

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from meetups.models import Meetup, Occurrence
from meetups.schedule.actions import reconciliation
from notifications.models import Message
from tests.factories import make_attendance, make_location, make_meetup, make_occurrence, make_role, make_user
from tests.scenario import Town, make_town

TODAY = timezone.localdate()
HTMX = {"HX-Request": "true"}


@pytest.fixture
def town(db) -> Town:
    return make_town()


def answers(town, **changed):
    """Return the form data for a meetup every other Tuesday."""
    return {
        "title": "Koffie om de week",
        "location": town.library.pk,
        "kind": "coffee",
        "summary": "Koffie en andere ouders.",
        "rhythm": "biweekly",
        "weekdays": ["1"],
        "first_on": (TODAY + timedelta(days=10)).isoformat(),
        "start_time": "09:30",
        "end_time": "11:30",
        "ending": "until",
        "until": (TODAY + timedelta(days=150)).isoformat(),
        "mode": "walk_in",
        "languages": ["nl"],
    } | changed


def url(name, town):
    slug, on = town.coffee.slug, town.next_week.planned_for
    takes = {"manage": [], "meetup_new": [], "meetup_preview": []}
    of_meetup = {"meetup_edit", "meetup_end", "meetup_resume"}
    return reverse(name, args=takes.get(name, [slug] if name in of_meetup else [slug, on]))


OF_MEETUP = [
    *("meetup_edit", "meetup_end", "meetup_resume"),
    *("occurrence_edit", "occurrence_cancel", "occurrence_restore", "occurrence_keep"),
]
MAY = {"host", "coordinator"}
MAY_MAKE = {"host", "other_host", "coordinator", "coordinator_elsewhere"}


@pytest.mark.parametrize("name", OF_MEETUP)
@pytest.mark.parametrize("method", ["get", "post"])
def test_only_its_hosts_and_coordinator_manage_a_meetup(client, town, name, method):
    found = {}
    for role, user in town.people.items():
        client.logout()
        if user:
            client.force_login(user)
        status = getattr(client, method)(url(name, town)).status_code
        found[role] = "sign in" if not user and status == 302 else status not in {404}
    if method == "get" and name in {"meetup_resume", "occurrence_cancel", "occurrence_restore", "occurrence_keep"}:
        assert all(found.values())  # redirected to the page with the button, for everyone
    else:
        assert found == {role: "sign in" if role == "stranger" else role in MAY for role in town.people}


@pytest.mark.parametrize("name", ["manage", "meetup_new"])
def test_only_hosts_and_coordinators_make_meetups(client, town, name):
    found = {}
    for role, user in town.people.items():
        client.logout()
        if user:
            client.force_login(user)
        found[role] = client.get(url(name, town)).status_code
    expected = {role: 200 if role in MAY_MAKE else 404 for role in town.people} | {"stranger": 302}
    assert found == expected


def test_list_contains_managed_meetups_and_no_names(client, town):
    client.force_login(town.host)
    response = client.get(reverse("manage"))
    assert [card["meetup"] for card in response.context["cards"]] == [town.coffee]
    client.force_login(town.coordinator)
    response = client.get(reverse("manage"))
    assert {card["meetup"] for card in response.context["cards"]} == set(Meetup.objects.filter(location=town.library))
    assert "Fatima" not in response.content.decode()


def test_management_pages_contain_no_attendee_names(client, town):
    client.force_login(town.coordinator)
    for name in ("meetup_edit", "meetup_end", "occurrence_edit"):
        page = client.get(url(name, town)).content.decode()
        assert "Fatima" not in page
        assert "Ik ben verlegen" not in page


def test_biweekly_dates_are_previewed_before_saving(client, town):
    client.force_login(town.host)
    shown = client.post(reverse("meetup_new"), answers(town, preview="1", title=""))
    assert shown.status_code == 200
    days = [day.on for day in shown.context["days"] if not day.reason]
    assert not Meetup.objects.filter(title="Koffie om de week").exists()
    saved = client.post(reverse("meetup_new"), answers(town))
    meetup = Meetup.objects.get(title="Koffie om de week")
    assert saved["Location"] == reverse("meetup_edit", args=[meetup.slug])
    assert list(meetup.occurrences.order_by("starts_at").values_list("planned_for", flat=True)) == days
    assert {on.weekday() for on in days} == {1}
    assert {later - earlier for earlier, later in pairwise(days)} <= {timedelta(days=14 * n) for n in (1, 2)}
    assert [host.user for host in meetup.hosts.all()] == [town.host]


def test_the_preview_with_htmx_is_only_the_dates(client, town):
    client.force_login(town.coordinator)
    page = client.post(reverse("meetup_preview"), answers(town), headers=HTMX).content.decode()
    assert page.strip().startswith('<div id="preview"')
    assert "<html" not in page


def test_the_preview_names_the_holidays_it_skips(client, town):
    client.force_login(town.host)
    year = TODAY.year + 1
    changed = answers(town, first_on=f"{year}-12-18", rhythm="weekly", weekdays=["4", "5"], until=f"{year + 1}-01-05")
    changed["skip_public_holidays"] = "on"
    response = client.post(reverse("meetup_preview"), changed, headers=HTMX)
    skipped = {day.on for day in response.context["days"] if day.reason}
    assert skipped <= {date(year, 12, 25), date(year, 12, 26), date(year + 1, 1, 1)}
    assert skipped


def test_a_double_tap_makes_one_meetup(client, town):
    client.force_login(town.host)
    for _ in range(2):
        assert client.post(reverse("meetup_new"), answers(town)).status_code == 302
    assert Meetup.objects.filter(title="Koffie om de week").count() == 1


@pytest.mark.parametrize(
    "changed, field",
    [
        ({"title": ""}, "title"),
        ({"title": "  "}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"summary": ""}, "summary"),
        ({"location": ""}, "location"),
        ({"location": "x"}, "location"),
        ({"location": str(10**30)}, "location"),
        ({"kind": "party"}, "kind"),
        ({"rhythm": "daily"}, "rhythm"),
        ({"rhythm": ""}, "rhythm"),
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": ["7"]}, "weekdays"),
        ({"rhythm": "monthly", "weekdays": ["1", "2"], "nth": "1"}, "weekdays"),
        ({"rhythm": "monthly", "nth": ""}, "nth"),
        ({"rhythm": "monthly", "nth": "5"}, "nth"),
        ({"rhythm": "weeks", "every": "0"}, "every"),
        ({"rhythm": "weeks", "every": "99"}, "every"),
        ({"rhythm": "weeks", "every": ""}, "every"),
        ({"first_on": ""}, "first_on"),
        ({"first_on": "2026-02-30"}, "first_on"),
        ({"first_on": "2020-01-01"}, "first_on"),
        ({"first_on": "9999-12-31"}, "first_on"),
        ({"start_time": "25:00"}, "start_time"),
        ({"start_time": ""}, "start_time"),
        ({"end_time": "09:00"}, "end_time"),
        ({"end_time": "09:30"}, "end_time"),
        ({"start_time": "23:00", "end_time": "01:00"}, "end_time"),
        ({"until": "2020-01-01"}, "until"),
        ({"until": ""}, "until"),
        ({"until": "2026-02-30"}, "until"),
        ({"ending": "count", "count": ""}, "count"),
        ({"ending": "count", "count": "0"}, "count"),
        ({"ending": "count", "count": "9999"}, "count"),
        ({"ending": "never"}, "ending"),
        ({"mode": "x"}, "mode"),
        ({"capacity": "0"}, "capacity"),
        ({"capacity": "x"}, "capacity"),
        ({"capacity": "99999999999"}, "capacity"),
        ({"capacity": "3", "newcomer_places": "4"}, "newcomer_places"),
        ({"newcomer_places": "4"}, "capacity"),
        ({"age_bands": ["99"]}, "age_bands"),
        ({"languages": ["xx"]}, "languages"),
    ],
)
def test_invalid_answer_gets_an_error_at_its_field_and_is_kept(client, town, changed, field):
    client.force_login(town.host)
    response = client.post(reverse("meetup_new"), answers(town, **changed))
    assert response.status_code == 422
    assert field in response.context["form"].errors
    if field != "title":
        assert 'value="Koffie om de week"' in response.content.decode()
    assert not Meetup.objects.filter(title="Koffie om de week").exists()
    assert client.post(reverse("meetup_preview"), answers(town, **changed), headers=HTMX).status_code == 200


def test_a_rhythm_that_gives_no_date_is_refused(client, town):
    client.force_login(town.host)
    first_on = TODAY + timedelta(days=10)
    other_day = str((first_on.weekday() + 3) % 7)
    nothing = answers(town, rhythm="weekly", weekdays=[other_day], until=(first_on + timedelta(days=1)).isoformat())
    response = client.post(reverse("meetup_new"), nothing)
    assert response.status_code == 422
    assert response.context["form"].errors.keys() & {"first_on", "until"}


def test_a_place_in_another_town_is_refused(client, town):
    elsewhere = make_location(town.leiden)
    client.force_login(town.host)
    response = client.post(reverse("meetup_new"), answers(town, location=elsewhere.pk))
    assert response.status_code == 422
    assert "location" in response.context["form"].errors


def test_coordinator_chooses_hosts_from_their_own_town_by_first_name(client, town):
    client.force_login(town.coordinator)
    form = client.get(reverse("meetup_new")).context["form"]
    assert {str(label) for value, label in form["hosts"].field.choices} >= {"Marieke", "Joke"}
    elsewhere = make_role(Role.Kind.HOST, town.leiden)
    for user in (elsewhere, make_user()):
        response = client.post(reverse("meetup_new"), answers(town, hosts=[user.pk]))
        assert (response.status_code, list(response.context["form"].errors)) == (422, ["hosts"])
    assert client.post(reverse("meetup_new"), answers(town, hosts=[town.other_host.pk])).status_code == 302
    assert [host.user for host in Meetup.objects.get(title="Koffie om de week").hosts.all()] == [town.other_host]


def test_a_host_cannot_choose_hosts(client, town):
    client.force_login(town.host)
    assert client.post(reverse("meetup_new"), answers(town, hosts=[town.other_host.pk])).status_code == 302
    assert [host.user for host in Meetup.objects.get(title="Koffie om de week").hosts.all()] == [town.host]


def test_edit_form_has_current_values_and_saving_it_unchanged_changes_nothing(client, town):
    client.force_login(town.host)
    meetup = make_meetup(
        town.library,
        hosts=(town.host,),
        rrule="FREQ=MONTHLY;COUNT=6;BYDAY=-1TH",
        first_on=TODAY + timedelta(days=1),
        capacity=5,
    )
    form = client.get(reverse("meetup_edit", args=[meetup.slug])).context["form"]
    posted = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    client.post(reverse("meetup_edit", args=[meetup.slug]), posted)
    after = Meetup.objects.get(pk=meetup.pk)
    for name in form.FIELDS:
        assert getattr(after, name) == getattr(meetup, name), name


def test_dates_with_sign_ups_are_listed_with_a_choice_after_a_change(client, town):
    client.force_login(town.host)
    client.post(reverse("meetup_new"), answers(town))
    meetup = Meetup.objects.get(title="Koffie om de week")
    kept = meetup.occurrences.order_by("starts_at").first()
    make_attendance(kept)
    edit = reverse("meetup_edit", args=[meetup.slug])
    assert client.post(edit, answers(town, start_time="10:00", end_time="12:00")).status_code == 302
    assert [row["occurrence"] for row in client.get(edit).context["off_dates"]] == [kept]
    keep = reverse("occurrence_keep", args=[meetup.slug, kept.planned_for])
    assert client.post(keep).status_code == 302
    assert client.get(edit).context["off_dates"] == []


def test_cancelling_requires_a_reason_notifies_people_and_can_be_undone(client, town):
    client.force_login(town.coordinator)
    Message.objects.all().delete()
    cancel = url("occurrence_cancel", town)
    assert client.get(cancel).status_code == 302
    for reason in ("", "  ", "x" * 201, "a\x00b"):
        response = client.post(cancel, {"reason": reason})
        assert (response.status_code, list(response.context["reasons"].errors)) == (422, ["reason"])
    assert client.post(cancel, {"reason": "De bieb is dicht."}).status_code == 302
    assert client.post(cancel, {"reason": "De bieb is dicht."}).status_code == 302
    live = town.next_week.attendances.live().count()
    assert Message.objects.filter(template="meetups.cancelled").count() == live
    assert client.post(url("occurrence_restore", town)).status_code == 302
    town.next_week.refresh_from_db()
    assert town.next_week.status == "scheduled"


@pytest.mark.parametrize(
    "changed, field",
    [
        ({"on": "2026-02-30"}, "on"),
        ({"on": "2020-01-01"}, "on"),
        ({"on": "2090-01-01"}, "on"),
        ({"on": ""}, "on"),
        ({"end_time": "08:00"}, "end_time"),
        ({"start_time": "22:00", "end_time": "02:00"}, "end_time"),
        ({"capacity": "0"}, "capacity"),
        ({"theme": "x" * 121}, "theme"),
        ({"location": "0"}, "location"),
    ],
)
def test_invalid_change_of_one_date_gets_an_error_at_its_field(client, town, changed, field):
    client.force_login(town.host)
    same = {
        "on": town.next_week.planned_for.isoformat(),
        "start_time": "09:30",
        "end_time": "11:30",
        "location": town.library.pk,
    }
    response = client.post(url("occurrence_edit", town), same | changed)
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert client.post(url("occurrence_edit", town), same | {"theme": "Slapen"}).status_code == 302
    town.next_week.refresh_from_db()
    assert (town.next_week.theme, town.next_week.sequence) == ("Slapen", 1)


@pytest.mark.parametrize("on", ["2026-02-30", "1900-01-01", "x"])
def test_unknown_date_is_not_found(client, town, on):
    client.force_login(town.host)
    assert client.get(f"/beheer/bijeenkomsten/{town.coffee.slug}/{on}/").status_code == 404


def test_meetup_is_ended_with_a_reason_and_resumed(client, town):
    client.force_login(town.coordinator)
    end = url("meetup_end", town)
    assert client.get(end).status_code == 200
    assert client.post(end, {"reason": ""}).status_code == 422
    assert client.post(end, {"reason": "We stoppen."}).status_code == 302
    town.coffee.refresh_from_db()
    assert town.coffee.status == "ended"
    assert client.get(url("meetup_edit", town)).status_code == 200
    assert client.post(url("meetup_resume", town)).status_code == 302
    town.coffee.refresh_from_db()
    assert town.coffee.status == "active"


# Before saving, the page shows how many people will be notified; that many mails are sent.


def series(town):
    """Make a weekly meetup hosted by Marieke, with Noor on each of three dates and Sam on the first."""
    first_on = TODAY + timedelta(days=2)
    meetup = make_meetup(
        town.library,
        hosts=(town.host,),
        title="Koffie om de week",
        rrule=f"FREQ=WEEKLY;COUNT=3;BYDAY={('MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU')[first_on.weekday()]}",
        first_on=first_on,
        skip_public_holidays=False,
    )
    reconciliation.materialise(meetup, now=timezone.now())
    noor = make_user("Noor")
    for occurrence in meetup.occurrences.all():
        make_attendance(occurrence, noor)
    make_attendance(meetup.occurrences.first(), guest_name="Sam", guest_email="sam@example.org")
    Message.objects.all().delete()
    return meetup


def filled_in(client, meetup, **changed):
    form = client.get(reverse("meetup_edit", args=[meetup.slug])).context["form"]
    same = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    return same | changed


def hidden(page: str) -> str:
    return re.search(r'name="hearing" value="([^"]*)"', page).group(1)


LATER = {"start_time": "10:00", "end_time": "12:00", "also_signed_up": "on"}


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_preview_of_a_change_shows_the_number_of_people_notified(client, town, headers):
    meetup = series(town)
    client.force_login(town.host)
    posted = filled_in(client, meetup, slug=meetup.slug, preview="1", **LATER)
    page = client.post(reverse("meetup_preview"), posted, headers=headers).content.decode()
    assert "<p>2 mensen krijgen een mail over 3 datums.</p>" in page
    assert hidden(page) == "2 mensen krijgen een mail over 3 datums."
    del posted["also_signed_up"]
    page = client.post(reverse("meetup_preview"), posted, headers=headers).content.decode()
    assert "Niemand krijgt een mail." in page
    assert not Message.objects.exists()


def test_nobody_is_mailed_before_the_page_showed_how_many(client, town):
    meetup = series(town)
    client.force_login(town.host)
    edit, posted = reverse("meetup_edit", args=[meetup.slug]), filled_in(client, meetup, **LATER)
    for seen in ({}, {"hearing": "1 persoon krijgt een mail over 1 datum."}):
        asked = client.post(edit, posted | seen)
        page = asked.content.decode()
        assert (asked.status_code, asked.context["is_asking"]) == (200, True)
        assert "Nog niet opgeslagen" in page
        assert '<button class="button" form="meetup-form">Opslaan en mailen</button>' in page
        assert not Message.objects.exists()
        assert meetup.occurrences.first().sequence == 0
    assert client.post(edit, posted | {"hearing": hidden(page)}).status_code == 302
    assert Message.objects.count() == 2


def test_change_that_notifies_nobody_is_saved_without_asking(client, town):
    meetup = series(town)
    client.force_login(town.host)
    edit = reverse("meetup_edit", args=[meetup.slug])
    assert client.post(edit, filled_in(client, meetup, title="Thee", also_signed_up="on")).status_code == 302
    assert not Message.objects.exists()


def test_coordinator_who_is_no_host_sees_no_number(client, town):
    meetup = series(town)
    client.force_login(town.coordinator)
    edit, posted = reverse("meetup_edit", args=[meetup.slug]), filled_in(client, meetup, **LATER)
    page = client.post(edit, posted).content.decode()
    assert hidden(page) == "Iedereen die is aangemeld voor een datum die verandert, krijgt één mail."
    assert "mensen krijgen" not in page
    assert client.post(edit, posted | {"hearing": hidden(page)}).status_code == 302
    assert Message.objects.count() == 2


def test_page_to_end_a_meetup_shows_the_number_of_people_notified(client, town):
    meetup = series(town)
    end = reverse("meetup_end", args=[meetup.slug])
    client.force_login(town.coordinator)
    assert "mensen krijgen" not in client.get(end).content.decode()
    client.force_login(town.host)
    response = client.get(end)
    assert "2 mensen krijgen een mail over 3 datums." in response.content.decode()
    assert len(response.context["dates"]) == 3
    client.post(end, {"reason": "We stoppen."})
    assert Message.objects.count() == 2


@pytest.mark.parametrize(
    "act, data",
    [
        ("occurrence_cancel", {"reason": "De bieb is dicht."}),
        ("occurrence_edit", {"start_time": "10:00"}),
        ("occurrence_restore", {}),
    ],
)
def test_page_of_one_date_shows_the_number_of_people_notified(client, town, act, data):
    meetup = series(town)
    occurrence = meetup.occurrences.first()
    if act == "occurrence_restore":
        Occurrence.objects.filter(pk=occurrence.pk).update(status="cancelled")
    args = [meetup.slug, occurrence.planned_for]
    client.force_login(town.coordinator)
    page = client.get(reverse("occurrence_edit", args=args)).content.decode()
    assert "Iedereen die is aangemeld, krijgt een mail." in page
    assert "2 mensen" not in page
    client.force_login(town.host)
    response = client.get(reverse("occurrence_edit", args=args))
    assert "2 mensen krijgen een mail." in response.content.decode()
    form = response.context["form"]
    same = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    assert client.post(reverse(act, args=args), same | data).status_code == 302
    assert Message.objects.count() == 2


def test_page_of_a_date_without_sign_ups_says_so(client, town):
    meetup = make_meetup(town.library, hosts=(town.host,))
    occurrence = make_occurrence(meetup)
    client.force_login(town.host)
    page = client.get(reverse("occurrence_edit", args=[meetup.slug, occurrence.planned_for])).content.decode()
    assert page.count("Niemand is aangemeld, dus niemand krijgt een mail.") == 2


def _queries(client, address, django_assert_max_num_queries):
    with django_assert_max_num_queries(20) as counted:
        assert client.get(address).status_code == 200
    return len(counted)


@pytest.mark.parametrize("role", ["host", "coordinator"])
def test_query_count_does_not_depend_on_the_number_of_rows(client, sign_in, town, django_assert_max_num_queries, role):
    user = town.people[role]
    sign_in(user)
    pages = [reverse("manage"), url("meetup_edit", town)]
    before = [_queries(client, page, django_assert_max_num_queries) for page in pages]
    for number in range(30):
        meetup = make_meetup(town.library, hosts=(town.host,))
        make_attendance(make_occurrence(meetup))
        make_attendance(make_occurrence(town.coffee, on=TODAY + timedelta(days=60 + number)))
    after = [_queries(client, page, django_assert_max_num_queries) for page in pages]
    assert after == before
    assert Occurrence.objects.count() > 60


def test_form_is_in_dutch_with_capitalised_choices(client, town):
    client.force_login(town.host)
    form = client.get(reverse("meetup_new")).context["form"]
    kinds = dict(form.fields["kind"].choices)
    assert kinds["coffee"] == "Koffieochtend"
    assert all(str(label)[0].isupper() for label in kinds.values())
    assert [str(label) for _value, label in form.fields["mode"].choices] == ["Gewoon langskomen", "Eerst aanmelden"]


def test_optional_fields_are_collapsed_until_filled_in(client, town):
    client.force_login(town.host)
    page = client.get(reverse("meetup_new")).content.decode()
    assert page.count('<details class="disclosure">') == 3
    assert "Talen: Nederlands" in page
    page = client.get(reverse("meetup_edit", args=[town.coffee.slug])).content.decode()
    assert page.count('<details class="disclosure" open>') == 2
    assert "Talen: Nederlands, Arabisch" in page
    wrong = client.post(reverse("meetup_new"), answers(town, languages=["xx"], cost="x" * 200))
    assert wrong.status_code == 422
    assert wrong.content.decode().count('<details class="disclosure" open>') == 2
