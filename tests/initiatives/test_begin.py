"""Beginning: one meetup, one invitation for each address, and joining in two taps."""

from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta
from threading import Barrier

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from initiatives import plans, tokens
from initiatives.models import Initiative
from initiatives.planning import answers, beginning
from initiatives.refusals import CannotDo, Refusal
from initiatives.taking_part import actions as taking_part
from initiatives.tasks import follow_up
from locations.visibility import Visibility
from meetups.attending.actions import signing_up
from meetups.managing.actions.planning import end_meetup
from meetups.models import Attendance, Host, Meetup, Occurrence
from moderation import refusals as moderation
from moderation.models import Trust
from notifications.delivery import send_due
from tests.factories import make_initiative, make_location, make_support, make_user
from tests.initiatives.places import EMAIL, make_cavia, next_wednesday, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def cavia():
    return make_cavia(themes=["animals"], age_bands=["4-12"], languages=["nl", "tr"])


def begin(cavia, **fields):
    return beginning.begin(**{"initiative": cavia.idea, "by": cavia.fatima, "now": timezone.now(), **fields})


def refused(action, *args, **fields):
    with pytest.raises(CannotDo) as error:
        action(*args, **fields)
    return error.value.refusal


def begin_url(cavia):
    return reverse("initiative_begin", args=[cavia.idea.slug])


def test_begin_makes_the_meetup_with_its_dates_and_hosts(cavia, client):
    cavia.make_ready(capacity=8)
    client.force_login(cavia.joke)
    page = client.get(cavia.idea.get_absolute_url())
    assert page.context["step"].do == "begin"
    assert client.get(begin_url(cavia)).status_code == 302
    assert not Meetup.objects.exists()
    client.post(begin_url(cavia))
    assert cavia.stage() == "running"
    meetup = cavia.idea.meetup
    assert (meetup.title, meetup.location, meetup.rrule, meetup.first_on, meetup.start_time, meetup.end_time) == (
        "Cavia Café", cavia.place, "FREQ=WEEKLY;BYDAY=WE", next_wednesday(), time(14), time(16),
    )  # fmt: skip
    assert (meetup.kind, meetup.capacity, meetup.mode) == ("animals", 8, "sign_up")
    assert (meetup.summary, meetup.description) == (cavia.idea.what, cavia.idea.for_whom)
    assert (meetup.age_bands, meetup.languages) == (["4-12"], ["nl", "tr"])
    assert meetup.occurrences.count() > 20
    assert set(Host.objects.filter(meetup=meetup).values_list("user", flat=True)) == {cavia.fatima.pk, cavia.joke.pk}
    hosts = Role.objects.hosts_in(cavia.town.pk).values_list("user", flat=True)
    assert sorted(hosts) == sorted([cavia.fatima.pk, cavia.joke.pk])
    entry = cavia.idea.history.last()
    assert (entry.step, entry.by, entry.via, entry.stage_after) == ("began", cavia.joke, "page", "running")


def test_a_long_text_is_whole_in_the_description(cavia):
    cavia.idea.what = "Een middag met cavia’s. " * 20
    cavia.idea.save()
    cavia.make_ready()
    meetup = begin(cavia)
    assert len(meetup.summary) <= 200
    assert meetup.description.startswith(cavia.idea.what)
    assert meetup.mode == "walk_in"


def test_beginning_twice_is_one_meetup_and_one_invitation(cavia):
    cavia.make_ready()
    assert begin(cavia) == begin(cavia, by=cavia.joke) == begin(cavia)
    assert Meetup.objects.count() == 1
    assert sorted(to for to, _subject in sent()) == sorted([EMAIL, cavia.sam.email, "mees@guest.example"])


def test_a_meetup_that_ended_keeps_no_date_of_its_place(cavia):
    cavia.make_ready()
    now = timezone.now()
    meetup = begin(cavia)
    end_meetup(meetup=meetup, reason="Het was leuk.", by=cavia.fatima, now=now)
    other = make_initiative(cavia.joke, municipality=cavia.town, stage="gathering", title="Konijnenclub")
    plan = cavia.choose(initiative=other, by=cavia.joke)
    [found] = plans.candidates([cavia.place], plan, other, now=now)
    assert found.taken == 0
    assert cavia.agree(cavia.ask(initiative=other, by=cavia.joke)).is_agreed


