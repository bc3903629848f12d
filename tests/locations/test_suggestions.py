"""Suggestions while typing a place: which places, in which order, and how they are served."""

import pytest
from django.urls import reverse

from locations import own_places, places
from locations.suggestions import MAX_SUGGESTIONS, suggest
from tests.factories import make_location, make_municipality

pytestmark = pytest.mark.django_db

# What is typed, and the first suggestions; for each a place that people look for, in a way they type it.
TYPING = [
    ("h", []),
    ("  ", []),
    ("he", ["Den Haag"]),
    ("heng", ["Hengelo (Overijssel)"]),
    ("HENGEL", ["Hengelo (Overijssel)", "Hengelo (Bronckhorst, Gelderland)"]),
    ("hengelo (", ["Hengelo (Overijssel)", "Hengelo (Bronckhorst, Gelderland)"]),
    ("hengelo ov", ["Hengelo (Overijssel)"]),
    ("'s-gra", ["Den Haag"]),
    ("s gravenz", ["'s-Gravenzande"]),
    ("’s-Gravenz", ["'s-Gravenzande"]),
    ("gravenz", ["'s-Gravenzande"]),
    ("'s-hert", ["'s-Hertogenbosch"]),
    ("den bo", ["'s-Hertogenbosch"]),
    ("'t har", ["t Harde"]),
    ("harde", ["t Harde"]),
    ("t hard", ["t Harde"]),
    ("den haa", ["Den Haag"]),
    ("haag", ["Den Haag"]),
    ("bilt", ["De Bilt"]),
    ("de bil", ["De Bilt"]),
    ("sneek", ["Sneek"]),
    ("sûdwest", ["Súdwest-Fryslân"]),
    ("sudwest", ["Súdwest-Fryslân"]),
    ("ijmui", ["IJmuiden"]),
    ("ymui", ["IJmuiden"]),
    ("st. oed", ["Sint-Oedenrode"]),
    ("alphen aan de r", ["Alphen aan den Rijn"]),
    ("alphen a/d", ["Alphen aan den Rijn"]),
    ("vennep", ["Nieuw-Vennep"]),
    ("7551", ["7551 Hengelo"]),
    ("7551 a", ["7551 Hengelo"]),
    ("7551AB", ["7551 Hengelo"]),
    ("henglo", ["Hengelo (Overijssel)"]),
    ("utrrecht", ["Utrecht"]),
    ("xyzzyplaats", []),
    ("🦊", []),
    ("%_'; drop", []),
]


@pytest.mark.parametrize(("typed", "first"), TYPING, ids=[typed for typed, _first in TYPING])
def test_suggestions_while_typing(typed, first):
    found = suggest(typed)
    assert found[: len(first)] == first
    assert len(found) <= MAX_SUGGESTIONS
    if not first:
        assert found == []


@pytest.mark.parametrize("typed", [typed for typed, first in TYPING if first])
def test_a_suggestion_means_the_place_it_names(typed):
    for label in suggest(typed):
        meaning = places.look_up(label)
        assert meaning.place is not None
        assert meaning.place.label == label


def test_part_of_a_postcode_suggests_those_in_use():
    found = suggest("755")
    assert len(found) == MAX_SUGGESTIONS
    assert all(label.startswith("755") for label in found)
    assert found == sorted(found)


def test_our_own_places_come_first(monkeypatch):
    monkeypatch.setattr(own_places, "CACHE_SECONDS", 0.0)
    town = make_municipality("Weert", latitude=51.2517, longitude=5.7067)
    make_location(town, name="Bibliotheek aan de Gracht", neighbourhood="Zonnewijk")
    assert suggest("weert")[0] == "Weert"
    assert suggest("zonne")[0] == "Zonnewijk (Weert, Limburg)"
    for typed in ("gracht", "bibliotheek gr", "grac bib"):
        assert suggest(typed)[-1] == "Bibliotheek aan de Gracht (Weert, Limburg)"
    assert suggest("weer").count("Weert") == 1


def test_the_answer_is_the_same_for_everyone_costs_no_query_and_may_be_kept(client, django_assert_num_queries):
    own_places.own_places()
    with django_assert_num_queries(0):
        response = client.get(reverse("place_suggestions"), {"q": "heng"})
    assert response.json()["places"][0] == "Hengelo (Overijssel)"
    assert response.headers["Cache-Control"] == "public, max-age=600"
    assert "Cookie" not in response.headers.get("Vary", "")
    assert not response.cookies


@pytest.mark.parametrize("query", ["", "q=", "q=" + "x" * 500, "q=%00", "q=%ff", "q=a&q=b", "q[]=a"])
def test_strange_questions_get_no_suggestions(client, query):
    response = client.get(f"{reverse('place_suggestions')}?{query}")
    assert (response.status_code, response.json()) == (200, {"places": []})
