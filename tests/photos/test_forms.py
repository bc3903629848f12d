"""Giving a photo by its page: what is refused, in words and beside the field, with everything typed kept."""

import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import limits
from accounts.models import Role
from meetups.models import Host
from photos import actions, uploads
from photos.models import MAX_BYTES, Incoming, Photo
from photos.shapes import WIDE
from tests.factories import make_location, make_photo, make_role, make_user
from tests.photos.giving import TYPED, a_file, given, page_of, send, settle
from tests.photos.pictures import encoded, four_corners, make_photo_file
from tests.photos.test_converting import png_that_claims
from tests.scenario import Town
from tests.visitors import visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(lasting_town) -> Town:
    return lasting_town


@pytest.fixture
def host(town) -> Host:
    return Host.objects.get(meetup=town.coffee, user=town.host)


@pytest.fixture
def place(town):
    """A place without a photo."""
    return make_location(town.hengelo, name="De Brug", slug="de-brug")


def errors_of(response, field: str) -> list[str]:
    """Return the errors in the group of a field, as a person reads them."""
    page = response.content.decode()
    group = next(
        part for part in re.split(r'(?=<(?:div|fieldset) class="field)', page)[1:] if f'name="{field}"' in part
    )
    found = re.findall(r'<ul class="errorlist"[^>]*>(.*?)</ul>', group, re.DOTALL)
    return [unescape(re.sub(r"<[^>]+>", "", text)).strip() for text in found]


KINDS = " Kies een foto: JPEG, HEIC, PNG of WebP."
SMALLER = " Kies een kleinere versie van de foto."
LARGER = " Kies er een van minstens 400 pixels breed en hoog."
OTHER = "Dit is geen foto die wij kunnen lezen. Kies een JPEG, HEIC, PNG of WebP, of maak een nieuwe foto."
BROKEN = "Deze foto is niet helemaal aangekomen, of het bestand is kapot. Kies de foto nog een keer."


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"<svg><script>alert(1)</script></svg>", "Dit is een SVG, en dat is een tekening." + KINDS),
        (b"%PDF-1.7", "Dit is een pdf." + KINDS),
        (encoded(four_corners(60, 40), "GIF"), "Dit is een GIF." + KINDS),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "Dit is een video." + KINDS),
        (b"Hallo.", OTHER),
        (b"", "Dit bestand is leeg. Kies een ander bestand."),
        (b"\xff\xd8\xff\xe0", BROKEN),
        (png_that_claims(20_000, 20_000), "Deze foto heeft te veel pixels voor ons." + SMALLER),
        (make_photo_file("JPEG", 300, 200), "Deze foto is maar 300 bij 200 pixels." + LARGER),
        (b"\xff\xd8\xff" + b"x" * MAX_BYTES, "Deze foto is groter dan 20 MB." + SMALLER),
        (b"\xff\xd8\xff" + b"x" * 50_000_000, "Deze foto is groter dan 20 MB." + SMALLER),
    ],
    ids=["svg", "pdf", "gif", "video", "text", "empty", "broken", "20,000 x 20,000", "small", "20 MB", "50 MB"],
)  # fmt: skip
def test_a_file_that_cannot_be_used_gets_a_sentence_and_the_form_is_kept(town, place, data, sentence):
    response = send(visitor(town.coordinator), place, data)
    assert response.status_code == 422
    assert errors_of(response, "photo") == [sentence]
    page = response.content.decode()
    assert f'value="{TYPED["description"]}"' in page
    assert re.search(r'value="none"[^>]*checked', page)
    assert not Photo.objects.filter(purpose=place.photo_purpose).exists()


def test_the_same_sentences_in_english(town, place):
    response = visitor(town.coordinator).post("/en" + page_of(place), TYPED | {"photo": a_file(b"%PDF-1.7")})
    assert errors_of(response, "photo") == ["This is a PDF. Choose a photo: JPEG, HEIC, PNG or WebP."]


@pytest.mark.parametrize(
    "name, kind", [("x.svg", "image/svg+xml"), ("x.exe", "text/plain"), ("", ""), ("../../x", "a/b")]
)
def test_name_and_declared_type_are_ignored(town, place, name, kind):
    file = a_file(make_photo_file("HEIF"), name or "blob", kind)
    assert visitor(town.coordinator).post(page_of(place), TYPED | {"photo": file}).status_code == 302
    settle()
    assert given(place).state == "ready"


