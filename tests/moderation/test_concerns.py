"""Worries about a child: who may write, who reads it and when, and who never knows of it."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role, User
from locations.models import SchoolRegion
from moderation.levels import Level
from moderation.models import Absence, Concern
from moderation.tasks import remind_about_concerns
from moderation.worries import actions, readers
from moderation.worries.actions import NobodyReads, follow_up
from moderation.worries.privacy import forget_concerns
from moderation.worries.promise import AMSTERDAM, next_deadline
from moderation.worries.views import LIMIT
from notifications.delivery import send_due
from notifications.models import Message
from pages import privacy
from tests.factories import make_concern, make_contact, make_location, make_municipality, make_role, make_user
from tests.visitors import visitor

pytestmark = pytest.mark.django_db
PAGE = "/melden/zorg-om-een-kind/"
LIST = "/melden/zorgen/"
TEXT = "Het buurmeisje van vier staat ’s avonds alleen op straat."
# Everyone visits these days, whatever day it is when the tests run: a Tuesday, in the morning.
TUESDAY = datetime(2030, 11, 5, 10, tzinfo=AMSTERDAM)
DEADLINE = datetime(2030, 11, 6, 17, tzinfo=AMSTERDAM)


def make_town(name="Hengelo", **fields):
    town = make_municipality(name, **fields)
    make_location(town)
    return town


def contact(place, first_name="Ingrid", **fields):
    """A contact who is seen often, and has a second factor."""
    user = make_contact(place, first_name, last_seen_on=date(2030, 11, 1), **fields)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    return user


def written(town, *, now=TUESDAY, **fields):
    return make_concern(town, now=now, **fields)


def told() -> list[tuple[str, str]]:
    """Who was told what, in the order of posting."""
    rows = Message.objects.order_by("pk").values_list("user__first_name", "template")
    return [(name, template.removeprefix("moderation.")) for name, template in rows]


def typed(**fields):
    return {"gemeente": "hengelo", "words": TEXT, "reply_to": "06-12345678", "form_id": "a1"} | fields


def count_queries(run) -> int:
    with CaptureQueriesContext(connection) as queries:
        run()
    return len(queries)


# Writing


def test_stranger_writes_and_only_what_was_typed_is_kept(client):
    town = make_town()
    make_contact(town)
    response = client.post(PAGE, typed())
    concern = Concern.objects.get()
    assert (concern.municipality, concern.words, concern.reply_to) == (town, TEXT, "06-12345678")
    assert (concern.level, concern.reader, concern.read_at, concern.language) == (Level.TOWN, None, None, "nl")
    assert concern.read_by == next_deadline(concern.created_at, town.holidays)
    page = client.get(response["Location"])
    assert page.status_code == 200
    text = page.content.decode()
    assert "een vast aanspreekpunt in Hengelo" in text
    assert ", 17.00\N{NO-BREAK SPACE}uur" in text
    assert "0800-2000" in text
    assert "buurmeisje" not in text
    assert "06-12345678" not in text


def test_no_account_is_stored_of_someone_who_is_signed_in():
    make_contact(make_town())
    fatima = make_user("Fatima")
    visitor(fatima).post(PAGE, typed())
    fields = {field.name for field in Concern._meta.get_fields() if field.related_model is User}
    assert fields == {"reader", "left_out"}
    concern = Concern.objects.get()
    assert concern.reader is None
    assert not concern.left_out.exists()
    assert "buurmeisje" not in str(privacy.export(fatima, timezone.now()))


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}?gemeente=hengelo", f"/en{PAGE}"])
def test_numbers_come_first_and_nothing_is_stored_in_the_browser(client, path):
    make_contact(make_town())
    response = client.get(path)
    text = response.content.decode()
    assert "no-store" in response["Cache-Control"]
    main = text[text.index("<main") :]
    assert main.index('href="tel:08002000"') < main.index('href="tel:112"') < main.index("<form")
    assert 'autocomplete="off"' in main or "words" not in main
    assert "data-draft" not in main
    assert "no-store" in client.post(PAGE, typed(words=""))["Cache-Control"]


def test_promise_is_made_before_someone_writes(client):
    make_contact(make_town())
    text = client.get(f"{PAGE}?gemeente=hengelo").content.decode()
    assert "een vast aanspreekpunt in Hengelo" in text
    assert ", 17.00\N{NO-BREAK SPACE}uur" in text
    assert '<input type="hidden" name="gemeente" value="hengelo"' in text
    assert "Ingrid" not in text


def test_english_page_is_english(client):
    make_contact(make_town())
    text = client.get(f"/en{PAGE}?gemeente=hengelo").content.decode()
    assert "a fixed contact in Hengelo" in text
    assert "before " in text
    assert ", 17:00" in text
    client.post(f"/en{PAGE}", typed())
    assert Concern.objects.get().language == "en"


def test_without_any_contact_there_is_no_form_and_no_promise(client):
    make_town()
    for path in (PAGE, f"{PAGE}?gemeente=hengelo"):
        text = client.get(path).content.decode()
        main = text[text.index("<main") : text.index("</main>")]
        assert "<form" not in main
        assert "17.00" not in main
        assert "0800-2000" in main
    response = client.post(PAGE, typed())
    assert response.status_code == 422
    assert "buurmeisje" in response.content.decode()
    assert "niet verstuurd" in response.content.decode()
    assert not Concern.objects.exists()


def test_town_whose_only_contact_is_away_promises_nothing_and_keeps_the_words(client):
    town = make_town()
    ingrid = make_contact(town)
    today = timezone.localdate()
    Absence.objects.create(user=ingrid, from_on=today, until_on=today)
    text = client.get(f"{PAGE}?gemeente=hengelo").content.decode()
    assert "17.00" not in text
    assert 'name="words"' not in text
    response = client.post(PAGE, typed())
    assert response.status_code == 422
    assert "buurmeisje" in response.content.decode()
    assert "niet verstuurd" in response.content.decode()
    assert not Concern.objects.exists()


@pytest.mark.parametrize(
    ("place", "level", "who"),
    [
        (SchoolRegion.NORTH, Level.REGION, "een vast aanspreekpunt voor een aantal gemeenten, ook voor Hengelo"),
        (None, Level.COUNTRY, "een vast aanspreekpunt voor heel Nederland"),
    ],
)
def test_where_the_town_has_no_contact_the_next_level_reads(client, place, level, who):
    make_town()
    make_contact(place)
    assert who in client.get(f"{PAGE}?gemeente=hengelo").content.decode()
    response = client.post(PAGE, typed())
    assert who in client.get(response["Location"]).content.decode()
    assert Concern.objects.get().level == level
    assert told() == [("Ingrid", "concern")]


def test_only_towns_where_someone_reads_can_be_chosen(client):
    hengelo, _leiden = make_town(), make_town("Leiden")
    make_town("Weert", school_region=SchoolRegion.SOUTH)
    make_contact(hengelo)
    choices = re.compile(r'<option value="(\w+)"')
    assert choices.findall(client.get(PAGE).content.decode()) == ["hengelo"]
    make_contact(SchoolRegion.SOUTH)
    assert choices.findall(client.get(PAGE).content.decode()) == ["hengelo", "weert"]
    make_contact(None)
    assert choices.findall(client.get(PAGE).content.decode()) == ["hengelo", "leiden", "weert"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"words": ""}, "Schrijf op waar je je zorgen over maakt."),
        ({"words": " \n "}, "Schrijf op waar je je zorgen over maakt."),
        ({"words": "x" * 4001}, "Dit is te lang."),
        ({"words": "a\0b"}, "Er staat een teken in dat we niet kunnen opslaan."),
        ({"reply_to": "x" * 201}, "Dit is te lang."),
        ({"gemeente": ""}, "Kies een gemeente uit de lijst."),
        ({"gemeente": "atlantis"}, "Kies een gemeente uit de lijst."),
    ],
)
def test_wrong_input_gets_a_sentence_and_stays(client, fields, sentence):
    make_contact(make_town())
    response = client.post(PAGE, typed(**fields))
    text = response.content.decode()
    assert response.status_code == 422
    assert sentence in text
    assert "0800-2000" in text
    assert ("buurmeisje" in text) is ("words" not in fields)
    assert not Concern.objects.exists()
    assert not Message.objects.exists()


def test_double_tap_is_one_concern_and_one_mail_per_contact(client):
    town = make_town()
    make_contact(town)
    make_contact(town, "Astrid")
    first, second = (client.post(PAGE, typed()) for _ in range(2))
    assert first["Location"].startswith(f"{PAGE}verstuurd/")
    assert second.status_code == 302
    assert Concern.objects.count() == 1
    assert told() == [("Ingrid", "concern"), ("Astrid", "concern")]


def test_text_that_was_corrected_after_going_back_is_not_lost(client):
    make_contact(make_town())
    client.post(PAGE, typed())
    client.post(PAGE, typed(words=f"{TEXT} Ook vandaag."))
    assert Concern.objects.count() == 2


def test_each_form_has_its_own_id(client):
    make_contact(make_town())
    found = {
        re.search(r'name="form_id" value="([^"]+)"', client.get(f"{PAGE}?gemeente=hengelo").content.decode())[1]
        for _ in range(2)
    }
    assert len(found) == 2


def test_many_parents_behind_one_connection_notice_no_limit_and_a_program_does(client, monkeypatch):
    monkeypatch.setattr("accounts.limits.time.time", lambda: 1_000_000.0)
    make_contact(make_town())
    for number in range(LIMIT):
        assert client.post(PAGE, typed(form_id=str(number))).status_code == 302
    response = client.post(PAGE, typed(form_id="more"))
    assert response.status_code == 429
    assert response["Retry-After"] == "600"
    text = response.content.decode()
    assert "bel nu Veilig Thuis: 0800-2000" in text
    assert "buurmeisje" in text
    assert LIMIT >= 40
    assert Concern.objects.count() == LIMIT


@pytest.mark.parametrize("token", ["x", "a:b:c"])
def test_made_up_promise_is_a_404(client, token):
    make_town()
    assert client.get(f"{PAGE}verstuurd/{token}/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_taps_at_once_are_one_concern():
    town = make_town()
    make_contact(town)

    def send(_number):
        try:
            return make_concern(town, form_id="same").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(4)))) == 1
    assert Concern.objects.count() == 1
    assert Message.objects.count() == 1


# Who is named in it


def test_contact_who_is_named_is_neither_told_nor_shown_anything():
    town = make_town()
    ingrid, astrid = make_contact(town), make_contact(town, "Astrid")
    concern = make_concern(town, words="Dit gaat over INGRIDS zoon.")
    assert (concern.level, told()) == (Level.TOWN, [("Astrid", "concern")])
    hers = visitor(ingrid)
    assert "Er is nu niets te lezen" in hers.get(LIST).content.decode()
    for path in (f"{LIST}{concern.pk}/", f"{LIST}{concern.pk + 1}/"):
        assert hers.get(path).status_code == 404
    for part in ("lezen", "afgehandeld"):
        assert hers.post(f"{LIST}{concern.pk}/{part}/").status_code == 404
    concern.refresh_from_db()
    assert concern.read_at is None
    assert visitor(astrid).get(f"{LIST}{concern.pk}/").status_code == 200


def test_who_is_named_by_how_to_reach_the_writer_is_left_out_too():
    town = make_town()
    make_contact(town)
    make_contact(None, "Tineke")
    assert make_concern(town, reply_to="niet via Ingrid").level == Level.COUNTRY


def test_new_first_name_does_not_let_in_who_was_named():
    town = make_town()
    ingrid = make_contact(town)
    make_contact(town, "Astrid")
    concern = make_concern(town, words="Dit gaat over Ingrid.")
    User.objects.filter(pk=ingrid.pk).update(first_name="Els")
    ingrid.refresh_from_db()
    assert visitor(ingrid).get(f"{LIST}{concern.pk}/").status_code == 404
    assert readers.concerns_of(ingrid) == []
    assert ingrid not in readers.readers_at(Level.TOWN, concern, now=timezone.now())


def test_contact_of_later_who_is_named_is_left_out():
    town = make_town()
    make_contact(town, "Astrid")
    concern = make_concern(town, words="Dit gaat over Ingrid.")
    assert readers.concerns_of(make_contact(town)) == []
    assert concern.left_out.count() == 0


def test_when_only_the_named_one_could_read_it_goes_up_at_once():
    town = make_town()
    make_contact(town)
    make_contact(None, "Tineke")
    concern = make_concern(town, words="Dit gaat over Ingrid.")
    assert concern.level == Level.COUNTRY
    assert told() == [("Tineke", "concern")]


def test_when_everyone_is_named_it_is_refused_with_the_words_kept(client):
    make_contact(make_town())
    response = client.post(PAGE, typed(words="Dit gaat over Ingrid."))
    assert response.status_code == 422
    text = response.content.decode()
    assert "Dit gaat over Ingrid." in text
    assert "niet verstuurd" in text
    assert not Concern.objects.exists()


def test_exception_of_the_action_when_nobody_reads():
    with pytest.raises(NobodyReads):
        make_concern(make_town())


# Reading


def test_contact_reads_with_a_button_handles_it_and_undoes_that():
    town = make_town()
    ingrid = make_contact(town)
    concern = make_concern(town, words=TEXT, reply_to="06-12345678")
    client, page = visitor(ingrid), f"{LIST}{concern.pk}/"
    listed = client.get(LIST).content.decode()
    assert "Hengelo" in listed
    assert "buurmeisje" not in listed
    unread = client.get(page).content.decode()
    assert "buurmeisje" not in unread
    assert "06-12345678" not in unread
    concern.refresh_from_db()
    assert concern.read_at is None, "looking is not reading"
    client.post(f"{page}afgehandeld/")
    concern.refresh_from_db()
    assert concern.handled_at is None, "nobody read it yet"
    assert client.post(f"{page}lezen/")["Location"] == page
    concern.refresh_from_db()
    assert (concern.reader, concern.read_at is not None) == (ingrid, True)
    text = client.get(page).content.decode()
    assert "buurmeisje" in text
    assert "06-12345678" in text
    client.post(f"{page}afgehandeld/")
    concern.refresh_from_db()
    assert concern.handled_at is not None
    assert "Afgehandeld op" in client.get(page).content.decode()
    client.post(f"{page}afgehandeld/", {"undo": "1"})
    concern.refresh_from_db()
    assert concern.handled_at is None


def test_first_reader_stays_the_reader():
    town = make_town()
    ingrid, astrid = make_contact(town), make_contact(town, "Astrid")
    concern = make_concern(town)
    for user in (ingrid, astrid):
        visitor(user).post(f"{LIST}{concern.pk}/lezen/")
    concern.refresh_from_db()
    assert concern.reader == ingrid


@pytest.mark.parametrize("kind", [None, *(kind for kind in Role.Kind.values if kind != Role.Kind.SAFETY_CONTACT)])
def test_nobody_else_finds_anything(kind):
    town = make_town()
    make_contact(town)
    concern = make_concern(town)
    user = make_role(kind, town) if kind else make_user(is_staff=True, is_superuser=True)
    client = visitor(user)
    for path in (LIST, f"{LIST}{concern.pk}/"):
        assert client.get(path).status_code == 404
    for part in ("lezen", "afgehandeld"):
        assert client.post(f"{LIST}{concern.pk}/{part}/").status_code == 404


def test_stranger_is_asked_to_sign_in(client):
    town = make_town()
    make_contact(town)
    for path in (LIST, f"{LIST}{make_concern(town).pk}/"):
        assert client.get(path).status_code == 302


def test_contacts_of_other_towns_and_higher_levels_see_nothing_that_is_not_theirs():
    hengelo, leiden = make_town(), make_town("Leiden")
    make_contact(hengelo)
    others = [make_contact(leiden, "Els"), make_contact(SchoolRegion.NORTH, "Wilma"), make_contact(None, "Tineke")]
    concern = make_concern(hengelo)
    assert [len(readers.concerns_of(user)) for user in others] == [0, 0, 0]
    for level, seen in ((Level.REGION, [0, 1, 0]), (Level.COUNTRY, [0, 1, 1])):
        Concern.objects.filter(pk=concern.pk).update(level=level)
        assert [len(readers.concerns_of(user)) for user in others] == seen


def test_without_a_second_factor_it_is_closed_after_the_grace():
    town = make_town()
    ingrid = make_contact(town)
    concern = make_concern(town)
    Role.objects.update(created_at=timezone.now() - timedelta(days=15))
    for path in (LIST, f"{LIST}{concern.pk}/"):
        response = visitor(ingrid).get(path)
        assert response.status_code == 403
        assert "buurmeisje" not in response.content.decode()


def test_menu_shows_the_entry_to_contacts_only():
    town = make_town()
    people = {make_contact(town): True, make_role(Role.Kind.COORDINATOR, town): False, make_user(): False}
    for user, is_shown in people.items():
        assert ('href="/melden/zorgen/"' in visitor(user).get("/mijn/").content.decode()) is is_shown


def test_list_costs_as_many_queries_for_30_as_for_1():
    town = make_town()
    client = visitor(make_contact(town))
    make_concern(town)
    client.get(LIST)
    one = count_queries(lambda: client.get(LIST))
    for _ in range(29):
        make_concern(town)
    assert count_queries(lambda: client.get(LIST)) == one


def test_text_is_shown_as_text():
    town = make_town()
    ingrid = make_contact(town)
    concern = make_concern(town, words="<script>alert(1)</script> http://evil.example")
    client = visitor(ingrid)
    client.post(f"{LIST}{concern.pk}/lezen/")
    page = client.get(f"{LIST}{concern.pk}/").content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert 'href="http://evil.example' not in page


def test_footer_of_every_page_leads_there(client):
    assert f'href="{PAGE}"' in client.get("/agenda/").content.decode()
    assert f'href="/en{PAGE}"' in client.get("/en/agenda/").content.decode()


# Mails


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("nl", "Een zorg om een kind in Hengelo: lees het vóór woensdag 6 november, 17.00 uur"),
        ("en", "A worry about a child in Hengelo: please read it before Wednesday 6 November, 17:00"),
    ],
)
def test_mail_says_where_and_when_and_nothing_of_the_text(language, subject):
    town = make_town()
    ingrid = contact(town, "Ingeborg", language=language)
    concern = written(town, words=TEXT, reply_to="Fatima, 06-12345678")
    send_due(now=TUESDAY)
    [letter] = mail.outbox
    assert letter.to == [ingrid.email]
    assert letter.subject == subject
    raw = letter.message().as_bytes()
    parsed = message_from_bytes(raw, policy=policy.default)
    texts = [part.get_content() for part in parsed.walk() if part.get_content_maintype() == "text"]
    whole = raw.decode() + "".join(texts)
    rows = "".join(str(row) for row in Message.objects.values())
    for word in ("buurmeisje", "straat", "06-12345678", "Fatima", "Ingeborg"):
        assert word not in whole
        assert word not in rows
    link = f"{'/en' if language == 'en' else ''}/melden/zorgen/{concern.pk}/"
    assert link in letter.body
    assert link in letter.alternatives[0][0]


def sent(now) -> list[str]:
    mail.outbox.clear()
    send_due(now=now)
    return [letter.subject for letter in mail.outbox]


def test_mail_is_not_sent_when_someone_read_it_meanwhile():
    town = make_town()
    concern = written(town) if contact(town) else None
    actions.mark_read(concern=concern, reader=User.objects.get(), now=TUESDAY)
    assert sent(TUESDAY) == []


def test_mail_is_not_sent_to_who_is_no_contact_any_more_or_is_named_since():
    town = make_town()
    ingrid, astrid, wilma = contact(town), contact(town, "Astrid"), contact(town, "Wilma")
    concern = written(town, words="Dit gaat over Els.")
    Role.objects.filter(user=ingrid).delete()
    User.objects.filter(pk=astrid.pk).update(first_name="Els")
    User.objects.filter(pk=wilma.pk).update(is_active=False)
    assert Message.objects.filter(object_id=concern.pk).count() == 3
    assert sent(TUESDAY) == []


# Nobody reads it


def test_unread_is_reminded_and_then_goes_up_level_by_level():
    town = make_town()
    contact(town, "Ingrid")
    contact(SchoolRegion.NORTH, "Wilma")
    contact(None, "Tineke")
    concern = written(town)
    assert (concern.read_by, concern.goes_up_at) == (DEADLINE, DEADLINE)
    story = [("Ingrid", "concern")]
    assert told() == story
    follow_up(now=DEADLINE - timedelta(hours=4, minutes=1))
    assert told() == story
    for _ in range(2):
        follow_up(now=DEADLINE - timedelta(hours=4))
    story.append(("Ingrid", "concern_reminder"))
    assert told() == story
    assert sent(DEADLINE - timedelta(hours=4)) == [
        "Een zorg om een kind in Hengelo: lees het vóór woensdag 6 november, 17.00 uur",
        "Nog niet gelezen: een zorg om een kind in Hengelo. Lees het vóór woensdag 6 november, 17.00 uur",
    ]
    for _ in range(2):
        follow_up(now=DEADLINE)
    story.append(("Wilma", "concern"))
    assert told() == story
    concern.refresh_from_db()
    assert (concern.level, concern.read_by) == (Level.REGION, DEADLINE)
    assert concern.goes_up_at == DEADLINE + timedelta(days=1)
    assert sent(DEADLINE) == ["Een zorg om een kind in Hengelo: lees het vóór donderdag 7 november, 17.00 uur"]
    assert "omdat niemand in de gemeente zelf het op tijd kon lezen" in mail.outbox[0].body
    follow_up(now=DEADLINE + timedelta(days=1))
    story.append(("Tineke", "concern"))
    assert told() == story
    concern.refresh_from_db()
    assert concern.goes_up_at == datetime(2030, 11, 8, 17, tzinfo=AMSTERDAM)
    follow_up(now=concern.goes_up_at)
    assert told() == [*story, ("Tineke", "concern")], "at the top it is told again"
    concern.refresh_from_db()
    assert concern.goes_up_at == datetime(2030, 11, 11, 17, tzinfo=AMSTERDAM), "after the weekend"


def test_what_was_read_is_left_alone():
    town = make_town()
    ingrid = contact(town)
    contact(None, "Tineke")
    actions.mark_read(concern=written(town), reader=ingrid, now=TUESDAY)
    for hours in (1, 27, 40, 400):
        follow_up(now=TUESDAY + timedelta(hours=hours))
    assert told() == [("Ingrid", "concern")]


def test_contact_who_is_away_is_passed_over_and_what_waits_for_them_goes_up():
    town = make_town()
    ingrid = contact(town)
    contact(None, "Tineke")
    concern = written(town)
    Absence.objects.create(user=ingrid, from_on=TUESDAY.date(), until_on=TUESDAY.date())
    follow_up(now=TUESDAY + timedelta(hours=1))
    concern.refresh_from_db()
    assert (concern.level, concern.goes_up_at) == (Level.COUNTRY, DEADLINE), "the promise stays"
    assert told() == [("Ingrid", "concern"), ("Tineke", "concern")]
    assert written(town, form_id="later").level == Level.COUNTRY


def test_when_the_contact_leaves_and_nobody_is_above_it_waits_until_someone_is_there(caplog):
    town = make_town()
    ingrid = contact(town)
    concern = written(town)
    privacy.erase(user=ingrid, now=TUESDAY)
    follow_up(now=TUESDAY + timedelta(hours=1))
    assert f"Nobody can read worry {concern.pk}" in caplog.text
    assert "buurjongen" not in caplog.text
    contact(None, "Tineke")
    follow_up(now=TUESDAY + timedelta(hours=2))
    assert told() == [("Tineke", "concern")]


def test_when_nobody_is_left_above_a_new_contact_in_the_town_hears_of_it():
    town = make_town()
    ingrid = contact(town)
    tineke = contact(None, "Tineke")
    concern = written(town)
    follow_up(now=DEADLINE)
    privacy.erase(user=tineke, now=DEADLINE)
    privacy.erase(user=ingrid, now=DEADLINE)
    contact(town, "Astrid")
    for hours in (1, 2):
        follow_up(now=DEADLINE + timedelta(hours=hours))
    assert told() == [("Astrid", "concern")]
    concern.refresh_from_db()
    remind_at = concern.goes_up_at - timedelta(hours=4)
    for minutes in (0, 5):
        follow_up(now=remind_at + timedelta(minutes=minutes))
    assert told() == [("Astrid", "concern"), ("Astrid", "concern_reminder")]
    follow_up(now=concern.goes_up_at)
    assert told()[2:] == [("Astrid", "concern")]


def test_new_contact_of_the_same_level_hears_of_what_waits_already():
    town = make_town()
    contact(town)
    written(town)
    contact(town, "Astrid")
    follow_up(now=TUESDAY + timedelta(hours=1))
    assert told() == [("Ingrid", "concern"), ("Astrid", "concern")]


@pytest.mark.parametrize("leaves", ["erased", "no role", "blocked account", "named by a new name"])
def test_what_was_read_but_not_handled_by_a_contact_who_leaves_is_read_by_another(leaves):
    town = make_town()
    ingrid, astrid = contact(town), contact(town, "Astrid")
    concern = written(town, words="Dit gaat over Els.")
    actions.mark_read(concern=concern, reader=ingrid, now=TUESDAY)
    if leaves == "erased":
        privacy.erase(user=ingrid, now=TUESDAY)
    elif leaves == "no role":
        Role.objects.filter(user=ingrid).delete()
    elif leaves == "blocked account":
        User.objects.filter(pk=ingrid.pk).update(is_active=False)
    else:
        User.objects.filter(pk=ingrid.pk).update(first_name="Els")
    Message.objects.all().delete()
    later = TUESDAY + timedelta(days=7)
    follow_up(now=later)
    concern.refresh_from_db()
    assert (concern.read_at, concern.reader, concern.level) == (None, None, Level.TOWN)
    assert concern.goes_up_at == next_deadline(later, town.holidays)
    assert told() == [("Astrid", "concern")]
    actions.mark_read(concern=concern, reader=astrid, now=later)
    follow_up(now=later + timedelta(days=3))
    assert told() == [("Astrid", "concern")]


def test_what_was_handled_by_a_contact_who_leaves_stays_handled():
    town = make_town()
    ingrid, _astrid = contact(town), contact(town, "Astrid")
    concern = written(town)
    actions.mark_read(concern=concern, reader=ingrid, now=TUESDAY)
    actions.mark_handled(concern=concern, now=TUESDAY)
    privacy.erase(user=ingrid, now=TUESDAY)
    follow_up(now=TUESDAY + timedelta(hours=1))
    concern.refresh_from_db()
    assert concern.read_at == TUESDAY


def test_only_who_is_above_the_town_reads_that_nobody_in_the_town_could():
    town = make_town()
    ingrid, tineke = contact(town), contact(None, "Tineke")
    concern = written(town)
    follow_up(now=DEADLINE)
    words = "omdat niemand in de gemeente zelf het op tijd kon lezen"
    send_due(now=DEADLINE)
    assert {letter.to[0]: words in letter.body for letter in mail.outbox} == {ingrid.email: False, tineke.email: True}
    page = f"{LIST}{concern.pk}/"
    assert words not in visitor(ingrid).get(page).content.decode()
    assert words in visitor(tineke).get(page).content.decode()


def test_contact_says_that_they_are_away_and_what_waits_goes_up():
    town = make_town()
    ingrid = make_contact(town)
    make_contact(None, "Tineke")
    make_concern(town)
    client = visitor(ingrid)
    assert 'name="until_on"' in client.get(LIST).content.decode()
    wrong = client.post(f"{LIST}afwezig/", {"until_on": "2020-01-01"})
    assert (wrong.status_code, "Kies vandaag of een latere dag." in wrong.content.decode()) == (422, True)
    assert not Absence.objects.exists()
    assert client.post(f"{LIST}afwezig/", {"until_on": f"{timezone.localdate()}"})["Location"] == LIST
    follow_up(now=timezone.now())
    assert told() == [("Ingrid", "concern"), ("Tineke", "concern")]
    assert "Ik ben terug" in client.get(LIST).content.decode()
    client.post(f"{LIST}afwezig/", {"back": "1"})
    assert not Absence.objects.exists()


@pytest.mark.parametrize("kind", [None, Role.Kind.COORDINATOR, Role.Kind.POLICY_OFFICER])
def test_nobody_else_can_be_away_as_a_contact(kind):
    town = make_town()
    user = make_role(kind, town) if kind else make_user()
    for data in ({"until_on": f"{timezone.localdate()}"}, {"until_on": ""}, {"back": "1"}):
        assert visitor(user).post(f"{LIST}afwezig/", data).status_code == 404
    assert not Absence.objects.exists()


def test_a_failure_of_the_question_to_visit_does_not_stop_what_follows_up(monkeypatch):
    town = make_town()
    make_contact(town)
    make_concern(town)
    Concern.objects.update(goes_up_at=timezone.now() + timedelta(hours=1), told_at=timezone.now() - timedelta(days=1))

    def fail(**_options):
        raise RuntimeError("no")

    monkeypatch.setattr(actions, "ask_to_visit", fail)
    with pytest.raises(RuntimeError):
        remind_about_concerns.apply(throw=True)
    assert ("Ingrid", "concern_reminder") in told()


def test_promise_stays_when_it_goes_up_because_someone_is_away_and_the_next_one_is_not_mailed_twice():
    town = make_town()
    ingrid = contact(town)
    contact(None, "Tineke")
    concern = written(town)
    Absence.objects.create(user=ingrid, from_on=DEADLINE.date(), until_on=DEADLINE.date())
    for minutes in (180, 175, 5):
        follow_up(now=DEADLINE - timedelta(minutes=minutes))
    concern.refresh_from_db()
    assert (concern.level, concern.goes_up_at) == (Level.COUNTRY, DEADLINE)
    assert told() == [("Ingrid", "concern"), ("Tineke", "concern")]


def test_contact_who_gets_a_name_that_is_in_it_is_not_reminded():
    town = make_town()
    astrid = contact(town, "Astrid")
    contact(town)
    written(town, words="Dit gaat over Els.")
    User.objects.filter(pk=astrid.pk).update(first_name="Els")
    follow_up(now=DEADLINE - timedelta(hours=1))
    assert told()[2:] == [("Ingrid", "concern_reminder")]


def test_named_contact_is_passed_over_when_it_goes_up():
    town = make_town()
    contact(town)
    contact(SchoolRegion.NORTH, "Wilma")
    contact(None, "Tineke")
    concern = written(town, words="Dit gaat over Wilma.")
    follow_up(now=DEADLINE)
    concern.refresh_from_db()
    assert concern.level == Level.COUNTRY
    assert told() == [("Ingrid", "concern"), ("Tineke", "concern")]


def test_over_the_holidays_nothing_goes_up():
    town = make_town()
    contact(town)
    contact(None, "Tineke")
    User.objects.update(last_seen_on=date(2026, 12, 20))
    concern = written(town, now=datetime(2026, 12, 24, 15, tzinfo=AMSTERDAM))
    assert concern.read_by == datetime(2026, 12, 28, 17, tzinfo=AMSTERDAM)
    for day in (25, 26, 27):
        follow_up(now=datetime(2026, 12, day, 18, tzinfo=AMSTERDAM))
    assert told() == [("Ingrid", "concern")]


def test_task_follows_up():
    town = make_town()
    make_contact(town)
    concern = make_concern(town)
    Concern.objects.update(goes_up_at=timezone.now() + timedelta(hours=1), told_at=timezone.now() - timedelta(days=1))
    remind_about_concerns.apply().get()
    assert ("Ingrid", "concern_reminder") in told()
    assert Concern.objects.get() == concern


def test_one_that_fails_does_not_stop_the_others(monkeypatch):
    town = make_town()
    contact(town)
    first, second = written(town), written(town)
    real = readers.readers_at

    def fail(level, concern, **options):
        if concern == first:
            raise RuntimeError("no")
        return real(level, concern, **options)

    monkeypatch.setattr(readers, "readers_at", fail)
    with pytest.raises(RuntimeError):
        follow_up(now=DEADLINE - timedelta(hours=1))
    assert Message.objects.filter(template="moderation.concern_reminder").get().object_id == second.pk


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_tell_once():
    town = make_town()
    contact(town)
    contact(None, "Tineke")
    written(town)

    def run(_number):
        try:
            follow_up(now=DEADLINE)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(run, range(3)))
    assert told() == [("Ingrid", "concern"), ("Tineke", "concern")]


# Whether the contacts are still there


def test_contact_who_was_not_here_for_a_month_is_asked_once_to_sign_in():
    now = timezone.now()
    town = make_town()
    ingrid = make_contact(town, date_joined=now - timedelta(days=32))
    make_contact(town, "Astrid", date_joined=now - timedelta(days=30))
    make_contact(town, "Wilma", date_joined=now - timedelta(days=32), is_active=False)
    make_user("Noor", date_joined=now - timedelta(days=300))
    Role.objects.create(user=ingrid, kind=Role.Kind.SAFETY_CONTACT, municipality=make_town("Leiden"))
    for _ in range(2):
        remind_about_concerns.apply().get()
    assert told() == [("Ingrid", "contact_unseen")]
    assert sent(timezone.now()) == ["Ben je nog aanspreekpunt voor zorgen om een kind? Log één keer in"]
    assert "/melden/zorgen/" in mail.outbox[0].body


def test_contact_who_was_here_meanwhile_gets_no_such_mail():
    now = timezone.now()
    ingrid = make_contact(make_town(), date_joined=now - timedelta(days=32))
    actions.ask_to_visit(now=now)
    ingrid.record_seen(now)
    assert sent(now) == []


# Keeping


@pytest.mark.parametrize(
    ("handled", "age", "stays"),
    [
        (True, timedelta(days=30), True),
        (True, timedelta(days=30, minutes=1), False),
        (False, timedelta(days=180), True),
        (False, timedelta(days=180, minutes=1), False),
    ],
)
def test_it_is_deleted_in_time(handled, age, stays):
    town = make_town()
    ingrid = contact(town)
    concern = written(town)
    if handled:
        actions.mark_read(concern=concern, reader=ingrid, now=TUESDAY)
        actions.mark_handled(concern=concern, now=TUESDAY)
    forget_concerns(now=TUESDAY + age)
    assert Concern.objects.exists() is stays


def test_erased_contact_leaves_no_trace_in_it():
    town = make_town()
    ingrid, astrid = make_contact(town), make_contact(town, "Astrid")
    concern = make_concern(town, words="Dit gaat over Astrid.")
    actions.mark_read(concern=concern, reader=ingrid, now=timezone.now())
    for user in (ingrid, astrid):
        privacy.erase(user=user, now=timezone.now())
    concern.refresh_from_db()
    assert concern.reader is None
    assert concern.read_at is not None
    assert not concern.left_out.exists()


BROKEN = {
    "concern_has_words": {"words": ""},
    "concern_level_exists": {"level": 3},
    "concern_promise_is_later": {"read_by": TUESDAY},
    "concern_handled_after_reading": {"handled_at": TUESDAY},
}


@pytest.mark.parametrize("name", BROKEN)
def test_database_refuses_what_cannot_be(name):
    town = make_town()
    contact(town)
    concern = written(town)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Concern.objects.filter(pk=concern.pk).update(**BROKEN[name])


def test_database_refuses_a_reader_of_what_nobody_read():
    town = make_town()
    ingrid = contact(town)
    written(town)
    with pytest.raises(IntegrityError, match="concern_handled_after_reading"), transaction.atomic():
        Concern.objects.update(reader=ingrid)


def test_every_constraint_is_tested():
    assert {constraint.name for constraint in Concern._meta.constraints} == set(BROKEN)


def test_without_a_csrf_token_nothing_is_sent_and_what_was_typed_stays():
    make_contact(make_town())
    for prefix, sentence in (("", "Verstuur het nog een keer."), ("/en", "Send it once more.")):
        client = Client(enforce_csrf_checks=True)
        response = client.post(prefix + PAGE, typed())
        page = response.content.decode()
        assert (response.status_code, "no-store" in response["Cache-Control"]) == (403, True)
        assert sentence in page
        assert "buurmeisje" in page
        assert "0800-2000" in page
        assert not Concern.objects.exists()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        assert client.post(prefix + PAGE, typed(csrfmiddlewaretoken=token)).status_code == 302
        Concern.objects.all().delete()
