"""Questions to the municipality: when an answer is due, who may answer, and what everyone sees."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from initiatives import working_days
from initiatives.models import Answer, Initiative, Question
from initiatives.moderated import ANSWER, QUESTION
from initiatives.refusals import CannotDo, Refusal
from initiatives.stages import Stage
from initiatives.talking import asking, privacy
from initiatives.talking.reminding import remind_officials
from locations.visibility import Visibility
from meetups.clock import local_date
from moderation.actions import people
from moderation.models import Case
from moderation.permissions import may_decide
from notifications.models import Message
from pages.privacy import erase
from tests.factories import make_municipality, make_role, make_support, make_user
from tests.initiatives.talk_scene import Scene, ask, make_scene
from tests.mailbox import letters
from tests.meetups.test_attending_races import run_concurrently
from tests.moderation.scene import report
from tests.visitors import visitor

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture
def scene(db) -> Scene:
    return make_scene()


@pytest.mark.parametrize(
    ("asked_on", "due_on"),
    [
        (date(2026, 11, 2), date(2026, 11, 16)),  # ten ordinary working days
        (date(2026, 11, 6), date(2026, 11, 20)),  # on a Friday
        (date(2026, 11, 7), date(2026, 11, 20)),  # on a Saturday
        (date(2026, 11, 8), date(2026, 11, 20)),  # on a Sunday
        (date(2026, 12, 18), date(2027, 1, 5)),  # over Christmas (Friday) and New Year (Friday)
        (date(2026, 12, 25), date(2027, 1, 11)),  # on Christmas Day itself
        (date(2027, 3, 22), date(2027, 4, 6)),  # over Easter Monday, 29 March; Good Friday is a working day
        (date(2026, 4, 20), date(2026, 5, 5)),  # over King's Day and no Liberation Day
        (date(2025, 4, 28), date(2025, 5, 13)),  # over Liberation Day of a fifth year
        (date(2026, 5, 8), date(2026, 5, 26)),  # over Ascension Day and Whit Monday
    ],
)
def test_an_answer_is_due_after_ten_working_days(asked_on, due_on):
    assert working_days.after(asked_on, 10) == due_on
    assert working_days.after(asked_on, 0) == asked_on


@pytest.mark.parametrize("role", ["proposer", "co_initiator", "supporter"])
def test_who_takes_part_asks_and_everyone_reads_it_with_the_date(scene, role):
    question = ask(scene, scene.people[role], now=MONDAY)
    assert (question.visibility, question.due_on, question.first_due_on) == (
        "shown",
        date(2026, 11, 16),
        date(2026, 11, 16),
    )
    for reader in ("stranger", "parent", "officer", "proposer"):
        page = visitor(scene.people.get(reader)).get(scene.idea.get_absolute_url()).content.decode()
        assert "Mag de schuur open?" in page
    assert sorted(mail.to[0] for mail in letters()) == sorted([scene.officer.email, scene.officer_who_helps.email])


@pytest.mark.parametrize(
    "role", ["parent", "professional", "coordinator", "officer", "officer_who_helps", "officer_elsewhere", "host"]
)
def test_others_cannot_ask(scene, role):
    with pytest.raises(CannotDo) as error:
        ask(scene, scene.people[role])
    assert error.value.refusal == Refusal.JOIN_FIRST
    response = visitor(scene.people[role]).post(reverse("initiative_ask", args=[scene.idea.slug]), {"text": "Mag het?"})
    assert (response.status_code, Question.objects.count()) == (302, 0)


def test_asking_is_refused_with_what_to_do_instead(scene):
    for stage, fields in ((Stage.PAUSED, {}), (Stage.ENDED, {"end_reason": "done"})):
        Initiative.objects.filter(pk=scene.idea.pk).update(stage=stage, **fields)
        with pytest.raises(CannotDo) as error:
            ask(scene)
        assert error.value.refusal == Refusal[stage.name]
    Initiative.objects.filter(pk=scene.idea.pk).update(stage="idea", end_reason="")
    for number in range(3):
        ask(scene, text=f"Vraag {number}")
    with pytest.raises(CannotDo) as error:
        ask(scene, text="Vraag te veel")
    assert error.value.refusal == Refusal.TOO_MANY_QUESTIONS
    Role.objects.filter(kind=Role.Kind.POLICY_OFFICER).delete()
    with pytest.raises(CannotDo) as error:
        ask(scene, scene.proposer)
    assert error.value.refusal == Refusal.NOBODY_ANSWERS


@pytest.mark.django_db(transaction=True)
def test_a_double_tap_is_one_question_one_answer_and_one_move():
    scene = make_scene()
    questions = run_concurrently(*[lambda: ask(scene)] * 4)
    assert len({question.pk for question in questions}) == 1
    question = questions[0]
    until = working_days.after(question.due_on, 5)
    move = lambda: asking.move(  # noqa: E731
        question=question, by=scene.officer, until=until, reason="Vakantie", now=timezone.now()
    )
    assert len({row.pk for row in run_concurrently(*[move] * 3)}) == 1
    answer = lambda: asking.answer(question=question, by=scene.officer, text="Ja", now=timezone.now())  # noqa: E731
    assert len({row.pk for row in run_concurrently(*[answer] * 3)}) == 1
    assert Message.objects.filter(template="talking.question_answered").count() == 2


def test_a_question_of_someone_unknown_waits_and_the_clock_starts_when_it_is_shown(scene):
    question = ask(scene, scene.newcomer, now=timezone.now())
    assert (question.visibility, question.due_on) == (Visibility.WAITING, None)
    assert not Message.objects.filter(template="talking.question_asked").exists()
    pages = {
        role: "Mag de schuur open?" in visitor(user).get(scene.idea.get_absolute_url()).content.decode()
        for role, user in {"stranger": None, **scene.people}.items()
    }
    assert [role for role, is_shown in pages.items() if is_shown] == ["newcomer"]
    with pytest.raises(CannotDo):
        asking.answer(question=question, by=scene.officer, text="Ja", now=timezone.now())
    QUESTION.set_visibility(QUESTION.lock(question.pk), Visibility.SHOWN, now=MONDAY)
    question.refresh_from_db()
    assert question.due_on == date(2026, 11, 16)
    assert Message.objects.filter(template="talking.question_asked").count() == 2
    QUESTION.set_visibility(QUESTION.lock(question.pk), Visibility.HIDDEN, now=MONDAY)
    QUESTION.set_visibility(QUESTION.lock(question.pk), Visibility.SHOWN, now=MONDAY + timedelta(days=9))
    question.refresh_from_db()
    assert question.due_on == date(2026, 11, 16)
    assert Message.objects.filter(template="talking.question_asked").count() == 2


def post(scene: Scene, role: str, name: str, question: Question, data: dict[str, str]) -> int:
    path = reverse(name, args=[scene.idea.slug, question.pk])
    return visitor(scene.people.get(role)).post(path, data).status_code


def test_only_policy_officers_of_the_town_answer_and_move(scene):
    question = ask(scene)
    until = working_days.after(question.due_on, 3)
    for role in scene.people:
        may = role in {"officer", "officer_who_helps"}
        path = reverse("initiative_question_answer", args=[scene.idea.slug, question.pk])
        assert visitor(scene.people[role]).get(path).status_code == (200 if may else 404), role
        if not may:
            assert post(scene, role, "initiative_question_answer", question, {"text": "Nee"}) == 404
            for action in (
                lambda by: asking.answer(question=question, by=by, text="Nee", now=timezone.now()),
                lambda by: asking.move(question=question, by=by, until=until, reason="x", now=timezone.now()),
            ):
                with pytest.raises(CannotDo) as error:
                    action(scene.people[role])
                assert error.value.refusal == Refusal.NOT_AN_OFFICIAL
    assert not Answer.objects.exists()
    assert post(scene, "officer", "initiative_question_answer", question, {"text": "Ja, vanaf maart."}) == 302
    page = visitor(None).get(scene.idea.get_absolute_url()).content.decode()
    assert "Ja, vanaf maart." in page
    assert "gemeente Hengelo" in page


def test_an_officer_without_the_second_factor_cannot_answer(scene, settings):
    settings.DEMO = False
    question = ask(scene)
    user = scene.officer
    User.objects.filter(pk=user.pk).update(date_joined=timezone.now() - timedelta(days=400))
    Role.objects.filter(user=user).update(created_at=timezone.now() - timedelta(days=400))
    user = User.objects.get(pk=user.pk)
    assert user.lacks_second_factor(timezone.now())
    with pytest.raises(CannotDo) as error:
        asking.answer(question=question, by=user, text="Ja", now=timezone.now())
    assert error.value.refusal == Refusal.NOT_AN_OFFICIAL


def test_the_date_moves_once_and_the_first_stays_seen(scene):
    now = timezone.now()
    question = ask(scene, now=now)
    until = working_days.after(question.due_on, 5)
    weekend = until + timedelta(days=6 - until.weekday()) if until.weekday() < 6 else until
    for wrong in (question.due_on, question.due_on - timedelta(days=1), weekend, question.due_on + timedelta(days=90)):
        with pytest.raises(CannotDo) as error:
            asking.move(question=question, by=scene.officer, until=wrong, reason="x", now=now)
        assert error.value.refusal == Refusal.WRONG_DATE
        data = {"until": wrong.isoformat(), "reason": "x"}
        assert post(scene, "officer", "initiative_question_move", question, data) == 422
    data = {"until": until.isoformat(), "reason": "De brandweer kijkt eerst."}
    assert post(scene, "officer", "initiative_question_move", question, data) == 302
    shown = visitor(None).get(scene.idea.get_absolute_url())
    [row] = shown.context["questions"]
    assert (row.first_due_on, row.due_on, row.was_moved) == (question.first_due_on, until, True)
    assert "De brandweer kijkt eerst." in shown.content.decode()
    with pytest.raises(CannotDo) as error:
        asking.move(question=question, by=scene.officer, until=until + timedelta(7), reason="weer", now=now)
    assert error.value.refusal == Refusal.MOVED_BEFORE
    assert post(scene, "officer", "initiative_question_answer", question, {"text": "Ja"}) == 302


def test_answered_is_said_by_who_asked_and_can_be_taken_back(scene):
    question = ask(scene)
    asking.answer(question=question, by=scene.officer, text="Ja", now=timezone.now())
    for role in (*scene.people, "stranger"):
        if role != "supporter":
            assert post(scene, role, "initiative_question_answered", question, {}) in {302, 404}
    question.refresh_from_db()
    assert question.answered_at is None
    with pytest.raises(CannotDo):
        asking.say_answered(question=question, by=scene.officer, now=timezone.now())
    assert post(scene, "supporter", "initiative_question_answered", question, {}) == 302
    question.refresh_from_db()
    assert question.answered_at is not None
    until = working_days.after(question.due_on, 5)
    with pytest.raises(CannotDo) as error:
        asking.move(question=question, by=scene.officer, until=until, reason="x", now=timezone.now())
    assert error.value.refusal == Refusal.ANSWERED
    assert post(scene, "supporter", "initiative_question_answered", question, {"not": "1"}) == 302
    question.refresh_from_db()
    assert question.answered_at is None


def test_a_late_answer_is_said_in_words_and_not_on_the_day_itself(scene):
    now = timezone.now()
    question = ask(scene, now=now - timedelta(days=30))
    words = "The answer is late"
    path = f"/en/initiatieven/{scene.idea.slug}/"
    assert words in visitor(None).get(path).content.decode()
    for due_on, is_late in ((local_date(now), False), (local_date(now) - timedelta(days=1), True)):
        Question.objects.update(due_on=due_on, first_due_on=due_on)
        [row] = visitor(scene.parent).get(path).context["questions"]
        assert row.is_overdue is is_late
    asking.answer(question=question, by=scene.officer, text="Ja", now=now)
    [row] = visitor(scene.parent).get(path).context["questions"]
    assert (row.is_overdue, row.has_answer) == (False, True)
    answer = Answer.objects.get()
    ANSWER.set_visibility(ANSWER.lock(answer.pk), Visibility.HIDDEN, now=now)
    [row] = visitor(scene.parent).get(path).context["questions"]
    assert (row.is_overdue, row.answers) == (True, [])


def test_an_answer_keeps_the_question_that_it_answered_and_later_changes_are_marked(scene):
    question = ask(scene, text="Mag de schuur open?")
    asking.answer(question=question, by=scene.officer, text="Ja", now=timezone.now())
    [[before]] = [row.answers for row in visitor(None).get(scene.idea.get_absolute_url()).context["questions"]]
    assert (before.is_question_changed, before.is_idea_changed) == (False, False)
    data = {"text": "Mag de schuur elke dag open?"}
    assert post(scene, "officer", "initiative_question_edit", question, data) == 404
    assert post(scene, "supporter", "initiative_question_edit", question, data) == 302
    Initiative.objects.filter(pk=scene.idea.pk).update(what="Iets heel anders", moments=["3-morning"])
    page = visitor(scene.parent).get(scene.idea.get_absolute_url())
    [row] = page.context["questions"]
    [answer] = row.answers
    assert row.text == "Mag de schuur elke dag open?"
    assert (answer.question_before, answer.is_question_changed, answer.is_idea_changed) == (
        "Mag de schuur open?",
        True,
        True,
    )


def test_a_hidden_text_of_a_question_does_not_come_back_with_its_answer(scene):
    question = ask(scene, text="Lelijke vraag")
    asking.answer(question=question, by=scene.officer, text="Tja", now=timezone.now())
    QUESTION.set_visibility(QUESTION.lock(question.pk), Visibility.HIDDEN, now=timezone.now())
    assert "Tja" not in visitor(scene.parent).get(scene.idea.get_absolute_url()).content.decode()
    asking.edit(question=question, by=scene.supporter, text="Nette vraag", now=timezone.now())
    QUESTION.set_visibility(QUESTION.lock(question.pk), Visibility.SHOWN, now=timezone.now())
    page = visitor(scene.parent).get(scene.idea.get_absolute_url()).content.decode()
    assert ("Nette vraag" in page, "Tja" in page, "Lelijke vraag" in page) == (True, True, False)


def test_officials_neither_hide_nor_decide_about_questions(scene):
    question = ask(scene)
    coordinator_of_town_hall = make_role(
        Role.Kind.COORDINATOR, scene.town, make_user("Wil"), organisation="Gemeente Hengelo"
    )
    report(question, "question", user=scene.officer)
    question.refresh_from_db()
    assert question.visibility == Visibility.SHOWN
    case = Case.objects.get()
    deciders = {user.first_name for user in User.objects.all() if may_decide(user, case, question)}
    assert deciders == {"Sanne"}
    assert coordinator_of_town_hall.pk in case.barred
    assert case.is_about_municipality


def test_questions_of_people_whom_the_reader_blocked_are_left_out(scene):
    ask(scene, scene.co_initiator, "Van Joost")
    ask(scene, scene.supporter, "Van Samira")
    people.block(user=scene.parent, blocked=scene.co_initiator, now=timezone.now())
    path = scene.idea.get_absolute_url()
    assert [row.text for row in visitor(scene.parent).get(path).context["questions"]] == ["Van Samira"]
    assert len(visitor(None).get(path).context["questions"]) == 2


def test_questions_without_an_answer_come_first_and_then_the_newest(scene):
    now = timezone.now()
    for days, (who, text) in enumerate([("supporter", "oud"), ("proposer", "nieuw"), ("co_initiator", "beantwoord")]):
        ask(scene, scene.people[who], text, now=now - timedelta(days=10 - days))
    answered = Question.objects.get(text="beantwoord")
    asking.answer(question=answered, by=scene.officer, text="Ja", now=now)
    path = scene.idea.get_absolute_url()
    texts = [row.text for row in visitor(scene.parent).get(path).context["questions"]]
    assert texts == ["nieuw", "oud", "beantwoord"]
    asking.say_answered(question=Question.objects.get(text="nieuw"), by=scene.proposer, now=now)
    texts = [row.text for row in visitor(scene.parent).get(path).context["questions"]]
    assert texts == ["oud", "beantwoord", "nieuw"]


def test_the_page_of_a_stranger_costs_three_queries_for_any_number_of_questions(scene):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert (
                visitor(None).get(scene.idea.get_absolute_url() + f"?n={timezone.now().timestamp()}").status_code == 200
            )
        return len(captured)

    assert queries() == 3
    for number in range(20):
        user = make_user()
        Question.objects.create(
            initiative=scene.idea,
            asked_by=user,
            text=f"Vraag {number}",
            shown_at=timezone.now(),
            due_on=date(2026, 11, 16),
            first_due_on=date(2026, 11, 16),
        )
    for question in Question.objects.all():
        asking.answer(question=question, by=scene.officer, text="Ja", now=timezone.now())
    assert queries() == 3


def test_the_page_of_a_stranger_is_renewed_by_what_officials_and_parents_do(scene, django_capture_on_commit_callbacks):
    def page() -> str:
        return visitor(None).get(scene.idea.get_absolute_url()).content.decode()

    page()
    with django_capture_on_commit_callbacks(execute=True):
        question = ask(scene)
    assert "Mag de schuur open?" in page()
    with django_capture_on_commit_callbacks(execute=True):
        asking.answer(question=question, by=scene.officer, text="Ja hoor", now=timezone.now())
    assert "Ja hoor" in page()
    assert "csrfmiddlewaretoken" not in page()


def reminders() -> list[str]:
    rows = Message.objects.filter(template="talking.question_due").order_by("pk")
    return [f"{row.context['due_on']} {row.user.first_name}" for row in rows]


def test_officials_are_reminded_once_two_working_days_before(scene):
    question = ask(scene, now=MONDAY)  # due on Monday 16 November
    noon = datetime(2026, 11, 11, 12, tzinfo=UTC)
    remind_officials(now=noon)
    assert reminders() == []
    for _again in range(3):
        remind_officials(now=noon + timedelta(days=1))
    assert reminders() == ["2026-11-16 Henk", "2026-11-16 Els"]
    asking.move(question=question, by=scene.officer, until=date(2026, 11, 24), reason="Vakantie", now=noon)
    remind_officials(now=datetime(2026, 11, 19, 12, tzinfo=UTC))
    assert len(reminders()) == 2
    remind_officials(now=datetime(2026, 11, 20, 12, tzinfo=UTC))
    assert reminders()[2:] == ["2026-11-24 Henk", "2026-11-24 Els"]
    asking.answer(question=question, by=scene.officer, text="Ja", now=noon)
    Message.objects.filter(template="talking.question_due").delete()
    remind_officials(now=datetime(2026, 11, 20, 12, tzinfo=UTC))
    assert reminders() == []


def test_a_reminder_that_is_no_longer_true_is_not_sent(scene):
    question = ask(scene, now=MONDAY)
    remind_officials(now=datetime(2026, 11, 12, 12, tzinfo=UTC))
    Message.objects.update(due_at=timezone.now())
    Role.objects.filter(user=scene.officer_who_helps).delete()
    with transaction.atomic():
        asking.move(question=question, by=scene.officer, until=date(2026, 11, 24), reason="Vakantie", now=MONDAY)
    subjects = [(mail.to[0], mail.subject) for mail in letters()]
    assert [to for to, _subject in subjects] == [scene.officer.email, scene.supporter.email]


def test_who_asked_hears_of_an_answer_and_of_another_date(scene):
    question = ask(scene, now=MONDAY)
    Message.objects.all().delete()
    asking.move(
        question=question, by=scene.officer, until=date(2026, 11, 24), reason="De brandweer kijkt eerst.", now=MONDAY
    )
    [moved] = letters()
    assert moved.to == [scene.supporter.email]
    assert "De brandweer kijkt eerst." in moved.body
    asking.answer(question=question, by=scene.officer, text="Ja, vanaf maart.", now=MONDAY)
    answered = letters()[-1]
    assert "Ja, vanaf maart." in answered.body
    assert scene.idea.get_absolute_url() in answered.body


def test_of_what_is_hidden_meanwhile_no_mail_goes_out(scene):
    question = ask(scene)
    asking.answer(question=question, by=scene.officer, text="Ja", now=timezone.now())
    Initiative.objects.update(visibility="hidden")
    assert letters() == []


@pytest.mark.parametrize("text", ["", " ", "x" * 501, "nul\0byte"], ids=["empty", "blank", "long", "null"])
def test_bad_input_gets_a_sentence(scene, text):
    question = ask(scene)
    slug = [scene.idea.slug]
    asker, officer = visitor(scene.proposer), visitor(scene.officer)
    for client, path, data in (
        (asker, reverse("initiative_ask", args=slug), {"text": text}),
        (officer, reverse("initiative_question_answer", args=[*slug, question.pk]), {"text": text * 5}),
        (officer, reverse("initiative_question_move", args=[*slug, question.pk]), {"until": text, "reason": text}),
    ):
        response = client.post(path, data)
        assert response.status_code == 422
        assert 'class="error-summary"' in response.content.decode()
    assert (Question.objects.count(), Answer.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("question_says_something", {"text": ""}),
        ("question_shown_has_due_date", {"due_on": None}),
        ("question_shown_has_due_date", {"due_on": date(2000, 1, 1)}),
        ("question_shown_has_due_date", {"shown_at": None, "due_on": None, "first_due_on": None}),
    ],
)
def test_constraints_of_questions(scene, name, fields):
    ask(scene)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Question.objects.update(**fields)


def test_constraints_of_answers(scene):
    question = ask(scene)
    Answer.objects.create(question=question, text="Later", moved_to=date(2027, 1, 4))
    with pytest.raises(IntegrityError, match="question_moved_once"), transaction.atomic():
        Answer.objects.create(question=question, text="Nog later", moved_to=date(2027, 1, 5))
    with pytest.raises(IntegrityError, match="answer_says_something"), transaction.atomic():
        Answer.objects.create(question=question, text="")


def test_questions_of_erased_accounts_stay_without_a_name_if_they_were_answered(scene):
    open_question = ask(scene, text="Onbeantwoord?")
    answered = ask(scene, text="Beantwoord?")
    asking.answer(question=answered, by=scene.officer, text="Het antwoord", now=timezone.now())
    exported = str(privacy.export(scene.supporter, timezone.now()))
    assert ("Onbeantwoord?" in exported, "Beantwoord?" in exported) == (True, True)
    assert "Het antwoord" in str(privacy.export(scene.officer, timezone.now()))
    for role in ("supporter", "officer"):
        user = scene.people.pop(role)
        privacy.erase(user=user, now=timezone.now())
        erase(user=user, now=timezone.now())
        for reader in ("stranger", *scene.people):
            page = visitor(scene.people.get(reader)).get(f"/en/initiatieven/{scene.idea.slug}/?n={role}-{reader}")
            assert page.status_code == 200
            assert [(row.name, row.text) for row in page.context["questions"]] == [("someone", "Beantwoord?")]
    assert not Question.objects.filter(pk=open_question.pk).exists()
    assert (Answer.objects.get().by, Answer.objects.get().text) == (None, "Het antwoord")


def test_a_town_without_officials_shows_no_form(scene):
    town = make_municipality()
    Initiative.objects.filter(pk=scene.idea.pk).update(municipality=town)
    make_support(scene.idea, scene.parent)
    assert "question_form" not in visitor(scene.supporter).get(scene.idea.get_absolute_url()).context
