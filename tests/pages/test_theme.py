"""A coordinator previews, saves and resets the colour and logo of a town, and pages use them."""

import base64

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from locations.models import Municipality
from tests.factories import make_role
from tests.pictures import make_png
from tests.scenario import Town, make_town

HTMX = {"HX-Request": "true"}
OWN_PAGES = ["municipality", "location", "meetup", "occurrence", "location_poster", "meetup_poster"]


@pytest.fixture
def town(db) -> Town:
    return make_town()


def url(name="theme", slug="hengelo"):
    return reverse(name, args=[slug])


def upload(data=None, name="logo.png"):
    return SimpleUploadedFile(name, make_png(200, 50) if data is None else data, "image/png")


def look_of(slug="hengelo"):
    return Municipality.objects.values_list("accent", "logo_width").get(slug=slug)


def page_of(town, name):
    args = {
        "municipality": [town.hengelo.slug],
        "occurrence": [town.coffee.slug, town.next_week.planned_for],
        "meetup": [town.coffee.slug],
        "meetup_poster": [town.coffee.slug],
    }
    return reverse(name, args=args.get(name, [town.library.slug]))


@pytest.mark.parametrize("name", OWN_PAGES)
def test_pages_of_a_town_have_its_colour_and_logo(town, client, name):
    page = client.get(page_of(town, name)).content.decode()
    assert f'<link rel="stylesheet" href="{town.hengelo.stylesheet_url}">' in page
    assert f'src="{town.hengelo.logo_url}" alt="Hengelo" width="120" height="60">' in page
    assert page.index("css/pedbasis.css") < page.index(town.hengelo.stylesheet_url)


def test_agenda_of_one_town_has_its_colour(town, client):
    link = f'<link rel="stylesheet" href="{town.hengelo.stylesheet_url}">'
    assert link in client.get("/agenda/?gemeente=hengelo").content.decode()
    assert link not in client.get("/agenda/").content.decode()


@pytest.mark.parametrize("name", OWN_PAGES)
def test_colour_and_logo_cost_no_query(town, client, name):
    client.get(page_of(town, name) + "?look=first")  # fill caches
    counts = []
    for look in ("own", "plain"):
        with CaptureQueriesContext(connection) as queries:
            client.get(page_of(town, name) + f"?look={look}")
        counts.append(len(queries))
        Municipality.objects.update(accent="", logo_version="", logo_width=None, logo_height=None)
    assert counts[0] == counts[1] > 0


def test_town_without_its_own_theme_loads_nothing_extra(town, client):
    page = client.get(reverse("municipality", args=["leiden"])).content.decode()
    assert "huisstijl" not in page
    assert "logo.png" not in page


def test_save(town, sign_in):
    client = sign_in(town.coordinator)
    answer = client.post(url(), {"accent": "5B2A82", "logo": upload()}, follow=True)
    assert answer.redirect_chain == [(url(), 302)]
    assert "Opgeslagen." in answer.content.decode()
    assert look_of() == ("#5b2a82", 200)


def test_an_empty_colour_is_the_green_of_pedbasis_and_no_file_leaves_the_logo(town, sign_in):
    sign_in(town.coordinator).post(url(), {"accent": " "})
    assert look_of() == ("", 120)


@pytest.mark.parametrize(
    "typed, sentence",
    [
        ("#ffd200", "Witte letters zijn op deze kleur niet goed te lezen. Kies een donkerdere kleur: #6"),
        ("groen", "Schrijf de kleur als # en zes cijfers of letters van a tot en met f"),
        ("x" * 41, "Schrijf de kleur als #"),
        ("#1b4f9c\0", "Schrijf de kleur als #"),
    ],
)
def test_invalid_colour_gets_a_field_error_and_is_kept(town, sign_in, typed, sentence):
    answer = sign_in(town.coordinator).post(url(), {"accent": typed, "logo": upload()})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count(sentence) == 2  # in the summary and at the field
    assert typed == answer.context["form"]["accent"].value()
    assert base64.b64encode(make_png(200, 50)).decode() in page  # the uploaded logo is kept
    assert look_of() == ("#1b4f9c", 120)


