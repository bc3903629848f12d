"""Closing a date offline or after the session expired: the typed values can be restored."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from meetups.door.actions import check_in
from meetups.models import Host
from tests.factories import make_role

NOTICE = "#close-draft"


@pytest.fixture
def form(context, live_server, town, enter) -> Page:
    """The form to close today's date, filled in but not submitted."""
    enter(context, town.host)
    page = context.new_page()
    open_form(page, live_server, town)
    fill(page, "14", "10", "Druk, en een doos speelgoed te weinig.")
    return page


def open_form(page: Page, live_server, town) -> None:
    page.goto(f"{live_server.url}/gastvrouw/{town.today.pk}/afsluiten/")


def fill(page: Page, adults: str, children: str, note: str) -> None:
    for name, value in (("head_adults", adults), ("head_children", children), ("host_note", note)):
        page.locator(f"[name={name}]").fill(value)


def send(page: Page) -> None:
    page.get_by_role("button", name="Lijst afsluiten").click()


def typed(page: Page) -> tuple[str, ...]:
    return tuple(page.locator(f"[name={name}]").input_value() for name in ("head_adults", "head_children", "host_note"))


def restore_draft(page: Page) -> None:
    expect(page.locator(NOTICE)).to_contain_text("Wat je hier eerder invulde, is niet opgeslagen.")
    page.get_by_role("button", name="Weer invullen").click()
    expect(page.locator(NOTICE)).to_be_hidden()
    assert typed(page) == ("14", "10", "Druk, en een doos speelgoed te weinig.")


def closed(town) -> tuple[int, int, str]:
    town.today.refresh_from_db()
    return town.today.head_adults, town.today.head_children, town.today.host_note


def test_a_draft_of_an_offline_submit_is_offered_until_it_is_saved(form, live_server, town):
    expect(form.locator(NOTICE)).to_be_hidden()
    form.context.set_offline(True)
    send(form)
    form.wait_for_url(re.compile("^chrome-error:"))
    form.context.set_offline(False)
    open_form(form, live_server, town)
    restore_draft(form)
    send(form)
    form.wait_for_url(re.compile(r"/gastvrouw/\d+/$"))
    assert closed(town) == (14, 10, "Druk, en een doos speelgoed te weinig.")
    check_in.reopen(occurrence=town.today, now=timezone.now())
    type(town.today).objects.filter(pk=town.today.pk).update(head_adults=16)  # as if another host counted
    open_form(form, live_server, town)
    expect(form.locator(NOTICE)).to_be_hidden()


def test_a_draft_of_a_signed_out_submit_is_offered_to_that_host_only(form, live_server, town, enter):
    form.context.clear_cookies(name="sessionid")
    send(form)
    form.wait_for_url(re.compile(r"/account/login/code/\?next=/gastvrouw/\d+/afsluiten/$"))
    joke = make_role("host", town.hengelo)
    Host.objects.create(user=joke, meetup=town.coffee, since=None)
    enter(form.context, joke)
    open_form(form, live_server, town)
    expect(form.locator(NOTICE)).to_be_hidden()
    enter(form.context, town.host)
    open_form(form, live_server, town)
    restore_draft(form)


def test_a_draft_based_on_a_stale_list_still_raises_a_conflict(form, live_server, town):
    form.context.set_offline(True)
    send(form)
    form.wait_for_url(re.compile("^chrome-error:"))
    check_in.count_walk_in(occurrence=town.today, kind="adults", delta=1, now=timezone.now())
    form.context.set_offline(False)
    open_form(form, live_server, town)
    restore_draft(form)
    send(form)
    expect(form.get_by_role("alert")).to_contain_text("Jij telde 14 volwassenen en 10 kinderen.")
    assert closed(town)[0] is None
