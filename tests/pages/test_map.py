"""The frame of the map: the only page that may load tiles from another host."""

import pytest

pytestmark = pytest.mark.django_db

TILES = "https://tiles.example.nl/{z}/{x}/{y}.png"


def policy(client, path: str) -> dict[str, str]:
    parts = client.get(path).headers["Content-Security-Policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


def test_only_the_frame_of_the_map_may_load_tiles(client, settings):
    settings.MAP_TILES_URL = TILES
    assert policy(client, "/kaart/")["img-src"] == "'self' data: https://tiles.example.nl"
    for path in ("/", "/agenda/", "/locaties/", "/privacy/"):
        assert policy(client, path)["img-src"] == "'self' data:"


def test_without_tiles_nothing_comes_from_another_host(client, settings):
    settings.MAP_TILES_URL = ""
    assert policy(client, "/kaart/")["img-src"] == "'self' data:"
    assert "tiles.example.nl" not in client.get("/privacy/").content.decode()


def test_only_our_own_pages_may_frame_the_map(client):
    frame = client.get("/kaart/")
    assert policy(client, "/kaart/")["frame-ancestors"] == "'self'"
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert policy(client, "/locaties/")["frame-ancestors"] == "'none'"
    assert client.get("/locaties/").headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", ["/privacy/", "/en/privacy/"])
def test_the_privacy_page_names_the_host_of_the_tiles(client, settings, path):
    settings.MAP_TILES_URL = TILES
    assert "tiles.example.nl" in client.get(path).content.decode()


def test_the_frame_costs_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/kaart/")
