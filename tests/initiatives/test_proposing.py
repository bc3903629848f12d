"""Proposing, drafts, changing: who sees what when, and who hears what."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from initiatives.models import Initiative, Initiator
from initiatives.moderated import INITIATIVE
from initiatives.proposing import actions
from initiatives.refusals import CannotDo, Refusal
from moderation import refusals as moderation
from moderation.actions import deciding
from moderation.demo_data import know
from moderation.models import Case
from notifications.models import Message
from tests.factories import make_initiative, make_support, make_user
from tests.mailbox import letters

pytestmark = pytest.mark.django_db
FIELDS = {"title": "Vliegeren", "what": "Samen vliegeren.", "for_whom": "iedereen", "needed": "2 vliegers"}
FORM = FIELDS | {"gemeente": "hengelo"}


def propose(town, by, **fields):
    return actions.propose(by=by, town=town.hengelo, now=timezone.now(), fields=FIELDS | fields)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_an_idea_of_someone_we_know_is_on_the_site_at_once(town):
    know([town.parent], now=timezone.now())
    idea = propose(town, town.parent)
    assert (idea.is_public, idea.slug, idea.stage) == (True, "vliegeren", "idea")
    assert Client().get(idea.get_absolute_url()).status_code == 200


def test_an_idea_of_someone_new_waits_for_a_look_and_its_writer_sees_it_meanwhile(town):
    idea = propose(town, town.parent)
    assert idea.visibility == "waiting"
    assert Client().get(idea.get_absolute_url()).status_code == 404
    assert signed_in(town.newcomer).get(idea.get_absolute_url()).status_code == 404
    assert signed_in(town.coordinator).get(idea.get_absolute_url()).status_code == 200
    own = signed_in(town.parent).get(idea.get_absolute_url()).content.decode()
    assert "Alleen jij kunt dit zien, tot iemand heeft gekeken." in own
    case = Case.objects.get(kind="initiative")
    deciding.decide(
        case_id=case.pk, by=town.coordinator, outcome="fine", words="", seen_revision=case.revision, now=timezone.now()
    )
    assert Client().get(idea.get_absolute_url()).status_code == 200


def test_the_same_idea_twice_is_one_and_another_with_the_same_title_gets_another_address(town):
    know([town.parent, town.newcomer], now=timezone.now())
    first, again, other = propose(town, town.parent), propose(town, town.parent), propose(town, town.newcomer)
    assert first == again != other
    assert (first.slug, other.slug) == ("vliegeren", "vliegeren-hengelo")


def test_more_than_five_texts_of_someone_new_do_not_wait_at_once(town):
    for number in range(5):
        propose(town, town.parent, title=f"Idee {number}")
    with pytest.raises(moderation.CannotDo) as refused:
        propose(town, town.parent, title="Idee 6")
    assert refused.value.refusal == moderation.Refusal.TOO_MANY_WAIT
    assert not Initiative.objects.filter(title="Idee 6").exists()


def test_a_draft_may_be_unfinished_and_is_seen_by_nobody_else(town):
    client = signed_in(town.parent)
    answer = client.post("/initiatieven/nieuw/", {"gemeente": "hengelo", "what": "Iets met vliegers", "later": "1"})
    draft = Initiative.objects.get(what="Iets met vliegers")
    assert answer.url == draft.get_absolute_url()
    assert draft.is_draft
    for other in (None, town.coordinator, town.newcomer):
        visitor = signed_in(other) if other else Client()
        for path in ("", "bewerken/", "meedoen/"):
            assert visitor.get(f"{draft.get_absolute_url()}{path}").status_code in {404, 302}
        assert "Iets met vliegers" not in visitor.get(draft.get_absolute_url()).content.decode()
    assert not Case.objects.filter(kind="initiative").exists()
    know([town.parent], now=timezone.now())
    done = client.post(f"{draft.get_absolute_url()}bewerken/", FORM)
    draft.refresh_from_db()
    assert (draft.is_public, draft.slug, done.url) == (True, "vliegeren", "/initiatieven/vliegeren/")
    assert draft.history.get().step == "published"


def test_publishing_a_draft_needs_all_answers_and_keeps_what_was_typed(town):
    client = signed_in(town.host)
    answer = client.post(
        f"{town.idea_draft.get_absolute_url()}bewerken/", {"what": "Iets", "title": "", "for_whom": ""}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Schrijf voor wie het is." in page
    assert "Geef je idee een naam." in page
    assert "Iets</textarea>" in page
    town.idea_draft.refresh_from_db()
    assert town.idea_draft.is_draft


def test_five_drafts_are_enough(town):
    act = {"by": town.parent, "town": town.hengelo, "now": timezone.now()}
    for number in range(5):
        actions.save_draft(**act, fields=FIELDS | {"title": str(number)})
    with pytest.raises(CannotDo) as refused:
        actions.save_draft(**act, fields=FIELDS)
    assert refused.value.refusal == Refusal.TOO_MANY_DRAFTS


def test_a_draft_can_be_deleted_and_a_published_idea_cannot(town):
    client = signed_in(town.host)
    client.post(f"{town.idea_draft.get_absolute_url()}verwijderen/")
    client.post(f"{town.idea.get_absolute_url()}verwijderen/")
    assert not Initiative.objects.filter(pk=town.idea_draft.pk).exists()
    assert Initiative.objects.filter(pk=town.idea.pk).exists()


def test_an_edit_never_changes_proposer_town_or_stage(town):
    extra = {"municipality": town.leiden.pk, "gemeente": "leiden", "stage": "running", "proposer": town.newcomer.pk}
    answer = signed_in(town.host).post(f"{town.idea.get_absolute_url()}bewerken/", FORM | extra)
    assert answer.status_code == 302
    town.idea.refresh_from_db()
    initiator = town.idea.initiators.get(part="proposer")
    assert (town.idea.title, town.idea.municipality, town.idea.stage) == ("Vliegeren", town.hengelo, "gathering")
    assert (initiator.user, town.idea.slug) == (town.host, "cavia-cafe")


def test_a_co_initiator_may_change_it_and_someone_who_takes_part_may_not(town):
    partner = make_user("Bo")
    Initiator.objects.create(initiative=town.idea, user=partner, part=Initiator.As.CO_INITIATOR)
    path = f"{town.idea.get_absolute_url()}bewerken/"
    assert signed_in(partner).get(path).status_code == 200
    assert signed_in(town.newcomer).get(path).status_code == 404
    with pytest.raises(CannotDo) as refused:
        actions.change(initiative=town.idea, by=town.newcomer, now=timezone.now(), fields={"title": "Van mij"})
    assert refused.value.refusal == Refusal.NOT_YOURS


def test_everyone_who_takes_part_hears_once_what_it_was_and_what_it_is_now(town):
    now = timezone.now()
    act = {"initiative": town.idea, "by": town.host}
    actions.change(**act, now=now, fields={"for_whom": "alle kinderen", "needed": "Niets meer"})
    actions.change(**act, now=now + timedelta(minutes=2), fields={"for_whom": "iedereen", "moments": ["6-morning"]})
    actions.change(**act, now=now + timedelta(minutes=3), fields={"moments": ["3-afternoon"]})
    waiting = Message.objects.filter(template="initiatives.changed")
    assert waiting.count() == 3  # the newcomer, the professional and a guest; not the one who did not confirm
    waiting.update(due_at=now)
    mails = {mail.to[0]: mail for mail in letters()}
    mail = mails["gulsum@guest.example"]
    assert mail.subject == "Veranderd: Cavia Café"
    assert "Het was: kinderen van 4 tot en met 12 jaar, met een ouder" in mail.body
    assert "Het is nu: iedereen" in mail.body
    assert "woensdagmiddag" not in mail.body  # put back before the mail went out
    assert "/initiatieven/link/" in mail.body
    assert {town.newcomer.email, town.professional.email} <= set(mails)


def test_a_changed_title_or_need_is_no_news(town):
    actions.change(
        initiative=town.idea, by=town.host, now=timezone.now(), fields={"title": "Cavia’s", "needed": "Hooi"}
    )
    assert not Message.objects.filter(template="initiatives.changed").exists()


def test_changed_words_of_someone_new_wait_and_people_hear_when_they_are_shown(town):
    idea = make_initiative(town.parent, municipality=town.hengelo, title="Vlieger")
    make_support(idea, town.newcomer)
    actions.change(initiative=idea, by=town.parent, now=timezone.now(), fields={"for_whom": "alleen tieners"})
    idea.refresh_from_db()
    assert idea.for_whom != "alleen tieners"
    assert not Message.objects.filter(template="initiatives.changed").exists()
    case = Case.objects.get(kind="initiative", object_id=idea.pk)
    deciding.decide(
        case_id=case.pk, by=town.coordinator, outcome="fine", words="", seen_revision=case.revision, now=timezone.now()
    )
    idea.refresh_from_db()
    assert idea.for_whom == "alleen tieners"
    assert Message.objects.filter(template="initiatives.changed", user=town.newcomer).count() == 1


def test_a_hidden_idea_is_gone_for_everyone_and_comes_back(town, django_capture_on_commit_callbacks):
    for visibility, status in (("hidden", 404), ("shown", 200)):
        with django_capture_on_commit_callbacks(execute=True):
            INITIATIVE.set_visibility(town.idea, visibility, now=timezone.now())
        assert Client().get(town.idea.get_absolute_url()).status_code == status
        listed = Client().get("/initiatieven/").content.decode()
        assert ("Cavia Café" in listed) == (status == 200)


@pytest.mark.parametrize(
    "typed",
    [
        {"what": "x" * 10_000},
        {"title": "x" * 10_000},
        {"what": "a\u0000b"},
        {"title": "\u200b\u202e"},
        {"needed": "\n".join(f"ding {number}" for number in range(30))},
        {"needed": "x" * 300},
        {"shape": "nergens"},
        {"moments": ["9-nacht"]},
        {"wished_place": "999999"},
    ],
    ids=lambda typed: next(iter(typed)),
)
def test_wrong_input_gets_a_sentence_beside_the_field(town, typed):
    answer = signed_in(town.parent).post("/initiatieven/nieuw/", FORM | typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'class="errorlist"' in page
    assert "Samen vliegeren." in page or "what" in typed
    assert not Initiative.objects.filter(title="Vliegeren").exists()


@pytest.mark.parametrize(
    "text", ["🐹🐹🐹", "<script>alert(1)</script>", "السلام عليكم", "https://example.org/gratis", "a" * 80]
)
def test_unusual_titles_work_and_are_shown_as_they_were_typed(town, text):
    know([town.parent], now=timezone.now())
    answer = signed_in(town.parent).post("/initiatieven/nieuw/", FORM | {"title": text}, follow=True)
    assert answer.status_code == 200
    assert Initiative.objects.filter(title=text).count() == 1
    assert "<script>alert(1)" not in answer.content.decode()


def test_what_exists_already_is_beside_the_field_without_javascript_too(town):
    client = signed_in(town.parent)
    answer = client.post("/initiatieven/nieuw/", {"gemeente": "hengelo", "what": "Iets met een cavia", "title": ""})
    assert "Dit is er al in Hengelo" in answer.content.decode()
    assert town.idea.get_absolute_url() in answer.content.decode()
    part = client.post("/initiatieven/lijkt-op/", {"gemeente": "hengelo", "what": "wandelen", "title": ""})
    assert town.walk.get_absolute_url() in part.content.decode()
    assert "<html" not in part.content.decode()


def test_without_a_home_town_the_town_is_asked_first_and_a_meetup_brings_its_own(town):
    client = signed_in(town.parent)
    assert 'name="gemeente"' in client.get("/initiatieven/nieuw/").content.decode()
    born = client.get(f"/initiatieven/nieuw/?uit={town.coffee.slug}").content.decode()
    assert "om te beginnen in Hengelo" in born
    know([town.parent], now=timezone.now())
    client.post(f"/initiatieven/nieuw/?uit={town.coffee.slug}", FORM)
    idea = Initiative.objects.get(title="Vliegeren")
    assert (idea.born_at_meetup, idea.born_at_place) == (town.coffee, town.library)