def test_beginning_without_a_day_a_place_or_its_consent_is_refused(cavia):
    assert refused(begin, cavia) == Refusal.NO_DAY
    cavia.choose(place=None)
    assert refused(begin, cavia) == Refusal.NO_PLACE
    cavia.choose()
    assert refused(begin, cavia) == Refusal.PLACE_NOT_AGREED
    request = cavia.ask()
    assert refused(begin, cavia) == Refusal.PLACE_NOT_AGREED
    cavia.agree(request)
    assert refused(begin, cavia, by=cavia.sam) == Refusal.NOT_YOURS
    assert refused(begin, cavia, now=timezone.now() + timedelta(weeks=14)) == Refusal.PLACE_NOT_AGREED
    Initiative.objects.update(stage="paused")
    assert refused(begin, cavia) == Refusal.NOT_IN_THIS_STAGE
    Initiative.objects.update(visibility="hidden")
    assert refused(begin, cavia) == Refusal.NOT_PUBLIC
    Initiative.objects.update(stage="ended", end_reason="done")
    assert refused(begin, cavia) == Refusal.ENDED
    assert not Meetup.objects.exists()
    assert not Role.objects.filter(kind=Role.Kind.HOST).exists()


def test_beginning_after_the_only_day_is_refused():
    cavia = make_cavia(shape="once")
    cavia.make_ready(rrule="", skip_public_holidays=False)
    assert refused(begin, cavia, now=timezone.now() + timedelta(days=30)) == Refusal.DAY_PASSED
    assert begin(cavia).occurrences.count() == 1


def test_outdoors_a_place_is_needed_to_begin_and_no_consent():
    cavia = make_cavia(shape="outdoors", meeting_point="Bij de brug")
    cavia.choose(place=None)
    assert refused(begin, cavia) == Refusal.NO_PLACE
    park = make_location(cavia.town, kind="outdoors")
    cavia.choose(place=park)
    assert begin(cavia).location == park


def test_the_refusal_stands_on_the_page_with_what_is_possible(cavia, client):
    client.force_login(cavia.fatima)
    page = client.post(begin_url(cavia), follow=True)
    assert [str(message) for message in page.context["messages"]] == [str(Refusal.NO_DAY.label)]


def test_strangers_and_who_takes_part_cannot_begin(cavia, client):
    cavia.make_ready()
    for person in (cavia.sam, make_user()):
        client.force_login(person)
        assert client.post(begin_url(cavia)).status_code == 404
    client.logout()
    client.post(begin_url(cavia))
    assert not Meetup.objects.exists()


def test_two_ideas_of_one_person_with_the_same_plan_are_not_one_meetup():
    cavia = make_cavia(shape="outdoors")
    park = make_location(cavia.town, kind="outdoors")
    cavia.choose(place=park)
    begin(cavia)
    twin = make_cavia(shape="outdoors", municipality=cavia.town)
    twin.idea.initiators.all().delete()
    twin.idea.initiators.create(user=cavia.fatima, part="proposer")
    twin.choose(place=park, by=cavia.fatima)
    assert refused(begin, twin, by=cavia.fatima) == Refusal.SAME_MEETUP
    assert twin.stage() == "ready"


# Texts that wait for a look


def test_invitations_wait_until_everyone_may_see_the_meetup(cavia, client):
    Trust.objects.all().delete()
    cavia.make_ready()
    meetup = begin(cavia)
    assert meetup.visibility == Visibility.WAITING
    follow_up()
    assert [to for to, _subject in sent() if to in {cavia.sam.email, "mees@guest.example"}] == []
    stranger = client.get(cavia.idea.get_absolute_url()).content.decode()
    assert meetup.get_absolute_url() not in stranger
    client.force_login(cavia.fatima)
    page = client.get(cavia.idea.get_absolute_url())
    assert (page.context["step"].do, page.context["step"].button) == ("wait", "")
    Meetup.objects.update(visibility="shown")
    follow_up()
    follow_up()
    assert sorted(to for to, _subject in sent()) == sorted([cavia.sam.email, "mees@guest.example"])


def test_a_meetup_that_cannot_wait_any_more_is_refused_whole(cavia, monkeypatch, client):
    cavia.make_ready()

    def refuse(**_fields):
        raise moderation.CannotDo(moderation.Refusal.TOO_MANY_WAIT)

    monkeypatch.setattr("meetups.managing.actions.planning.looks.first_visibility", lambda **_: Visibility.WAITING)
    monkeypatch.setattr("meetups.managing.actions.planning.looks.ask_for_first_look", refuse)
    client.force_login(cavia.fatima)
    page = client.post(begin_url(cavia), follow=True)
    assert str(moderation.Refusal.TOO_MANY_WAIT.label) in [str(message) for message in page.context["messages"]]
    assert cavia.stage() == "ready"
    assert not Meetup.objects.exists()
    assert not Role.objects.filter(kind=Role.Kind.HOST).exists()


