"""Every page in every state, including errors.

For tests of all pages: valid HTML, accessibility, small screens.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Role, SecurityEvent
from initiatives import tokens as idea_tokens
from initiatives.dormancy import actions as dormancy
from initiatives.dormancy import clock
from initiatives.dormancy import tokens as quiet_tokens
from initiatives.existing import actions as groups
from initiatives.existing import claims
from initiatives.existing import tokens as group_tokens
from initiatives.initiating import actions as initiating
from initiatives.merging import actions as merging
from initiatives.merging import moving
from initiatives.models import Dormancy, Support
from initiatives.progress import actions as progress
from initiatives.sharing import actions as sharing
from initiatives.taking_part import actions as taking_part
from meetups.managing.actions import planning
from meetups.managing.forms.meetups import initial_of
from meetups.models import Attendance
from meetups.schedule.actions.reconciliation import extend_horizon
from moderation.actions import deciding, people
from moderation.models import Absence, Case, Trust
from photos.models import Photo, SealedCopy
from tests.addresses import ADDRESSES, ROLES
from tests.factories import make_attendance, make_concern, make_photo, make_webp
from tests.pictures import make_png
from tests.scenario import Town
from tests.visitors import rolled_back, visitor

LATER = timezone.localdate() + timedelta(days=7)
ERROR_PAGES = ("400", "403", "403_csrf", "404", "413", "429", "500", "503")


@dataclass(frozen=True)
class Page:
    label: str
    role: str
    path: Callable[[Town], str]
    status: int = 200
    data: dict[str, Any] | Callable[[Town], dict[str, Any]] | None = None  # a POST if given
    before: Callable[[Town, Client], None] = field(default=lambda town, client: None)

    def answer(self, town: Town, language: str) -> HttpResponse:
        """Request the page; database changes are rolled back."""
        with rolled_back(), translation.override(language):
            client = visitor(town.people.get(self.role) or getattr(town, self.role, None))
            self.before(town, client)
            path = self.path(town)
            data = self.data(town) if callable(self.data) else self.data
            response = client.get(path) if data is None else client.post(path, data)
            response.path = path
        return response


def _of_table() -> list[Page]:
    """Return a page for each URL that has one, for the first role that may see it."""
    pages = []
    for address in ADDRESSES:
        role = next((role for role in ROLES if address.get[role] == 200), None)
        if role:
            pages.append(Page(address.name, role, address.path))
    return pages


def _at(name: str, query: str = "") -> Callable[[Town], str]:
    """Return a function that returns the path of a URL in the table."""
    address = next(address for address in ADDRESSES if address.name == name)
    return lambda town: address.path(town) + query


def _date(which: str, name: str = "occurrence") -> Callable[[Town], str]:
    def path(town: Town) -> str:
        occurrence = getattr(town, which)
        return reverse(name, args=[town.coffee.slug, occurrence.planned_for])

    return path


def _door(which: str) -> Callable[[Town], str]:
    return lambda town: reverse("door", args=[getattr(town, which).pk])


def _ask_code(town: Town, client: Client) -> None:
    client.post(reverse("account_request_login_code"), {"email": "nieuw@guest.example"})


def _ask_again(town: Town, client: Client) -> None:
    client.post(reverse("account_reauthenticate_code"), {"action": "send"})


def _set_password(town: Town, client: Client) -> None:
    """Set a password, and sign in again with it."""
    professional = type(town.professional).objects.get(pk=town.professional.pk)
    professional.set_password("vijf bruine beren dansen")
    professional.save()
    client.force_login(professional)


def _undone(town: Town, client: Client) -> None:
    type(town.address_change).objects.update(undone_at=timezone.now())


def _put_back(town: Town, client: Client) -> None:
    kind = SecurityEvent.Kind.ADDRESS_RESTORED
    SecurityEvent.objects.create(user=town.officer, kind=kind, happened_at=timezone.now())


def _too_old(town: Town, client: Client) -> None:
    type(town.address_change).objects.update(changed_at=timezone.now() - timedelta(days=15))


def _close(town: Town, client: Client) -> None:
    town.today.head_adults, town.today.head_children, town.today.closed_at = 3, 2, timezone.now()
    type(town.today).objects.filter(pk=town.today.pk).update(
        head_adults=3, head_children=2, closed_at=timezone.now(), host_note="Gezellig."
    )


def _close_and_tap(town: Town, client: Client) -> None:
    """Another host closed the date, and then more taps came in."""
    _close(town, client)
    for name, data in (("presence", {"state": "1"}), ("walk_ins", {"kind": "children", "delta": "1"})):
        client.post(_at(name)(town), data)


def _undo_after_closing(town: Town, client: Client) -> None:
    Attendance.objects.filter(pk=town.guest.pk).update(is_present=True)
    _close(town, client)
    client.post(reverse("presence", args=[town.today.pk, town.guest.pk]), {"state": "0"})


def _close_and_correct(town: Town, client: Client) -> None:
    _close(town, client)
    client.post(_at("reopen_occurrence")(town))
    client.post(_at("presence")(town), {"state": "1"})


def _cancel(town: Town, client: Client) -> None:
    type(town.next_week).objects.filter(pk=town.next_week.pk).update(status="cancelled")


def _forget(town: Town, client: Client) -> None:
    ended_at = timezone.now() - timedelta(days=15)
    type(town.over).objects.filter(pk=town.over.pk).update(starts_at=ended_at - timedelta(hours=2), ends_at=ended_at)


def _someone_waits(town: Town, client: Client) -> None:
    make_attendance(town.next_week, state="waiting")


def _more_places(town: Town) -> dict[str, Any]:
    """Return the current form data of the coffee morning, with a higher capacity."""
    return {name: value for name, value in initial_of(town.coffee).items() if value} | {"capacity": "30"}


def _end(town: Town, client: Client) -> None:
    type(town.coffee).objects.filter(pk=town.coffee.pk).update(status="ended")


def _wait(town: Town, client: Client) -> None:
    Attendance.objects.filter(pk=town.attendance.pk).update(state="waiting")


def _withdraw(town: Town, client: Client) -> None:
    Attendance.objects.filter(pk=town.attendance.pk).update(state="withdrawn", withdrawn_at=timezone.now())


def _someone_waits(town: Town, client: Client) -> None:
    Attendance.objects.filter(pk=town.asked.pk).update(state="waiting")


def _withdraw_from_a_full_date(town: Town, client: Client) -> None:
    _withdraw(town, client)
    type(town.next_week).objects.filter(pk=town.next_week.pk).update(capacity=1, seats_taken=1)


def _fill_in_first(town: Town, client: Client) -> None:
    """Submit the form with the button to sign in first."""
    client.post(_date("next_week", "join")(town), {"adults": "2", "children_0_3": "1", "sign_in": "1"})


def _long_address(town: Town, client: Client) -> None:
    type(town.parent).objects.filter(pk=town.parent.pk).update(email=f"{'fatima' * 10}@{'voorbeeld' * 6}.example")


def _long_contact(town: Town, client: Client) -> None:
    address = f"ouders@{'netwerk' * 5}.example"
    type(town.hengelo).objects.filter(pk=town.hengelo.pk).update(contact_name="Sanne", contact_email=address)


def _no_figures(town: Town, client: Client) -> None:
    town.hengelo.monthly_figures.all().delete()


def _nothing_planned(town: Town, client: Client) -> None:
    town.coffee.occurrences.all().delete()
    town.walk.occurrences.all().delete()


def _plan_each_day(town: Town, client: Client) -> None:
    """Plan a date on every day of the week, so some fall on a holiday."""
    type(town.walk).objects.filter(pk=town.walk.pk).update(rrule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU")
    extend_horizon(now=timezone.now())


def _no_such_date(town: Town) -> str:
    return reverse("meetup", args=[town.coffee.slug]) + "2026-02-30/"


def _used_link(town: Town) -> str:
    return reverse("guest_confirm", args=[town.token("confirm", town.guest)])


def _worry(town: str) -> dict[str, str]:
    return {"gemeente": town, "words": "Ik maak me zorgen.", "reply_to": "", "form_id": "2"}


def _contacts_away(town: Town, client: Client) -> None:
    today = timezone.localdate()
    for user in (town.safety_contact, town.named_contact):
        Absence.objects.create(user=user, from_on=today, until_on=today)


def _no_contacts(town: Town, client: Client) -> None:
    Role.objects.filter(kind=Role.Kind.SAFETY_CONTACT).delete()


def _another_worry(town: Town, client: Client) -> None:
    make_concern(town.hengelo)


def _unread_worry(town: Town, client: Client) -> None:
    type(town.concern).objects.filter(pk=town.concern.pk).update(read_at=None, reader=None)


def _handled_worry(town: Town, client: Client) -> None:
    client.post(_at("concern_handled")(town))


def _distrust(town: Town, client: Client) -> None:
    Trust.objects.all().delete()


def _propose(town: Town, client: Client) -> None:
    """Let changed texts of the walk wait, as its host is not known."""
    _distrust(town, client)
    planning.change_meetup(
        meetup=town.walk, by=town.other_host, now=timezone.now(), summary="Nieuwe zin", cost="Een euro"
    )


def _hide(town: Town, client: Client) -> None:
    now = timezone.now()
    case = Case.objects.get(pk=town.case.pk)
    deciding.decide(
        case_id=case.pk,
        by=town.coordinator,
        outcome="hide",
        words="Dit kan zo niet.",
        seen_revision=case.revision,
        now=now,
    )


def _away(town: Town, client: Client) -> None:
    people.set_absence(user=town.coordinator, until_on=timezone.localdate() + timedelta(days=3), now=timezone.now())


def _another_town(town: Town, client: Client) -> None:
    Role.objects.create(user=town.coordinator, kind=Role.Kind.WATCHER, municipality=town.leiden)
    Case.objects.create(
        kind="meetup",
        object_id=town.coffee.pk,
        municipality=town.leiden,
        title=town.coffee.title,
        cause=Case.Cause.REPORT,
        opened_at=timezone.now(),
    )


def _waiting_meetup(town: Town, client: Client) -> None:
    type(town.walk).objects.filter(pk=town.walk.pk).update(visibility="waiting")


def _hide_what_they_go_to(town: Town, client: Client) -> None:
    type(town.coffee).objects.filter(pk=town.coffee.pk).update(visibility="hidden")


def _walk(town: Town) -> str:
    return town.walk.get_absolute_url()


def _no_photo(town: Town, client: Client) -> None:
    Photo.objects.filter(pk=town.place_photo.pk).delete()


def _photo(**fields: Any) -> Callable[[Town, Client], None]:
    """Return a function that puts the photo of the library in this state."""

    def change(town: Town, client: Client) -> None:
        type(town.place_photo).objects.filter(pk=town.place_photo.pk).update(**fields)

    return change


def _draft(town: Town, client: Client) -> None:
    """A photo that arrived while something else was wrong, and was made meanwhile."""
    photo = make_photo(town.coordinator, purpose=town.library.photo_purpose, attached_at=None, state="sealed")
    SealedCopy.objects.create(photo=photo, image=make_webp(1080, 720))


def _taken_away(town: Town, client: Client) -> None:
    client.post(_at("location_photo_remove")(town), {"part": "photo"})


MISTAKES = {"adults": "99", "email": "x", "note": "x" * 600}
PREVIEW = {
    "preview": "1",
    "title": "Ouder- en kindcafé op dinsdag",
    "rhythm": "biweekly",
    "weekdays": "1",
    "first_on": f"{timezone.localdate() + timedelta(days=7):%Y-%m-%d}",
    "start_time": "09:30",
    "end_time": "11:30",
    "ending": "open",
    "skip_public_holidays": "on",
}
LOOK_FIRST = {"preview": "1", "accent": "", "kept_logo": base64.b64encode(make_png()).decode()}


def _idea(which: str) -> Callable[[Town], str]:
    return lambda town: getattr(town, which).get_absolute_url()


def _taking_part(query: str) -> Callable[[Town], str]:
    return lambda town: f"{town.idea.get_absolute_url()}meedoen/{query}"


def _need(town: Town) -> str:
    return f"{town.idea.get_absolute_url()}meedoen/?nodig={town.idea.needs.first().pk}"


def _link_of_support(town: Town) -> str:
    return reverse("initiative_link", args=[idea_tokens.make(town.support)])


def _stop_taking_part(town: Town, client: Client) -> None:
    taking_part.withdraw(support=town.support, now=timezone.now())


def _pause_idea(town: Town, client: Client) -> None:
    progress.pause(initiative=town.idea, by=town.host, now=timezone.now())


def _write_recipe(town: Town, client: Client) -> None:
    texts = {"checklist": "Vraag een plek\nKoop hooi", "costs": "20 euro", "lessons": "Geen bus huren."}
    sharing.write_recipe(initiative=town.idea, by=town.host, fields=texts, now=timezone.now())
    sharing.take_along(copy=town.talk_idea, source=town.idea, now=timezone.now())


def _group(page: str = "") -> Callable[[Town], str]:
    return lambda town: town.group.initiative.get_absolute_url() + page


def _link_of_group(query: str = "") -> Callable[[Town], str]:
    return lambda town: reverse("group_link", args=[group_tokens.make_for_people(town.group)]) + query


def _link_of_lister(town: Town) -> str:
    return reverse("group_listing", args=[group_tokens.make_for_lister(town.group_of_guest)])


def _keep_group(town: Town, client: Client) -> None:
    groups.keep(group=town.group, now=timezone.now())


def _claim_group(town: Town, client: Client) -> None:
    claims.accept(claim=town.group_claim, by=town.coordinator, meets_at=town.library, now=timezone.now())


def _refuse_claim(town: Town, client: Client) -> None:
    claims.decline(claim=town.group_claim, by=town.coordinator, reason="Wij kennen je niet.", now=timezone.now())


def _confirm_group(town: Town, client: Client) -> None:
    groups.confirm_listing(group=town.group_of_guest, now=timezone.now())


def _merged_idea(town: Town) -> str:
    return town.moving_support.initiative.get_absolute_url()


def _merged_into(town: Town) -> str:
    return town.merge.ending.get_absolute_url()


def _asked_to_merge(town: Town) -> str:
    return town.merge.into.get_absolute_url()


def _answer_of_asker(town: Town) -> str:
    token = idea_tokens.make_for_merge(town.merge, town.merge.asked_by_id)
    return reverse("initiative_merge_answer", args=[token])


def _link_of_moving(town: Town) -> str:
    return reverse("initiative_link", args=[idea_tokens.make(town.moving_support)])


def _decline_merge(town: Town, client: Client) -> None:
    merging.decline(merge=town.merge, by=town.host, now=timezone.now())


def _agree_to_merge(town: Town, client: Client) -> None:
    merging.agree(merge=town.merge, by=town.host, starts_along=True, now=timezone.now())


def _stop_instead(town: Town, client: Client) -> None:
    moving.stop(support=town.moving_support, now=timezone.now())


def _follow(town: Town, client: Client) -> None:
    support = Support.objects.select_related("initiative").get(pk=town.moving_support.pk)
    moving.follow(support=support, now=timezone.now())


def _asked(query: str = "", who: str = "other_host") -> Callable[[Town], str]:
    """The link of someone who is asked whether the quiet idea continues."""

    def path(town: Town) -> str:
        token = quiet_tokens.make_for_starter(town.talk_idea.pk, getattr(town, who).pk)
        return reverse("initiative_quiet_link", args=[token]) + query

    return path


def _takeover(town: Town) -> str:
    return reverse("initiative_takeover_link", args=[quiet_tokens.make_for_heir(town.heir)])


def _by_guest(town: Town, client: Client) -> None:
    town.heir.user, town.heir.guest_name, town.heir.guest_email = None, "Aisha", "aisha@guest.example"
    town.heir.save()


def _taken_over(town: Town, client: Client) -> None:
    dormancy.take_over(initiative=town.talk_idea, by=town.host, now=timezone.now())


def _paused_by_the_clock(town: Town, client: Client) -> None:
    Dormancy.objects.update(told_at=timezone.now() - timedelta(days=8), pauses_on=timezone.localdate())
    clock.attend(pk=town.talk_idea.pk, now=timezone.now())


def _sought(town: Town, client: Client) -> None:
    dormancy.seek(initiative=town.talk_idea, by=town.other_host, now=timezone.now())


def _decline(town: Town, client: Client) -> None:
    initiating.decline(invitation=town.invitation, now=timezone.now())


COUNTED = {"head_adults": "14", "head_children": "10", "seen_adults": "1", "seen_children": "0"}

STATES = [
    Page("home near a place", "stranger", _at("home", "?bij=Hengelo")),
    Page("home near nowhere", "stranger", _at("home", "?bij=Atlantis")),
    Page("home with a choice of places", "stranger", _at("home", "?bij=Henglo")),
    Page("home near a misspelt place, with nothing near", "stranger", _at("home", "?bij=Maastrigt")),
    Page("home as parent", "parent", _at("home")),
    Page("home without dates", "stranger", _at("home"), before=_nothing_planned),
    Page("agenda near a place", "stranger", _at("agenda", "?bij=Hengelo&straal=5")),
    Page("agenda near a misspelt place, with nothing near", "stranger", _at("agenda", "?bij=Maastrigt")),
    Page("agenda with mistakes", "stranger", _at("agenda", "?bij=Atlantis&vanaf=2026-02-30&soort=x&dag=9&taal=xx")),
    Page("agenda without dates", "stranger", _at("agenda"), before=_nothing_planned),
    Page("agenda of a town", "stranger", _at("agenda", "?gemeente=hengelo&leeftijd=0-3,4-12&dagdeel=ochtend,avond")),
    Page("agenda of a later week", "stranger", _at("agenda", f"?gemeente=hengelo&vanaf={LATER}")),
    Page("agenda past its end", "stranger", _at("agenda", "?pagina=9999"), 404),
    Page("agenda narrowed to nothing", "stranger", _at("agenda", "?q=zeppelin&leeftijd=13-18")),
    Page("agenda as parent", "parent", _at("agenda")),
    Page("places near a place", "stranger", _at("locations", "?bij=Hengelo&straal=5")),
    Page("places near nowhere", "stranger", _at("locations", "?bij=Atlantis&straal=3")),
    Page("town with a long address", "stranger", _at("municipality"), before=_long_contact),
    Page("town without dates", "stranger", _at("municipality"), before=_nothing_planned),
    Page("date for someone signed up", "parent", _date("next_week")),
    Page("date for someone on the waiting list", "parent", _date("next_week"), before=_wait),
    Page("date for someone who withdrew", "parent", _date("next_week"), before=_withdraw),
    Page("date for someone signed up, with a waiting list", "parent", _date("next_week"), before=_someone_waits),
    Page("date for someone who withdrew, now full", "parent", _date("next_week"), before=_withdraw_from_a_full_date),
    Page("date with one step left", "professional", _date("next_week"), before=_fill_in_first),
    Page("date that is full", "stranger", _date("full")),
    Page("date that is cancelled", "stranger", _date("cancelled")),
    Page("date that is over", "stranger", _date("over")),
    Page("date today, for its host", "host", _date("today")),
    Page("date that does not exist", "stranger", _no_such_date, 404),
    Page("meetup that ended", "stranger", _at("meetup"), before=_end),
    Page("join with mistakes", "stranger", _date("next_week", "join"), 422, MISTAKES),
    Page("join with mistakes as parent", "parent", _date("next_week", "join"), 422, {"adults": "0"}),
    Page(
        "join asked",
        "stranger",
        _date("next_week", "join"),
        200,
        {"adults": "1", "first_name": "Noor", "email": "noor@guest.example"},
    ),
    Page(
        "join asked with a long address",
        "stranger",
        _date("next_week", "join"),
        200,
        {"adults": "1", "first_name": "Noor", "email": f"{'noor' * 15}@{'voorbeeld' * 6}.example"},
    ),
    Page("join a cancelled date", "parent", _date("cancelled", "join"), 422, {"adults": "1"}),
    Page(
        "link to confirm, used",
        "stranger",
        _used_link,
    ),
    Page("link that is wrong", "stranger", lambda town: reverse("guest_confirm", args=["wrong"]), 404),
    Page(
        "link to withdraw, used",
        "stranger",
        lambda town: reverse("guest_withdraw", args=[town.token("withdraw", town.attendance)]),
        before=_withdraw,
    ),
    Page("unsubscribe link that is wrong", "stranger", lambda town: reverse("unsubscribe", args=["wrong"]), 404),
    Page("my page of a new user", "professional", _at("my")),
    Page("my page with a cancelled date", "parent", _at("my"), before=_cancel),
    Page("my details with a long address", "parent", _at("my_data"), before=_long_address),
    Page("my details with mistakes", "parent", _at("my_data"), 422, {"first_name": "", "language": "xx"}),
    Page("door before it opens", "host", _door("next_week")),
    Page("door of a cancelled date", "host", _door("cancelled")),
    Page("door that is closed", "host", _door("today"), before=_close),
    Page("door that is closed, with taps that came later", "host", _door("today"), before=_close_and_tap),
    Page("door that is closed, with an undo that came later", "host", _door("today"), before=_undo_after_closing),
    Page("door that nobody closed in time", "host", _door("over"), before=_forget),
    Page("door with mistakes", "host", _at("add_at_door"), 422, {"first_name": "", "adults": "99"}),
    Page("close what was opened again", "host", _at("close_occurrence"), before=_close_and_correct),
    Page("close when the list changed", "host", _at("close_occurrence"), 422, COUNTED),
    Page("close what another closed", "host", _at("close_occurrence"), 422, COUNTED, before=_close),
    Page("close with mistakes", "host", _at("close_occurrence"), 422, {"head_adults": "-1"}),
    Page("new meetup with mistakes", "coordinator", _at("meetup_new"), 422, {"title": "", "rhythm": "weekly"}),
    Page("dates that a meetup would get", "coordinator", _at("meetup_new"), 200, PREVIEW),
    Page("dates asked too early", "coordinator", _at("meetup_new"), 422, {"preview": "1"}),
    Page("meetup changed with mistakes", "host", _at("meetup_edit"), 422, {"title": ""}),
    Page("meetup changed, asked first", "host", _at("meetup_edit"), 200, _more_places, before=_someone_waits),
    Page("meetup that ended, for its host", "host", _at("meetup_edit"), before=_end),
    Page("end without a reason", "host", _at("meetup_end"), 422, {"reason": ""}),
    Page("date changed with mistakes", "coordinator", _at("occurrence_edit"), 422, {"on": "2026-02-30"}),
    Page("cancel without a reason", "coordinator", _at("occurrence_cancel"), 422, {"reason": " "}),
    Page("cancelled date, for its host", "host", _date("cancelled", "occurrence_edit")),
    Page("past date, for its host", "host", _date("over", "occurrence_edit")),
    Page("manage without meetups", "coordinator_elsewhere", _at("manage")),
    Page("idea for who started it", "host", _idea("idea")),
    Page("idea for who takes part", "newcomer", _idea("idea")),
    Page("idea for who stopped taking part", "newcomer", _idea("idea"), before=_stop_taking_part),
    Page("idea that is paused, for who started it", "host", _idea("idea"), before=_pause_idea),
    Page("idea that is paused", "stranger", _idea("idea"), before=_pause_idea),
    Page("idea that ended", "stranger", _idea("idea_ended")),
    Page("idea that ended, for who started it", "host", _idea("idea_ended")),
    Page("idea that continues in another", "stranger", _merged_idea),
    Page("idea that continues in another, for who takes part", "newcomer", _merged_idea),
    Page("idea in which another continues", "stranger", _merged_into),
    Page("idea whose initiator is asked to continue together", "host", _asked_to_merge),
    Page("take part in what continues in another", "stranger", lambda town: f"{_merged_idea(town)}meedoen/"),
    Page("choose with which idea to continue together", "host", _at("initiative_merge", "?q=windmakers")),
    Page("continue with an idea that is not there", "host", _at("initiative_merge", "?met=x")),
    Page("ask to continue together with mistakes", "host", _at("initiative_merge", "?met=fietsclub"), 422, {}),
    Page("say yes to continuing together", "stranger", _at("initiative_merge_answer", "?antwoord=ja")),
    Page("continuing together, declined", "stranger", _at("initiative_merge_answer"), before=_decline_merge),
    Page("continuing together, agreed", "stranger", _at("initiative_merge_answer"), before=_agree_to_merge),
    Page("answer of who was not asked", "stranger", _answer_of_asker, 422, {"answer": "ja"}),
    Page("stop instead of joining", "stranger", _at("initiative_follow_along", "?antwoord=nee")),
    Page("stopped instead of joining", "stranger", _at("initiative_follow_along"), before=_stop_instead),
    Page("link of who moved along", "stranger", _link_of_moving, before=_follow),
    Page("link of who can move along", "stranger", _link_of_moving),
    Page("idea that is a draft", "host", _idea("idea_draft")),
    Page("idea with talk", "host", _idea("talk_idea")),
    Page("idea with a question, for who answers", "officer", _idea("talk_idea")),
    Page("idea with a recipe and a family", "stranger", _idea("idea"), before=_write_recipe),
    Page("group that exists already", "stranger", _group()),
    Page("group that its people keep", "stranger", _group(), before=_keep_group),
    Page("group with someone of it", "stranger", _group(), before=_claim_group),
    Page("group for who looks after it", "professional", _group(), before=_claim_group),
    Page("change a group", "professional", _group("bewerken/"), before=_claim_group),
    Page("day and place of a group", "professional", _group("plannen/"), before=_claim_group),
    Page("add a group in a town", "stranger", _at("group_new", "?gemeente=hengelo")),
    Page("add a group in a town, signed in", "parent", _at("group_new", "?gemeente=hengelo")),
    Page("add a group in no town", "stranger", _at("group_new", "?gemeente=x"), 422),
    Page(
        "add a group with mistakes",
        "stranger",
        _at("group_new"),
        422,
        {"gemeente": "hengelo", "what": "Dorpsstraat 12", "themes": "x"},
    ),
    Page(
        "add a group as a guest",
        "stranger",
        _at("group_new"),
        200,
        {
            "gemeente": "hengelo",
            "title": "Rolschaatsclub",
            "what": "Rolschaatsen",
            "for_whom": "ouders",
            "meets_when": "elke vrijdag",
            "email": "info@rol.example",
            "own_email": "nora@guest.example",
        },
    ),
    Page("group that a guest added", "stranger", _link_of_lister, before=_confirm_group),
    Page("link to its people, to keep it", "stranger", _link_of_group("?antwoord=klopt")),
    Page("link to its people, to take it over", "stranger", _link_of_group("?antwoord=overnemen")),
    Page("link to its people, to take it over, signed in", "parent", _link_of_group("?antwoord=overnemen")),
    Page("link to its people, to delete it", "stranger", _link_of_group("?antwoord=weg")),
    Page("link to its people who keep it", "stranger", _link_of_group(), before=_keep_group),
    Page("link to its people who asked", "professional", _link_of_group()),
    Page("link to its people with mistakes", "parent", _link_of_group(), 422, {"answer": "overnemen", "email": "x"}),
    Page("link to its people once claimed", "stranger", _link_of_group(), before=_claim_group),
    Page("link to people of a group that is wrong", "stranger", lambda town: reverse("group_link", args=["x"]), 404),
    Page("link to its people sent again", "stranger", _at("group_ours"), 200, {}),
    Page("claim with mistakes", "parent", _at("group_claim"), 422, {"email": "x"}),
    Page("claim that waits", "professional", _at("group_claim")),
    Page("claim that was declined", "professional", _at("group_claim"), before=_refuse_claim),
    Page("no claims", "coordinator", _at("group_claims"), before=_refuse_claim),
    Page("claim answered before", "coordinator", _at("group_claim_answer"), before=_refuse_claim),
    Page("no without a reason", "coordinator", _at("group_claim_answer"), 422, {"decline": "1", "reason": ""}),
    Page("ideas that are not there", "stranger", _at("initiatives", "?q=zeppelin")),
    Page("ideas with mistakes", "stranger", _at("initiatives", "?bij=Atlantis&soort=x&fase=x")),
    Page("take part with mistakes", "stranger", _taking_part("?hoe=kom"), 422, {"adults": "0", "email": "x"}),
    Page("help with mistakes", "parent", _taking_part("?hoe=help"), 422, {"words": ""}),
    Page("have something with mistakes", "stranger", _taking_part("?hoe=heb"), 422, {"thing": "x"}),
    Page("fill a need", "stranger", _need),
    Page("take part in what ended", "stranger", lambda town: f"{town.idea_ended.get_absolute_url()}meedoen/"),
    Page("propose with mistakes", "parent", _at("initiative_new"), 422, {"gemeente": "hengelo", "what": "cavia"}),
    Page("propose in a town", "parent", _at("initiative_new", "?gemeente=hengelo")),
    Page("propose in no town", "parent", _at("initiative_new", "?gemeente=x"), 422),
    Page("change an idea with mistakes", "host", _at("initiative_edit"), 422, {"title": ""}),
    Page("finish a draft", "host", lambda town: f"{town.idea_draft.get_absolute_url()}bewerken/"),
    Page("end an idea without a reason", "host", _at("initiative_end"), 422, {"reason": "not_possible", "note": ""}),
    Page("link of an idea that is wrong", "stranger", lambda town: reverse("initiative_link", args=["x"]), 404),
    Page("link of who takes part", "stranger", _link_of_support),
    *(
        Page(f"quiet idea, {answer}", "stranger", _asked(f"?antwoord={answer}"))
        for answer in ("verder", "pauze", "overdragen", "stoppen")
    ),
    Page("quiet idea, stop with mistakes", "stranger", _asked(), 422, {"answer": "stoppen", "reason": "x"}),
    Page("quiet idea, hand over with mistakes", "stranger", _asked(), 422, {"answer": "overdragen"}),
    Page("quiet idea that is paused", "stranger", _asked(), before=_paused_by_the_clock),
    Page("quiet idea, too late", "stranger", _asked(), 422, {"answer": "pauze"}, before=_taken_over),
    Page("quiet idea, others are asked", "stranger", _asked(), before=_sought),
    Page("quiet idea, others are asked, for who started it", "other_host", _idea("talk_idea"), before=_sought),
    Page("quiet idea, for who started it", "other_host", _idea("talk_idea")),
    Page("quiet idea, for who takes part", "parent", _idea("talk_idea")),
    Page("quiet idea that is paused, for everyone", "stranger", _idea("talk_idea"), before=_paused_by_the_clock),
    Page("take over as guest", "stranger", _takeover, before=_by_guest),
    Page("take over as another", "parent", _takeover, before=_by_guest),
    Page("take over too late", "stranger", _takeover, 422, {"x": "1"}, before=_taken_over),
    Page("take over what was taken", "stranger", _takeover, before=_taken_over),
    Page("take over, done", "host", _at("initiative_take_over"), before=_taken_over),
    Page("link of who left", "stranger", _asked(who="parent"), 410),
    Page("invitation that was declined", "stranger", _at("invitation"), before=_decline),
    Page("invite with mistakes", "host", _at("initiative_initiators"), 422, {"email": "x"}),
    Page("note an idea with mistakes", "host", _at("initiative_note"), 422, {"what": ""}),
    Page("card with a wrong code", "parent", _at("initiative_by_card"), 422, {"code": "ABCDE-FGHJK"}),
    Page("recipe with mistakes", "host", _at("initiative_recipe"), 422, {"costs": "x" * 300}),
    Page("report with mistakes", "stranger", _at("report"), 422, {"words": "x" * 1001, "email": "x"}),
    Page("report as parent", "parent", lambda town: reverse("report", args=["welcome", town.coffee.hosts.get().pk])),
    Page("report of what is hidden", "stranger", _at("report"), before=_hide_what_they_go_to),
    Page("nothing to look at", "coordinator_elsewhere", _at("cases")),
    Page("to look at, in several towns", "coordinator", _at("cases"), before=_another_town),
    Page("to look at, while away", "coordinator", _at("cases"), before=_away),
    Page("what was decided", "coordinator", _at("decided_cases"), before=_hide),
    Page("away with mistakes", "coordinator", _at("absence"), 422, {"until_on": "2020-01-01"}),
    Page("case with new texts", "coordinator", _at("case"), before=_propose),
    Page("case that is decided", "coordinator", _at("case"), before=_hide),
    Page("hide without a reason", "coordinator", _at("case_decide"), 422, {"outcome": "hide", "seen": "1"}),
    Page("my text that is hidden", "other_host", _at("own_case"), before=_hide),
    Page("answer with mistakes", "other_host", _at("own_case"), 422, {"words": ""}, before=_hide),
    Page("nobody blocked", "newcomer", _at("blocks")),
    Page("meetup that waits, for its host", "other_host", _walk, before=_waiting_meetup),
    Page("meetup with new texts, for its host", "other_host", _walk, before=_propose),
    Page("meetup that is hidden, for its host", "other_host", _walk, before=_hide),
    Page("my page with a hidden meetup", "parent", _at("my"), before=_hide_what_they_go_to),
    Page("words of welcome with mistakes", "host", _at("meetup_welcome"), 422, {"welcome": "x" * 301}),
    Page("place without a photo", "coordinator", _at("location"), before=_no_photo),
    Page("photo of a place without one", "coordinator", _at("location_photo"), before=_no_photo),
    Page("photo with mistakes", "coordinator", _at("location_photo"), 422, {"description": "foto"}, before=_no_photo),
    Page("photo that waits", "coordinator", _at("location_photo"), before=_photo(state="waiting")),
    Page(
        "photo that cannot be used",
        "coordinator",
        _at("location_photo"),
        before=_photo(state="refused", reason="broken", has_files=False),
    ),
    Page(
        "photo that is hidden",
        "coordinator",
        _at("location_photo"),
        before=_photo(visibility="hidden", hidden_at=timezone.now()),
    ),
    Page("photo that is not saved yet", "coordinator", _at("location_photo"), before=_draft),
    Page("photo that was taken away", "coordinator", _at("location_photo"), before=_taken_away),
    Page("portrait for the coordinator", "coordinator", _at("host_portrait")),
    Page(
        "portrait that is not there, for the coordinator",
        "coordinator",
        _at("host_portrait"),
        before=lambda town, client: Photo.objects.all().delete(),
    ),
    Page("colour that is too light", "coordinator", _at("theme"), 422, {"accent": "#ffd200"}),
    Page("colour taken instead", "coordinator", _at("theme"), 200, {"accent": "#ffd200", "nearest": "#5b4a00"}),
    Page("colour and logo looked at first", "coordinator", _at("theme"), 200, LOOK_FIRST),
    Page("colour and logo of a plain town", "coordinator_elsewhere", lambda town: reverse("theme", args=["leiden"])),
    Page("holidays that change dates", "coordinator", _at("town_holidays"), 200, {}, before=_plan_each_day),
    Page("holidays with a mistake", "coordinator", _at("town_holidays"), 422, {"holidays": "sinterklaas"}),
    Page("town with the green of Pedbasis", "stranger", lambda town: reverse("municipality", args=["leiden"])),
    Page("figures without figures", "officer", _at("town_insights"), before=_no_figures),
    Page("worry in a town", "stranger", _at("concern", "?gemeente=hengelo")),
    Page("worry in a town that does not exist", "stranger", _at("concern", "?gemeente=atlantis")),
    Page("worry where nobody reads", "stranger", _at("concern", "?gemeente=hengelo"), before=_contacts_away),
    Page("worry where nobody ever reads", "stranger", _at("concern"), before=_no_contacts),
    Page("worry with mistakes", "stranger", _at("concern"), 422, {"gemeente": "hengelo", "words": ""}),
    Page("worry without a town", "stranger", _at("concern"), 422, {"gemeente": "", "words": "Ik weet het niet."}),
    Page("worry that nobody can read", "stranger", _at("concern"), 422, _worry("hengelo"), before=_contacts_away),
    Page("worry sent while nobody ever reads", "stranger", _at("concern"), 422, _worry("hengelo"), before=_no_contacts),
    Page("contact who is away", "safety_contact", _at("concerns"), before=_contacts_away),
    Page("contact away with mistakes", "safety_contact", _at("concern_absence"), 422, {"until_on": "2020-01-01"}),
    Page("no worries to read", "named_contact", _at("concerns")),
    Page("worries, one unread", "safety_contact", _at("concerns"), before=_another_worry),
    Page("worry that nobody read yet", "safety_contact", _at("concern_read"), before=_unread_worry),
    Page("worry that was handled", "safety_contact", _at("concern_read"), before=_handled_worry),
    Page("sign in with mistakes", "stranger", _at("account_request_login_code"), 422, {"email": "x"}),
    Page("password with mistakes", "stranger", _at("account_login"), 422, {"login": "x", "password": ""}),
    Page("code asked", "stranger", _at("account_confirm_login_code"), before=_ask_code),
    Page("code that is wrong", "stranger", _at("account_confirm_login_code"), 422, {"code": "1"}, before=_ask_code),
    Page("code to show who you are", "professional", _at("account_reauthenticate_code"), before=_ask_again),
    Page("that code, wrong", "professional", _at("account_reauthenticate_code"), 422, {"code": "1"}, before=_ask_again),
    Page("password once more", "professional", _at("account_reauthenticate"), before=_set_password),
    Page("old address put back", "stranger", _at("undo_address_change"), before=_undone),
    Page("old address too long ago", "stranger", _at("undo_address_change"), 410, before=_too_old),
    Page("old address asked twice", "stranger", _at("undo_address_change"), 422, {"x": ""}, before=_undone),
    Page("work that is closed after that", "officer", _at("town_insights"), 403, before=_put_back),
    Page("somewhere else", "stranger", lambda town: reverse("home") + "nergens/", 404),
    Page("not for me", "parent", _at("door"), 404),
]
PAGES = [*_of_table(), *STATES]


def error_page(name: str, language: str) -> str:
    """Return an error page, as the error handlers render it."""
    with translation.override(language):
        request = None if name in {"500", "503"} else RequestFactory().get("/")
        return render_to_string(f"{name}.html", request=request)