def test_nearest_usable_colour_can_be_chosen_with_one_tap(town, sign_in):
    client = sign_in(town.coordinator)
    refused = client.post(url(), {"accent": "#ffd200"})
    nearest = refused.context["form"].nearest
    assert f'name="nearest" value="{nearest}"' in refused.content.decode()
    taken = client.post(url(), {"accent": "#ffd200", "nearest": nearest})
    assert taken.status_code == 200
    assert f'value="{nearest}"' in taken.content.decode()
    assert look_of() == ("#1b4f9c", 120)


@pytest.mark.parametrize(
    "data, sentence",
    [
        (b"<svg/>", "Dit is een SVG."),
        (b"x" * 3_000_000, "Dit is geen PNG."),
        (make_png(30, 30), "Deze afbeelding is 30 bij 30 pixels."),
        (make_png(rows=b""), "Dit bestand is stuk."),
        (make_png() + b"x" * 60_000, "Dit bestand is te groot."),
        (b"", "Dit bestand is leeg. Kies een ander bestand."),
    ],
)
def test_invalid_logo_gets_a_field_error_and_the_colour_is_kept(town, sign_in, data, sentence):
    answer = sign_in(town.coordinator).post(url(), {"accent": "#5b2a82", "logo": upload(data)})
    assert answer.status_code == 422
    assert answer.content.decode().count(sentence) == 2
    assert 'value="#5b2a82"' in answer.content.decode()
    assert look_of() == ("#1b4f9c", 120)


def test_preview_saves_nothing_and_keeps_the_logo(town, sign_in):
    client = sign_in(town.coordinator)
    answer = client.post(url(), {"accent": "#5b2a82", "logo": upload(), "preview": "1"})
    kept = answer.context["form"].picture_as_text
    assert (answer.status_code, look_of()) == (200, ("#1b4f9c", 120))
    assert f'<input type="hidden" name="kept_logo" value="{kept}">' in answer.content.decode()
    client.post(url(), {"accent": "#5b2a82", "kept_logo": kept})
    assert look_of() == ("#5b2a82", 200)


@pytest.mark.parametrize("kept", ["x", "é", base64.b64encode(b"<svg/>").decode(), "A" * 100_000])
def test_tampered_kept_logo_is_ignored(town, sign_in, kept):
    assert sign_in(town.coordinator).post(url(), {"accent": "", "kept_logo": kept}).status_code == 302
    assert look_of() == ("", 120)


def test_htmx_request_gets_only_the_sample(town, sign_in):
    client = sign_in(town.coordinator)
    for typed, sentence in (("#5b2a82", "Zo wordt het"), ("#ffd200", "Witte letters"), ("x", "Schrijf de kleur")):
        answer = client.post(url(), {"accent": typed}, headers=HTMX)
        assert answer.status_code == 200
        assert answer.content.decode().startswith('<section id="sample"')
        assert sentence in answer.content.decode()
    assert look_of() == ("#1b4f9c", 120)


def test_colour_and_logo_can_be_reset(town, sign_in):
    client = sign_in(town.coordinator)
    client.post(url("theme_undo"), {"part": "accent"})
    assert look_of() == ("", 120)
    client.post(url("theme_undo"), {"part": "logo"})
    assert look_of() == ("", None)
    assert client.post(url("theme_undo"), {"part": "x"}).status_code == 404
    assert 'name="part"' not in client.get(url()).content.decode()


def test_coordinator_sees_the_theme_link_only_for_their_own_towns(town, sign_in):
    make_role(Role.Kind.HOST, town.leiden, town.coordinator)
    page = sign_in(town.coordinator).get(reverse("manage")).content.decode()
    assert url() in page
    assert url(slug="leiden") not in page
    assert "huisstijl" not in sign_in(town.host).get(reverse("manage")).content.decode()
