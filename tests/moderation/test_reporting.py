"""Reporting: what hides, who cries wolf, what a stranger may read meanwhile, and who hears."""

from datetime import timedelta
from threading import Event, Thread
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from locations.visibility import Visibility
from meetups.managing.actions import planning
from moderation.actions import deciding, reporting
from moderation.actions.escalating import check_waiting
from moderation.models import Case, Reason, Report
from moderation.refusals import CannotDo, Refusal
from notifications.models import Message
from photos.models import Photo
from photos.shapes import PORTRAIT
from tests.factories import make_location, make_municipality, make_photo, make_role, make_user
from tests.mailbox import letters
from tests.moderation.scene import FINE, HIDE, Scene, decide, fresh, later, make_scene, report, undo
from tests.visitors import visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def write(scene: Scene, words: str) -> None:
    scene.welcome.refresh_from_db()
    scene.welcome.welcome = words
    scene.welcome.save()


def form(**fields) -> dict[str, str]:
    return {"reason": "unkind", "words": "", "email": "", "token": str(uuid4())} | fields


def test_the_same_form_for_another_thing_is_another_report(scene):
    token = uuid4()
    report(scene.welcome, "welcome", token=token)
    report(scene.meetup, "meetup", token=token)
    assert sorted(Report.objects.values_list("case__kind", flat=True)) == ["meetup", "welcome"]


@pytest.mark.parametrize("token", ["", "x", "9" * 1000])
def test_a_form_without_a_good_token_is_a_report_like_any_other(scene, token):
    url = reverse("report", args=["welcome", scene.welcome.pk])
    answer = visitor(None).post(url, form(token=token) if token else {"reason": "unkind"})
    assert answer.status_code == 302
    assert Report.objects.count() == 1


def test_twenty_parents_behind_one_address_who_report_one_photo_do_not_cry_wolf_together(scene):
    for _parent in range(20):
        report(scene.welcome, "welcome", sender="library")
    decide(scene.case, scene.coordinator, FINE)
    assert not reporting.cries_wolf("library", now=timezone.now())
    write(scene, "Alleen voor leuke mensen.")
    assert report(scene.welcome, "welcome", sender="library").has_hidden


@pytest.mark.parametrize(("outcomes", "is_wolf"), [("FF", 0), ("FFF", 1), ("FFFHH", 1), ("FFFHHH", 0), ("FFFFHHH", 1)])
def test_who_cries_wolf(scene, outcomes, is_wolf):
    for number, outcome in enumerate(outcomes):
        write(scene, f"Welkom {number}")
        report(scene.welcome, "welcome", sender="wolf", reason=Reason.OTHER, words="Kijk.")
        if outcome == "F":
            decide(scene.case, scene.coordinator, FINE)
        else:
            decide(scene.case, scene.coordinator, HIDE)
    report(scene.welcome, "welcome", sender="wolf")  # about which nobody decided yet
    assert reporting.cries_wolf("wolf", now=timezone.now()) is bool(is_wolf)
    assert not reporting.cries_wolf("", now=timezone.now())
    assert not reporting.cries_wolf("wolf", now=timezone.now() + timedelta(days=91))


def test_ok_about_a_text_that_was_taken_away_sticks(scene):
    write(scene, "Kom langs.")
    planning.set_welcome(host=scene.welcome, by=fresh(scene.host), words="", now=timezone.now())
    report(scene.welcome, "welcome", reason=Reason.MYSELF)
    decide(scene.case, scene.coordinator, FINE)
    assert reporting.was_found_fine(scene.case, Reason.MYSELF, {})


def test_it_stays_hidden_by_a_report_that_waits_while_another_thing_is_decided(scene):
    report(scene.welcome, "welcome")
    report(scene.meetup, "meetup")
    decide(Case.objects.get(kind="meetup"), scene.coordinator, FINE)
    scene.welcome.refresh_from_db()
    assert scene.welcome.visibility == Visibility.HIDDEN


# What a stranger may not read while the meetup waits or is hidden: its title stands in that of what it shows too.


def hide_meetup(scene: Scene, visibility: str) -> None:
    scene.meetup.title, scene.meetup.visibility = "Zonderling", visibility
    scene.meetup.save()


def things_on_it(scene: Scene) -> list[tuple[str, int]]:
    host = scene.welcome
    host.portrait = make_photo(
        scene.host, shape=PORTRAIT, purpose=host.portrait_purpose, description="Zonderling op de foto"
    )
    host.save()
    return [("welcome", host.pk), ("photo", host.portrait.pk)]