def test_a_polyglot_becomes_a_plain_picture(town, place):
    """A JPEG that is also a page and an archive: what is served is drawn from its pixels."""
    data = make_photo_file("JPEG", comment=b"<script>alert(1)</script>") + b"PK\x03\x04<html><script>alert(2)</script>"
    send(visitor(town.coordinator), place, data)
    settle()
    photo = given(place)
    response = visitor(None).get(photo.url(720))
    assert response["Content-Type"] == "image/webp"
    assert b"script" not in response.content
    assert b"PK\x03\x04" not in response.content


def test_a_header_that_lies_is_found_by_the_worker(town, place):
    """The first frame header claims a small picture, the pixels are another one: it is refused, with a way on."""
    png = bytearray(png_that_claims(900, 600))
    png[60:] = b"\0" * (len(png) - 60)
    assert send(visitor(town.coordinator), place, bytes(png)).status_code == 302
    settle()
    assert (given(place).state, given(place).reason) == ("refused", "broken")
    page = visitor(town.coordinator).get(page_of(place)).content.decode()
    assert BROKEN in unescape(page)
    assert 'name="photo"' in page
    public = visitor(None).get(place.get_absolute_url()).content.decode()
    assert "/fotos/" not in public
    assert send(visitor(town.coordinator), place).status_code == 302
    settle()
    assert given(place).state == "ready"
    assert Photo.objects.filter(purpose=place.photo_purpose).count() == 1


@pytest.mark.parametrize("text", ["", "IMG_1.jpg", "foto", ".", "x" * 201, "a\0b", "mijn vakantie"])
def test_a_description_that_says_nothing_is_refused_with_help(town, place, text):
    file = a_file(make_photo_file(), "Mijn vakantie.jpg")
    response = visitor(town.coordinator).post(page_of(place), TYPED | {"photo": file, "description": text})
    assert response.status_code == 422
    [sentence] = errors_of(response, "description")
    assert sentence in {
        "Zeg in een paar woorden wat er te zien is, zoals: een lange tafel met kopjes, bij het raam.",
        "Dit is te lang. Gebruik hoogstens 200 tekens.",
    }


def test_children_whose_parents_were_not_asked_are_refused_kindly(town, place):
    response = send(visitor(town.coordinator), place, children="not_asked")
    assert errors_of(response, "children") == [
        "Fijn dat je dat zegt. Vraag het eerst aan hun ouders. "
        "Of kies een foto zonder herkenbare kinderen: van handen, een tafel of de plek zelf."
    ]
    assert given(place) is None


def test_the_answer_about_children_is_kept_with_its_date(town, place):
    before = timezone.now()
    send(visitor(town.coordinator), place, children="agreed")
    photo = given(place)
    assert photo.children == "agreed"
    assert before <= photo.answered_at <= timezone.now()


def test_a_photo_that_arrived_is_not_sent_twice(town, place):
    client = visitor(town.coordinator)
    response = send(client, place, description="foto", children="")
    assert response.status_code == 422
    assert errors_of(response, "photo") == []
    assert "Je foto is aangekomen" in response.content.decode()
    settle()
    assert "data:image/webp;base64," in client.get(page_of(place)).content.decode()
    assert client.post(page_of(place), TYPED).status_code == 302
    settle()
    photo = given(place)
    assert (photo.state, Photo.objects.filter(purpose=place.photo_purpose).count()) == ("ready", 1)


def test_a_draft_is_in_no_store_and_at_no_address(town, place, photos_dir):
    send(visitor(town.coordinator), place, description="")
    settle()
    draft = Photo.objects.get(purpose=place.photo_purpose)
    assert draft.state == "sealed"
    assert not list(photos_dir.rglob("*.webp"))
    for person in (None, town.coordinator):
        assert visitor(person).get(draft.url(720)).status_code == 404


def test_a_draft_attaches_nowhere_else(town, place, host):
    """Not to another place, not by another person, not as a portrait."""
    send(visitor(town.coordinator), place, description="")
    draft = Photo.objects.get(purpose=place.photo_purpose)
    other_place = make_location(town.hengelo)
    second = make_role(Role.Kind.COORDINATOR, town.hengelo, make_user("Ada"))
    for person, target in ((town.coordinator, other_place), (second, place), (town.host, host)):
        if target is host:
            Host.objects.filter(pk=host.pk).update(portrait=None)
        response = visitor(person).post(page_of(target), TYPED | {"draft": draft.token})
        assert errors_of(response, "photo") == ["Kies een foto."]
        assert "Je foto is aangekomen" not in response.content.decode()
    for by, purpose in ((second, place.photo_purpose), (town.coordinator, other_place.photo_purpose)):
        with pytest.raises(actions.NotForThis):
            actions.attach(
                photo=draft, by=by, purpose=purpose, description="Een tafel", children="none", now=timezone.now()
            )


