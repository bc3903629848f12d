"""One word per thing, in Dutch and in English: the catalogue keeps to our glossary.

Each line: what is in no text (a regular expression), a text that it would find, and what we say instead.
"""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import polib
import pytest

CATALOGUE = Path(__file__).parent.parent / "locale/nl/LC_MESSAGES/django.po"


class Forbidden(NamedTuple):
    pattern: str
    example: str
    rather: str


DUTCH = [
    Forbidden(r"\b[Dd]eze keer\b", "Deze keer is vol.", "deze bijeenkomst: a keer is no thing"),
    Forbidden(r"\bkeren\b", "Ze kwamen 3 keren.", "keer, also after a number"),
    Forbidden(r"\b[Dd]ata\b(?!_)", "Alle data", "datums for days, gegevens for the rest"),
    Forbidden(
        r"\b[Gg]astvrouw\b(?! of gastheer)", "Vraag de gastvrouw", "gastvrouw of gastheer, we, or the first name"
    ),
    Forbidden(r"\b[Gg]astvrouwen\b(?! en gastheren|, gastheren)", "De gastvrouwen", "gastvrouwen en gastheren"),
    Forbidden(r"[Gg]astouder", "De gastouder", "gastvrouw of gastheer: that is a childminder"),
    Forbidden(r"\b[Aa]an de deur\b", "Aan de deur: Noor", "bij de deur"),
    Forbidden(r"[Bb]ladzijde", "Bladzijde 1", "pagina"),
    Forbidden(r"\b[Ll]ocaties\b", "Alle locaties", "plekken; mijn locatie is where I am"),
    Forbidden(r"[Pp]laatsnaam", "Typ een plaatsnaam.", "stad of dorp"),
    Forbidden(r"\b[Ii]nschrijv|\b[Ii]ngeschreven", "Je bent ingeschreven.", "aanmelden"),
    Forbidden(r"\b[Kk]alender", "In je kalender", "agenda, or je eigen agenda"),
    Forbidden(r"\b[Ee]-mails?\b(?!adres)", "Je krijgt een e-mail.", "mail"),
    Forbidden(
        r"\b[Ww]is(sen)?\b|\b[Gg]ewist\b|\b[Hh]aal\b.*\bweg\b|\b[Ww]eg(ge)?ha(al|len|ald)\b",
        "Haal het logo weg",
        "verwijderen",
    ),
    Forbidden(r"\b[Ii]nzicht", "Inzicht", "cijfers"),
    Forbidden(r"\b[Nn]ieuwkomers?\b", "Nieuwkomers", "nieuwe mensen, wie voor het eerst komt"),
    Forbidden(r"\b[Oo]m de (week|maand|hoeveel|zoveel)\b", "Om de week", "elke 2 weken"),
    Forbidden(r"\b[Pp]lek(ken)? (voor|vrij)\b", "Nog 2 plekken vrij", "plaats: a plek is a building or a park"),
    Forbidden(r"([Vv]raag|[Vv]ertel) het de ", "Vertel het de gastheer.", "aan de"),
    Forbidden(r"\b[Hh]ooguit\b", "Hooguit een dag", "hoogstens"),
    Forbidden(r"\b([Uu]|[Uu]w)\b(?!-)", "Uw agenda", "je"),
    Forbidden(r"[“”]|'", "Tik op “Ja”.", "‘ ’, and ’ in ’s ochtends"),
    Forbidden(r"\d - \d|[})]s? - [%{]", "{start} - {end}", "tot, in words"),
    Forbidden(r"\bhaar\b", "Laat haar weer lopen", "die, or the name of the thing"),
    Forbidden(
        r"\bDit veld is verplicht|\bSelecteer een geldige|\bZorg (er|dat)", "Dit veld is verplicht.", "our words"
    ),
    Forbidden(
        r"^(Zet (aan|uit)|Haal weg|Laat zo|Sluit .* af|Zeg .* af|Log in)$",
        "Sluit de lijst af",
        "a whole verb: Aanzetten",
    ),
]
ENGLISH = [
    Forbidden(r"\b[Ee]-mails?\b", "Your e-mail address", "email"),
    Forbidden(r"\b[Mm]ails?\b", "We sent you a mail.", "email"),
    Forbidden(r"\b[Aa]gendas?\b", "The agenda", "what's on, or your own calendar"),
    Forbidden(r"\b[Gg]oe?s? on\b", "This date goes on.", "is on, continue, last"),
    Forbidden(r"\b[Nn]eed (none|no|not)\b", "You need none.", "you do not need one"),
    Forbidden(
        r"\bWhoever\b|\bWhom\b|^Who (?!are|welcomes|sees|is coming|would)",
        "Who comes twice",
        "everyone who, people who",
    ),
    Forbidden(r"\balso (at|when)\b|, also\b", "Tell us, also at the last moment.", "even at, even if"),
    Forbidden(r"\b[Aa]t once\b", "It happens at once.", "straight away"),
    Forbidden(r"\b[Ss]o it looks\b|\b[Ll]ook what\b", "Look what is on", "this is how it looks, see what"),
    Forbidden(
        r"\bis there (this|at|near)\b|\bthere (that )?is to do\b", "See what there is to do in Weert", "see what's on"
    ),
    Forbidden(r"(?<!\{)\b[Ss]teady\b", "A steady group", "regular group"),
    Forbidden(r"\b[Ii]nsight\b", "Insight", "figures"),
    Forbidden(r"\b[Ee]rase", "Erase my account", "delete"),
    Forbidden(r"\b([Tt]ake|[Tt]aken) (it )?away\b", "Take away the logo", "remove"),
    Forbidden(r"\b[Ee]very other (week|month)\b", "Every other week", "every 2 weeks"),
    Forbidden(r"\b[Rr]egistered\b", "Not registered", "recorded, or signed up"),
    Forbidden(r"\bunwanted\b", "Look among the unwanted emails.", "spam folder"),
    Forbidden(r"\bstands? (at|on)\b", "They stand at the top.", "is at"),
    Forbidden(r"\bwithdraw", "You have withdrawn.", "cancel"),
    Forbidden(
        r"\bplaces? (left|for (you|adults|newcomers))\b|\bplace (on|from) the waiting list\b", "5 places left", "spaces"
    ),
    Forbidden(
        r"\b(no|next|coming) dates? yet\b|\b([Yy]our|My) dates\b", "You have no dates yet", "meetups: a date is romance"
    ),
    Forbidden(r"\b(don|doesn|can|isn|won|didn)['’]t\b", "You can't sign in.", "cannot: easier for newcomers"),
    Forbidden(r"\b[Tt]wice, counts\b|\b[Tt]own, counts\b", "Someone who comes twice, counts twice.", "no comma there"),
    Forbidden(r"\d - \d|[})]s? - [%{]", "{start} - {end}", "to, in words"),
]
# Texts in which a word is right after all, each with the reason.
JUSTIFIED = {
    "Komt bijna elke week naar het ouder- en kindcafé in de bibliotheek, met haar zoon van twee.",  # haar: of a person
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%d|\{\w*\}|</?\w+")


@cache
def texts(language: str) -> list[str]:
    entries = polib.pofile(str(CATALOGUE))
    if language == "nl":
        found = [text for entry in entries for text in (entry.msgstr, *entry.msgstr_plural.values())]
    else:
        found = [text for entry in entries for text in (entry.msgid, entry.msgid_plural)]
    return [text for text in found if text and text not in JUSTIFIED]


def those_with(pattern: str, language: str) -> list[str]:
    return [text for text in texts(language) if re.search(pattern, text)]


@pytest.mark.parametrize("word", DUTCH, ids=lambda word: word.rather)
def test_no_other_word_in_dutch(word):
    assert those_with(word.pattern, "nl") == []


@pytest.mark.parametrize("word", ENGLISH, ids=lambda word: word.rather)
def test_no_other_word_in_english(word):
    assert those_with(word.pattern, "en") == []


@pytest.mark.parametrize("word", [*DUTCH, *ENGLISH], ids=lambda word: word.example)
def test_what_is_forbidden_would_be_found(word):
    assert re.search(word.pattern, word.example)


def test_each_exception_is_still_needed():
    everything = {text for entry in polib.pofile(str(CATALOGUE)) for text in (entry.msgid, entry.msgstr)}
    assert JUSTIFIED - everything == set()
    assert [text for text in JUSTIFIED if not any(re.search(word.pattern, text) for word in [*DUTCH, *ENGLISH])] == []


def test_a_translation_has_what_is_filled_in():
    """The same placeholders and tags in both languages; a singular may leave its number out."""
    wrong = []
    for entry in polib.pofile(str(CATALOGUE)):
        pairs = [(entry.msgid, entry.msgstr)]
        if entry.msgid_plural:
            pairs = [(entry.msgid_plural, text) for number, text in entry.msgstr_plural.items() if number]
        wrong += [one for one, other in pairs if set(PLACEHOLDER.findall(one)) != set(PLACEHOLDER.findall(other))]
    assert wrong == []