# Invitations


def invitations():
    send_due(now=timezone.now() + timedelta(hours=1))
    found = {message.to[0]: message for message in mail.outbox if message.to != [EMAIL]}
    assert len(found) == sum(message.to != [EMAIL] for message in mail.outbox)
    mail.outbox.clear()
    return found


def link(support):
    return reverse("initiative_first_date", args=[tokens.make_for_first_date(support)])


def test_one_invitation_for_each_address_names_everyone_there(cavia):
    mees = cavia.idea.supports.get(guest_name="Mees")
    make_support(cavia.idea, guest_name="Noor", guest_email="MEES@guest.example", adults=1, children=3)
    make_support(cavia.idea, guest_name="Sams vrouw", guest_email=cavia.sam.email)
    make_support(cavia.idea, cavia.sam, kind="help", words="thee")
    make_support(cavia.idea, guest_name="Weg", guest_email="weg@guest.example", state="unconfirmed")
    helper = make_user("Truus")
    make_support(cavia.idea, helper, kind="have", thing="money", words="20 euro")
    cavia.make_ready()
    begin(cavia)
    found = invitations()
    assert set(found) == {"mees@guest.example", cavia.sam.email, helper.email}
    assert "Mees en Noor" in found["mees@guest.example"].body
    assert link(mees) in found["mees@guest.example"].body
    assert "eerste-keer" not in found[helper.email].body
    assert cavia.idea.get_absolute_url() not in found[helper.email].body
    assert Meetup.objects.get().get_absolute_url() in found[helper.email].body


def test_who_joins_later_is_not_invited_to_a_first_date_that_may_be_over(cavia):
    cavia.make_ready()
    begin(cavia)
    invitations()
    make_support(cavia.idea, make_user("Laat"))
    beginning.invite(pk=cavia.idea.pk, now=timezone.now())
    assert invitations() == {}


def test_who_withdrew_before_the_mail_was_sent_is_not_invited(cavia):
    cavia.make_ready()
    begin(cavia)
    taking_part.withdraw(support=cavia.idea.supports.get(user=cavia.sam), now=timezone.now())
    assert set(invitations()) == {"mees@guest.example"}


def post(page, client, url, **changed):
    data = {name: page.context["form"][name].value() or "0" for name in page.context["form"].fields}
    return client.post(url, {**data, **changed})


def test_a_user_joins_in_two_taps_also_signed_out(cavia, client):
    cavia.make_ready()
    first = begin(cavia).occurrences.first()
    support = cavia.idea.supports.get(user=cavia.sam)
    url = link(support)
    page = client.get(url)
    assert (page.status_code, Attendance.objects.count()) == (200, 0)
    answer = post(page, client, url)
    assert answer.url == f"{url}#answer"
    mine = Attendance.objects.get()
    assert (mine.occurrence, mine.user, mine.state, mine.adults, mine.children_4_12) == (
        first, cavia.sam, "going", 1, 2,
    )  # fmt: skip
    page = client.get(url)
    assert page.context["mine"] == mine
    post(page, client, url, adults="3")
    assert Attendance.objects.get().adults == 3


def test_guests_with_one_address_join_together_without_confirming_again(cavia, client):
    make_support(cavia.idea, guest_name="Noor", guest_email="mees@guest.example", children=3)
    cavia.make_ready()
    begin(cavia)
    sent()
    url = link(cavia.idea.supports.get(guest_name="Noor"))
    post(client.get(url), client, url)
    mine = Attendance.objects.get()
    assert (mine.guest_name, mine.guest_email, mine.user, mine.state) == (
        "Mees en Noor", "mees@guest.example", None, "going",
    )  # fmt: skip
    assert (mine.adults, mine.children) == (3, 3)
    send_due(now=timezone.now() + timedelta(hours=1))
    assert [message.to for message in mail.outbox] == [["mees@guest.example"]]
    assert len(mail.outbox[0].attachments) == 1  # signed up, with the date for the calendar


def test_a_guest_who_made_an_account_since_joins_with_it(cavia, client):
    cavia.make_ready()
    begin(cavia)
    mees = make_user("Mees", email="mees@guest.example")
    url = link(cavia.idea.supports.get(guest_name="Mees"))
    post(client.get(url), client, url)
    assert Attendance.objects.get().user == mees


def test_looking_at_the_invitation_twenty_times_changes_nothing(cavia, client):
    cavia.make_ready()
    begin(cavia)
    sent()
    before = list(Initiative.objects.values())
    for _ in range(10):
        assert client.get(link(cavia.idea.supports.first())).status_code == 200
        assert client.head(link(cavia.idea.supports.first())).status_code == 200
    assert not Attendance.objects.exists()
    assert list(Initiative.objects.values()) == before
    assert sent() == []


