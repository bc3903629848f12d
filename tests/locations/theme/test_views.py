"""The colour and logo of a town: database constraints, and the views for browsers."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from locations.models import Logo, Municipality
from locations.theme import logos
from locations.theme.actions import remove_logo, set_theme
from tests.factories import make_municipality, make_user
from tests.pictures import make_png
from tests.visitors import visitor

pytestmark = pytest.mark.django_db
YEAR = "public, max-age=31536000, immutable"


@pytest.fixture
def town() -> Municipality:
    town = make_municipality("Weert")
    set_theme(municipality=town, accent="#5b2a82", logo=logos.read(make_png()))
    town.refresh_from_db()
    return town


@pytest.mark.parametrize("accent", ["5b2a82", "#5B2A82", "#5b2a8", "red", "#5b2a8;"])
def test_database_accepts_only_colours(accent):
    with pytest.raises(IntegrityError, match="municipality_accent_is_a_colour"), transaction.atomic():
        make_municipality(accent=accent)


@pytest.mark.parametrize(
    "fields",
    [
        {"logo_version": "abc"},
        {"logo_version": "abc", "logo_width": 100},
        {"logo_version": "abc", "logo_height": 40},
        {"logo_width": 100, "logo_height": 40},
        {"logo_version": "abc", "logo_width": 100, "logo_height": 0},
        {"logo_version": "abc", "logo_width": 0, "logo_height": 40},
    ],
)
def test_a_logo_has_a_version_and_a_size_or_neither(fields):
    with pytest.raises(IntegrityError, match="municipality_logo_has_a_size"), transaction.atomic():
        make_municipality(**fields)


def test_database_accepts_only_a_small_logo():
    town = make_municipality()
    Logo.objects.create(municipality=town, image=bytes(51_200))
    with pytest.raises(IntegrityError, match="logo_is_small"), transaction.atomic():
        Logo.objects.update(image=bytes(51_201))


def test_colour_with_low_contrast_is_refused_with_the_nearest_usable_one():
    with pytest.raises(ValidationError) as refused:
        make_municipality(accent="#0066b3").full_clean()
    assert refused.value.message_dict == {
        "accent": [
            "Witte letters zijn op deze kleur niet goed te lezen. "
            "Kies een donkerdere kleur: #005aa0 lijkt er het meest op en is wel goed te lezen."
        ]
    }


def test_new_colour_leaves_the_logo_and_new_logo_replaces_the_old(town):
    version = town.logo_version
    set_theme(municipality=town, accent="")
    town.refresh_from_db()
    assert (town.accent, town.logo_version, town.stylesheet_url) == ("", version, "")
    set_theme(municipality=town, accent="", logo=logos.read(make_png(200, 50)))
    town.refresh_from_db()
    assert (town.logo_width, town.logo_height, town.logo_version != version) == (200, 50, True)
    assert bytes(Logo.objects.get().image) == make_png(200, 50)


def test_logo_can_be_removed(town):
    remove_logo(municipality=town)
    remove_logo(municipality=town)
    town.refresh_from_db()
    assert (town.logo_url, town.logo_width, Logo.objects.count(), town.accent) == ("", None, 0, "#5b2a82")
    assert Client().get(reverse("town_logo", args=["weert"])).status_code == 404


@pytest.mark.parametrize("user", [None, "someone"])
def test_colour_and_logo_are_cached_for_a_year(town, user, django_assert_num_queries):
    client = visitor(user and make_user())
    for url, kind, queries in ((town.stylesheet_url, "text/css", 0), (town.logo_url, "image/png", 1)):
        with django_assert_num_queries(queries):
            response = client.get(url)
        assert (response.status_code, response["Content-Type"], response["Cache-Control"]) == (200, kind, YEAR)
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "Cookie" not in response.get("Vary", "")
        assert not response.cookies
    assert bytes(response.content) == make_png()


def test_outdated_url_is_not_cached(town):
    for url in (town.stylesheet_url, town.logo_url):
        for old in (url.split("?")[0], url + "0", url.split("?")[0] + "?v=%00"):
            assert Client().get(old)["Cache-Control"] == "no-cache"


def test_new_logo_has_a_new_url(town):
    before = town.logo_url
    set_theme(municipality=town, accent="", logo=logos.read(make_png(200, 50)))
    town.refresh_from_db()
    assert town.logo_url != before


@pytest.mark.parametrize("path", ["/huisstijl/ffd200.css", "/huisstijl/5B2A82.css", "/huisstijl/5b2a8.css"])
def test_stylesheet_of_invalid_or_unusable_colour_is_404(path):
    assert Client().get(path).status_code == 404
