"""From a coffee morning to a running meetup, on the smallest phone, with and without JavaScript."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, ViewportSize, expect

from accounts.models import User
from initiatives.models import Initiative, PlaceContact, Support
from initiatives.stages import Stage
from meetups.models import Attendance
from moderation.demo_data import know
from notifications.models import Message
from tests.browser.test_flows import SWITCH, link, newest, press
from tests.factories import make_location
from tests.scenario import Town

SMALLEST: ViewportSize = {"width": 320, "height": 640}
DESK = "balie@bibliotheek.example"
IS_TOO_WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def phone_of(new_context, enter, has_script) -> Callable[[User | None], Page]:
    """Return a function that gives someone a phone of their own; a stranger's is not signed in."""

    def phone(user: User | None = None) -> Page:
        context = new_context(java_script_enabled=has_script)
        context.set_default_timeout(15_000)
        if user is not None:
            enter(context, user)
        page = context.new_page()
        page.set_viewport_size(SMALLEST)
        return page

    return phone


def visit(page: Page, url: str) -> None:
    """Open a page, which has to fit on the phone."""
    page.goto(url)
    assert not page.evaluate(IS_TOO_WIDE), url


@SWITCH
def test_a_host_notes_an_idea_and_its_parent_finds_it_by_the_card(phone_of, live_server, town: Town, sink):
    host = phone_of(town.host)
    visit(host, f"{live_server.url}/gastvrouw/")
    host.locator(f"a[href='/gastvrouw/ideeen/{town.coffee.slug}/']").first.click()
    host.locator("[name=what]").fill("Onze meiden hebben allemaal een konijn. Daar moeten we iets mee.")
    press(host)
    expect(host.locator("main")).to_contain_text("Vraag")  # not without her yes
    host.locator("[name=agrees]").check()
    press(host)
    code = re.search(r"Code: *(\S+)", host.locator("#code").inner_text()).group(1)
    assert not Initiative.objects.public().filter(what__contains="konijn").exists()

    parent = phone_of()
    visit(parent, f"{live_server.url}/initiatieven/kaart/")
    parent.locator("[name=code]").fill(code.lower())
    press(parent)
    parent.locator("[name=email]").fill(town.newcomer.email)
    press(parent)
    parent.locator("[name=code]").fill(re.search(r"\d{4}-\d{4}", newest(sink, town.newcomer.email)).group())
    press(parent)
    expect(parent.locator("[name=code]")).to_have_value(re.compile(code, re.IGNORECASE))
    press(parent)
    expect(parent.locator("[name=what]")).to_have_value(re.compile("konijn"))
    know([town.newcomer], now=timezone.now())
    parent.locator("[name=title]").fill("Konijnenmiddag")
    parent.locator("[name=for_whom]").fill("kinderen met een konijn")
    press(parent)
    expect(parent.locator("h1")).to_have_text("Konijnenmiddag")
    idea = Initiative.objects.get(title="Konijnenmiddag")
    assert [initiator.user for initiator in idea.initiators.all()] == [town.newcomer]
    assert idea.born_at_meetup == town.coffee


@SWITCH
def test_four_kinds_of_people_support_an_idea(phone_of, live_server, town: Town):
    idea = f"{live_server.url}{town.talk_idea.get_absolute_url()}"
    newcomer = phone_of(town.newcomer)
    visit(newcomer, idea)
    newcomer.locator(".door-come a").click()
    newcomer.locator("[name=children]").fill("2")
    press(newcomer)

    helper = phone_of(town.coordinator)
    visit(helper, idea)
    helper.locator(".door-help a").click()
    helper.locator("[name=words]").fill("de deur opendoen")
    press(helper)

    library = phone_of(town.professional)
    visit(library, idea)
    library.locator(".door-have a").click()
    library.locator("[name=thing][value=room]").check()
    library.locator("[name=words]").fill("een zaal op woensdagochtend")
    press(library)

    officer = phone_of(town.officer)
    visit(officer, idea)
    officer.locator(".door-have a").click()
    officer.locator("[name=thing][value=money]").check()
    officer.locator("[name=words]").fill("200 euro")
    press(officer)
    expect(officer.locator("#answer")).to_be_visible()
    expect(officer.locator("#questions")).to_contain_text("uiterlijk")
    officer.locator(f"a[href$='/vragen/{town.question.pk}/antwoord/']").click()
    officer.locator("[name=text]").fill("Ja, op het plein mag het.")
    press(officer)
    expect(officer.locator("#questions")).to_contain_text("Ja, op het plein mag het.")
    expect(officer.locator("#questions")).to_contain_text("beleidsmedewerker")

    asker = phone_of(town.host)
    visit(asker, idea)
    asker.get_by_role("button", name="Mijn vraag is beantwoord").click()
    expect(asker.locator("#questions")).to_contain_text("Beantwoord, zegt Marieke")
    given = set(town.talk_idea.supports.live().values_list("kind", "thing", "words"))
    assert given >= {
        ("come", "", ""),
        ("help", "", "de deur opendoen"),
        ("have", "room", "een zaal op woensdagochtend"),
        ("have", "money", "200 euro"),
    }