def test_as_another_user_nobody_is_signed_up_and_the_page_says_what_to_do(cavia, client):
    cavia.make_ready()
    begin(cavia)
    client.force_login(make_user("Bram"))
    url = link(cavia.idea.supports.get(user=cavia.sam))
    page = client.get(f"/en{url}")
    assert "This invitation is for Sam, and you are signed in as Bram." in page.content.decode()
    assert post(page, client, url).status_code == 422
    assert not Attendance.objects.exists()


def test_after_withdrawing_the_invitation_says_how_to_come_after_all(cavia, client):
    cavia.make_ready()
    meetup = begin(cavia)
    support = cavia.idea.supports.get(user=cavia.sam)
    taking_part.withdraw(support=support, now=timezone.now())
    url, meetup_url = link(support), f"/en{meetup.get_absolute_url()}"
    page = client.get(f"/en{url}").content.decode()
    assert "this invitation no longer counts" in page
    assert meetup_url in page
    assert client.post(url, {"adults": "1"}).status_code == 422
    assert not Attendance.objects.exists()


def test_who_cancelled_the_date_can_come_after_all(cavia, client):
    cavia.make_ready()
    begin(cavia)
    url = link(cavia.idea.supports.get(user=cavia.sam))
    post(client.get(url), client, url)
    signing_up.withdraw(attendance=Attendance.objects.get(), now=timezone.now())
    post(client.get(url), client, url)
    assert Attendance.objects.get().state == "going"


def test_late_the_invitation_is_for_the_next_date(cavia, client):
    cavia.make_ready()
    dates = list(begin(cavia).occurrences.all()[:2])
    url = link(cavia.idea.supports.get(user=cavia.sam))
    early = client.get(url)
    Occurrence.objects.filter(pk=dates[0].pk).update(
        starts_at=timezone.now() - timedelta(hours=3), ends_at=timezone.now() - timedelta(hours=1)
    )
    refused_page = post(early, client, url)
    assert refused_page.status_code == 422
    assert not Attendance.objects.exists()
    post(client.get(url), client, url)
    assert Attendance.objects.get().occurrence == dates[1]
    Occurrence.objects.all().delete()
    assert client.get(url).status_code == 200
    assert client.post(url, {"adults": "1", "date": str(dates[1].planned_for)}).status_code == 422


@pytest.mark.parametrize("typed", [{"adults": "0"}, {"adults": "x\0"}, {"children_4_12": "9" * 1000}, {"adults": "🙂"}])
def test_bad_numbers_get_a_sentence(cavia, client, typed):
    cavia.make_ready()
    begin(cavia)
    url = link(cavia.idea.supports.get(user=cavia.sam))
    page = post(client.get(url), client, url, **typed)
    assert page.status_code == 422
    assert page.context["form"].errors.keys() == typed.keys()


def test_a_wrong_or_outdated_link_says_so(cavia, client):
    assert client.get(reverse("initiative_first_date", args=["123.abc"])).status_code == 404
    assert client.get(link(cavia.idea.supports.first())).status_code == 410  # it has not begun


def test_with_more_people_than_seats_families_fit_in_order_and_the_rest_wait(cavia, client):
    families = [make_support(cavia.idea, make_user(f"P{n}"), adults=2) for n in range(4)]
    cavia.make_ready(capacity=5)
    begin(cavia)
    for support in families:
        url = link(support)
        assert post(client.get(url), client, url).status_code == 302
    assert list(Attendance.objects.order_by("pk").values_list("adults", "state")) == [
        (2, "going"), (2, "going"), (2, "waiting"), (2, "waiting"),
    ]  # fmt: skip
    crowd = link(make_support(cavia.idea, make_user(), adults=6))
    assert post(client.get(crowd), client, crowd).context["form"].errors.keys() == {"adults"}


# Where the idea and the meetup point to each other


def test_the_idea_points_to_the_meetup_and_the_meetup_to_the_idea(cavia, client, django_assert_max_num_queries):
    cavia.make_ready()
    meetup = begin(cavia)
    idea_url, meetup_url = cavia.idea.get_absolute_url(), meetup.get_absolute_url()
    page = client.get(idea_url).content.decode()
    assert page.count(f'href="{meetup_url}"') == 2  # at the top, and "I am coming"
    with django_assert_max_num_queries(3):
        assert f'href="{idea_url}"' in client.get(meetup_url + "?x=1").content.decode()
    answer = client.get(reverse("initiative_take_part", args=[cavia.idea.slug]) + "?hoe=kom")
    assert answer.url == meetup_url
    help_page = client.get(reverse("initiative_take_part", args=[cavia.idea.slug]) + "?hoe=help")
    assert help_page.status_code == 200
    Initiative.objects.update(visibility="hidden")
    assert idea_url not in client.get(meetup_url + "?x=1").content.decode()