@pytest.mark.parametrize("reporter", [None, "Fatima"])
def test_what_stands_on_a_page_that_was_never_shown_does_not_exist_for_others(scene, reporter):
    client = visitor(make_user(reporter) if reporter else None)
    for kind, pk in things_on_it(scene):
        url = reverse("report", args=[kind, pk])
        assert "Zonderling" in client.get(url).content.decode() or kind == "welcome"
        hide_meetup(scene, Visibility.WAITING)
        assert client.get(url).status_code == 404
        assert client.post(url, form(reason="myself")).status_code == 404
        if reporter:
            assert client.post(reverse("block", args=[kind, pk])).status_code == 404
        with pytest.raises(CannotDo) as refused:
            report({"welcome": scene.welcome, "photo": scene.welcome.portrait}[kind], kind)
        assert refused.value.refusal == Refusal.GONE
        hide_meetup(scene, Visibility.SHOWN)
    assert not Report.objects.exists()


def test_what_stands_on_a_hidden_page_can_be_reported_but_not_read(scene):
    for kind, pk in things_on_it(scene):
        hide_meetup(scene, Visibility.HIDDEN)
        url = reverse("report", args=[kind, pk])
        page = visitor(make_user("Fatima")).get(url).content.decode()
        assert "Zonderling" not in page
        assert "Marieke" not in page
        assert "Niemand ziet dit nu" in page
        assert visitor(None).post(url, form(reason="myself")).status_code == 302
        assert visitor(make_user("Daan")).post(reverse("block", args=[kind, pk])).status_code == 404


def test_the_answer_to_a_reporter_promises_nothing_in_the_past(scene):
    url = reverse("report", args=["welcome", scene.welcome.pk])
    report(scene.welcome, "welcome")
    assert "Iemand kijkt vóór" in visitor(None).post(url, form(), follow=True).content.decode()
    Case.objects.update(opened_at=later(days=-2), promised_at=later(days=-1))
    words = visitor(None).post(url, form(), follow=True).content.decode()
    assert "Iemand kijkt zo snel mogelijk." in words
    assert "Iemand kijkt vóór" not in words


def test_the_sixth_mail_to_one_address_in_an_hour_is_not_promised(scene):
    url = reverse("report", args=["welcome", scene.welcome.pk])
    for _ in range(6):
        answer = visitor(None).post(url, form(email="noor@example.nl"), follow=True)
    assert "Je krijgt een mail" not in answer.content.decode()
    assert list(Report.objects.order_by("pk").values_list("email", flat=True)) == ["noor@example.nl"] * 5 + [""]


# Who hears.


def test_a_report_about_what_waits_for_another_reason_is_told_at_once_and_once(scene):
    planning.change_meetup(meetup=scene.meetup, by=fresh(scene.host), now=timezone.now(), cost="Een euro")
    assert len(letters()) == 2
    report(scene.meetup, "meetup")
    assert len(letters()) == 4
    report(scene.meetup, "meetup")
    assert len(letters()) == 4
    assert Case.objects.get().cause == Case.Cause.EDIT


def test_when_what_they_reported_is_deleted_reporters_hear_that(scene):
    report(scene.welcome, "welcome", email="noor@example.nl")
    report(scene.welcome, "welcome", reason=Reason.MYSELF)
    scene.welcome.delete()
    letters().clear()
    for _ in range(2):
        Case.objects.update(next_check_at=later(hours=-1))
        check_waiting(now=timezone.now())
    [mail] = letters()
    assert (mail.to, mail.subject) == (["noor@example.nl"], "Wat je meldde, is verwijderd")
    assert "Het is verwijderd voordat we erover besloten." in mail.body
    assert "Iemand heeft ernaar gekeken" not in mail.body


def test_a_reporter_who_heard_hears_again_only_of_another_outcome(scene):
    report(scene.welcome, "welcome", email="noor@example.nl")
    told = []
    for outcome in (HIDE, FINE):
        for _ in range(2):
            decide(scene.case, scene.coordinator, outcome, now=later(minutes=-5))
            told.append(len([mail for mail in letters() if mail.to == ["noor@example.nl"]]))
            deciding.undo(
                case_id=scene.case.pk,
                by=fresh(scene.coordinator),
                seen_revision=scene.case.revision,
                now=timezone.now(),
            )
    assert told == [1, 1, 2, 2]


