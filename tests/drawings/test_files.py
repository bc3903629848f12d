"""The files made by tools/drawings.py are those of the drawings of now, and a phone finds its icons."""

from io import BytesIO
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from PIL import Image

from tools.drawings import IMAGES, files


@pytest.mark.parametrize("name", [name for name in files() if name.endswith(".svg")])
def test_a_picture_is_as_its_drawing(name):
    """If this fails: .venv/bin/python tools/drawings.py"""
    assert (IMAGES / name).read_bytes() == files()[name]


@pytest.mark.parametrize("name", [name for name in files() if name.endswith(".png")])
def test_an_icon_is_as_its_drawing(name):
    """Pixel by pixel, with room for another version of the rasteriser. If this fails: tools/drawings.py"""
    kept, made = (
        Image.open(BytesIO(content)).convert("RGBA") for content in ((IMAGES / name).read_bytes(), files()[name])
    )
    assert kept.size == made.size
    assert kept.resize((16, 16)).tobytes() == pytest.approx(made.resize((16, 16)).tobytes(), abs=8)


def test_a_system_that_rounds_an_icon_gets_one_without_transparent_corners():
    for name in ("apple-touch-icon.png", "icon-maskable-512.png"):
        assert Image.open(BytesIO((IMAGES / name).read_bytes())).convert("RGBA").getextrema()[3] == (255, 255)


@pytest.mark.django_db
@pytest.mark.parametrize("prefix, agenda, mine", [("", "Agenda", "Mijn pagina"), ("/en", "What's on", "My page")])
def test_the_manifest_is_in_the_language_of_its_address(client, prefix, agenda, mine, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get(f"{prefix}/manifest.webmanifest")
    manifest = answer.json()
    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert manifest["start_url"] == f"{prefix}/"
    assert (manifest["display"], manifest["id"], manifest["scope"]) == ("standalone", "/", "/")
    names = [(shortcut["name"], shortcut["url"]) for shortcut in manifest["shortcuts"]]
    assert names[0] == (agenda, f"{prefix}/agenda/")
    assert names[2] == (mine, f"{prefix}/mijn/")
    assert {"192x192", "512x512"} == {icon["sizes"] for icon in manifest["icons"]}
    assert any(icon.get("purpose") == "maskable" for icon in manifest["icons"])
    for icon in [*manifest["icons"], *(icon for shortcut in manifest["shortcuts"] for icon in shortcut["icons"])]:
        content = Path(finders.find(icon["src"].removeprefix(static("")))).read_bytes()
        assert "x".join(map(str, Image.open(BytesIO(content)).size)) == icon["sizes"]


@pytest.mark.django_db
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_every_page_names_the_manifest_and_the_icons(client, prefix):
    page = client.get(f"{prefix}/privacy/").content.decode()
    assert f'<link rel="manifest" href="{prefix}/manifest.webmanifest">' in page
    assert '<link rel="apple-touch-icon" href="/static/img/apple-touch-icon' in page
