"""Holidays of a town: the defaults, the dates created and removed, and the preview on the page."""

from datetime import date, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts.models import Role
from locations.holidays import LIBRARY_HOLIDAYS, Holiday, holiday_date, usual_holidays
from locations.models import Municipality
from meetups.clock import AMSTERDAM
from meetups.managing.actions import holiday_closures
from meetups.schedule.actions import reconciliation
from meetups.schedule.closures import closed_days, next_date
from meetups.schedule.difference import out_of_step
from tests.factories import make_attendance, make_location, make_meetup, make_municipality, make_role

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 12, tzinfo=AMSTERDAM)
GOOD_FRIDAY, EASTER_MONDAY, KINGS_DAY = date(2027, 3, 26), date(2027, 3, 29), date(2027, 4, 27)
WITH_GOOD_FRIDAY = [Holiday.GOOD_FRIDAY, *usual_holidays()]


@pytest.fixture
def town():
    return make_municipality("Weert")


@pytest.fixture
def fridays(town):
    meetup = make_meetup(make_location(town), rrule="FREQ=WEEKLY;BYDAY=FR", first_on=date(2027, 3, 5))
    reconciliation.materialise(meetup, now=NOW)
    return meetup


def days_of(meetup):
    return set(meetup.occurrences.values_list("planned_for", flat=True))


def change(town, holidays, now=NOW):
    changed = holiday_closures.set_holidays(municipality=town, holidays=holidays, now=now)
    return [(one.meetup, one.coming, one.going, one.staying) for one in changed]


def test_new_town_has_the_usual_holidays():
    assert usual_holidays() == [
        "new_year",
        "easter_sunday",
        "easter_monday",
        "kings_day",
        "liberation_lustrum",
        "ascension_day",
        "whit_sunday",
        "whit_monday",
        "christmas_day",
        "second_christmas_day",
    ]


def test_older_code_that_does_not_set_holidays_gets_the_default(town):
    fields = "name, slug, cbs_code, school_region, latitude, longitude, introduction, contact_name, contact_email"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO locations_municipality ({fields}, accent, logo_version)"
            " SELECT name, 'old', 'GM9999', school_region, latitude, longitude, '', '', '', '', ''"
            " FROM locations_municipality"
        )
    assert Municipality.objects.get(slug="old").holidays == usual_holidays()


def test_unknown_holiday_is_refused(town):
    with pytest.raises(IntegrityError), transaction.atomic():
        Municipality.objects.filter(pk=town.pk).update(holidays=["sinterklaas"])


def test_holidays_match_those_of_the_library():
    names = closed_days("Noord", date(2030, 1, 1), date(2030, 12, 31), public=Holiday.values, school=False)
    assert len(names) == len(LIBRARY_HOLIDAYS) - 1  # 5 May is listed twice
    assert {holiday_date(holiday, 2030) for holiday in Holiday} == set(names)
    assert set(LIBRARY_HOLIDAYS) == set(Holiday)


def test_liberation_day_is_every_year_or_once_in_five_years():
    assert next_date(Holiday.LIBERATION_DAY, date(2026, 11, 25)) == date(2027, 5, 5)
    assert next_date(Holiday.LIBERATION_DAY_LUSTRUM, date(2026, 11, 25)) == date(2030, 5, 5)
    assert next_date(Holiday.CHRISTMAS_DAY, date(2026, 12, 25)) == date(2026, 12, 25)


def test_good_friday_is_skipped_only_if_the_town_chooses_it(town, fridays):
    assert GOOD_FRIDAY in days_of(fridays)
    assert change(town, WITH_GOOD_FRIDAY) == [(fridays, [], [GOOD_FRIDAY], [])]
    assert GOOD_FRIDAY not in days_of(fridays)
    assert change(town, WITH_GOOD_FRIDAY) == []
    assert change(town, usual_holidays()) == [(fridays, [GOOD_FRIDAY], [], [])]
    assert GOOD_FRIDAY in days_of(fridays)


def test_task_creates_a_date_that_was_skipped_before(town, fridays):
    """All towns used to skip Good Friday; the hourly task creates that date like any other."""
    fridays.occurrences.filter(planned_for=GOOD_FRIDAY).delete()
    assert reconciliation.extend_horizon(now=NOW) == 1
    assert GOOD_FRIDAY in days_of(fridays)


