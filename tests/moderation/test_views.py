"""The pages of moderation: reporting without an account, the queue, one case, the writer's own page, blocks."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from locations.visibility import Visibility
from meetups.door.actions import check_in
from meetups.managing.actions import planning
from moderation.actions import people
from moderation.models import Absence, Block, Case, Report, Trust
from tests.factories import (
    make_attendance,
    make_location,
    make_meetup,
    make_municipality,
    make_occurrence,
    make_role,
    make_user,
)
from tests.mailbox import letters
from tests.moderation.scene import FINE, HIDE, Scene, decide, later, make_scene, report
from tests.visitors import visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def form(**fields) -> dict[str, str]:
    return {"reason": "unkind", "words": "", "email": "", "token": str(uuid4())} | fields


def report_url(scene: Scene) -> str:
    return reverse("report", args=["welcome", scene.welcome.pk])


def test_a_stranger_reports_words_of_welcome_from_the_page_and_they_are_gone(scene, django_capture_on_commit_callbacks):
    stranger, page = visitor(None), scene.meetup.get_absolute_url()
    assert report_url(scene) in stranger.get(page).content.decode()
    assert stranger.get(report_url(scene)).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):  # cached pages are renewed then
        sent = stranger.post(report_url(scene), form(email="noor@example.nl"), follow=True)
    words = sent.content.decode()
    assert sent.redirect_chain == [(reverse("reported"), 302)]
    assert "Niemand ziet het nu, tot iemand heeft gekeken. Iemand kijkt vóór" in words
    assert "koffie staat klaar" not in visitor(None).get(page).content.decode()
    [made] = Report.objects.all()
    assert (made.user, made.email, made.has_hidden) == (None, "noor@example.nl", True)
    again = stranger.get(report_url(scene)).content.decode()
    assert "koffie staat klaar" not in again
    assert "Marieke, " not in again


def test_a_report_keeps_what_was_typed_when_something_is_missing(scene):
    answer = visitor(None).post(report_url(scene), {"words": "Dit gaat over mij.", "email": "geen adres"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Kies wat er niet klopt." in page
    assert "Dit gaat over mij." in page
    assert not Report.objects.exists()


def test_another_reason_needs_a_few_words(scene):
    answer = visitor(None).post(report_url(scene), form(reason="other"))
    assert "Vertel in een paar woorden wat er niet klopt." in answer.content.decode()


@pytest.mark.parametrize("kind", ["meetup", "nothing"])
def test_what_does_not_exist_cannot_be_reported(scene, kind):
    url = reverse("report", args=[kind, 999])
    assert visitor(None).get(url).status_code == 404
    assert visitor(None).post(url, form()).status_code == 404


def test_twenty_parents_behind_one_library_address_all_succeed_and_are_all_kept(scene):
    for number in range(20):
        for _page in range(3):  # each has a second thought
            answer = visitor(None).post(report_url(scene), form(words=f"Ouder {number}"))
            assert answer.status_code == 302
    assert Report.objects.count() == 60


def test_a_flood_of_reports_is_stopped_with_a_sentence(scene):
    stranger = visitor(None)
    for _ in range(100):
        stranger.post(report_url(scene), form())
    answer = stranger.post(report_url(scene), form(words="Nog een"))
    assert answer.status_code == 422
    assert "Probeer het over tien minuten opnieuw." in answer.content.decode()
    assert "Nog een" in answer.content.decode()


def test_the_report_of_someone_signed_in_goes_to_their_own_address(scene):
    parent = make_user("Fatima")
    client = visitor(parent)
    assert 'name="email"' not in client.get(report_url(scene)).content.decode()
    client.post(report_url(scene), form())
    assert Report.objects.get().email == parent.email


def test_the_queue_shows_what_waits_here_and_the_case_has_everything(scene):
    elsewhere = meetup_in_leiden()
    report(scene.welcome, "welcome", words="Zij kijkt altijd boos.")
    report(elsewhere, "meetup")
    client = visitor(scene.coordinator)
    queue = client.get(reverse("cases")).content.decode()
    assert "Marieke, " in queue
    assert elsewhere.title not in queue
    page = client.get(scene.case.get_absolute_url()).content.decode()
    for words in ("Zij kijkt altijd boos.", "koffie staat klaar", "Het kwetst mensen of sluit ze buiten"):
        assert words in page


def meetup_in_leiden():
    return make_meetup(make_location(make_municipality("Leiden")), title="Leidse koffie")


def test_deciding_and_undoing_on_the_page(scene):
    report(scene.welcome, "welcome")
    client, case = visitor(scene.coordinator), scene.case
    decide_url = reverse("case_decide", args=[case.pk])
    refused = client.post(decide_url, {"outcome": "hide", "words": "", "seen": case.revision})
    assert refused.status_code == 422
    assert "Schrijf in een paar woorden waarom." in refused.content.decode()
    stale = client.post(decide_url, {"outcome": "fine", "words": "Prima zo", "seen": 0})
    assert "Er is intussen iets gebeurd." in stale.content.decode()
    assert "Prima zo" in stale.content.decode()
    client.post(decide_url, {"outcome": "fine", "words": "", "seen": scene.case.revision})
    assert not scene.case.is_open
    page = client.get(case.get_absolute_url()).content.decode()
    assert "Laatste besluit terugdraaien" in page
    seen = re.findall(r'name="seen" value="(\d+)"', page)[0]
    client.post(reverse("case_undo", args=[case.pk]), {"seen": seen})
    assert scene.case.is_open
    twice = client.post(reverse("case_undo", args=[case.pk]), {"seen": seen}, follow=True)
    assert "Er is intussen iets gebeurd." in twice.content.decode()


def test_who_is_in_it_does_not_see_the_case_nor_who_reported_it(scene):
    make_role(Role.Kind.COORDINATOR, scene.town, scene.host)
    report(scene.welcome, "welcome", words="Geheim")
    client = visitor(scene.host)
    assert "Marieke, " not in client.get(reverse("cases")).content.decode()
    assert client.get(scene.case.get_absolute_url()).status_code == 404
    own = client.get(reverse("own_case", args=[scene.case.pk])).content.decode()
    assert "Geheim" not in own
    assert "gekwetst" not in own


def test_the_writer_reads_the_reason_and_answers_and_others_get_404(scene):
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, HIDE, words="Dit sluit mensen buiten.")
    url = reverse("own_case", args=[scene.case.pk])
    for stranger in (scene.coordinator, make_user("Fatima")):
        assert visitor(stranger).get(url).status_code == 404
    assert visitor(None).get(url).status_code == 302
    client = visitor(scene.host)
    assert "Dit sluit mensen buiten." in client.get(url).content.decode()
    assert "Willem" not in client.get(url).content.decode()
    assert client.post(url, {"words": ""}).status_code == 422
    client.post(url, {"words": "Zo bedoelde ik het niet."})
    assert scene.case.is_open
    assert "Zo bedoelde ik het niet." in visitor(scene.colleague).get(scene.case.get_absolute_url()).content.decode()


def test_a_queue_of_ten_thousand_cases_costs_three_queries(scene, django_assert_num_queries):
    now = timezone.now()
    Case.objects.bulk_create(
        [
            Case(
                kind="meetup",
                object_id=number,
                municipality=scene.town,
                title=f"Koffie {number}",
                cause="report",
                opened_at=now - timedelta(minutes=number),
                promised_at=now,
            )
            for number in range(10_000)
        ],
        batch_size=1000,
    )
    client = visitor(scene.coordinator)
    client.get(reverse("cases"))
    with django_assert_num_queries(2 + 1 + 3 + 1):  # session and user; the roles; the list; who is away
        page = client.get(reverse("cases")).content.decode()
    assert "Koffie 9999" in page  # the oldest first
    assert "Koffie 9974" not in page
    assert "pagina=2" in page


def test_away_and_back(scene):
    client = visitor(scene.coordinator)
    until_on = timezone.localdate() + timedelta(days=10)
    client.post(reverse("absence"), {"until_on": until_on.isoformat()})
    assert Absence.objects.get().until_on == until_on
    assert "Je bent weg tot en met" in client.get(reverse("cases")).content.decode()
    client.post(reverse("absence"), {"back": "1"})
    assert not Absence.objects.exists()
    yesterday = timezone.localdate() - timedelta(days=1)
    assert (
        "Kies vandaag of een latere dag."
        in client.post(reverse("absence"), {"until_on": yesterday.isoformat()}).content.decode()
    )


def lists(client, scene: Scene) -> list[str]:
    """Return the names of the lists in which the meetup stands."""
    location = scene.meetup.location
    urls = {
        "agenda": reverse("agenda"),
        "town": scene.town.get_absolute_url(),
        "place": location.get_absolute_url(),
        "home": reverse("home"),
        "home near": f"{reverse('home')}?lat={location.latitude}&lon={location.longitude}",
    }
    return [name for name, url in urls.items() if scene.meetup.title in client.get(url).content.decode()]


def test_a_blocked_person_is_in_no_list_of_mine_and_never_hears(scene):
    planning.materialise(scene.meetup, now=timezone.now())
    parent = make_user("Fatima")
    client = visitor(parent)
    assert lists(client, scene) == ["agenda", "town", "place", "home", "home near"]
    url = reverse("block", args=["welcome", scene.welcome.pk])
    assert url in client.get(report_url(scene)).content.decode()
    client.post(url)
    client.post(url)
    assert Block.objects.count() == 1
    assert lists(client, scene) == []
    assert "koffie staat klaar" not in client.get(scene.meetup.get_absolute_url()).content.decode()
    assert lists(visitor(make_user("Daan")), scene) == ["agenda", "town", "place", "home", "home near"]
    assert letters() == []
    assert "Marieke" in client.get(reverse("blocks")).content.decode()
    client.post(reverse("unblock", args=[Block.objects.get().pk]))
    assert lists(client, scene) == ["agenda", "town", "place", "home", "home near"]


def test_nobody_unblocks_for_someone_else(scene):
    people.block(user=make_user("Fatima"), blocked=scene.host, now=timezone.now())
    assert visitor(make_user("Daan")).post(reverse("unblock", args=[Block.objects.get().pk])).status_code == 404
    assert Block.objects.exists()


def test_being_present_makes_known_but_not_who_closes_the_list(scene):
    over = make_occurrence(
        scene.meetup,
        on=timezone.localdate() - timedelta(days=1),
        starts_at=later(hours=-26),
        ends_at=later(hours=-24),
    )
    parent = make_user("Fatima")
    for user in (parent, scene.host):
        make_attendance(over, user, is_present=True)
    make_attendance(over, make_user("Daan"), is_present=False)
    check_in.close(occurrence=over, host=scene.host, head_adults=2, head_children=0, now=timezone.now())
    assert list(Trust.objects.values_list("user", "fact")) == [(parent.pk, "welcomed")]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_mail_is_complete_in_both_languages(scene, language):
    for user in (scene.host, scene.coordinator, scene.colleague):
        user.language = language
        user.save()
    report(scene.welcome, "welcome", email="noor@example.nl", language=language)
    decide(scene.case, scene.coordinator, FINE, now=later(minutes=-9))
    report(scene.welcome, "welcome", email="noor@example.nl", language=language, reason="wrong")
    decide(scene.case, scene.coordinator, HIDE, now=later(minutes=-8))
    mails = letters()
    expected = {
        "nl": {"Kijk je even? Iets nieuws in Hengelo", "We hebben gekeken naar wat je meldde"},
        "en": {"Please look: something new in Hengelo", "We looked at what you reported"},
    }
    subjects = {mail.subject for mail in mails}
    assert (
        expected[language] - {"Kijk je even? Iets nieuws in Hengelo", "Please look: something new in Hengelo"}
        <= subjects
    )
    for mail in mails:
        assert "\n\n\n" not in mail.body
        assert mail.alternatives[0].content.startswith("<!doctype html>")


def test_hidden_texts_are_not_what_a_signed_in_reporter_reads(scene):
    scene.meetup.visibility = Visibility.WAITING
    scene.meetup.save()
    assert visitor(make_user("Fatima")).get(reverse("report", args=["meetup", scene.meetup.pk])).status_code == 404
