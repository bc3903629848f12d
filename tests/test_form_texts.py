"""Whatever is sent empty or wrong: what a visitor reads about it is in our own words, in the language of the page.

Django and allauth bring sentences of their own ("Dit veld is verplicht."); on our pages none of those may be seen. So
each error on a page must be a text of our own catalogue. What we repeat of theirs on purpose is in
pedbasis/borrowed_texts.py, and is in our catalogue for that reason.
"""

import importlib.util
import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path

import polib
import pytest
from django.urls import reverse

from pedbasis import borrowed_texts
from tests.addresses import ADDRESSES, ROLES, SIGN_IN
from tests.form_fields import field_names
from tests.scenario import Town
from tests.visitors import copy_of, rolled_back, visitor

CATALOGUE = Path(__file__).parent.parent / "locale/nl/LC_MESSAGES/django.po"
PLACEHOLDER = re.compile(r"%\\?\(\w+\\?\)[sd]|%d|\\?\{\w+\\?\}")
ERROR = re.compile(r'<ul class="[^"]*errorlist[^"]*"[^>]*>(.*?)</ul>|class="error-summary".*?<ul>(.*?)</ul>', re.DOTALL)
ITEM = re.compile(r"<li>(.*?)</li>", re.DOTALL)
# A bit of each kind of nonsense there is to type: nothing, what is too long, too much, too late, of another kind.
WRONG = {
    "empty": "",
    "a letter": "x",
    "a null byte": "a\0b",
    "very long": "x" * 6000,
    "negative": "-1",
    "huge": "9" * 40,
    "no date": "2026-02-30",
    "an address": "https://evil.example",
    "no address": "noor@",
}


@pytest.fixture
def town(lasting_town) -> Town:
    return lasting_town


@cache
def ours(language: str) -> re.Pattern[str]:
    """All that our catalogue says, with anything in the place of its placeholders."""
    texts = set()
    for entry in polib.pofile(str(CATALOGUE)):
        if language == "nl":
            texts |= {entry.msgstr, *entry.msgstr_plural.values()}
        else:
            texts |= {entry.msgid, entry.msgid_plural}
    whole = {text for text in texts if len(PLACEHOLDER.sub("", re.escape(text))) > 12}  # not "{adults} and {children}"
    patterns = (PLACEHOLDER.sub(lambda _: ".+", re.escape(text)) for text in whole)
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.DOTALL)


def errors_on(page: str) -> set[str]:
    """Each sentence about what is wrong, without the label of its question."""
    lists = ["".join(found) for found in ERROR.findall(page)]
    items = [item for found in lists for item in ITEM.findall(found)]
    plain = (re.sub(r"<strong>.*?</strong> –\s*|<[^>]+>", "", item, flags=re.DOTALL) for item in items)
    return {unescape(text).strip() for text in plain}


def in_words_of_others(page: str, language: str) -> set[str]:
    """What is not ours; in the preview of the dates the label of the question comes before it."""
    found = {text: text.split(" – ")[-1] for text in errors_on(page)}
    return {text for text, last in found.items() if not any(ours(language).fullmatch(part) for part in (text, last))}


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
def test_what_is_wrong_is_said_in_our_words(town, address, language):
    role = next((role for role in ROLES if address.post[role] not in {404, 405, SIGN_IN}), None)
    if role is None:
        return
    prefix = "" if language == "nl" else "/en"
    right = address.data(town)
    tries = [("nothing", {})]
    tries += [(what, dict.fromkeys(field_names(), value)) for what, value in WRONG.items()]
    tries += [(f"{what} as {name}", right | {name: value}) for name in right for what, value in WRONG.items()]
    client, others = visitor(town.people[role]), set()
    for what, data in tries:
        with rolled_back():
            response = copy_of(client).post(prefix + address.path(town), data)
        others |= {(what, text) for text in in_words_of_others(response.content.decode(errors="replace"), language)}
    assert others == set()


@pytest.mark.django_db
def test_an_empty_form_says_of_each_question_what_to_do(town):
    page = visitor(town.coordinator).post(reverse("meetup_new"), {})
    assert errors_on(page.content.decode()) == {
        *(
            "Geef het een naam, zoals: koffieochtend in de bibliotheek.",
            "Kies een plek.",
            "Kies een soort bijeenkomst.",
        ),
        *("Vertel in één zin wat mensen kunnen verwachten.", "Kies hoe vaak.", "Kies of mensen zich moeten aanmelden."),
        *("Kies een datum.", "Kies een tijd."),
        *(
            "Hoe vaak? – Kies hoe vaak.",
            "Eerste datum – Kies een datum.",
            "Van – Kies een tijd.",
            "Tot – Kies een tijd.",
        ),
    }


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nl", "Dit veld is verplicht."),
        ("nl", "Selecteer een geldige keuze. x is geen beschikbare keuze."),
        ("nl", "This password is too short. It must contain at least 10 characters."),
        ("nl", "This field is required."),
        ("en", "Vul dit in."),
        ("en", "This password is too short. It must contain at least 10 characters."),
    ],
)
@pytest.mark.parametrize(
    "place",
    [
        '<ul class="errorlist" id="id_title_error"><li>{}</li></ul>',
        '<div class="error-summary"><h2>!</h2><ul><li><a href="#x"><strong>Naam</strong> –\n {}</a></li></ul>',
    ],
)
def test_a_sentence_of_others_would_be_found(place, language, text):
    assert in_words_of_others(place.format(text), language) == {text}


def sentences_of_others() -> Iterator[str]:
    for name in ("django.conf", "allauth"):
        (folder,) = importlib.util.find_spec(name).submodule_search_locations
        for entry in polib.pofile(str(Path(folder) / "locale/en/LC_MESSAGES/django.po")):
            yield from (entry.msgid, entry.msgid_plural)


def test_each_borrowed_sentence_is_still_said_there_to_the_letter():
    entries = {entry.msgid: entry for entry in polib.pofile(str(CATALOGUE))}
    borrowed = [msgid for msgid, entry in entries.items() if ("pedbasis/borrowed_texts.py", "") in entry.occurrences]
    assert len(borrowed) == len(borrowed_texts.BORROWED)
    assert set(borrowed) - set(sentences_of_others()) == set()