def test_date_with_sign_ups_is_kept(town, fridays):
    good_friday = fridays.occurrences.get(planned_for=GOOD_FRIDAY)
    attendance = make_attendance(good_friday)
    assert change(town, WITH_GOOD_FRIDAY) == [(fridays, [], [], [GOOD_FRIDAY])]
    good_friday.refresh_from_db()
    attendance.refresh_from_db()
    assert (good_friday.status, attendance.state) == ("scheduled", "going")
    assert good_friday.pk in out_of_step(fridays_now(fridays), [good_friday], date(2027, 3, 1))


def fridays_now(meetup):
    return type(meetup).objects.select_related("location__municipality").get(pk=meetup.pk)


def test_only_meetups_of_the_town_that_skip_holidays_change(town, fridays):
    always = make_meetup(fridays.location, rrule=fridays.rrule, first_on=fridays.first_on, skip_public_holidays=False)
    elsewhere = make_meetup(rrule=fridays.rrule, first_on=fridays.first_on)
    ended = make_meetup(fridays.location, rrule=fridays.rrule, first_on=fridays.first_on, status="ended")
    for meetup in (always, elsewhere, ended):
        reconciliation.materialise(meetup, now=NOW)
    before = [days_of(meetup) for meetup in (always, elsewhere, ended)]
    assert [meetup for meetup, *_days in change(town, WITH_GOOD_FRIDAY)] == [fridays]
    assert [days_of(meetup) for meetup in (always, elsewhere, ended)] == before


def test_previewing_holidays_changes_nothing(town, fridays):
    before = days_of(fridays)
    (changed,) = holiday_closures.preview_holidays(municipality=town, holidays=WITH_GOOD_FRIDAY, now=NOW)
    assert (changed.meetup, changed.going) == (fridays, [GOOD_FRIDAY])
    town.refresh_from_db()
    assert (days_of(fridays), town.holidays) == (before, usual_holidays())


def test_invalid_rule_does_not_block_other_meetups(town, fridays):
    broken = make_meetup(fridays.location, rrule="FREQ=WEEKLY;BYDAY=FR")
    type(broken).objects.filter(pk=broken.pk).update(rrule="FREQ=HOURLY")
    assert [meetup for meetup, *_days in change(town, WITH_GOOD_FRIDAY)] == [fridays]


@pytest.fixture
def ask(town, fridays, sign_in, monkeypatch):
    """A function that requests the page as coordinator, on 1 March 2027."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    client = sign_in(make_role(Role.Kind.COORDINATOR, town, created_at=NOW))
    address = reverse("town_holidays", args=[town.slug])
    return lambda data=None: client.get(address) if data is None else client.post(address, data)


def test_page_shows_each_holiday_with_its_next_date(ask):
    text = ask().content.decode()
    assert "Goede Vrijdag: vrijdag 26 maart 2027" in text
    assert text.count('type="checkbox"') == len(Holiday)
    assert text.count("checked") == len(usual_holidays())


def test_page_shows_which_dates_are_removed_before_saving(ask, town, fridays):
    first = ask({"holidays": WITH_GOOD_FRIDAY})
    assert first.status_code == 200
    assert "vrijdag 26 maart 2027 vervalt" in first.content.decode()
    assert GOOD_FRIDAY in days_of(fridays)
    again = ask({"holidays": WITH_GOOD_FRIDAY, "seen": f"seen {first.context['form'].choice}"})
    assert (again.status_code, again["Location"]) == (302, reverse("town_holidays", args=[town.slug]))
    assert GOOD_FRIDAY not in days_of(fridays)


def test_changed_choice_is_shown_again_before_saving(ask, fridays):
    seen = f"seen {ask({'holidays': WITH_GOOD_FRIDAY}).context['form'].choice}"
    less = [holiday for holiday in usual_holidays() if holiday != Holiday.CHRISTMAS_DAY]
    second = ask({"holidays": [Holiday.GOOD_FRIDAY, *less], "seen": seen})
    assert second.status_code == 200
    assert GOOD_FRIDAY in days_of(fridays)


def test_choice_that_changes_no_date_is_saved_immediately(ask, town):
    assert ask({"holidays": [*usual_holidays(), Holiday.LIBERATION_DAY]}).status_code == 302
    town.refresh_from_db()
    assert Holiday.LIBERATION_DAY in town.holidays


def test_town_may_choose_no_holidays(ask, town):
    assert ask({}).status_code == 302
    town.refresh_from_db()
    assert town.holidays == []