def plan(page: Page, url: str, *, capacity: str) -> None:
    """Choose the moment that suits most, and the place that was wished."""
    visit(page, url)
    page.locator("#step a.button").click()
    page.locator("aside a[href*='moment=3-afternoon']").click()
    assert not page.evaluate(IS_TOO_WIDE)
    page.locator("[name=rhythm][value=weekly]").check()
    page.locator("[name=capacity]").fill(capacity)
    page.locator("[name=check]").click()
    expect(page.locator("#places")).to_contain_text("niet bezet in Pedbasis")
    assert "vrij" not in page.locator("#places").inner_text()
    press(page)


@SWITCH
def test_an_idea_becomes_a_meetup_with_the_yes_of_the_place(phone_of, live_server, town: Town, sink):
    know([town.host], now=timezone.now())
    PlaceContact.objects.create(location=town.library, email=DESK, name="Balie")
    idea = town.idea
    Initiative.objects.filter(pk=idea.pk).update(published_at=timezone.now() - timedelta(days=20))
    address = f"{live_server.url}{idea.get_absolute_url()}"
    host = phone_of(town.host)
    plan(host, address, capacity="2")
    expect(host.locator("#step")).to_contain_text("Vraag het aan de plek")
    host.locator("#step a.button").click()
    host.locator("[name=expected]").fill("Een vloer die vies mag worden.")
    press(host)
    expect(host.locator("#step-heading")).to_have_text("Wacht op de plek")

    desk = phone_of()
    visit(desk, link(newest(sink, DESK), "initiatieven/plek"))
    desk.get_by_role("link", name="Ja, dit kan").click()
    expect(desk.locator("main")).to_contain_text("Nog niet opgeslagen")
    assert idea.place_requests.get().state == "asked"
    press(desk, "form")
    expect(desk.locator("h1")).to_contain_text("Je hebt ja gezegd")

    visit(host, address)
    host.locator("#step button.button").click()
    expect(host.locator("main")).to_contain_text("Dit idee is een bijeenkomst geworden")
    idea.refresh_from_db()
    assert idea.stage == Stage.RUNNING

    first_taps = newest(sink, town.newcomer.email)
    newcomer = phone_of(town.newcomer)
    visit(newcomer, link(first_taps, "initiatieven/eerste-keer"))
    press(newcomer)
    expect(newcomer.locator("h1")).to_contain_text("Je bent aangemeld")
    guest = phone_of()
    visit(guest, link(newest(sink, "gulsum@guest.example"), "initiatieven/eerste-keer"))
    guest.locator("[name=adults]").fill("2")  # with one space left: the family stays together and waits
    press(guest)
    expect(guest.locator("h1")).to_contain_text("wachtlijst")
    rows = Attendance.objects.filter(occurrence__meetup=idea.meetup).order_by("pk")
    assert [(row.first_name, row.state) for row in rows] == [("Zoë 🌱", "going"), ("Gülsüm", "waiting")]

    stranger = phone_of()
    visit(stranger, address)
    stranger.locator(".notice-success a.button").click()
    expect(stranger.locator("main")).to_contain_text("Cavia Café")
    expect(stranger.locator(f"a[href='{idea.get_absolute_url()}']").first).to_be_visible()


@SWITCH
def test_another_town_begins_a_running_idea_too(phone_of, live_server, town: Town):
    idea = town.running_support.initiative
    know([town.parent], now=timezone.now())
    make_location(town.leiden)
    Message.objects.all().delete()
    parent = phone_of(town.parent)
    visit(parent, f"{live_server.url}{idea.get_absolute_url()}")
    parent.get_by_role("link", name="Begin dit ook bij ons").click()
    parent.locator("[name=gemeente]").select_option("leiden")
    press(parent)
    expect(parent.locator("[name=title]")).to_have_value("Wandelgroep")
    assert not parent.evaluate(IS_TOO_WIDE)
    press(parent)
    expect(parent.locator("#family")).to_be_visible()
    copy = Initiative.objects.get(copied_from=idea)
    assert (copy.municipality, copy.title, copy.what) == (town.leiden, idea.title, idea.what)
    assert not Support.objects.filter(initiative=copy).exists()
    assert not Message.objects.exists()
    parent.locator(".family a").click()
    expect(parent.locator("h1")).to_have_text("Wandelgroep")
    expect(parent.locator(".family")).to_contain_text("Leiden")