@pytest.mark.django_db(transaction=True)
def test_a_report_that_waits_for_a_decision_hides_a_photo_that_was_just_shown_again():
    """The photo is read again once its case is locked: before that it was still hidden."""
    scene = make_scene()
    location = scene.meetup.location
    location.photo = make_photo(make_user("Anouk"), purpose=location.photo_purpose)
    location.save()
    report(location.photo, "photo", reason=Reason.MYSELF)
    case, reporter_waits, done = Case.objects.get(), Event(), []

    def report_meanwhile() -> None:
        try:
            reporter_waits.set()
            done.append(report(location.photo, "photo", reason=Reason.MY_CHILD))
        finally:
            connection.close()

    thread = Thread(target=report_meanwhile)
    with transaction.atomic():
        decide(case, scene.coordinator, FINE)
        thread.start()
        reporter_waits.wait(5)
        _wait_for_a_blocked_query()
    thread.join()
    assert done[0].has_hidden
    assert Photo.objects.get().visibility == Visibility.HIDDEN


BLOCKED = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0
"""


def _wait_for_a_blocked_query() -> None:
    with connection.cursor() as cursor:
        for _ in range(2000):
            cursor.execute(BLOCKED)
            if cursor.fetchone()[0]:
                return
    raise AssertionError("Nobody waits.")


def test_watchers_of_other_levels_hear_nothing_of_a_first_report(scene):
    make_role(Role.Kind.WATCHER, None, make_user("Ilse"))
    report(scene.welcome, "welcome")
    assert set(Message.objects.values_list("user__first_name", flat=True)) == {"Willem", "Petra"}


def test_ok_after_hidden_sticks_for_the_reason_why_it_was_hidden(scene):
    report(scene.welcome, "welcome", reason=Reason.UNKIND)
    decide(scene.case, scene.coordinator, HIDE)
    assert not reporting.was_found_fine(scene.case, Reason.UNKIND, {"welcome": scene.welcome.welcome})
    decide(scene.case, scene.coordinator, FINE)  # the writer explained it
    assert not report(scene.welcome, "welcome", reason=Reason.UNKIND).has_hidden
    assert report(scene.welcome, "welcome", reason=Reason.MYSELF).has_hidden


def test_an_ok_that_was_undone_does_not_stick(scene):
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, FINE)
    seen = {"welcome": scene.welcome.welcome}
    assert reporting.was_found_fine(scene.case, Reason.UNKIND, seen)
    undo(scene.case, scene.coordinator)
    assert not reporting.was_found_fine(scene.case, Reason.UNKIND, seen)


def test_reports_of_people_who_left_are_not_those_of_one_sender(scene):
    for number in range(3):
        write(scene, f"Welkom {number}")
        report(scene.welcome, "welcome", sender="")
        decide(scene.case, scene.coordinator, FINE)
    assert not reporting.cries_wolf("", now=timezone.now())


def test_only_the_report_that_hid_it_says_so(scene):
    assert report(scene.welcome, "welcome").has_hidden
    assert not report(scene.welcome, "welcome", reason=Reason.MYSELF).has_hidden


def test_what_is_gone_cannot_be_reported_nor_a_case_that_is_gone_decided(scene):
    pk = scene.welcome.pk
    scene.welcome.delete()
    scene.welcome.pk = pk
    with pytest.raises(CannotDo) as refused:
        report(scene.welcome, "welcome")
    assert refused.value.refusal == Refusal.GONE
    with pytest.raises(CannotDo) as refused:
        deciding.decide(
            case_id=10**6, by=scene.coordinator, outcome=FINE, words="", seen_revision=1, now=timezone.now()
        )
    assert refused.value.refusal == Refusal.GONE


def test_a_case_follows_a_meetup_to_another_town(scene):
    report(scene.meetup, "meetup")
    leiden = make_municipality("Leiden", slug="leiden")
    sanne = make_role(Role.Kind.COORDINATOR, leiden, make_user("Sanne"))
    scene.meetup.location = make_location(leiden)
    scene.meetup.save()
    Message.objects.all().delete()
    report(scene.meetup, "meetup")
    assert Case.objects.get().municipality == leiden
    assert [message.user for message in Message.objects.all()] == [sanne]


def test_the_longest_description_fits(scene):
    place = scene.meetup.location
    place.photo = make_photo(scene.host, purpose=place.photo_purpose, description="K" * 200)
    place.save()
    report(place.photo, "photo")
    assert len(Case.objects.get().title) == 140


def test_a_promise_of_before_is_not_kept_when_nobody_in_town_can_make_it_any_more(scene):
    make_role(Role.Kind.WATCHER, None, make_user("Ilse"))
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, FINE)
    Role.objects.filter(municipality=scene.town).delete()
    report(scene.welcome, "welcome")
    assert (scene.case.promised_at, scene.case.level) == (None, 2)
