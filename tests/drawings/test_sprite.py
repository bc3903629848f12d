"""The drawings: every kind has one with a cloth of its own, and colours are only those that follow the scheme."""

import re
from pathlib import Path

import pytest
from django.template import engines
from django.templatetags.static import static

from drawings.colours import DARK, LIGHT
from drawings.sprite import SPRITES, STATIC, drawings
from locations.models import Location
from meetups.models import Meetup
from pedbasis.templatetags.layout import drawing

ROOT = Path(__file__).resolve().parents[2]
STYLES = "\n".join(path.read_text() for path in sorted((ROOT / "static/css").glob("*.css")))
PLACES = [f"place-{kind}" for kind in Location.Kind.values]


@pytest.mark.parametrize("name", [*Meetup.Kind.values, *PLACES])
def test_every_kind_of_meetup_and_place_has_a_drawing(name):
    assert (drawings()[name].width, drawings()[name].height) == (96, 96)


def test_every_kind_of_meetup_has_a_cloth_of_its_own():
    """The green check of .cloth is that of coffee mornings and libraries; the others override it."""
    plain = {"coffee", "place-library", "place-cafe"}
    assert {name for name in [*Meetup.Kind.values, *PLACES] if f".cloth-{name}" not in STYLES} == plain


def test_every_cloth_belongs_to_a_drawing():
    assert set(re.findall(r"\.cloth-([a-z_-]+)", STYLES)) <= set(drawings())


def test_people_choose_from_at_least_eight_figures():
    assert len([name for name in drawings() if name.startswith("person-")]) >= 8


def test_the_sprite_has_no_symbol_that_we_do_not_read():
    text = "".join((STATIC / name).read_text() for name in SPRITES)
    assert text.count("<symbol") == len(drawings()) == len(set(re.findall(r' id="([^"]+)"', text)))


def test_every_colour_is_a_custom_property_that_pages_have_in_both_schemes():
    text = "".join((STATIC / name).read_text() for name in SPRITES)
    used = set(re.findall(r'(?:fill|stroke)="([^"]*)"', text)) - {"none"}
    assert used <= {f"var(--{name})" for name in LIGHT}
    for colours in (LIGHT, DARK):
        assert [name for name, value in colours.items() if f"--{name}: {value};" not in STYLES] == []


def test_a_drawing_is_the_symbol_hidden_from_screen_readers():
    use = f'<use href="{static("img/drawings.svg")}#coffee"/>'
    picture = f'<svg class="drawing" viewBox="0 0 96 96" aria-hidden="true">{use}</svg>'
    assert drawing("coffee") == picture
    assert drawing("coffee", cloth=True) == f'<span class="cloth cloth-coffee">{picture}</span>'


def test_a_scene_has_its_own_shape():
    use = f'<use href="{static("img/scenes.svg")}#table"/>'
    assert drawing("table") == f'<svg class="drawing" viewBox="0 0 640 200" aria-hidden="true">{use}</svg>'


def test_an_unknown_drawing_is_an_error():
    with pytest.raises(KeyError):
        drawing("no-such-thing")


def test_a_template_draws_a_place_by_its_kind():
    template = engines["django"].from_string('{% load layout %}{% drawing "place-"|add:place.kind cloth=True %}')
    assert "#place-library" in template.render({"place": Location(kind=Location.Kind.LIBRARY)})


def test_every_drawing_in_a_template_exists():
    used = set()
    for path in ROOT.glob("templates/**/*.html"):
        used |= set(re.findall(r'{% drawing "([^"|]+)" ', path.read_text()))
    assert used <= set(drawings())
