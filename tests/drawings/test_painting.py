"""The picture beside a link: a real PNG of the right size, whatever it has to say."""

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image, ImageDraw, ImageFont

from drawings import painting
from drawings.cards import Card
from drawings.cloths import CLOTHS
from drawings.painting import LEFT, TEXT_WIDTH, paint
from drawings.sprite import drawings
from locations.models import Location
from meetups.models import Meetup

DATE = Card(
    title="Ouder- en kindcafé",
    drawing="coffee",
    day="dinsdag 1 december",
    time="9.30 tot 11.30 uur",
    lines=("Bibliotheek Hengelo",),
)
LONG = "Dieren voeren met de buurt, en daarna samen een heel lange wandeling langs het water " * 8
TEXTS = {
    "empty": "",
    "long": LONG,
    "one long word": "Hottentottententententoonstellingsmakerijcommissie" * 5,
    "Arabic": "مقهى الآباء",
    "Turkish": "Çocuk bahçesi İğne ve Şiir",
    "Polish": "Świętosława żółć gęślą jaźń",
    "a face": "Koffie 🎉 met 👩‍👩‍👧",
    "signs": "<b>&amp;'\"\n\t\x00",
    "separate accents": "Cafe\u0301",
}


def opened(card: Card) -> Image.Image:
    image = Image.open(BytesIO(paint(card)))
    image.load()
    return image


@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
@pytest.mark.parametrize("shape", ["a date", "cancelled", "no date", "a street"])
def test_any_text_makes_a_picture_of_the_size_that_chats_ask_for(text, shape):
    card = {
        "a date": Card(title=text, drawing="coffee", day=text, time=text, lines=(text, text)),
        "cancelled": Card(title=text, drawing="walk", day="dinsdag 1 december", lines=(text,), notice=text),
        "no date": Card(title=text, drawing="place-library", lines=(text, text, text)),
        "a street": Card(title=text, lines=(text,), street=("library", "cafe"), street_seed=text),
    }[shape]
    assert (opened(card).format, opened(card).size) == ("PNG", (1200, 630))


@pytest.mark.parametrize("name", [*Meetup.Kind.values, *(f"place-{kind}" for kind in Location.Kind.values)])
def test_every_kind_has_a_picture(name):
    assert opened(replace(DATE, drawing=name)).size == (1200, 630)


def test_cloths_are_those_of_drawings():
    assert set(CLOTHS) <= set(drawings())


@pytest.mark.parametrize("notice", ["", "Gaat niet door"])
def test_words_stay_left_of_the_drawing_and_above_the_name_of_the_site(monkeypatch, notice):
    written = []
    text = ImageDraw.ImageDraw.text

    def record(self, xy, words, *args, **kwargs):
        written.append((words, self.textbbox(xy, words, font=kwargs["font"], anchor=kwargs.get("anchor"))))
        return text(self, xy, words, *args, **kwargs)

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", record)
    paint(replace(DATE, title=LONG, lines=(LONG, "test", LONG), notice=notice, day="woensdag 23 september"))
    *words, (site, _box) = written
    assert site == "Pedbasis"
    assert "woensdag 23 september" in [row for row, _box in words], "in one row"
    assert any(row.endswith("…") for row, _box in words)
    assert max(box[2] for _row, box in words) <= LEFT + TEXT_WIDTH
    assert max(box[3] for _row, box in words) <= painting.FOOT
    tops = [box[1] for _row, box in words]
    assert tops == sorted(tops)


def test_another_text_is_another_version_and_the_same_text_is_not():
    assert DATE.version == replace(DATE).version
    assert len({DATE.version, replace(DATE, title="x").version, replace(DATE, notice="x").version}) == 3


def test_what_the_picture_says_is_there_in_words():
    words = "Gaat niet door, Ouder- en kindcafé, dinsdag 1 december, 9.30 tot 11.30 uur, Bibliotheek Hengelo"
    assert replace(DATE, notice="Gaat niet door").text == words


@pytest.mark.parametrize("text", ["a" * 100_000, "a " * 100_000])
def test_a_text_of_any_length_is_measured_a_bounded_number_of_times(monkeypatch, text):
    measured = []
    length = ImageFont.FreeTypeFont.getlength
    monkeypatch.setattr(
        ImageFont.FreeTypeFont, "getlength", lambda font, words: measured.append(words) or length(font, words)
    )
    paint(Card(title=text, drawing="coffee", day=text, time=text, lines=(text, text)))
    assert len(measured) < 5000
    assert max(map(len, measured)) <= painting.MAX_CHARACTERS + 1


def test_pictures_are_small():
    assert len(paint(DATE)) < 100_000
