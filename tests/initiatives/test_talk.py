"""The talk under an idea: who reads what, what waits, what is deleted and put back, and what it costs."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from initiatives.models import Audience, Initiative, Post, Support
from initiatives.moderated import POST
from initiatives.refusals import CannotDo, Refusal
from initiatives.stages import Stage
from initiatives.talking import actions, privacy
from initiatives.talking.page import POSTS_PER_PAGE
from locations.visibility import Visibility
from moderation.actions import people
from moderation.models import Case
from moderation.refusals import CannotDo as ModerationCannotDo
from pages.privacy import erase
from tests.initiatives.talk_scene import MUNICIPALITY, NETWORK, Scene, make_scene, say
from tests.meetups.test_attending_races import run_concurrently
from tests.visitors import visitor

pytestmark = pytest.mark.django_db

BOTH, TOWN_HALL, NO_TALK = {"network", "municipality"}, {"municipality"}, set()
READS = {
    "stranger": NO_TALK,
    "proposer": BOTH,
    "co_initiator": BOTH,
    "supporter": BOTH,
    "newcomer": BOTH,
    "parent": NO_TALK,
    "host": NO_TALK,
    "professional": BOTH,
    "coordinator": BOTH,
    "officer": TOWN_HALL,
    "officer_who_helps": TOWN_HALL,
    "works_at_town_hall": TOWN_HALL,
    "officer_elsewhere": NO_TALK,
    "professional_elsewhere": NO_TALK,
}
STAGES = {stage: {} for stage in Stage} | {Stage.ENDED: {"end_reason": "done"}}


@pytest.fixture
def scene(db) -> Scene:
    return make_scene()


def page_of(scene: Scene, role: str, name: str = "initiative") -> str:
    response = visitor(scene.people.get(role)).get(reverse(name, args=[scene.idea.slug]))
    return response.content.decode() if response.status_code == 200 else ""


def set_stage(scene: Scene, stage: Stage) -> None:
    Initiative.objects.filter(pk=scene.idea.pk).update(stage=stage, **STAGES[stage])


def two_posts(scene: Scene) -> None:
    say(scene, scene.co_initiator, "tekst-network", NETWORK)
    say(scene, scene.co_initiator, "tekst-municipality", MUNICIPALITY)


@pytest.mark.parametrize("stage", Stage)
def test_each_audience_is_read_by_whom_its_author_chose_in_every_stage(scene, stage):
    two_posts(scene)
    set_stage(scene, stage)
    for name in ("initiative", "initiative_talk"):
        read = {
            role: {audience for audience in Audience.values if f"tekst-{audience}" in page_of(scene, role, name)}
            for role in READS
        }
        assert read == READS, name


@pytest.mark.parametrize("fields", [{"visibility": "hidden"}, {"visibility": "waiting"}])
def test_of_an_idea_that_is_not_public_nobody_reads_the_talk(scene, fields):
    two_posts(scene)
    Initiative.objects.filter(pk=scene.idea.pk).update(**fields)
    assert [role for role in READS if "tekst-" in page_of(scene, role) + page_of(scene, role, "initiative_talk")] == []


def test_who_does_not_take_part_reads_how_to_join(scene):
    two_posts(scene)
    for role in ("stranger", "parent"):
        assert "Join in, and you can read and write too" in en(scene, role)
    response = visitor(scene.parent).get(reverse("initiative_talk", args=[scene.idea.slug]), follow=True)
    assert response.redirect_chain == [(scene.idea.get_absolute_url(), 302)]
    assert "post_form" not in response.context


def en(scene: Scene, role: str) -> str:
    client = visitor(scene.people.get(role))
    return client.get(f"/en/initiatieven/{scene.idea.slug}/").content.decode()


def test_who_stops_taking_part_no_longer_reads(scene):
    two_posts(scene)
    assert "tekst-network" in page_of(scene, "supporter")
    Support.objects.filter(user=scene.supporter).update(state="withdrawn", withdrawn_at=timezone.now())
    assert "tekst-" not in page_of(scene, "supporter")


def test_the_audience_of_a_post_never_changes(scene):
    """Neither by looks, deleting and putting back, nor by who writes what later."""
    post = say(scene, scene.newcomer, "geheim", NETWORK)
    POST.set_visibility(POST.lock(post.pk), Visibility.SHOWN, now=timezone.now())
    actions.delete(post=post, by=scene.newcomer, now=timezone.now())
    actions.put_back(post=post, by=scene.newcomer, now=timezone.now())
    wider = say(scene, scene.newcomer, "geheim", MUNICIPALITY)
    assert list(Post.objects.order_by("pk").values_list("pk", "audience")) == [
        (post.pk, "network"),
        (wider.pk, "municipality"),
    ]


def test_an_unknown_or_missing_audience_is_the_narrowest(scene):
    assert say(scene, scene.supporter, "a", "everyone").audience == NETWORK
    client = visitor(scene.supporter)
    client.post(reverse("initiative_talk", args=[scene.idea.slug]), {"text": "b"})
    assert Post.objects.get(text="b").audience == NETWORK


@pytest.mark.parametrize("role", ["officer", "officer_who_helps", "works_at_town_hall"])
def test_who_works_for_the_municipality_always_writes_for_it_too(scene, role):
    assert say(scene, scene.people[role], "a", NETWORK).audience == MUNICIPALITY


@pytest.mark.parametrize(
    ("stage", "refusal"), [(Stage.PAUSED, Refusal.PAUSED), (Stage.ENDED, Refusal.ENDED)], ids=["paused", "ended"]
)
def test_nobody_writes_in_an_idea_that_is_paused_or_ended_and_what_was_typed_stays(scene, stage, refusal):
    set_stage(scene, stage)
    with pytest.raises(CannotDo) as error:
        say(scene, scene.supporter)
    assert error.value.refusal == refusal
    response = visitor(scene.supporter).post(
        reverse("initiative_talk", args=[scene.idea.slug]), {"text": "Mijn lange tekst"}
    )
    assert response.status_code == 422
    assert "Mijn lange tekst" in response.content.decode()
    assert not Post.objects.exists()


@pytest.mark.parametrize("role", [role for role, reads in READS.items() if not reads and role != "stranger"])
def test_who_does_not_take_part_cannot_write(scene, role):
    with pytest.raises(CannotDo) as error:
        say(scene, scene.people[role])
    assert error.value.refusal == Refusal.JOIN_FIRST


def test_the_same_text_twice_is_one_post_and_later_a_new_one(scene):
    first = say(scene, scene.supporter)
    assert say(scene, scene.supporter) == first
    later = say(scene, scene.supporter, now=timezone.now() + actions.SAME_WITHIN)
    assert later != first
    waiting = say(scene, scene.newcomer)
    assert say(scene, scene.newcomer, now=timezone.now() + timedelta(days=3)) == waiting


@pytest.mark.django_db(transaction=True)
def test_a_double_tap_at_the_same_moment_is_one_post():
    scene = make_scene()
    posts = run_concurrently(*[lambda: say(scene, scene.supporter)] * 4)
    assert len({post.pk for post in posts}) == 1
    assert Post.objects.count() == 1
    waiting = run_concurrently(*[lambda: say(scene, scene.newcomer)] * 4)
    assert len({post.pk for post in waiting}) == 1
    assert Case.objects.get().object_id == waiting[0].pk


def test_a_text_of_someone_unknown_waits_and_only_its_author_sees_it_marked(scene):
    post = say(scene, scene.newcomer, "Hallo allemaal")
    assert (post.visibility, post.shown_at) == (Visibility.WAITING, None)
    assert [role for role in READS if "Hallo allemaal" in page_of(scene, role)] == ["newcomer"]
    assert "Only you can see this, until someone has looked." in en(scene, "newcomer")
    POST.set_visibility(POST.lock(post.pk), Visibility.SHOWN, now=timezone.now())
    assert [role for role in READS if "Hallo allemaal" in page_of(scene, role)] == [
        role for role in READS if "network" in READS[role]
    ]


def test_a_hidden_text_is_seen_by_its_author_alone_with_a_link_to_answer(scene):
    post = say(scene, scene.newcomer, "Lelijk woord")
    POST.set_visibility(POST.lock(post.pk), Visibility.HIDDEN, now=timezone.now())
    assert [role for role in READS if "Lelijk woord" in page_of(scene, role)] == ["newcomer"]
    assert reverse("own_case", args=[Case.objects.get().pk]) in page_of(scene, "newcomer")


def test_no_more_texts_wait_than_someone_can_look_at(scene):
    client = visitor(scene.newcomer)
    for number in range(5):
        say(scene, scene.newcomer, f"tekst {number}")
    with pytest.raises(ModerationCannotDo):
        say(scene, scene.newcomer, "een te veel")
    response = client.post(reverse("initiative_talk", args=[scene.idea.slug]), {"text": "een te veel"})
    assert response.status_code == 422
    assert "een te veel" in response.content.decode()


def test_posts_of_someone_whom_the_reader_blocked_are_not_shown_to_that_reader(scene):
    say(scene, scene.co_initiator, "van Joost")
    before = page_of(scene, "co_initiator")
    people.block(user=scene.supporter, blocked=scene.co_initiator, now=timezone.now())
    shown = [role for role in READS if "van Joost" in page_of(scene, role)]
    assert shown == [role for role in READS if "network" in READS[role] and role != "supporter"]
    assert page_of(scene, "co_initiator").count("van Joost") == before.count("van Joost")
    say(scene, scene.supporter, "van Samira")
    assert "van Samira" in page_of(scene, "co_initiator")


def test_an_author_deletes_and_puts_back_for_a_day(scene):
    post = say(scene, scene.supporter, "spijt")
    client = visitor(scene.supporter)
    client.post(reverse("initiative_post_delete", args=[scene.idea.slug, post.pk]))
    assert [role for role in READS if "spijt" in page_of(scene, role)] == []
    assert reverse("initiative_post_put_back", args=[scene.idea.slug, post.pk]) in page_of(scene, "supporter")
    client.post(reverse("initiative_post_put_back", args=[scene.idea.slug, post.pk]))
    assert "spijt" in page_of(scene, "proposer")
    now = timezone.now()
    actions.delete(post=post, by=scene.supporter, now=now)
    with pytest.raises(CannotDo) as error:
        actions.put_back(post=post, by=scene.supporter, now=now + timedelta(days=1))
    assert error.value.refusal == Refusal.TOO_LATE_TO_PUT_BACK
    privacy.forget_deleted_posts(now=now + timedelta(hours=23))
    assert Post.objects.exists()
    privacy.forget_deleted_posts(now=now + timedelta(hours=25))
    assert not Post.objects.exists()


@pytest.mark.parametrize("role", [role for role in READS if role not in {"supporter", "stranger"}])
@pytest.mark.parametrize("name", ["initiative_post_delete", "initiative_post_put_back"])
def test_nobody_else_deletes_or_puts_back(scene, role, name):
    post = say(scene, scene.supporter, "blijft")
    assert visitor(scene.people[role]).post(reverse(name, args=[scene.idea.slug, post.pk])).status_code == 404
    action = actions.delete if name == "initiative_post_delete" else actions.put_back
    with pytest.raises(CannotDo) as error:
        action(post=post, by=scene.people[role], now=timezone.now())
    assert error.value.refusal == Refusal.NOT_YOUR_TEXT
    assert Post.objects.get().deleted_at is None


def test_only_who_reads_a_post_can_report_it_or_block_its_author(scene):
    post = say(scene, scene.supporter, "tekst")
    path, block = reverse("report", args=["post", post.pk]), reverse("block", args=["post", post.pk])
    answers = {role: visitor(scene.people.get(role)).get(path).status_code for role in READS}
    assert answers == {role: 200 if "network" in READS[role] else 404 for role in READS}
    assert visitor(scene.parent).post(block).status_code == 404
    assert visitor(scene.proposer).post(block).status_code == 302
    actions.delete(post=post, by=scene.supporter, now=timezone.now())
    assert visitor(scene.proposer).get(path).status_code == 404


def test_labels_say_what_someone_does(scene):
    for role in ("proposer", "co_initiator", "supporter", "professional", "officer"):
        say(scene, scene.people[role], f"van {role}", MUNICIPALITY)
    posts = visitor(scene.proposer).get(f"/en/initiatieven/{scene.idea.slug}/").context["posts"]
    assert [(post.author_name, post.label) for post in posts] == [
        ("Dewi", "proposed this"),
        ("Joost", "started this too"),
        ("Samira", "takes part"),
        ("Petra", "leesconsulent, bibliotheek"),
        ("Henk", "gemeente Hengelo"),
    ]


def test_the_page_shows_the_newest_posts_and_leads_to_earlier_ones(scene):
    now = timezone.now()
    texts = [f"tekst-{number:02}." for number in range(POSTS_PER_PAGE * 2 + 5)]
    for number, text in enumerate(texts):
        say(scene, scene.supporter, text, now=now - timedelta(minutes=90 - number))
    client = visitor(scene.proposer)
    seen, path = [], scene.idea.get_absolute_url()
    while path:
        context = client.get(path).context
        seen = [post.text for post in context["posts"]] + seen
        pk = context["earlier"]
        path = reverse("initiative_talk_earlier", args=[scene.idea.slug, pk]) if pk else None
    assert seen == texts


def test_posts_of_the_same_instant_are_all_on_a_page(scene):
    now = timezone.now()
    for number in range(POSTS_PER_PAGE + 3):
        say(scene, scene.supporter, f"t{number}", now=now)
    client = visitor(scene.proposer)
    context = client.get(scene.idea.get_absolute_url()).context
    rest = client.get(reverse("initiative_talk_earlier", args=[scene.idea.slug, context["earlier"]])).context
    assert len({post.pk for post in [*context["posts"], *rest["posts"]]}) == POSTS_PER_PAGE + 3


def queries_of(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def test_thirty_posts_cost_no_more_queries_than_one(scene):
    say(scene, scene.supporter, "een")
    say(scene, scene.newcomer, "wacht")
    clients = {role: visitor(scene.people[role]) for role in ("proposer", "supporter", "newcomer", "officer")}
    path = scene.idea.get_absolute_url()
    for client in clients.values():
        client.get(path)
    before = {role: queries_of(client, path) for role, client in clients.items()}
    for number in range(30):
        say(scene, [scene.supporter, scene.proposer, scene.professional][number % 3], f"tekst {number}", MUNICIPALITY)
    after = {role: queries_of(client, path) for role, client in clients.items()}
    before["newcomer"] -= 1  # the mark of the post that waits is on an earlier page now
    assert after == before


@pytest.mark.parametrize(
    "text", ["", "   ", "x" * 10_000, "nul\0byte", "x" * 1001], ids=["empty", "blank", "long", "null", "one too many"]
)
def test_bad_input_gets_a_sentence(scene, text):
    response = visitor(scene.supporter).post(reverse("initiative_talk", args=[scene.idea.slug]), {"text": text})
    assert response.status_code == 422
    assert 'class="error-summary"' in response.content.decode()
    assert not Post.objects.exists()


@pytest.mark.parametrize("text", ["🌱🌱", "<script>alert(1)</script>", "שלום", "[link](javascript:alert(1))"])
def test_odd_texts_are_shown_as_typed(scene, text):
    client = visitor(scene.supporter)
    assert client.post(reverse("initiative_talk", args=[scene.idea.slug]), {"text": text}).status_code == 302
    page = page_of(scene, "proposer")
    assert "<script>alert" not in page
    assert Post.objects.get().text == text


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("post_says_something", {"text": ""}),
        ("post_audience_is_known", {"audience": "everyone"}),
        ("post_shown_has_instant", {"shown_at": None}),
    ],
)
def test_constraints(scene, name, fields):
    say(scene, scene.supporter)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Post.objects.update(**fields)


def test_saying_something_is_a_human_act(scene):
    Initiative.objects.update(active_at=timezone.now() - timedelta(days=30))
    now = timezone.now()
    say(scene, scene.supporter, now=now)
    assert Initiative.objects.get().active_at == now


def test_posts_go_with_their_author_and_every_page_still_renders(scene):
    two_posts(scene)
    for role in ("supporter", "professional", "officer", "co_initiator", "proposer"):
        say(scene, scene.people[role], f"van {role}", MUNICIPALITY)
    for role in ("officer", "supporter", "co_initiator", "proposer"):
        user = scene.people.pop(role)
        exported = str(privacy.export(user, timezone.now()))
        assert f"van {role}" in exported
        privacy.erase(user=user, now=timezone.now())
        erase(user=user, now=timezone.now())
        for reader in ("stranger", *scene.people):
            response = visitor(scene.people.get(reader)).get(scene.idea.get_absolute_url())
            assert response.status_code == 200
            assert f"van {role}" not in response.content.decode()
    assert [post.text for post in Post.objects.all()] == ["van professional"]


@pytest.mark.parametrize("role", ["officer", "coordinator"])
def test_a_role_that_needs_a_second_factor_reads_the_talk_only_with_one_after_the_period_of_grace(role):
    scene = make_scene()
    say(scene, scene.supporter, "Voor iedereen leesbaar", MUNICIPALITY)
    user = scene.people[role]
    path = scene.idea.get_absolute_url()
    assert "Voor iedereen leesbaar" in visitor(user).get(path).content.decode()
    user.roles.update(created_at=timezone.now() - timedelta(days=200))
    assert "Voor iedereen leesbaar" not in visitor(user).get(path).content.decode()
