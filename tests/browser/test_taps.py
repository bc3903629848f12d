"""How many taps it takes to say that you come, counted in a browser on a phone, from the agenda to "Tot …!"."""

import re
from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from meetups.models import Attendance
from notifications.delivery import send_due
from tests.attending import Party, join

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


class Finger:
    """Taps what is in view, as a person would, and counts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = self.fields = 0

    def tap(self, target: Locator) -> None:
        expect(target).to_be_visible()
        target.tap()
        self.taps += 1

    def type(self, text: str) -> None:
        """Type into the field that has the focus, and go on with the key of the keyboard on the screen."""
        self.page.keyboard.type(text)
        self.page.keyboard.press("Tab")
        self.fields += 1


@pytest.fixture
def phone(browser, browser_context_args) -> Iterator[Page]:
    context = browser.new_context(**browser_context_args | PHONE)
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def open_the_agenda(page: Page, live_server, town) -> Finger:
    page.goto(f"{live_server.url}/agenda/?gemeente={town.hengelo.slug}")
    return Finger(page)


def to_the_form(finger: Finger, occurrence) -> None:
    finger.tap(finger.page.locator(f"main a[href='{occurrence.get_absolute_url()}']").first)
    finger.tap(finger.page.locator(".action-bar a"))


def submit(page: Page) -> Locator:
    return page.locator("#join button.button-large")


def test_a_signed_in_parent_joins_in_three_taps(phone, live_server, town, enter):
    enter(phone.context, town.professional)
    finger = open_the_agenda(phone, live_server, town)
    to_the_form(finger, town.next_week)
    finger.tap(submit(phone))
    expect(phone.locator("#answer")).to_contain_text("Tot ")
    assert (finger.taps, finger.fields) == (3, 0)


def test_children_who_came_along_before_take_no_tap(phone, live_server, town, enter):
    join(occurrence=town.full, user=town.professional, party=Party(adults=1, children_0_3=1))
    enter(phone.context, town.professional)
    finger = open_the_agenda(phone, live_server, town)
    to_the_form(finger, town.next_week)
    finger.tap(submit(phone))
    expect(phone.locator("#answer")).to_contain_text("Tot ")
    assert finger.taps == 3
    mine = Attendance.objects.get(user=town.professional, occurrence=town.next_week)
    assert (mine.adults, mine.children_0_3) == (1, 1)


@pytest.mark.parametrize("children", [0, 1])
def test_a_guest_joins_in_five_taps_and_two_fields_and_one_tap_more_for_a_child(
    phone, live_server, town, sink, children
):
    finger = open_the_agenda(phone, live_server, town)
    to_the_form(finger, town.next_week)
    expect(phone.locator("[name=first_name]")).to_be_focused()
    finger.type("Nora")
    finger.type("nora@example.org")
    for _ in range(children):
        finger.tap(phone.get_by_role("button", name=re.compile("^Eén meer: Kinderen van 0 tot en met 3")))
    finger.tap(submit(phone))
    expect(phone.locator("#answer")).to_be_visible()
    send_due(now=timezone.now())
    link = re.search(r"https?://\S*/bevestigen/\S+", sink.mails[-1].get_body(("plain",)).get_content()).group()
    phone.goto(link)
    finger.taps += 1  # on the button in the mail
    finger.tap(phone.get_by_role("button", name="Ja, ik kom"))
    expect(phone.locator("#answer")).to_contain_text("Tot ")
    assert (finger.taps, finger.fields) == (5 + children, 2)
    guest = Attendance.objects.get(guest_email="nora@example.org")
    assert (guest.state, guest.children_0_3) == (Attendance.State.GOING, children)
