"""Something is reported, looked at, hidden, answered and shown again: by everyone's own hands, over real SMTP."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from locations.visibility import Visibility
from moderation.models import Case, Decision, Report
from notifications.delivery import send_due
from notifications.models import Message

SWITCH = pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])


@pytest.fixture
def open_page(browser, browser_context_args, has_script) -> Iterator:
    """Return a function that opens a page in a browser of its own, signed in as someone or not."""
    contexts: list[BrowserContext] = []

    def opened(enter=None, user=None) -> Page:
        context = browser.new_context(**browser_context_args, java_script_enabled=has_script)
        context.set_default_timeout(15_000)
        contexts.append(context)
        if user is not None:
            enter(context, user)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def mail_to(sink, address: str) -> str:
    """Send the mails, also those that wait for an undo; return the text of the last one to this address."""
    Message.objects.filter(state="pending").update(due_at=timezone.now() - timedelta(minutes=1))
    send_due(now=timezone.now())
    return [mail for mail in sink.mails if mail["To"] == address][-1].get_body(("plain",)).get_content()


@SWITCH
def test_reported_hidden_answered_and_shown_again(live_server, town, enter, sink, open_page):
    welcome = town.coffee.hosts.get()
    words = welcome.welcome
    stranger = open_page()
    stranger.goto(live_server.url + town.coffee.get_absolute_url())
    expect(stranger.get_by_text(words)).to_be_visible()
    stranger.locator(f'a[href$="/melden/welcome/{welcome.pk}/"]').click()
    stranger.get_by_label("Het kwetst mensen of sluit ze buiten").press("Space")  # by keyboard
    stranger.get_by_label("Wil je ons meer vertellen?").fill("Hier word ik verdrietig van.")
    stranger.get_by_label("Je e-mailadres").fill("noor@guest.example")
    stranger.get_by_role("button", name="Melding versturen").dblclick()
    expect(stranger.get_by_text("Niemand ziet het nu, tot iemand heeft gekeken.")).to_be_visible()
    assert Report.objects.exclude(case=town.case).count() == 1
    stranger.goto(live_server.url + town.coffee.get_absolute_url())
    expect(stranger.get_by_text(words)).to_have_count(0)

    case = Case.objects.get(kind="welcome")
    assert f"/melden/nakijken/{case.pk}/" in mail_to(sink, town.coordinator.email)
    watcher = open_page(enter, town.coordinator)
    watcher.goto(f"{live_server.url}/melden/nakijken/")
    watcher.get_by_role("link", name="Marieke, Ouder").click()
    expect(watcher.get_by_text("Hier word ik verdrietig van.")).to_be_visible()
    watcher.get_by_role("button", name="Niet laten zien").click()
    expect(watcher.get_by_text("Schrijf in een paar woorden waarom.").first).to_be_visible()
    watcher.get_by_label("Waarom?").fill("Dit kan iemand pijn doen.")
    watcher.get_by_role("button", name="Niet laten zien").dblclick()
    expect(watcher.get_by_text("Besloten. Hieronder kun je het terugdraaien.")).to_be_visible()
    assert Decision.objects.filter(case=case).count() == 1

    assert "We laten het niet meer zien." in mail_to(sink, "noor@guest.example")
    told = mail_to(sink, town.host.email)
    assert "Dit kan iemand pijn doen." in told
    writer = open_page(enter, town.host)
    writer.goto(next(word for word in told.split() if "/melden/mijn/" in word))
    writer.get_by_label("Wat wil je ons vertellen?").fill("Zo bedoelde ik het niet.")
    writer.get_by_role("button", name="Antwoord versturen").click()
    expect(writer.get_by_text("Iemand leest je antwoord en kijkt nog eens.")).to_be_visible()

    watcher.reload()
    expect(watcher.get_by_text("Zo bedoelde ik het niet.")).to_be_visible()
    watcher.get_by_role("button", name="Laatste besluit terugdraaien").click()
    expect(watcher.get_by_text("Teruggedraaid. Alles is weer zoals het was.")).to_be_visible()
    watcher.get_by_role("button", name="Het is goed").click()
    expect(watcher.get_by_text("Besloten.")).to_be_visible()
    welcome.refresh_from_db()
    assert welcome.visibility == Visibility.SHOWN
    stranger.goto(live_server.url + town.coffee.get_absolute_url())
    expect(stranger.get_by_text(words)).to_be_visible()
