"""Static assets and templates: icons exist, error pages need nothing, files stay small."""

import re
from pathlib import Path

import brotli
import pytest
from django.template.loader import render_to_string
from django.templatetags.static import static

from locations.templatetags.places import FACILITY_ICONS
from pedbasis.templatetags.layout import icon

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(path for path in ROOT.glob("templates/**/*.html"))
SPRITE = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (ROOT / "static/img/icons.svg").read_text()))


def test_every_icon_in_a_template_is_in_the_sprite():
    used = {}
    for path in TEMPLATES:
        for name in re.findall(r"{% icon (\S+)", path.read_text()):
            used.setdefault(name, path.relative_to(ROOT).as_posix())
    named = {name.strip('"'): where for name, where in used.items() if name.startswith('"')}
    assert len(named) > 3
    assert {name: where for name, where in named.items() if name not in SPRITE} == {}
    assert set(used) - {f'"{name}"' for name in named} == {"row.icon"}  # of a facility
    assert set(FACILITY_ICONS.values()) <= SPRITE


def test_icons_are_only_rendered_by_the_tag():
    assert [path for path in TEMPLATES if "icons.svg" in path.read_text()] == []
    use = f'<use href="{static("img/icons.svg")}#clock"/>'
    assert icon("clock") == f'<svg class="icon" aria-hidden="true">{use}</svg>'
    assert icon("clock", flips=True) == f'<svg class="icon icon-flip" aria-hidden="true">{use}</svg>'


def test_no_template_has_inline_style_or_script():
    found = []
    for path in TEMPLATES:
        if {"emails", "email"} & set(path.parts):  # mail clients need inline styles
            continue
        text = path.read_text()
        if re.search(r"<style\b|\sstyle=|\son[a-z]+=\"|<script(?![^>]*(src=|type=\"application/json))", text):
            found.append(path.relative_to(ROOT).as_posix())
    assert found == []


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "413", "429", "500", "503"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_an_error_page_renders_without_database_or_context(name, language):
    from django.utils.translation import override

    with override(language):
        page = render_to_string(f"{name}.html")
    assert f'<html lang="{language}">' in page
    assert page.count("<h1>") == 1


@pytest.mark.parametrize(
    "name, limit",
    [("css/pedbasis.css", 12_000), ("js/pedbasis.js", 3_000), ("js/door.js", 2_000), ("js/taps.js", 3_000)],
)
def test_stylesheet_and_scripts_stay_small(name, limit):
    assert len(brotli.compress((ROOT / "static" / name).read_bytes())) < limit


def test_drawings_load_nothing():
    for path in (ROOT / "static/img").glob("*.svg"):
        text = path.read_text()
        assert "<script" not in text, path.name
        assert re.findall(r'href="(?!#)|url\(', text) == [], path.name
