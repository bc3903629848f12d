"""Every URL of Pedbasis with the expected response for each role: the table behind the tests of all URLs.

`tests/test_roles.py` walks the URL resolver and fails when a name is missing here. An expected response is a status, or
"sign in" (redirect to the sign-in page and back), or "> /start/of/path" (redirect to a path that starts with this).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from initiatives import tokens, working_days
from initiatives.dormancy import tokens as quiet_tokens
from initiatives.existing import tokens as group_tokens
from tests.scenario import Town

ROLES = (
    "stranger",
    "parent",
    "host",
    "other_host",
    "professional",
    "officer",
    "officer_elsewhere",
    "coordinator",
    "coordinator_elsewhere",
    "safety_contact",
    "named_contact",
)
Answer = int | str
SIGN_IN = "sign in"


def everyone(answer: Answer) -> dict[str, Answer]:
    return dict.fromkeys(ROLES, answer)


def members(answer: Answer) -> dict[str, Answer]:
    """The response for everyone who is signed in."""
    return everyone(answer) | {"stranger": SIGN_IN}


def only(answer: Answer, *roles: str, others: Answer = 404) -> dict[str, Answer]:
    return members(others) | dict.fromkeys(roles, answer)


def strangers(answer: Answer, *, others: Answer) -> dict[str, Answer]:
    return everyone(others) | {"stranger": answer}


@dataclass(frozen=True)
class Address:
    name: str
    get: dict[str, Answer]
    post: dict[str, Answer]
    args: Callable[[Town], list[Any]] = field(default=lambda town: [])
    data: Callable[[Town], dict[str, Any]] = field(default=lambda town: {})  # what is posted
    shows: Callable[[Town], list[str]] = field(default=lambda town: [])  # private data that the owner of a link may see
    is_csrf_exempt: bool = False

    def path(self, town: Town) -> str:
        return reverse(self.name, args=self.args(town))


NO_POST = everyone(405)
MEMBERS_NO_POST = members(405)
TO_MY_DATA = "> /mijn/gegevens/"
CODE = "> /account/login/code/"
MANAGERS = ("host", "other_host", "coordinator", "coordinator_elsewhere")
COORDINATORS = ("coordinator", "coordinator_elsewhere")
CASES = "> /melden/nakijken/"
BUTTON = "> /beheer/bijeenkomsten/"  # POST only: a GET redirects to the page with the button
IDEA = "> /initiatieven/cavia-cafe/"
TOGETHER = "> /initiatieven/cavia-cafe/samen/"
ASKING = "> /initiatieven/konijnenclub/"
NEW_IDEA = "> /initiatieven/nieuw/"
GROUP = "> /initiatieven/rennende-moeders/"
TO_CODE = "> /account/reauthenticate/code/"
PASSKEY = {"parent": "> /account/2fa/webauthn/reauthenticate/"}


def _coffee(town: Town) -> list[Any]:
    return [town.coffee.slug]


def _next_week(town: Town) -> list[Any]:
    return [town.coffee.slug, town.next_week.planned_for]


def _library(town: Town) -> list[Any]:
    return [town.library.slug]


def _hengelo(town: Town) -> list[Any]:
    return [town.hengelo.slug]


def _concern(town: Town) -> list[Any]:
    return [town.concern.pk]


def public(name: str, args: Callable[[Town], list[Any]] = lambda town: []) -> Address:
    """A public page without POST."""
    return Address(name, everyone(200), NO_POST, args)


def _marieke(town: Town) -> list[Any]:
    return [town.coffee.slug, town.coffee.hosts.get().pk]


def _today(town: Town) -> list[Any]:
    return [town.today.pk]


def _newcomer(town: Town) -> list[Any]:
    return [town.today.pk, town.today.attendances.get(user=town.newcomer).pk]


def _idea(town: Town) -> list[Any]:
    return [town.idea.slug]


def _asking(town: Town) -> list[Any]:
    return [town.asked_place.initiative.slug]


def _card(town: Town) -> list[Any]:
    return [town.card.pk]


def _draft(town: Town) -> list[Any]:
    return [town.idea_draft.slug]


def _support(town: Town) -> list[Any]:
    return [town.idea.slug, town.support.pk]


def _group(town: Town) -> list[Any]:
    return [town.group.initiative.slug]


def _group_claim(town: Town) -> list[Any]:
    return [town.group_claim.pk]


def _case(town: Town) -> list[Any]:
    return [town.case.pk]


def _block(town: Town) -> list[Any]:
    return [town.block.pk]


def _passkey(town: Town) -> list[Any]:
    return [town.passkey.pk]


def at_the_door(
    name: str, args: Callable[[Town], list[Any]], data: dict[str, str], answer: Answer = "> /gastvrouw/"
) -> Address:
    """An action for the hosts of this date."""
    return Address(name, members("> /gastvrouw/"), only(answer, "host"), args, lambda town: data)


def managing(
    name: str, args: Callable[[Town], list[Any]], *, get: Answer = BUTTON, data: dict[str, str] | None = None
) -> Address:
    """An action on a meetup for its hosts and the coordinator of the town."""
    may = ("host", "coordinator")
    gets = members(get) if get == BUTTON else only(get, *may)
    return Address(name, gets, only("> /beheer/bijeenkomsten/", *may), args, lambda town: data or {})


# Talk, questions to the municipality, and following an idea.
TALK_IDEA = "> /initiatieven/fietsclub/"
TALKING = ("parent", "host", "other_host", "professional", "officer", "coordinator")


def _talk_idea(town: Town) -> list[Any]:
    return [town.talk_idea.slug]


def _post(town: Town) -> list[Any]:
    return [town.talk_idea.slug, town.post.pk]


def _question(town: Town) -> list[Any]:
    return [town.talk_idea.slug, town.question.pk]


def _moved(town: Town) -> dict[str, Any]:
    return {"until": working_days.after(town.question.first_due_on, 2), "reason": "De wethouder is ziek."}


TALK_ADDRESSES = [
    Address(
        "initiative_talk",
        only(200, *TALKING, others=TALK_IDEA),
        members(TALK_IDEA),
        _talk_idea,
        lambda town: {"text": "Ik neem koffie mee.", "audience": "network"},
    ),
    Address("initiative_talk_earlier", only(200, *TALKING, others=TALK_IDEA), MEMBERS_NO_POST, _post),
    Address("initiative_post_delete", members(TALK_IDEA), only(TALK_IDEA, "host"), _post),
    Address("initiative_post_put_back", members(TALK_IDEA), only(TALK_IDEA, "host"), _post),
    Address("initiative_follow", members(TALK_IDEA), members(TALK_IDEA), _talk_idea, lambda town: {"on": "1"}),
    Address(
        "initiative_ask",
        only(200, "parent", "host", "other_host", others=TALK_IDEA),
        members(TALK_IDEA),
        _talk_idea,
        lambda town: {"text": "Komt er licht?"},
    ),
    Address(
        "initiative_question_edit",
        only(200, "host"),
        only(TALK_IDEA, "host"),
        _question,
        lambda town: {"text": "En nu?"},
    ),
    Address(
        "initiative_question_answer",
        only(200, "officer"),
        only(TALK_IDEA, "officer"),
        _question,
        lambda town: {"text": "Ja."},
    ),
    Address("initiative_question_move", only(200, "officer"), only(TALK_IDEA, "officer"), _question, _moved),
    Address("initiative_question_answered", members(TALK_IDEA), only(TALK_IDEA, "host"), _question),
    Address(
        "initiative_follow_link",
        everyone(200),
        everyone("> /initiatieven/volgen/"),
        lambda town: [town.follow_token],
        is_csrf_exempt=True,
    ),
]


ADDRESSES = [
    *TALK_ADDRESSES,
    # For machines.
    public("healthz"),
    public("readyz"),
    public("robots"),
    public("manifest"),
    public("service_worker"),
    Address("favicon", everyone("> /static/img/favicon"), NO_POST),
    # For everyone.
    public("home"),
    public("map"),
    public("privacy"),
    public("accessibility"),
    public("offline"),
    public("agenda"),
    public("place_suggestions"),
    public("locations"),
    public("location", _library),
    public("location_poster", _library),
    public("municipalities"),
    public("municipality", _hengelo),
    public("municipality_picture", _hengelo),
    public("location_picture", _library),
    # Finding ideas.
    public("initiatives"),
    public("municipality_ideas_feed", _hengelo),
    public("town_colours", lambda town: [town.hengelo.accent[1:]]),
    public("colour_sample", lambda town: ["5b2a82"]),
    public("town_logo", _hengelo),
    public("photo", lambda town: [town.place_photo.token, 720]),
    public("meetup", _coffee),
    public("meetup_poster", _coffee),
    public("occurrence", _next_week),
    public("meetup_picture", _coffee),
    public("occurrence_picture", _next_week),
    public("agenda_feed"),
    public("municipality_feed", _hengelo),
    public("location_feed", _library),
    public("meetup_feed", _coffee),
    public("occurrence_ics", _next_week),
    # Signing up.
    Address(
        "join",
        everyone("> /bijeenkomsten/ouder-en-kindcafe/"),
        strangers(200, others="> /bijeenkomsten/ouder-en-kindcafe/"),
        _next_week,
        lambda town: {"adults": "1", "first_name": "Noor", "email": "noor@guest.example"},
    ),
    Address(
        "withdraw",
        members("> /bijeenkomsten/ouder-en-kindcafe/"),
        members("> /bijeenkomsten/ouder-en-kindcafe/"),
        _next_week,
    ),
    # Links in mails: everyone with the link.
    Address(
        "guest_confirm",
        everyone(200),
        everyone("> /bevestigen/"),
        lambda town: [town.token("confirm")],
        shows=lambda town: ["Aisha"],
    ),
    Address(
        "guest_withdraw",
        everyone(200),
        everyone("> /afmelden/"),
        lambda town: [town.token("withdraw", town.guest)],
        shows=lambda town: ["Gülsüm"],
    ),
    Address(
        "unsubscribe",
        everyone(200),
        everyone("> /berichten/uit/"),
        lambda town: [town.unsubscribe_token],
        is_csrf_exempt=True,
    ),
    Address(
        "undo_address_change",
        everyone(200),
        everyone("> /mijn/oude-adres/"),
        lambda town: [town.undo_token],
        shows=lambda town: [town.newcomer.email],
    ),
    public("personal_feed", lambda town: [town.calendar_key.secret]),
    # The user's own pages.
    Address("my", members(200), MEMBERS_NO_POST),
    Address(
        "my_data",
        members(200),
        members("> /mijn/gegevens/"),
        data=lambda town: {"first_name": "Noor", "language": "nl"},
    ),
    Address("my_export", members(200), MEMBERS_NO_POST),
    Address("my_erase", members(200), members("> /")),
    Address("sign_out_other_devices", members(200), members(TO_MY_DATA)),
    Address("sign_out_device", only(200, "parent"), only(TO_MY_DATA, "parent"), lambda town: [town.device.pk]),
    Address("my_calendar", members(200), members("> /mijn/kalender/"), data=lambda town: {"wanted": "1"}),
    Address("preferences", members(200), members("> /mijn/berichten/"), data=lambda town: {"reminder": "on"}),
    # Figures: only for the officers and coordinators of the town.
    Address(
        "insights",
        only("> /inzicht/", "officer", "officer_elsewhere", "coordinator", "coordinator_elsewhere"),
        MEMBERS_NO_POST,
    ),
    Address("town_insights", only(200, "officer", "coordinator"), MEMBERS_NO_POST, _hengelo),
    Address(
        "town_insights_download",
        only(200, "officer", "coordinator"),
        MEMBERS_NO_POST,
        lambda town: [town.hengelo.slug, "csv"],
    ),
    # The door: only for the hosts of that date; 404 for anyone else.
    Address("hosting", only(200, "host", "other_host"), MEMBERS_NO_POST),
    Address("door", only(200, "host"), MEMBERS_NO_POST, _today),
    at_the_door("presence", _newcomer, {"state": "1"}),
    at_the_door("greeted", _newcomer, {"state": "1"}),
    at_the_door("walk_ins", _today, {"kind": "adults", "delta": "1"}),
    at_the_door("add_at_door", _today, {"first_name": "Noor", "adults": "1"}),
    at_the_door("remove_at_door", _newcomer, {}),
    at_the_door("late_taps", _today, {"choice": "count"}),
    Address(
        "close_occurrence",
        only(200, "host"),
        only("> /gastvrouw/", "host"),
        _today,
        lambda town: {"head_adults": "3", "head_children": "2"},
    ),
    at_the_door("reopen_occurrence", _today, {}),
    # Creating and changing meetups: the hosts, and the coordinator of the town.
    Address("manage", only(200, *MANAGERS), MEMBERS_NO_POST),
    Address("meetup_new", only(200, *MANAGERS), only(422, *MANAGERS)),
    Address("meetup_preview", members(BUTTON), only(422, *MANAGERS)),
    Address("meetup_edit", only(200, "host", "coordinator"), only(422, "host", "coordinator"), _coffee),
    Address("meetup_welcome", only(200, "host"), only("> /beheer/bijeenkomsten/", "host"), _coffee),
    managing("meetup_end", _coffee, get=200, data={"reason": "De bibliotheek verhuist."}),
    managing("meetup_resume", _coffee),
    Address("occurrence_edit", only(200, "host", "coordinator"), only(422, "host", "coordinator"), _next_week),
    managing("occurrence_cancel", _next_week, data={"reason": "De bibliotheek is dicht."}),
    managing("occurrence_restore", lambda town: [town.coffee.slug, town.cancelled.planned_for]),
    managing("occurrence_keep", _next_week),
    # Ideas: everyone reads them; who started one (here the host) changes it.
    public("initiative", _idea),
    public("initiative_picture", _idea),
    Address("initiative_new", members(200), members(422)),
    Address("initiative_similar", members(NEW_IDEA), members(200), data=lambda town: {"gemeente": "hengelo"}),
    Address(
        "initiative_take_part",
        everyone(200),
        strangers(200, others=IDEA) | {"host": 422},
        _idea,
        lambda town: {"adults": "1", "first_name": "Noor", "email": "noor@guest.example"},
    ),
    Address("initiative_withdraw", members(IDEA), members(IDEA), _support),
    Address("initiative_again", members(IDEA), members(IDEA), _support),
    Address(
        "initiative_link",
        everyone(200),
        everyone("> /initiatieven/link/"),
        lambda town: [tokens.make(town.guest_support)],
        lambda town: {"do": "confirm"},
        shows=lambda town: ["Aisha"],
    ),
    Address("initiative_edit", only(200, "host"), only(422, "host"), _idea),
    Address("initiative_delete", members("> /initiatieven/concept-1/bewerken/"), only("> /mijn/", "host"), _draft),
    Address("initiative_photo", only(200, "host"), only(422, "host"), _idea),
    Address(
        "initiative_photo_remove",
        members("> /initiatieven/cavia-cafe/foto/"),
        only("> /initiatieven/cavia-cafe/foto/", "host"),
        _idea,
        lambda town: {"part": "photo"},
    ),
    Address("initiative_recipe", only(200, "host"), only(IDEA, "host"), _idea),
    Address("initiative_initiators", only(200, "host"), only(422, "host"), _idea),
    Address(
        "invitation_take_back",
        members(TOGETHER),
        only(TOGETHER, "host"),
        lambda town: [town.idea.slug, town.invitation.pk],
    ),
    Address(
        "initiative_hand_over",
        members(TOGETHER),
        only(TOGETHER, "host"),
        lambda town: [town.idea.slug, town.idea.initiators.get(part="co_initiator").pk],
    ),
    Address("initiative_step_down", members(TOGETHER), only(TOGETHER, "host"), _idea),
    Address(
        "invitation",
        everyone(200),
        everyone("> /uitnodiging/"),
        lambda town: [tokens.make_for_invitation(town.invitation)],
        lambda town: {"no": "1"},
    ),
    Address("initiative_by_card", everyone(200), everyone(422)),
    Address("initiative_note", only(200, "host"), only(422, "host"), _coffee),
    Address("initiative_card", only(200, "host"), MEMBERS_NO_POST, _card),
    Address("initiative_card_discard", members("> /gastvrouw/kaarten/"), only("> /gastvrouw/", "host"), _card),
    # Continuing together: who started an idea asks, and the other side and who takes part answer by a link.
    Address("initiative_merge", only(200, "host"), only(422, "host"), _idea),
    Address(
        "initiative_merge_take_back",
        members(IDEA),
        only(IDEA, "host"),
        lambda town: [town.idea.slug, town.merge.pk],
    ),
    Address(
        "initiative_merge_answer",
        everyone(200),
        everyone("> /initiatieven/samen-verder/"),
        lambda town: [tokens.make_for_merge(town.merge, town.host.pk)],
        lambda town: {"answer": "nee"},
    ),
    Address(
        "initiative_follow_along",
        everyone(200),
        everyone("> /initiatieven/mee-verder/"),
        lambda town: [tokens.make(town.moving_support)],
        lambda town: {"answer": "ja"},
        shows=lambda town: ["Zoë 🌱"],
    ),
    Address("initiative_pause", members(IDEA), only(IDEA, "host"), _idea),
    Address("initiative_resume", members(IDEA), only(IDEA, "host"), _idea),
    Address("initiative_reopen", members(IDEA), only(IDEA, "host"), _idea),
    Address("initiative_end", only(200, "host"), only(422, "host"), _idea),
    # Groups that exist already: anyone lists one, and its people answer by a link; a coordinator checks who claims it.
    Address("group_new", everyone(200), everyone(422)),
    Address(
        "group_listing",
        everyone(200),
        everyone("> /initiatieven/bestaat-al/"),
        lambda town: [group_tokens.make_for_lister(town.group_of_guest)],
    ),
    Address(
        "group_link",
        everyone(200),
        everyone("> /initiatieven/groep/"),
        lambda town: [group_tokens.make_for_people(town.group)],
        lambda town: {"answer": "klopt"},
    ),
    Address("group_ours", everyone(200), everyone(200), _group),
    Address(
        "group_claim",
        members(200),
        members(f"{GROUP}onze-groep/overnemen/") | {"coordinator": 422},  # who has nobody else to check it
        _group,
        lambda town: {"email": "bestuur@rennen.example", "words": "Ik loop voorop."},
    ),
    Address("group_claims", only(200, *COORDINATORS), MEMBERS_NO_POST),
    Address(
        "group_claim_answer",
        only(200, "coordinator"),
        only("> /beheer/groepen/", "coordinator"),
        _group_claim,
        lambda town: {"accept": "1"},
    ),
    # A day, a place and beginning: who started the idea; the place and who was invited: by the link in a mail.
    Address("initiative_plan", only(200, "host"), only(422, "host"), _idea),
    Address("initiative_ask_place", only(200, "host"), only(422, "host"), _asking),
    Address("initiative_offer", members(ASKING), only(ASKING, "host"), _asking),
    Address("initiative_begin", members(IDEA), only(IDEA, "host"), _idea),
    Address(
        "place_request",
        everyone(200),
        everyone("> /initiatieven/plek/"),
        lambda town: [tokens.make_for_place(town.asked_place)],
        lambda town: {"answer": "nee", "reason": "De zaal is bezet."},
    ),
    Address(
        "place_contact",
        only(200, "coordinator"),
        only("> /locaties/", "coordinator"),
        _library,
        lambda town: {"email": "balie@bieb.example"},
    ),
    Address(
        "initiative_first_date",
        everyone(200),
        strangers("> /initiatieven/eerste-keer/", others=422),
        lambda town: [tokens.make_for_first_date(town.running_support)],
        lambda town: {"adults": "1", "date": str(town.walk.occurrences.earliest("starts_at").planned_for)},
        shows=lambda town: ["Zoë 🌱"],
    ),
    # An idea that was quiet: who started it answers, and those who take part may take it over; by link or signed in.
    Address(
        "initiative_quiet_link",
        everyone(200),
        everyone("> /initiatieven/stil/"),
        lambda town: [quiet_tokens.make_for_starter(town.talk_idea.pk, town.other_host.pk)],
        lambda town: {"answer": "verder"},
    ),
    Address(
        "initiative_quiet",
        only(200, "other_host"),
        only("> /initiatieven/fietsclub/stil/", "other_host"),
        _talk_idea,
        lambda town: {"answer": "verder"},
    ),
    Address(
        "initiative_takeover_link",
        everyone(200),
        everyone("> /initiatieven/overnemen/"),
        lambda town: [quiet_tokens.make_for_heir(town.heir)],
        shows=lambda town: [town.parent.first_name],
    ),
    Address(
        "initiative_take_over",
        only(200, "parent", "host", "other_host"),
        only("> /initiatieven/fietsclub/overnemen/", "parent", "host", "other_host"),
        _talk_idea,
    ),
    # Reporting: everyone. Deciding: who looks after the town, and 404 for anyone else.
    public("reporting"),
    public("reported"),
    Address("report", everyone(200), everyone(422), lambda town: ["meetup", town.coffee.pk]),
    Address("cases", only(200, *COORDINATORS), MEMBERS_NO_POST),
    Address("decided_cases", only(200, *COORDINATORS), MEMBERS_NO_POST),
    Address("case", only(200, "coordinator"), MEMBERS_NO_POST, _case),
    Address("case_picture", members(404), MEMBERS_NO_POST, _case),  # a meetup has none
    Address(
        "case_decide",
        members(CASES),
        only(CASES, "coordinator"),
        _case,
        lambda town: {"outcome": "fine", "seen": town.case.revision},
    ),
    Address("case_undo", members(CASES), only(CASES, "coordinator"), _case, lambda town: {"seen": town.case.revision}),
    Address("absence", members(CASES), only(422, *COORDINATORS)),
    Address("own_case", only(200, "other_host"), only(422, "other_host"), _case),
    Address("blocks", members(200), MEMBERS_NO_POST),
    Address(
        "block",
        members("> /melden/welcome/"),
        members("> /melden/geblokkeerd/") | {"host": "> /bijeenkomsten/"},
        lambda town: ["welcome", town.coffee.hosts.get().pk],
    ),
    Address("unblock", members("> /melden/geblokkeerd/"), only("> /melden/geblokkeerd/", "parent"), _block),
    # Photos: the host herself, whose coordinator may take it away; the coordinator of a place.
    Address("host_portrait", only(200, "host", "coordinator"), only(422, "host"), _marieke),
    Address(
        "host_portrait_remove",
        members(BUTTON),
        only("> /beheer/bijeenkomsten/", "host", "coordinator"),
        _marieke,
        lambda town: {"part": "photo"},
    ),
    Address("location_photo", only(200, "coordinator"), only(422, "coordinator"), _library),
    Address(
        "location_photo_remove",
        members("> /beheer/locaties/"),
        only("> /beheer/locaties/", "coordinator"),
        _library,
        lambda town: {"part": "photo"},
    ),
    # The theme and holidays of a town: its coordinator.
    Address(
        "theme",
        only(200, "coordinator"),
        only("> /beheer/gemeenten/", "coordinator"),
        _hengelo,
        lambda town: {"accent": "#5b2a82", "kept_logo": ""},
    ),
    Address(
        "town_holidays",
        only(200, "coordinator"),
        only("> /beheer/gemeenten/", "coordinator"),
        _hengelo,
        lambda town: {"holidays": town.hengelo.holidays},
    ),
    Address(
        "theme_undo",
        members("> /beheer/gemeenten/"),
        only("> /beheer/gemeenten/", "coordinator"),
        _hengelo,
        lambda town: {"part": "logo"},
    ),
    # Worries about a child: anyone writes, only the contacts read, and not one who is named.
    Address(
        "concern",
        everyone(200),
        everyone("> /melden/zorg-om-een-kind/verstuurd/"),
        data=lambda town: {"gemeente": "hengelo", "words": "Ik maak me zorgen.", "reply_to": "", "form_id": "1"},
    ),
    public("concern_sent", lambda town: [town.sent_token]),
    Address("concerns", only(200, "safety_contact", "named_contact"), MEMBERS_NO_POST),
    Address(
        "concern_absence",
        members("> /melden/zorgen/"),
        only("> /melden/zorgen/", "safety_contact", "named_contact"),
        data=lambda town: {"until_on": f"{timezone.localdate()}"},
    ),
    Address("concern_read", only(200, "safety_contact"), MEMBERS_NO_POST, _concern),
    Address("concern_open", members("> /melden/zorgen/"), only("> /melden/zorgen/", "safety_contact"), _concern),
    Address("concern_handled", members("> /melden/zorgen/"), only("> /melden/zorgen/", "safety_contact"), _concern),
    # Signing in and credentials: allauth's pages.
    Address("account_request_login_code", strangers(200, others="> /mijn/"), strangers(422, others="> /mijn/")),
    Address("account_login", strangers(200, others="> /mijn/"), strangers(422, others="> /mijn/")),
    Address("account_confirm_login_code", strangers(CODE, others="> /mijn/"), strangers(CODE, others="> /mijn/")),
    Address("account_signup", strangers(CODE, others="> /mijn/"), strangers(CODE, others="> /mijn/")),
    Address("account_logout", members(200) | {"stranger": "> /"}, everyone("> /")),
    Address("account_inactive", everyone(200), NO_POST),
    Address("account_reauthenticate", members(TO_CODE) | PASSKEY, members(TO_CODE) | PASSKEY),
    Address("account_reauthenticate_code", members(200) | PASSKEY, members(TO_CODE) | PASSKEY),
    Address("account_email", members(200), members(422), data=lambda town: {"action_add": "", "email": "no"}),
    Address(
        "account_email_verification_sent",
        members("> /account/email/") | {"stranger": "> /account/login/"},
        members("> /account/email/") | {"stranger": "> /account/login/"},
    ),
    Address("account_change_password", members("> /account/password/set/"), members("> /account/password/set/")),
    Address("account_set_password", members(200), members(422)),
    Address("account_reset_password", everyone(200), everyone(422)),
    Address("account_confirm_password_reset_code", everyone("> /account/login/"), everyone("> /account/login/")),
    Address(
        "account_complete_password_reset",
        everyone("> /account/password/reset/"),
        everyone("> /account/password/reset/"),
    ),
    Address("account_password_reset_completed", everyone(200), NO_POST),
    Address("mfa_index", members(TO_MY_DATA), members(TO_MY_DATA)),
    Address("mfa_list_webauthn", members(TO_MY_DATA), members(TO_MY_DATA)),
    Address(
        "mfa_login_webauthn", strangers("> /account/login/", others="> /mijn/"), strangers(CODE, others="> /mijn/")
    ),
    Address(
        "mfa_authenticate",
        strangers("> /account/login/", others="> /mijn/"),
        strangers("> /account/login/", others="> /mijn/"),
    ),
    Address("mfa_reauthenticate", members(TO_CODE) | PASSKEY, members(TO_CODE) | PASSKEY),
    Address("mfa_reauthenticate_webauthn", members(TO_CODE) | {"parent": 200}, members(TO_CODE) | {"parent": 422}),
    Address("mfa_add_webauthn", members(200), members(422)),
    Address("mfa_edit_webauthn", only(200, "parent"), only(422, "parent"), _passkey),
    Address("mfa_remove_webauthn", only(200, "parent"), only("> /account/2fa/", "parent"), _passkey),
    Address("mfa_activate_totp", members(200), members(422)),
    Address("mfa_deactivate_totp", members(404), members(404)),
    Address("mfa_view_recovery_codes", members(404), MEMBERS_NO_POST),
    Address("mfa_generate_recovery_codes", members(200), members(422) | {"parent": "> /account/2fa/"}),
    Address("mfa_download_recovery_codes", members(404), members(404)),
]


def sign_in_page(path: str) -> str:
    return f"{reverse('account_request_login_code')}?next={path}"


def answer_in(response: Any, path: str) -> Answer:
    """Return the answer to `path` in the notation of the table."""
    if response.status_code not in {301, 302, 303}:
        return response.status_code
    location = response["Location"]
    return SIGN_IN if location == sign_in_page(path) else f"> {location}"


def is_as_expected(expected: Answer, answer: Answer) -> bool:
    """Whether this is the answer in the table, which has the beginning of an address for a redirect."""
    return str(answer).startswith(expected) if isinstance(expected, str) else answer == expected


def names_in_use(prefix: str = "") -> Iterator[str]:
    """Yield the name of every URL pattern, with its namespace; the admin site counts as one."""

    def walk(resolver: Any, namespace: str = "") -> Iterator[str]:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLPattern):
                yield f"{namespace}{pattern.name}"
            elif pattern.namespace == "admin":
                yield "admin"
            else:
                yield from walk(pattern, namespace + (f"{pattern.namespace}:" if pattern.namespace else ""))

    yield from walk(get_resolver())