def test_another_photo_takes_the_place_of_the_draft(town, place):
    client = visitor(town.coordinator)
    send(client, place, description="")
    first = Photo.objects.get(purpose=place.photo_purpose)
    send(client, place, make_photo_file("PNG"), description="")
    assert Photo.objects.filter(purpose=place.photo_purpose).exclude(pk=first.pk).count() == 1
    assert not Photo.objects.filter(pk=first.pk).exists()


def test_the_same_file_twice_is_one_photo(town, place):
    client = visitor(town.coordinator)
    assert [send(client, place).status_code for _ in range(3)] == [302, 302, 302]
    settle()
    assert [send(client, place, description="Kopjes op een lange tafel").status_code for _ in range(2)] == [302, 302]
    assert Photo.objects.filter(purpose=place.photo_purpose).count() == 1
    assert given(place).description == "Kopjes op een lange tafel"
    assert not Incoming.objects.filter(photo__purpose=place.photo_purpose).exists()


def test_the_description_can_be_changed_without_a_new_photo(town):
    client = visitor(town.coordinator)
    response = client.post(page_of(town.library), {"description": "De leestrap en de tafel", "children": "agreed"})
    assert response.status_code == 302
    photo = given(town.library)
    assert (photo.pk, photo.description, photo.children) == (
        town.place_photo.pk,
        "De leestrap en de tafel",
        "agreed",
    )
    assert "De leestrap en de tafel" in visitor(None).get(town.library.get_absolute_url()).content.decode()


def test_nothing_said_about_the_old_photo_counts_for_a_new_one(town):
    """Neither the answer about children, which starts empty, nor the description."""
    client = visitor(town.coordinator)
    form = client.get(page_of(town.library)).content.decode()
    assert 'value="Een lange tafel bij het raam"' in form
    assert "checked" not in form
    response = send(client, town.library, description="Een lange tafel bij het raam", children="")
    assert errors_of(response, "description") == [
        "Dit was op de vorige foto te zien. Zeg wat er op de nieuwe foto te zien is."
    ]
    assert errors_of(response, "children") == ["Kies wat klopt voor deze foto."]
    assert given(town.library) == town.place_photo


def test_what_the_old_photo_showed_is_refused_as_often_as_it_is_sent(town):
    """The new photo is a draft by the second time, and is not sent again."""
    client = visitor(town.coordinator)
    old = "Een lange tafel bij het raam"
    refusal = ["Dit was op de vorige foto te zien. Zeg wat er op de nieuwe foto te zien is."]
    assert errors_of(send(client, town.library, description=old), "description") == refusal
    again = client.post(page_of(town.library), TYPED | {"description": old})
    assert errors_of(again, "description") == refusal
    assert given(town.library) == town.place_photo
    assert client.post(page_of(town.library), TYPED).status_code == 302


def test_someone_elses_photo_cannot_be_described(town):
    second = make_role(Role.Kind.COORDINATOR, town.hengelo, make_user("Ada"))
    assert 'value="Een lange tafel bij het raam"' not in visitor(second).get(page_of(town.library)).content.decode()
    response = visitor(second).post(page_of(town.library), {"description": "Iets heel anders", "children": "none"})
    assert response.status_code == 422
    assert errors_of(response, "photo") == ["Kies een foto."]
    assert given(town.library).description == "Een lange tafel bij het raam"


def test_a_new_photo_replaces_and_removes_the_old_one(town, photos_dir):
    old = make_photo(town.coordinator, purpose=town.library.photo_purpose)
    type(town.library).objects.filter(pk=town.library.pk).update(photo=old)
    send(visitor(town.coordinator), town.library)
    settle()
    assert not Photo.objects.filter(pk=old.pk).exists()
    assert visitor(None).get(old.url(720)).status_code == 404
    assert {path.name[:32] for path in photos_dir.rglob("*.webp")} == {given(town.library).token}


def remove(client, target, part="photo"):
    name = "host_portrait_remove" if isinstance(target, Host) else "location_photo_remove"
    args = [target.meetup.slug, target.pk] if isinstance(target, Host) else [target.slug]
    return client.post(reverse(name, args=args), {"part": part})


