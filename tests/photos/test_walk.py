"""The walk that must work: a host gives a portrait and a coordinator the photo of a place, and everyone sees them."""

import pytest

from meetups.models import Host
from photos.models import Incoming, Photo
from tests.photos.giving import given, page_of, send, settle
from tests.photos.pictures import decoded, make_photo_file
from tests.scenario import Town
from tests.visitors import visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(lasting_town) -> Town:
    return lasting_town


@pytest.fixture
def host(town) -> Host:
    return Host.objects.get(meetup=town.coffee, user=town.host)


@pytest.mark.parametrize("kind", ["JPEG", "HEIF", "PNG", "WEBP"])
def test_a_place_gets_its_photo(town, kind):
    client = visitor(town.coordinator)
    response = send(client, town.library, make_photo_file(kind))
    assert (response.status_code, response["Location"]) == (302, page_of(town.library))
    assert "klaargemaakt" in client.get(page_of(town.library)).content.decode()
    settle()
    photo = given(town.library)
    assert (photo.state, photo.reason, photo.children) == ("ready", "", "none")
    assert not Incoming.objects.exists()
    page = visitor(None).get(town.library.get_absolute_url()).content.decode()
    assert photo.srcset in page
    assert 'alt="Een lange tafel met kopjes bij het raam"' in page
    for width in photo.dimensions.widths:
        file = visitor(None).get(photo.url(width))
        assert (file.status_code, file["Content-Type"]) == (200, "image/webp")
        assert file["Cache-Control"] == "public, no-cache"
        assert file["X-Content-Type-Options"] == "nosniff"
        assert decoded(file.content).size == (width, round(width * 2 / 3))


def test_a_host_gets_a_portrait_on_every_page(town, host):
    assert send(visitor(town.host), host).status_code == 302
    settle()
    photo = given(host)
    for page in (town.coffee, town.next_week):
        assert photo.srcset in visitor(None).get(page.get_absolute_url()).content.decode()
    poster = visitor(None).get(f"/bijeenkomsten/{town.coffee.slug}/poster/").content.decode()
    assert photo.srcset in poster
    assert Photo.objects.filter(purpose=host.portrait_purpose).count() == 1
