"""The door with a bad connection: taps are queued on the phone, and saved once when the network is back."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Role
from meetups.door.actions import check_in
from meetups.models import DoorTap, Host
from tests.factories import make_occurrence, make_user

LONG_AGO = timezone.now() - timedelta(days=16)
OFFLINE, SIGNED_OUT = "#door-offline", "#door-signed-out"


@pytest.fixture(autouse=True)
def _patience() -> Iterator[None]:
    """A phone polls and retries every five seconds."""
    expect.set_options(timeout=15_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def take_phone(browser, browser_context_args, live_server, town, enter) -> Iterator[Callable[..., Page]]:
    """Return a function that opens the door on another phone, signed in as a host.

    These pages may log errors, because the browser logs every failed request while offline.
    """
    contexts = []

    def take(host=town.host) -> Page:
        context = browser.new_context(**browser_context_args)
        contexts.append(context)
        context.set_default_timeout(15_000)
        enter(context, host)
        phone = context.new_page()
        open_door(phone, live_server, town)
        return phone

    yield take
    for context in contexts:
        for page in context.pages:
            send_no_more(page)
        context.close()


@pytest.fixture
def phone(take_phone) -> Page:
    return take_phone()


def open_door(phone: Page, live_server, town) -> None:
    phone.goto(f"{live_server.url}/gastvrouw/{town.today.pk}/")
    expect(phone.locator("#door-phone")).to_be_attached()


def second_host(town):
    host = make_user("Joke")
    Role.objects.create(user=host, kind=Role.Kind.HOST, municipality=town.hengelo)
    Host.objects.create(user=host, meetup=town.coffee)
    return host


def offline(phone: Page, is_offline: bool = True) -> None:
    phone.context.set_offline(is_offline)


def block(phone: Page, is_blocked: bool = True) -> None:
    """Let pages load, but let no tap reach the server."""
    if is_blocked:
        phone.context.route("**/gastvrouw/**", lambda r: r.abort() if r.request.method == "POST" else r.continue_())
    else:
        phone.context.unroute("**/gastvrouw/**")


def tap_and_send_after(phone: Page, button: str, change) -> None:
    """Tap, and let the tap be sent after this change: had it come first, a poll might have taken the button away."""
    block(phone)
    phone.locator(button).click()
    change()
    block(phone, False)


def tap_and_sign_out(phone: Page, button: str) -> None:
    tap_and_send_after(phone, button, phone.context.clear_cookies)


def send_no_more(page: Page) -> None:
    """Wait for pending requests, then let the page send nothing more."""
    page.evaluate(
        """async () => {
            await window.pedbasis?.taps?.tick();
            window.fetch = () => Promise.reject(new TypeError());
        }"""
    )


def leave(phone: Page, address: str = "about:blank") -> None:
    """Go to another page when no request is pending.

    A page sends once more while it unloads, and Chromium lets that through even when offline.
    """
    send_no_more(phone)
    phone.goto(address)


def later(phone: Page) -> None:
    """Wait until the next tap no longer counts as a double tap."""
    phone.wait_for_function("then => performance.now() > then", arg=phone.evaluate("performance.now() + 450"))


QUEUE_HAS_LENGTH = "(number) => Object.keys(localStorage).filter((key) => /^door:\\d/.test(key)).length === number"


def expect_queued(phone: Page, number: int) -> None:
    """Wait until this phone has this many queued taps, of any user.

    The page does not show this reliably: a notice disappears when the first tap has been sent.
    """
    phone.wait_for_function(QUEUE_HAS_LENGTH, arg=number)


def add(phone: Page, name: str) -> None:
    phone.locator("#door-add summary").click()
    phone.get_by_label("Voornaam").fill(name)
    phone.get_by_role("button", name="Op de lijst zetten").click()


def counter(phone: Page, kind: str):
    return phone.locator(f"#walk-ins form[data-tap={kind}] output")


def walk_ins(town) -> tuple[int, int]:
    town.today.refresh_from_db()
    return town.today.walk_in_adults, town.today.walk_in_children


def test_offline_taps_are_saved_once_when_the_network_is_back(phone, town):
    newcomer, guest = town.today.attendances.get(user=town.newcomer), town.guest
    expect(phone.locator(OFFLINE)).to_be_hidden()
    offline(phone)
    phone.locator(f"#tap-{newcomer.pk}").click()
    expect(phone.locator(OFFLINE)).to_contain_text("Geen verbinding")
    expect(phone.locator(f"#tap-{newcomer.pk}")).to_have_attribute("aria-pressed", "true")
    tap = phone.locator(f"#tap-{guest.pk}")
    for is_present in ("true", "false"):  # the last tap wins
        tap.click()
        expect(tap).to_have_attribute("aria-pressed", is_present)
        later(phone)
    for number in ("1", "2", "3"):
        phone.locator("#more-adults").click()
        expect(counter(phone, "adults")).to_have_text(number)
    add(phone, "Sam")
    expect(phone.locator("#door-queued")).to_contain_text("Sam")
    assert not DoorTap.objects.exists()
    expect_queued(phone, 7)
    expect(phone.locator("#door-totals")).to_contain_text("Tikken die nog niet meetellen: 7")
    expect(phone.locator("#door-uncounted")).to_be_visible()
    posts: list[str | None] = []
    phone.on("request", lambda request: posts.append(request.post_data) if request.method == "POST" else None)
    offline(phone, False)
    expect(phone.locator("#door .door-row").filter(has_text="Sam")).to_be_visible()
    expect(phone.locator(OFFLINE)).to_be_hidden()
    expect(phone.locator("#door-queued")).to_be_hidden()
    expect(phone.locator("#door-uncounted")).to_be_hidden()
    expect_queued(phone, 0)
    assert walk_ins(town) == (3, 0)
    present = town.today.attendances.filter(is_present=True).order_by("pk")
    assert [person.first_name for person in present] == [newcomer.first_name, "Sam"]
    assert len(set(posts)) == len(posts) == DoorTap.objects.count() == 7
    phone.locator("#more-adults").click()  # and counting continues
    expect(counter(phone, "adults")).to_have_text("4")
    expect(phone.locator("#door-totals")).to_contain_text("6 volwassenen")
    assert walk_ins(town) == (4, 0)


def test_taps_survive_leaving_the_page(phone, town, live_server):
    newcomer = town.today.attendances.get(user=town.newcomer)
    offline(phone)
    phone.locator(f"#tap-{newcomer.pk}").click()
    phone.locator("#more-children").click()
    add(phone, "Sam")
    leave(phone)
    offline(phone, False)
    # The page loads but cannot send yet, so it shows the queued taps.
    block(phone)
    open_door(phone, live_server, town)
    expect(phone.locator("#door-queued")).to_contain_text("Sam")
    expect(phone.locator(f"#tap-{newcomer.pk}")).to_have_attribute("aria-pressed", "true")
    expect(counter(phone, "children")).to_have_text("1")
    expect(phone.locator(OFFLINE)).to_be_visible()
    expect_queued(phone, 3)
    block(phone, False)
    expect(phone.locator("#door .door-row").filter(has_text="Sam")).to_be_visible()
    expect(phone.locator(OFFLINE)).to_be_hidden()
    expect_queued(phone, 0)
    newcomer.refresh_from_db()
    assert newcomer.is_present
    assert walk_ins(town) == (0, 1)


def test_a_lost_answer_doubles_nothing(phone, town):
    lost: list[str] = []

    def lose(route) -> None:
        """Let the server receive the request, but drop the response."""
        if route.request.method == "POST" and len(lost) < 2:
            lost.append(route.request.url)
            route.fetch()
            route.abort()
        else:
            route.continue_()

    phone.context.route("**/gastvrouw/**", lose)
    phone.locator("#more-adults").click()
    expect(phone.locator(OFFLINE)).to_be_visible()
    add(phone, "Sam")
    expect(phone.locator("#door .door-row").filter(has_text="Sam")).to_have_count(1)
    expect(phone.locator(OFFLINE)).to_be_hidden()
    assert (len(lost), walk_ins(town)) == (2, (1, 0))
    assert town.today.attendances.filter(source="door").count() == 1


def test_a_double_tap_on_a_person_marks_them_present_once(phone, town):
    newcomer = town.today.attendances.get(user=town.newcomer)
    tap = phone.locator(f"#tap-{newcomer.pk}")
    tap.dblclick()
    expect(phone.locator("#door-totals")).to_contain_text("Nu hier")
    expect(tap).to_have_attribute("aria-pressed", "true")
    expect_queued(phone, 0)
    assert DoorTap.objects.count() == 1
    later(phone)
    tap.click()  # a later tap undoes it
    expect(tap).to_have_attribute("aria-pressed", "false")


def test_the_label_of_the_welcome_button_is_the_same_when_pressed(phone, town):
    newcomer = town.today.attendances.get(user=town.newcomer)
    greet = phone.locator(f"#greet-{newcomer.pk}")
    offline(phone)
    for is_pressed in ("true", "false"):
        greet.click()
        expect(greet).to_have_attribute("aria-pressed", is_pressed)
        expect(greet).to_have_text(f"Begroet: {newcomer.first_name}")
        later(phone)


def test_someone_added_by_mistake_can_be_removed_offline(phone, town):
    add(phone, "Sam")
    row = phone.locator("#door .door-row").filter(has_text="Sam")
    expect(row).to_be_visible()
    row.locator(".door-tap").click()  # only people who are not present can be removed
    remove = row.get_by_role("button", name="van de lijst")
    expect(remove).to_be_enabled()
    offline(phone)
    remove.click()
    expect(phone.locator(OFFLINE)).to_be_visible()
    expect(remove).to_be_disabled()
    expect_queued(phone, 1)
    assert town.today.attendances.filter(source="door").count() == 1
    leave(phone)
    offline(phone, False)
    phone.go_back()
    expect(row).to_have_count(0)
    expect(phone.locator(OFFLINE)).to_be_hidden()
    expect_queued(phone, 0)
    assert town.today.attendances.filter(source="door").count() == 0


def test_every_quick_tap_on_plus_counts(phone, town):
    phone.evaluate("() => { for (const _ of [1, 2, 3]) document.getElementById('more-children').click(); }")
    expect(counter(phone, "children")).to_have_text("3")
    expect(phone.locator("#door-totals")).to_contain_text("3 kinderen")
    assert walk_ins(town) == (0, 3)


def test_plus_taps_of_two_phones_add_up(take_phone, town):
    phones = take_phone(), take_phone(second_host(town))
    offline(phones[0])
    for phone in phones:
        phone.locator("#more-children").click()
        expect(counter(phone, "children")).to_have_text("1")
    offline(phones[0], False)
    for phone in phones:  # the other phone gets it by polling
        expect(counter(phone, "children")).to_have_text("2")
    assert walk_ins(town) == (0, 2)


def test_when_another_host_closes_the_phone_says_so_and_queued_taps_are_offered(take_phone, town):
    a, joke = take_phone(), second_host(town)
    b = take_phone(joke)
    offline(a)
    for button in ("#more-adults", "#more-adults", "#more-children"):
        a.locator(button).click()
    add(a, "Sam")
    expect(a.locator("#door-queued")).to_contain_text("Sam")
    check_in.close(occurrence=town.today, host=joke, head_adults=14, head_children=10, now=timezone.now())
    expect(b.locator("#door")).to_contain_text("Je telde 14 volwassenen en 10 kinderen.")
    expect(b.locator("#door-add")).to_be_hidden()
    expect(b.locator("#door-close")).to_be_hidden()
    offline(a, False)
    expect(a.locator("#door")).to_contain_text("Joke heeft de lijst afgesloten: 14 volwassenen en 10 kinderen.")
    expect(a.locator("#door-refused")).to_contain_text("Je tik is bewaard.")
    for phone in (a, b):
        offer = phone.locator("#late")
        late = "Na het afsluiten kwam nog binnen: 3 volwassenen en 1 kind. Wil je die meetellen?"
        expect(offer).to_contain_text(late)
        expect(offer).to_contain_text("Dan worden het 17 volwassenen en 11 kinderen.")
        expect(offer).to_contain_text("Sam")
    expect_queued(a, 0)
    b.get_by_role("button", name="Meetellen", exact=True).click()
    expect(b.locator("#door-closed")).to_contain_text("17 volwassenen en 11 kinderen")
    expect(a.locator("#late")).to_have_count(0)
    expect(a.locator("#door-refused")).to_be_hidden()
    assert walk_ins(town) == (2, 1)
    check_in.reopen(occurrence=town.today, now=timezone.now())
    expect(a.locator("#more-adults")).to_be_visible()
    expect(a.locator("#door-add")).to_be_visible()


def test_a_signed_out_host_sees_a_notice_and_the_taps_are_sent_after_signing_in(phone, town, live_server, enter):
    tap_and_sign_out(phone, "#more-adults")
    expect(phone.locator(SIGNED_OUT)).to_contain_text("Je bent uitgelogd. Log in, dan versturen we je tikken alsnog.")
    expect(phone.locator(OFFLINE)).to_be_hidden()
    for names in ("#door", "#door-queued", "#door-add"):
        expect(phone.locator(names)).to_be_hidden()
    expect(counter(phone, "adults")).to_have_text("1")
    expect_queued(phone, 1)
    assert walk_ins(town) == (0, 0)
    phone.locator(SIGNED_OUT).get_by_role("link").click()
    assert re.search(rf"\?next=/gastvrouw/{town.today.pk}/$", phone.url)
    enter(phone.context, town.host)
    open_door(phone, live_server, town)
    expect(phone.locator("#door-totals")).to_contain_text("1 volwassene")
    expect(phone.locator(SIGNED_OUT)).to_be_hidden()
    expect_queued(phone, 0)
    assert walk_ins(town) == (1, 0)


def test_after_signing_in_again_in_another_tab_this_one_works_too(phone, town, live_server, enter):
    """The forms on the page have an outdated CSRF token."""
    tap_and_sign_out(phone, "#more-adults")
    expect(phone.locator(SIGNED_OUT)).to_be_visible()
    enter(phone.context, town.host)
    expect(phone.locator(SIGNED_OUT)).to_be_hidden()
    for names in ("#door", "#door-add"):
        expect(phone.locator(names)).to_be_visible()
    expect(phone.locator("#door-totals")).to_contain_text("1 volwassene")
    expect_queued(phone, 0)
    assert walk_ins(town) == (1, 0)


def test_the_next_user_of_a_phone_does_not_see_queued_taps(phone, town, live_server, enter):
    block(phone)
    add(phone, "Sam")
    phone.locator("#more-adults").click()
    expect(phone.locator("#door-queued")).to_contain_text("Sam")
    leave(phone)
    block(phone, False)
    enter(phone.context, second_host(town))
    open_door(phone, live_server, town)
    expect(counter(phone, "adults")).to_have_text("0")
    expect(phone.locator("#door-queued")).to_be_hidden()
    assert "Sam" not in phone.content()
    phone.locator("#more-children").click()
    expect(phone.locator("#door-totals")).to_contain_text("1 kind")
    expect_queued(phone, 2)
    assert walk_ins(town) == (0, 1)
    enter(phone.context, town.host)  # the taps of the first user are still queued
    open_door(phone, live_server, town)
    expect(phone.locator("#door .door-row").filter(has_text="Sam")).to_be_visible()
    expect(phone.locator("#door-totals")).to_contain_text("2 volwassenen")
    expect_queued(phone, 0)
    assert walk_ins(town) == (1, 1)


def test_a_former_host_sees_a_notice_and_the_list_is_removed_from_the_phone(phone, town):
    tap_and_send_after(phone, "#more-adults", Role.objects.filter(user=town.host).delete)
    expect(phone.locator("#door-not-host")).to_contain_text("Je bent geen gastvrouw of gastheer meer")
    expect(phone.locator("#door")).to_have_count(0)
    assert "Zoë" not in phone.content()
    expect_queued(phone, 0)
    assert (walk_ins(town), DoorTap.objects.count()) == ((0, 0), 0)


def test_a_different_user_signing_in_in_another_tab_erases_no_taps(phone, town, live_server, enter):
    offline(phone)
    for number in ("1", "2"):
        phone.locator("#more-adults").click()
        expect(counter(phone, "adults")).to_have_text(number)
    enter(phone.context, town.parent)
    offline(phone, False)
    expect(phone.locator("#door-phone")).to_have_count(0)  # and the new user does not see the list
    expect_queued(phone, 2)
    assert walk_ins(town) == (0, 0)
    enter(phone.context, town.host)
    open_door(phone, live_server, town)
    expect(phone.locator("#door-totals")).to_contain_text("2 volwassenen")
    expect_queued(phone, 0)
    assert walk_ins(town) == (2, 0)


@pytest.mark.parametrize("status", [200, 400, 404, 405, 422, 502])
def test_answers_from_another_server_remove_no_taps(phone, town, status):
    """A captive portal, or a proxy whose server is down."""
    page = "<!doctype html><title>Wifi</title><form method=post><input name=password></form>"
    phone.context.route("**/gastvrouw/**", lambda route: route.fulfill(status=status, body=page))
    phone.locator("#more-adults").click()
    expect(phone.locator("#door-delayed")).to_be_visible()
    expect(phone.locator("#door-delayed")).to_contain_text("Opslaan lukt nu niet. Je tik blijft op deze telefoon staan")
    expect(phone.locator(OFFLINE)).to_be_hidden()
    expect(counter(phone, "adults")).to_have_text("1")
    expect_queued(phone, 1)
    assert walk_ins(town) == (0, 0)
    phone.context.unroute("**/gastvrouw/**")
    expect(phone.locator("#door-totals")).to_contain_text("1 volwassene")
    expect(phone.locator("#door-delayed")).to_be_hidden()
    expect_queued(phone, 0)
    assert walk_ins(town) == (1, 0)


def test_without_htmx_what_is_saved_is_shown_and_counted_once(phone, town, live_server):
    phone.context.route("**/htmx*.js", lambda route: route.abort())
    open_door(phone, live_server, town)
    assert phone.evaluate("window.htmx === undefined")
    for number in ("1", "2"):
        phone.locator("#more-adults").click()
        expect(counter(phone, "adults")).to_have_attribute("data-count", number)
        expect(counter(phone, "adults")).to_have_text(number)
    expect(phone.locator("#door-totals")).to_contain_text("2 volwassenen")
    expect_queued(phone, 0)
    assert walk_ins(town) == (2, 0)


def test_an_older_browser_saves_taps_too(phone, town, live_server):
    phone.add_init_script("delete AbortSignal.timeout")  # Safari before 16
    open_door(phone, live_server, town)
    phone.locator("#more-adults").click()
    expect(phone.locator("#door-totals")).to_contain_text("1 volwassene")
    expect_queued(phone, 0)
    assert walk_ins(town) == (1, 0)


def test_a_refused_tap_shows_the_reason_and_a_refused_name_can_be_corrected(phone, town):
    guest = town.guest
    offline(phone)
    phone.locator(f"#tap-{guest.pk}").click()
    guest.state, guest.withdrawn_at = "withdrawn", timezone.now()
    guest.save()
    offline(phone, False)
    expect(phone.locator("#door-refused")).to_contain_text("Deze persoon staat niet meer op de lijst.")
    expect(phone.locator(f"#tap-{guest.pk}")).to_have_count(0)
    add(phone, "www.example.org")
    expect(phone.locator("#door-refused")).to_contain_text("Eén tik kon niet worden opgeslagen:")
    expect(phone.get_by_label("Voornaam")).to_have_value("www.example.org")
    expect_queued(phone, 0)


def test_a_tap_for_a_cancelled_date_is_refused_and_not_retried(phone, town):
    today = type(town.today).objects.filter(pk=town.today.pk)
    tap_and_send_after(phone, "#more-adults", lambda: today.update(status="cancelled", cancel_reason="Brand."))
    expect(phone.locator("#door-refused")).to_contain_text("Eén tik kon niet worden opgeslagen:")
    expect(phone.locator("#door")).to_contain_text("Brand.")
    expect(phone.locator("#door-add")).to_be_hidden()
    expect_queued(phone, 0)


@pytest.mark.parametrize(
    "changes, why",
    [
        ({"status": "cancelled", "cancel_reason": "Brand."}, "gaat niet door"),
        ({"starts_at": LONG_AGO, "ends_at": LONG_AGO + timedelta(hours=2)}, "meer dan twee weken geleden"),
    ],
)
def test_taps_for_a_date_that_is_no_longer_open_are_refused_with_the_reason(phone, town, live_server, changes, why):
    offline(phone)
    for number in ("1", "2"):
        phone.locator("#more-adults").click()
        expect(counter(phone, "adults")).to_have_text(number)
    leave(phone)
    type(town.today).objects.filter(pk=town.today.pk).update(**changes)
    offline(phone, False)
    open_door(phone, live_server, town)
    refused = phone.locator("#door-refused")
    expect(refused).to_be_visible()
    expect(refused).to_contain_text("Meer dan één tik kon niet worden opgeslagen:")
    expect(refused).to_contain_text(why)
    expect(phone.locator("#door-add")).to_be_hidden()
    expect_queued(phone, 0)
    assert walk_ins(town) == (0, 0)


def test_taps_are_also_sent_from_other_pages_for_hosts(phone, town, live_server):
    block(phone)
    for number in ("1", "2"):
        phone.locator("#more-adults").click()
        expect(counter(phone, "adults")).to_have_text(number)
    leave(phone, f"{live_server.url}/gastvrouw/")
    expect(phone.locator(OFFLINE)).to_be_visible()
    expect(phone.locator(OFFLINE)).to_contain_text("Tikken die wachten: 2")
    block(phone, False)
    expect(phone.locator(OFFLINE)).to_be_hidden()
    expect_queued(phone, 0)
    assert walk_ins(town) == (2, 0)


def test_a_door_page_sends_taps_of_another_date_without_showing_them(phone, town, live_server):
    block(phone)
    phone.locator("#more-adults").click()
    add(phone, "Sam")
    leave(phone, f"{live_server.url}/gastvrouw/{town.over.pk}/")
    expect(phone.locator(OFFLINE)).to_contain_text("Tikken die wachten: 2")
    expect(phone.locator("#door-queued")).to_be_hidden()
    expect(counter(phone, "adults")).to_have_text("0")
    block(phone, False)
    # Polling is blocked, so whatever the answers to those taps changed on the page stays.
    phone.context.route("**/gastvrouw/**", lambda r: r.abort() if r.request.method == "GET" else r.continue_())
    expect(phone.locator(OFFLINE)).to_be_hidden()
    expect(counter(phone, "adults")).to_have_text("0")
    assert "Sam" not in phone.content()
    expect_queued(phone, 0)
    assert walk_ins(town) == (1, 0)
    assert town.today.attendances.filter(source="door").count() == 1


def test_a_former_host_of_one_meetup_sees_a_notice_at_the_door_of_another_which_still_works(phone, town, live_server):
    offline(phone)
    phone.locator("#more-adults").click()
    expect(phone.locator(OFFLINE)).to_be_visible()
    leave(phone)
    Host.objects.filter(user=town.host, meetup=town.coffee).delete()
    Host.objects.create(user=town.host, meetup=town.walk)
    now, hour = timezone.now(), timedelta(hours=1)
    walk = make_occurrence(town.walk, on=timezone.localdate(now), starts_at=now - hour, ends_at=now + hour)
    offline(phone, False)
    phone.goto(f"{live_server.url}/gastvrouw/{walk.pk}/")
    expect(phone.locator("#door-refused")).to_be_visible()
    expect(phone.locator("#door-refused")).to_contain_text("van een bijeenkomst waar je tikte")
    phone.locator("#more-children").click()
    expect(phone.locator("#door-totals")).to_contain_text("1 kind")
    expect_queued(phone, 0)
    assert walk_ins(town) == (0, 0)


def test_closing_first_sends_queued_taps(phone, town):
    block(phone)
    phone.locator("#more-adults").click()
    expect(phone.locator(OFFLINE)).to_be_visible()
    block(phone, False)
    phone.locator("#door-close a").click()
    expect(phone.get_by_role("spinbutton", name="Volwassenen in totaal")).to_have_value("1")
    expect_queued(phone, 0)
    assert walk_ins(town) == (1, 0)


def test_closing_offline_gives_a_warning_and_is_allowed(phone, town):
    block(phone)
    phone.locator("#more-adults").click()
    phone.locator("#door-close a").click()
    warning = phone.locator("#door-refused")
    expect(warning).to_contain_text("Je tikken zijn nog niet opgeslagen en tellen dus nog niet mee.")
    block(phone, False)
    expect(warning).to_be_hidden()
    block(phone)
    phone.locator("#more-adults").click()
    expect(phone.locator(OFFLINE)).to_be_visible()
    phone.locator("#door-close a").click()
    phone.wait_for_url("**/afsluiten/")
    expect(phone.locator(OFFLINE)).to_contain_text("Tikken die wachten: 1")
    block(phone, False)
    expect(phone.locator(OFFLINE)).to_be_hidden()
    expect_queued(phone, 0)
    assert walk_ins(town) == (2, 0)


def test_signing_out_warns_that_taps_stay_on_the_phone(phone, town, live_server):
    phone.goto(f"{live_server.url}/account/logout/")
    expect(phone.locator("#door-unsent")).to_be_hidden()
    open_door(phone, live_server, town)
    block(phone)
    add(phone, "Sam")
    leave(phone, f"{live_server.url}/account/logout/")
    expect(phone.locator("#door-unsent")).to_be_visible()
    expect(phone.locator("#door-unsent")).to_contain_text("Nog niet al je tikken zijn verstuurd.")
    block(phone, False)
    expect(phone.locator("#door-unsent")).to_be_hidden()
    expect_queued(phone, 0)


def test_an_unchanged_list_is_a_304(phone):
    with phone.expect_response(lambda response: response.status == 304, timeout=15_000) as response_info:
        pass
    assert response_info.value.request.method == "GET"