def test_a_meetup_that_grew_out_of_nothing_says_nothing(cavia, client):
    cavia.make_ready()
    meetup = begin(cavia)
    Initiative.objects.update(meetup=None)
    assert client.get(meetup.get_absolute_url()).context["in_heading"] == []


def test_the_place_that_takes_its_yes_back_while_it_runs_is_told_to_everyone(cavia, client):
    request = cavia.make_ready()
    begin(cavia)
    sent()
    assert (
        refused(answers.revoke, request=request, reason="kapot", has_begun=False, now=timezone.now())
        == Refusal.BEGUN_MEANWHILE
    )
    url = reverse("place_request", args=[tokens.make_for_place(request)])
    page = client.post(url, {"answer": "intrekken", "reason": "kapot"})
    assert page.status_code == 422
    again = {name: page.context["form"][name].value() for name in ("reason", "has_begun")}
    assert again == {"reason": "kapot", "has_begun": True}
    client.post(url, {"answer": "intrekken", **again})
    assert (cavia.stage(), cavia.steps()[-1]) == ("running", "revoked")
    assert len(sent()) == 4
    client.force_login(cavia.fatima)
    assert client.get(cavia.idea.get_absolute_url()).context["step"].do == "move"


# At the same moment


def run_concurrently(*jobs):
    """Run the jobs concurrently, each in a thread with its own connection; return results, or refusals."""
    start = Barrier(len(jobs))

    def run(job):
        try:
            start.wait(timeout=20)
            return job()
        except CannotDo as refusal:
            return refusal.refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(run, job) for job in jobs]]


@pytest.mark.django_db(transaction=True)
def test_two_who_begin_at_the_same_moment_make_one_meetup():
    cavia = make_cavia()
    cavia.make_ready()
    people = [cavia.fatima, cavia.joke] * 2
    meetups = run_concurrently(*[lambda by=by: begin(cavia, by=by) for by in people])
    assert {meetup.pk for meetup in meetups} == {Meetup.objects.get().pk}
    assert cavia.steps().count("began") == 1
    assert sorted(to for to, _subject in sent()) == sorted([EMAIL, cavia.sam.email, "mees@guest.example"])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_time", range(4))
def test_beginning_while_the_place_takes_its_yes_back_has_one_winner(_time):
    cavia = make_cavia()
    request = cavia.make_ready()
    now = timezone.now()
    begun, taken_back = run_concurrently(
        lambda: begin(cavia),
        lambda: answers.revoke(request=request, reason="kapot", has_begun=False, now=now),
    )
    request.refresh_from_db()
    if isinstance(begun, Meetup):
        assert (taken_back, request.state, cavia.stage()) == (Refusal.BEGUN_MEANWHILE, "agreed", "running")
    else:
        assert (begun, request.state, cavia.stage()) == (Refusal.PLACE_NOT_AGREED, "revoked", "gathering")
        assert not Meetup.objects.exists()
    assert (begun == Refusal.PLACE_NOT_AGREED) != (taken_back == Refusal.BEGUN_MEANWHILE)


@pytest.mark.django_db(transaction=True)
def test_beginning_while_someone_joins_invites_them_or_not_but_never_twice():
    cavia = make_cavia()
    cavia.make_ready()
    late = make_user("Laat")
    commitment = taking_part.Commitment()
    run_concurrently(
        lambda: begin(cavia),
        lambda: taking_part.support(initiative=cavia.idea, user=late, commitment=commitment, now=timezone.now()),
        lambda: beginning.invite_all(now=timezone.now()),
    )
    told = [to for to, _subject in sent()]
    assert len(told) == len(set(told))
    assert cavia.idea.supports.filter(user=late).exists()


@pytest.mark.django_db(transaction=True)
def test_a_double_tap_on_the_invitation_is_one_sign_up():
    cavia = make_cavia()
    cavia.make_ready()
    begin(cavia)
    url = link(cavia.idea.supports.get(guest_name="Mees"))
    first = Occurrence.objects.earliest("starts_at")
    data = {"adults": "2", "date": str(first.planned_for)}
    answered = run_concurrently(*[lambda: Client().post(url, data).status_code] * 3)
    assert answered == [302] * 3
    assert Attendance.objects.count() == 1