def test_taking_away_can_be_undone_for_a_day(town, place, photos_dir):
    client = visitor(town.coordinator)
    send(client, place)
    settle()
    photo = given(place)
    remove(client, place)
    assert given(place) is None
    assert visitor(None).get(photo.url(720)).status_code == 404
    settle()
    assert not list(photos_dir.rglob("*.webp"))
    assert "Terugzetten" in client.get(page_of(place)).content.decode()
    remove(client, place, "back")
    settle()
    assert given(place).pk == photo.pk
    assert [visitor(None).get(photo.url(width)).status_code for width in WIDE.widths] == [200, 200, 200]
    remove(client, place)
    remove(client, place, "draft")
    settle()
    assert not Photo.objects.filter(pk=photo.pk).exists()
    assert not list(photos_dir.rglob("*.webp"))
    for part in ("back", "draft", "photo", "", "x"):
        assert remove(client, place, part).status_code == 302


def test_what_was_never_on_the_page_is_not_put_back_and_stays_unless_deleted(town, place):
    client = visitor(town.coordinator)
    send(client, place, description="")
    for part in ("back", "", "x", "photo"):
        assert remove(client, place, part).status_code == 302
        assert (given(place), Photo.objects.filter(purpose=place.photo_purpose).count()) == (None, 1)


def test_a_colleague_takes_the_photo_of_a_place_away_for_good(town):
    second = make_role(Role.Kind.COORDINATOR, town.hengelo, make_user("Ada"))
    remove(visitor(second), town.library)
    assert given(town.library) is None
    assert not Photo.objects.filter(pk=town.place_photo.pk).exists()


def test_the_same_file_of_a_colleague_is_a_photo_of_their_own(town, place):
    send(visitor(town.coordinator), place)
    second = make_role(Role.Kind.COORDINATOR, town.hengelo, make_user("Ada"))
    assert send(visitor(second), place).status_code == 302
    assert given(place).given_by == second


def test_a_file_that_could_not_be_used_may_be_sent_again(town, place):
    client = visitor(town.coordinator)
    send(client, place)
    Photo.objects.filter(purpose=place.photo_purpose).update(state="refused", reason="broken")
    assert send(client, place).status_code == 302
    assert given(place).state == "waiting"


@pytest.mark.parametrize(
    "fields", [{"state": "refused", "reason": "broken"}, {"visibility": "hidden", "hidden_at": timezone.now()}]
)
def test_a_photo_that_nobody_sees_gets_no_other_description(town, fields):
    """Of a hidden one, those who decide about it must see what everyone saw."""
    Photo.objects.filter(pk=town.place_photo.pk).update(**fields)
    response = visitor(town.coordinator).post(page_of(town.library), TYPED)
    assert errors_of(response, "photo") == ["Deze foto is hier niet meer. Kies de foto opnieuw."]
    assert given(town.library).description == "Een lange tafel bij het raam"


def test_a_form_of_another_site_gives_no_photo(town, place):
    client = visitor(town.coordinator, enforce_csrf_checks=True)
    assert send(client, place).status_code == 403
    assert not Photo.objects.filter(purpose=place.photo_purpose).exists()


def test_a_coordinator_takes_a_portrait_away_for_good(town, host):
    photo = host.portrait
    client = visitor(town.coordinator)
    page = client.get(page_of(host)).content.decode()
    assert "Foto verwijderen" in page
    assert 'name="photo"' not in page
    remove(client, host)
    assert given(host) is None
    assert not Photo.objects.filter(pk=photo.pk).exists()
    assert "Hier is geen foto" in client.get(page_of(host)).content.decode()


def test_a_host_who_lost_the_role_cannot_give_a_portrait(town, host):
    Role.objects.filter(user=town.host, kind=Role.Kind.HOST).delete()
    assert visitor(town.host).get(page_of(host)).status_code == 404
    assert send(visitor(town.host), host).status_code == 404


def test_a_coordinator_who_was_host_puts_no_portrait_back(town, host):
    """Taken off as a host, a day before: what is left is to delete it."""
    make_role(Role.Kind.COORDINATOR, town.hengelo, town.host)
    client = visitor(town.host)
    send(client, host)
    remove(client, host)
    Role.objects.filter(user=town.host, kind=Role.Kind.HOST).delete()
    remove(client, host, "back")
    assert given(host) is None
    assert send(client, host).status_code == 404
    remove(client, host, "draft")
    assert not Photo.objects.filter(purpose=host.portrait_purpose).exists()


def test_a_host_who_stops_takes_the_portrait_along(town, host):
    from meetups.managing.actions.planning import change_meetup

    photo = host.portrait
    change_meetup(by=town.coordinator, meetup=town.coffee, now=timezone.now(), hosts=[town.other_host])
    assert not Photo.objects.filter(pk=photo.pk).exists()
    assert visitor(None).get(photo.url(120)).status_code == 404


