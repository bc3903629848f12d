"""The main user journeys in a real browser, with and without JavaScript, over real SMTP."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from meetups.models import Attendance, Meetup, Occurrence
from meetups.schedule.actions import reconciliation
from notifications.delivery import send_due
from tests.factories import make_attendance, make_meetup

SWITCH = pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])


@pytest.fixture
def context(browser, browser_context_args, has_script) -> Iterator[BrowserContext]:
    context = browser.new_context(**browser_context_args, java_script_enabled=has_script)
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context) -> Page:
    return context.new_page()


def newest(sink, address: str) -> str:
    """Send due mails; return the plain text of the last one to an address."""
    send_due(now=timezone.now())
    mine = [mail for mail in sink.mails if mail["To"] == address]
    return mine[-1].get_body(("plain",)).get_content()


def link(text: str, part: str) -> str:
    return re.search(rf"https?://\S*/{part}/\S+", text).group()


def find_the_date(page: Page, live_server, town, shot) -> None:
    """From the front page to the page of one date."""
    page.goto(live_server.url)
    shot(page, "1-home")
    page.locator("main [name=bij]").first.fill("Hengelo")
    page.locator("main [name=bij]").first.press("Enter")
    expect(page.get_by_role("link", name="Ouder- en kindcafé").first).to_be_visible()
    shot(page, "2-near-hengelo")
    page.goto(f"{live_server.url}/agenda/?bij=Hengelo")
    shot(page, "3-agenda")
    page.locator(f'main a[href="{town.next_week.get_absolute_url()}"]').first.click()
    page.wait_for_url(f"**{town.next_week.get_absolute_url()}")
    shot(page, "4-date")


def eventually(page: Page, condition) -> None:
    """Wait until the server has saved something: with JavaScript the page shows a tap before that."""
    for _ in range(200):
        if condition():
            return
        page.wait_for_timeout(25)
    raise AssertionError("The server never saved it.")


def press(page: Page, within: str = "main") -> None:
    """Press the main button."""
    page.locator(f"{within} button.button-large, {within} button.button").first.click()


@SWITCH
def test_a_guest_joins_by_the_link_in_the_mail_and_withdraws_by_another(page, live_server, town, sink, shot):
    find_the_date(page, live_server, town, shot)
    page.locator("[name=adults]").fill("1")
    page.locator("[name=children_0_3]").fill("1")
    page.locator("[name=is_first_time]").check()
    page.locator("summary", has_text="Iets laten weten").click()
    page.locator("[name=note]").fill("Ik kom met de fiets 🚲")
    page.locator("[name=first_name]").fill("Noor")
    page.locator("[name=email]").fill("noor@guest.example")
    press(page, "#join")
    expect(page.locator("h1")).to_have_text("Bijna klaar")
    shot(page, "5-guest-asked")
    page.goto(link(newest(sink, "noor@guest.example"), "bevestigen"))
    shot(page, "6-guest-confirm")
    press(page)
    expect(page.locator("#answer")).to_contain_text("Tot ")
    shot(page, "7-guest-coming")
    noor = Attendance.objects.get(guest_email="noor@guest.example")
    assert (noor.state, noor.children_0_3, noor.is_first_time) == ("going", 1, True)
    page.goto(link(newest(sink, "noor@guest.example"), "afmelden"))
    shot(page, "8-guest-withdraw")
    press(page)
    expect(page.locator("h1")).to_have_text("Je bent afgemeld")
    shot(page, "9-guest-withdrawn")
    noor.refresh_from_db()
    assert noor.state == "withdrawn"


@SWITCH
def test_a_parent_signs_in_with_a_code_joins_and_withdraws_by_the_mail(page, live_server, town, sink, shot):
    find_the_date(page, live_server, town, shot)
    page.locator("[name=children_0_3]").fill("1")
    page.locator("[name=is_first_time]").check()
    page.locator("summary", has_text="Iets laten weten").click()
    page.locator("[name=note]").fill("Onze eerste keer")
    page.locator("button[name=sign_in]").click()
    page.locator("[name=email]").fill(town.professional.email)
    shot(page, "10-sign-in")
    press(page)
    code = re.search(r"\d{4}-\d{4}", newest(sink, town.professional.email)).group()
    page.locator("[name=code]").fill(code)
    shot(page, "11-code")
    press(page)
    page.wait_for_url(f"**{town.next_week.get_absolute_url()}**")
    expect(page.locator("[name=note]")).to_have_value("Onze eerste keer")
    expect(page.locator("[name=children_0_3]")).to_have_value("1")
    press(page, "#join")
    expect(page.locator("#answer")).to_contain_text("Tot ")
    shot(page, "12-coming")
    mine = Attendance.objects.get(user=town.professional)
    assert (mine.adults, mine.children_0_3, mine.is_first_time, mine.note) == (1, 1, True, "Onze eerste keer")
    page.goto(f"{live_server.url}/mijn/")
    expect(page.locator("main")).to_contain_text("Ouder- en kindcafé")
    shot(page, "13-my")
    text = newest(sink, town.professional.email)
    page.goto(link(text, "afmelden"))
    press(page)
    expect(page.locator("h1")).to_have_text("Je bent afgemeld")
    mine.refresh_from_db()
    assert mine.state == "withdrawn"


@SWITCH
def test_a_host_ticks_people_off_counts_walk_ins_and_closes(page, context, live_server, town, enter, shot):
    enter(context, town.host)
    page.goto(f"{live_server.url}/gastvrouw/")
    shot(page, "20-hosting")
    page.get_by_role("link", name="Ouder- en kindcafé").first.click()
    page.wait_for_url(f"**/gastvrouw/{town.today.pk}/")
    newcomer = town.today.attendances.get(user=town.newcomer)
    row = page.locator(f"#person-{newcomer.pk}")
    expect(row).to_contain_text("Voor het eerst")
    expect(row).to_contain_text("Ik ken nog niemand.")
    shot(page, "21-door")
    tap = page.locator(f"#tap-{newcomer.pk}")
    for is_present in ("true", "false", "true"):
        tap.click()
        expect(tap).to_have_attribute("aria-pressed", is_present)
        after = time.monotonic() + 0.45  # a tap right now would count as a double tap
        eventually(page, lambda after=after: time.monotonic() > after)
    for number in ("1", "2"):
        page.locator("#more-adults").click()
        expect(page.locator("#walk-ins output").first).to_have_text(number)
    shot(page, "22-door-tapped")
    eventually(page, lambda: Occurrence.objects.get(pk=town.today.pk).walk_in_adults == 2)
    eventually(page, lambda: Attendance.objects.get(pk=newcomer.pk).is_present is True)
    page.locator("#door-close a").click()
    expect(page.locator("[name=head_adults]")).to_have_value("3")
    page.locator("[name=head_children]").fill("2")
    page.locator("[name=host_note]").fill("Gezellig")
    shot(page, "23-close")
    press(page)
    page.wait_for_url(f"**/gastvrouw/{town.today.pk}/")
    shot(page, "24-closed")
    town.today.refresh_from_db()
    assert (town.today.head_adults, town.today.head_children, town.today.is_closed) == (3, 2, True)


@SWITCH
def test_a_coordinator_plans_a_meetup_and_cancels_a_date(page, context, live_server, town, enter, sink, shot):
    enter(context, town.coordinator)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{live_server.url}/beheer/bijeenkomsten/nieuw/")
    shot(page, "30-new")
    today = timezone.localdate()
    summer = today + timedelta(weeks=20)
    page.locator("[name=title]").fill("Koffie op dinsdag")
    page.locator("[name=location]").select_option(str(town.library.pk))
    page.locator("[name=summary]").fill("Koffie en andere ouders.")
    page.locator("[name=rhythm][value=biweekly]").check()
    page.locator("[name=weekdays][value='1']").check()
    page.locator("[name=first_on]").fill(f"{today + timedelta(days=7):%Y-%m-%d}")
    page.locator("[name=start_time]").fill("09:30")
    page.locator("[name=end_time]").fill("11:30")
    page.locator("[name=ending][value=until]").check()
    page.locator("[name=until]").fill(f"{summer:%Y-%m-%d}")
    page.locator("button[name=preview]").click()
    expect(page.locator("#preview li").first).to_contain_text("dinsdag")
    shot(page, "31-preview")
    assert not Meetup.objects.filter(title="Koffie op dinsdag").exists()
    page.locator("form.rhythm-form button.button-large").click()
    page.wait_for_url("**/beheer/bijeenkomsten/koffie-op-dinsdag/")
    shot(page, "32-saved")
    dates = list(Meetup.objects.get(title="Koffie op dinsdag").occurrences.order_by("planned_for"))
    assert {occurrence.planned_for.weekday() for occurrence in dates} == {1}
    assert all(on.planned_for <= summer for on in dates)
    assert {timezone.localtime(occurrence.starts_at).strftime("%H:%M") for occurrence in dates} == {"09:30"}

    page.goto(f"{live_server.url}/beheer/bijeenkomsten/{town.coffee.slug}/{town.next_week.planned_for}/")
    shot(page, "33-date")
    page.locator("[name=reason]").fill("De bibliotheek is dicht.")
    page.locator("form[action$='/afzeggen/'] button").click()
    expect(page.locator("main")).to_contain_text("De bibliotheek is dicht.")
    shot(page, "34-cancelled")
    assert Occurrence.objects.get(pk=town.next_week.pk).is_cancelled
    assert "De bibliotheek is dicht." in newest(sink, town.parent.email)


@SWITCH
def test_a_policy_officer_sees_figures_of_their_own_town_without_names(page, context, live_server, town, enter, shot):
    enter(context, town.officer)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{live_server.url}/inzicht/")
    page.wait_for_url("**/inzicht/hengelo/")
    shot(page, "40-insight")
    words = page.locator("main").inner_text()
    assert "Hengelo" in words
    assert not [name for name in ("Fatima", "Zoë", "Gülsüm", "Aisha", "Marieke") if name in words]
    assert page.goto(f"{live_server.url}/inzicht/leiden/").status == 404
    shot(page, "41-elsewhere")


def fill_in_join_form(page: Page, live_server, town) -> None:
    page.goto(live_server.url + town.next_week.get_absolute_url())
    page.locator("[name=children_0_3]").fill("1")


SCRIPT = pytest.mark.parametrize("has_script", [True], ids=["script"])


@SWITCH
def test_a_double_click_joins_once(page, context, live_server, town, enter, has_script):
    enter(context, town.professional)
    fill_in_join_form(page, live_server, town)
    page.locator("#join button.button-large").dblclick()
    expect(page.locator("#answer")).to_contain_text("Tot ")
    assert Attendance.objects.filter(user=town.professional).count() == 1
    assert Occurrence.objects.get(pk=town.next_week.pk).seats_taken == 2


@SWITCH
def test_going_back_and_joining_again_joins_once(page, context, live_server, town, enter):
    enter(context, town.professional)
    fill_in_join_form(page, live_server, town)
    page.locator("#join button.button-large").click()
    expect(page.locator("#answer")).to_contain_text("Tot ")
    page.go_back()
    page.locator("details.change > summary").click()  # the page is not cached, so it shows the sign-up
    page.locator("#join button.button-large").click()
    expect(page.locator("#answer")).to_contain_text("Tot ")
    assert Attendance.objects.filter(user=town.professional).count() == 1
    assert Occurrence.objects.get(pk=town.next_week.pk).seats_taken == 2


@SWITCH
def test_joining_in_two_tabs_joins_once_with_the_last_numbers(page, context, live_server, town, enter):
    enter(context, town.professional)
    fill_in_join_form(page, live_server, town)
    other = context.new_page()
    fill_in_join_form(other, live_server, town)
    page.locator("#join button.button-large").click()
    expect(page.locator("#answer")).to_contain_text("Tot ")
    other.locator("[name=children_0_3]").fill("2")
    other.locator("#join button.button-large").click()
    expect(other.locator("#answer")).to_contain_text("Tot ")
    mine = Attendance.objects.get(user=town.professional)
    assert mine.children_0_3 == 2


@SWITCH
def test_joining_works_by_keyboard_with_the_focus_visible(page, context, live_server, town, enter, shot):
    enter(context, town.professional)
    page.goto(live_server.url + town.next_week.get_absolute_url())
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    button = page.locator("#join button.button-large")
    for _number in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            """() => {
            const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
            return {name: at.name || "", outline: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
                    shadow: style.boxShadow !== "none", seen: box.bottom > 0 && box.top < innerHeight};
        }"""
        )
        assert focused["outline"] or focused["shadow"], focused
        assert focused["seen"], focused
        if focused["name"] == "is_first_time":
            page.keyboard.press("Space")
        if button.evaluate("button => button === document.activeElement"):
            break
    shot(page, "50-keyboard")
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_contain_text("Tot ")
    assert Attendance.objects.get(user=town.professional).is_first_time


@SCRIPT
def test_the_button_is_disabled_while_the_sign_up_is_sent(page, context, live_server, town, enter):
    enter(context, town.professional)
    fill_in_join_form(page, live_server, town)
    button = page.locator("#join button.button-large")
    # The page records its own state after the click, because Playwright would wait for the next page.
    button.evaluate(
        """button => addEventListener("submit", () => {
            sessionStorage.setItem("shown", button.getAttribute("aria-disabled"));
        })"""
    )
    button.click()
    expect(page.locator("#answer")).to_contain_text("Tot ")
    assert page.evaluate("sessionStorage.getItem('shown')") == "true"


@SWITCH
def test_changing_the_address_asks_for_a_code_by_keyboard_and_the_old_address_takes_it_back(
    page, context, live_server, town, enter, sink, shot
):
    noor = town.professional
    enter(context, noor, timedelta(days=30))
    page.goto(f"{live_server.url}/mijn/gegevens/")
    shot(page, "reauth-devices")
    page.goto(f"{live_server.url}/account/email/")
    page.wait_for_url("**/account/reauthenticate/code/**")
    shot(page, "reauth-before the code")
    page.get_by_role("button", name="Stuur me een code").press("Enter")
    field = page.locator("input[name=code]")
    field.wait_for()
    shot(page, "reauth-code")
    field.fill(re.search(r"\d{4}-\d{4}", newest(sink, noor.email)).group())
    field.press("Enter")
    page.wait_for_url("**/account/email/")
    page.locator("input[name=email]").fill("new@example.org")
    page.locator("input[name=email]").press("Enter")
    field.wait_for()
    field.fill(re.search(r"\d{4}-\d{4}", newest(sink, "new@example.org")).group())
    field.press("Enter")
    page.wait_for_url("**/mijn/gegevens/")

    mine = page.context.browser.new_context(viewport=page.viewport_size).new_page()
    mine.goto(live_server.url + urlsplit(link(newest(sink, noor.email), "mijn/oude-adres")).path)
    shot(mine, "reauth-undo")
    mine.get_by_role("button", name="Mijn oude e-mailadres terugzetten").press("Enter")
    expect(mine.get_by_role("heading", level=1)).to_have_text("Je oude e-mailadres staat er weer")
    shot(mine, "reauth-undone")
    mine.context.close()
    page.goto(f"{live_server.url}/mijn/")
    page.wait_for_url("**/account/login/code/**")


@SWITCH
def test_a_host_sees_how_many_people_will_be_notified_before_saving_a_change(
    page, context, live_server, town, sink, shot, enter
):
    meetup = make_meetup(town.library, hosts=(town.host,), title="Wandelen", rrule="FREQ=WEEKLY;COUNT=3;BYDAY=TU")
    reconciliation.materialise(meetup, now=timezone.now())
    first, second = meetup.occurrences.all()[:2]
    make_attendance(first, guest_name="Sam", guest_email="sam@guest.example")
    make_attendance(second, guest_name="Sam", guest_email="sam@guest.example")
    enter(context, town.host)
    page.goto(f"{live_server.url}/beheer/bijeenkomsten/{meetup.slug}/")
    page.locator("[name=start_time]").fill("10:00")
    page.locator("[name=end_time]").fill("12:00")
    page.locator("[name=also_signed_up]").check()
    page.get_by_role("button", name="Bekijk de datums").click()
    expect(page.locator("#preview .notice")).to_have_text("1 persoon krijgt een mail over 2 datums.")
    shot(page, "50-preview")
    # Now more people will be notified than the page says.
    make_attendance(second, guest_name="Kim", guest_email="kim@guest.example")
    page.get_by_role("button", name="Opslaan", exact=True).click()
    question = page.locator("section[role=alert]")
    expect(question).to_contain_text("2 mensen krijgen een mail over 2 datums.")
    shot(page, "51-asked")
    assert not sink.mails
    page.get_by_role("button", name="Opslaan en mailen").click()
    expect(page.get_by_text("Opgeslagen.")).to_be_visible()
    send_due(now=timezone.now())
    assert sorted(mail["To"] for mail in sink.mails) == ["kim@guest.example", "sam@guest.example"]