def test_nobody_honest_feels_the_limit(town, place, monkeypatch):
    client = visitor(town.coordinator)
    for number in range(10):
        assert send(client, place, description=f"Een tafel met {number} kopjes").status_code == 302
    monkeypatch.setattr(limits, "PHOTOS_PER_HOUR", 3)
    response = send(client, place, make_photo_file("PNG"))
    assert errors_of(response, "photo") == [
        "Je hebt in korte tijd veel foto’s gestuurd. Probeer het over een uur nog eens."
    ]


class Unread:
    """A body that fails the test when it is read."""

    def read(self, *args):
        raise AssertionError("the body was read")

    readline = read


BODY = {"wsgi.input": Unread(), "CONTENT_TYPE": "multipart/form-data; boundary=x"}


@pytest.mark.parametrize("who, status", [("stranger", 302), ("parent", 404), ("coordinator_elsewhere", 404)])
def test_not_a_byte_is_read_of_who_may_not_give_a_photo(town, place, who, status):
    client = visitor(town.people[who])
    response = client.generic(
        "POST",
        page_of(place),
        b"",
        **BODY | {"CONTENT_LENGTH": "99"},
    )
    assert response.status_code == status


def test_a_request_that_no_phone_makes_is_refused_unread(town, place):
    client = visitor(town.coordinator, raise_request_exception=False)
    length = str(uploads.MAX_REQUEST_BYTES + 1)
    response = client.generic(
        "POST",
        page_of(place),
        b"",
        **BODY | {"CONTENT_LENGTH": length},
    )
    assert response.status_code == 413


def test_only_one_photo_is_kept_in_memory(town, place):
    """More files, in this field or others, are not: each form has one photo."""
    files = {"photo": [a_file(make_photo_file()), a_file(b"x" * 1_000_000)], "other": a_file(b"x" * 1_000_000)}
    assert visitor(town.coordinator).post(page_of(place), TYPED | files).status_code in {302, 422}
    handler = uploads.PhotoFile(None)
    sizes = []
    for field in ("other", "photo", "photo"):
        handler.new_file(field, "x.jpg", "image/jpeg", None)
        for start in range(0, 300_000, 64_000):
            handler.receive_data_chunk(b"x" * 64_000, start)
        sizes.append(len(handler.file_complete(320_000).read()))
    assert sizes == [0, 320_000, 0]


def test_a_file_that_is_too_large_is_not_kept(town):
    handler = uploads.PhotoFile(None)
    handler.new_file("photo", "x.jpg", "image/jpeg", None)
    for start in range(0, MAX_BYTES + 2_000_000, 1_000_000):
        handler.receive_data_chunk(b"x" * 1_000_000, start)
    file = handler.file_complete(MAX_BYTES + 2_000_000)
    assert (file.size, file.read()) == (MAX_BYTES + 2_000_000, b"")


def test_other_pages_keep_their_small_uploads(town):
    """The form of a town's logo still keeps the beginning of a file only."""
    response = visitor(town.coordinator).post(
        reverse("theme", args=["hengelo"]), {"accent": "", "logo": a_file(make_photo_file() * 300)}
    )
    assert response.status_code == 422


def test_htmx_asks_until_the_photo_is_ready(town, place):
    client = visitor(town.coordinator)
    send(client, place)
    page = client.get(page_of(place)).content.decode()
    assert re.search(r'<div id="photo-state" aria-live="polite">\s*<div [^>]*data-hx-trigger="every 2s"', page)
    waiting = client.get(page_of(place), headers={"HX-Request": "true"})
    assert (waiting.status_code, waiting.content) == (204, b""), "nothing is read aloud every two seconds"
    settle()
    ready = client.get(page_of(place), headers={"HX-Request": "true"}).content.decode()
    assert 'id="photo-state"' not in ready, "it goes in the live region, which stays"
    assert "data-hx-get" not in ready
    assert "srcset" in ready
    remove(client, place)
    assert client.get(page_of(place), headers={"HX-Request": "true"}).status_code == 200


def test_a_refused_photo_ends_the_asking(town, place):
    client = visitor(town.coordinator)
    send(client, place)
    Photo.objects.filter(purpose=place.photo_purpose).update(state="refused", reason="broken")
    answer = client.get(page_of(place), headers={"HX-Request": "true"}).content.decode()
    assert BROKEN in unescape(answer)
    assert "data-hx-get" not in answer
