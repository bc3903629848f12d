"""Hiding, showing and removing a photo, in a directory and in S3: every width is where it belongs, and nowhere else."""

import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from meetups.models import Host
from pages import privacy
from pedbasis import environment
from photos import actions, settling, storing
from photos.models import COPY_KEPT, Discarded, Incoming, Photo, SealedCopy
from photos.shapes import PORTRAIT, WIDE
from tests.factories import make_location, make_meetup, make_photo, make_role, make_user, make_webp
from tests.photos.giving import settle
from tests.photos.pictures import decoded, make_photo_file
from tests.visitors import visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def photo(any_store) -> Photo:
    """The photo of a place, made from a file."""
    place = make_location()
    by = make_user()
    photo = actions.receive(
        given_by=by, purpose=place.photo_purpose, shape=WIDE, data=make_photo_file(), now=timezone.now()
    )
    place.photo = actions.attach(
        photo=photo,
        by=by,
        purpose=place.photo_purpose,
        description="Een lange tafel",
        children="none",
        now=timezone.now(),
    )
    place.save()
    settle()
    return again(photo)


def again(photo: Photo) -> Photo:
    return Photo.objects.get(pk=photo.pk)


def in_store(photo: Photo) -> list[int]:
    """Return the widths that are in the store."""
    return [width for width in storing.WIDTHS if storing.store().exists(storing.name_of(photo.token, width))]


def statuses(photo: Photo) -> set[int]:
    return {visitor(None).get(photo.url(width)).status_code for width in photo.dimensions.widths}


def test_a_public_photo_is_in_the_store_only(photo):
    assert in_store(photo) == [360, 720, 1080]
    assert statuses(photo) == {200}
    assert not SealedCopy.objects.exists()
    assert not Incoming.objects.exists()
    assert (photo.busy_until, photo.attempts) == (None, 0)


def test_hidden_at_once_and_then_in_no_store(photo):
    copy = storing.read(photo.token, 1080)
    actions.hide(photo=photo, now=timezone.now())
    assert statuses(photo) == {404}
    settle()
    assert in_store(photo) == []
    assert (again(photo).state, bytes(SealedCopy.objects.get().image)) == ("sealed", copy)
    assert statuses(photo) == {404}


def test_hidden_and_shown_again_as_often_as_needed_without_loss(photo):
    before = storing.read(photo.token, 1080)
    for _ in range(3):
        actions.hide(photo=photo, now=timezone.now())
        settle()
        actions.show(photo=photo, now=timezone.now())
        assert again(photo).is_waiting
        settle()
        assert statuses(photo) == {200}
    assert storing.read(photo.token, 1080) == before
    assert [decoded(storing.read(photo.token, width)).width for width in photo.dimensions.widths] == [360, 720, 1080]
    assert not SealedCopy.objects.exists()


def test_hidden_and_shown_before_a_worker_came(photo):
    actions.hide(photo=photo, now=timezone.now())
    actions.show(photo=photo, now=timezone.now())
    assert statuses(photo) == {200}
    settle()
    assert in_store(photo) == [360, 720, 1080]


def test_hiding_twice_is_hiding_once(photo):
    now = timezone.now()
    actions.hide(photo=photo, now=now)
    actions.hide(photo=photo, now=now + timedelta(days=3))
    assert again(photo).hidden_at == now
    actions.show(photo=photo, now=now)
    actions.show(photo=photo, now=now)
    assert not again(photo).is_hidden


def test_after_thirty_days_the_copy_is_gone_and_showing_is_refused(photo):
    hidden_at = timezone.now()
    actions.hide(photo=photo, now=hidden_at)
    settle()
    actions.forget_copies(now=hidden_at + COPY_KEPT - timedelta(minutes=1))
    assert SealedCopy.objects.exists()
    actions.forget_copies(now=hidden_at + COPY_KEPT + timedelta(minutes=1))
    assert not SealedCopy.objects.exists()
    assert again(photo).state == "gone"
    with pytest.raises(actions.CopyIsGone, match="30"):
        actions.show(photo=photo, now=timezone.now())
    settle()
    assert (in_store(photo), statuses(photo)) == ([], {404})


def test_a_copy_that_was_never_put_away_is_forgotten_too(photo):
    """The worker was away for 30 days."""
    hidden_at = timezone.now() - timedelta(days=40)
    Photo.objects.filter(pk=photo.pk).update(visibility="hidden", hidden_at=hidden_at)
    actions.forget_copies(now=timezone.now())
    settle()
    assert (in_store(photo), again(photo).state, again(photo).has_files) == ([], "gone", False)


def test_removed_for_good(photo):
    actions.remove(photo=photo, now=timezone.now())
    assert statuses(photo) == {404}
    settle()
    assert in_store(photo) == []
    assert not Photo.objects.exists()
    assert not Discarded.objects.exists()
    actions.remove(photo=photo, now=timezone.now())


def test_a_hidden_photo_that_is_replaced_stays_with_its_case(photo):
    place = photo.location
    actions.hide(photo=photo, now=timezone.now())
    settle()
    actions.retire(photo=photo, now=timezone.now())
    kept = again(photo)
    assert (kept.attached_at, kept.is_hidden, kept.state) == (None, True, "sealed")
    assert storing.read_for_review(kept) is not None
    with pytest.raises(actions.WasHidden):
        actions.receive(
            given_by=photo.given_by,
            purpose=place.photo_purpose,
            shape=WIDE,
            data=make_photo_file(),
            now=timezone.now(),
        )
    actions.forget_drafts(now=timezone.now() + timedelta(days=3))
    assert Photo.objects.filter(pk=photo.pk).exists()
    actions.forget_copies(now=timezone.now() + timedelta(days=31))
    assert not Photo.objects.filter(pk=photo.pk).exists()


def test_a_replaced_photo_that_is_shown_again_is_a_draft(photo):
    actions.hide(photo=photo, now=timezone.now())
    actions.retire(photo=photo, now=timezone.now())
    actions.show(photo=photo, now=timezone.now())
    settle()
    assert again(photo) == Photo.objects.draft_for(photo.given_by, photo.purpose)
    assert (in_store(photo), statuses(photo)) == ([], {404})


def test_a_draft_is_neither_taken_off_a_page_nor_shown_again(photos_dir):
    draft = make_photo(make_user(), attached_at=None)
    actions.detach(photo=draft, now=timezone.now())
    actions.show(photo=draft, now=timezone.now())
    assert (again(draft).detached_at, again(draft).is_hidden) == (None, False)


def test_of_two_drafts_the_one_that_is_shown_again_stays(photo):
    """There is one at most; hiding and replacing leave the other alone."""
    other = make_photo(photo.given_by, purpose=photo.purpose, attached_at=None)
    actions.hide(photo=photo, now=timezone.now())
    actions.retire(photo=photo, now=timezone.now())
    assert Photo.objects.filter(pk=other.pk).exists()
    actions.show(photo=photo, now=timezone.now())
    assert list(Photo.objects.drafts()) == [photo]


def test_a_file_that_no_worker_looked_at_is_forgotten_with_the_copy(photos_dir):
    place, by, now = make_location(), make_user(), timezone.now()
    waiting = actions.receive(
        given_by=by, purpose=place.photo_purpose, shape=WIDE, data=make_photo_file(), now=now - timedelta(days=40)
    )
    actions.attach(photo=waiting, by=by, purpose=place.photo_purpose, description="Een tafel", children="none", now=now)
    Photo.objects.update(visibility="hidden", hidden_at=now - timedelta(days=31))
    actions.forget_copies(now=now)
    assert (again(waiting).state, Incoming.objects.count()) == ("gone", 0)


def test_those_who_decide_can_look_at_a_hidden_photo(photo):
    before = storing.read(photo.token, 1080)
    assert storing.read_for_review(again(photo)) == before
    actions.hide(photo=photo, now=timezone.now())
    assert storing.read_for_review(again(photo)) == before
    settle()
    assert storing.read_for_review(again(photo)) == before
    actions.forget_copies(now=timezone.now() + timedelta(days=31))
    assert storing.read_for_review(again(photo)) is None


def test_erasing_an_account_removes_rows_and_files(photo):
    privacy.erase(user=photo.given_by, now=timezone.now())
    assert not Photo.objects.exists()
    settle()
    assert in_store(photo) == []


def test_orphans_are_collected_and_nothing_else(photo, monkeypatch):
    stray = Photo(token="ab" * 16, shape="portrait")
    waiting = make_photo(make_user(), state="waiting")  # its files are being written right now
    for one in (stray, waiting):
        storing.save(one.token, dict.fromkeys(one.dimensions.widths, b"webp"))
    storing.store().save("ab/notes.txt", type(storing.ContentFile(b""))(b"not ours"))
    tomorrow = timezone.now() + timedelta(days=1, minutes=1)
    assert settling.collect(now=timezone.now()) == 0, "a day may pass"
    assert in_store(stray) == [120, 240, 480]
    assert settling.collect(now=tomorrow) == 1
    assert (in_store(stray), in_store(photo), in_store(waiting)) == ([], [360, 720, 1080], [360, 720, 1080])
    assert storing.store().exists("ab/notes.txt")
    assert settling.collect(now=tomorrow) == 0


def test_files_of_a_hidden_photo_that_came_back_with_a_backup_are_taken_out_again(photo):
    files = {width: storing.read(photo.token, width) for width in photo.dimensions.widths}
    actions.hide(photo=photo, now=timezone.now())
    settle()
    storing.save(photo.token, files)
    assert settling.collect(now=timezone.now()) == 0
    settle()
    assert (in_store(photo), again(photo).state, again(photo).has_files) == ([], "sealed", False)
    actions.show(photo=photo, now=timezone.now())
    settle()
    assert statuses(photo) == {200}


def test_files_that_go_while_orphans_are_collected_are_no_error(any_store, monkeypatch):
    monkeypatch.setattr(storing, "tokens", lambda: iter([{"ab" * 16}]))
    assert settling.collect(now=timezone.now()) == 1


def test_collecting_from_an_empty_store(any_store):
    assert settling.collect(now=timezone.now()) == 0


def test_a_file_that_the_store_lost_is_no_error(photo):
    storing.delete(photo.token)
    assert statuses(photo) == {404}
    actions.hide(photo=photo, now=timezone.now())
    settle()
    assert again(photo).state == "gone"
    with pytest.raises(actions.CopyIsGone):
        actions.show(photo=photo, now=timezone.now())


def test_browsers_and_proxies_ask_each_time(photo, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = visitor(None).get(photo.url(720))
    etag = response["ETag"]
    storing.delete(photo.token)  # a 304 does not need the store
    with django_assert_num_queries(1):
        again_asked = visitor(None).get(photo.url(720), headers={"If-None-Match": f'"x", {etag}'})
    assert (again_asked.status_code, again_asked.content, again_asked["Cache-Control"]) == (
        304,
        b"",
        "public, no-cache",
    )
    assert "Cookie" not in again_asked.get("Vary", "")
    for weak in (f"W/{etag}", "*"):  # as a proxy that compresses sends it, and RFC 9110, 13.1.2
        assert visitor(None).get(photo.url(720), headers={"If-None-Match": weak}).status_code == 304
    Photo.objects.update(visibility="hidden", hidden_at=timezone.now())
    assert visitor(None).get(photo.url(720), headers={"If-None-Match": etag}).status_code == 404


class CutOff(BaseHTTPRequestHandler):
    """A store whose connection breaks in the middle of a file."""

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.send_header("ETag", '"x"')
        self.end_headers()

    def do_GET(self):
        self.do_HEAD()
        self.wfile.write(b"half")

    def log_message(self, *args):
        """Write nothing."""


def test_a_store_that_breaks_off_in_the_middle_is_away(photos_dir, settings, monkeypatch):
    photo = make_photo(make_user())
    with ThreadingHTTPServer(("127.0.0.1", 0), CutOff) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PHOTOS_STORE", f"s3+http://key:secret@127.0.0.1:{server.server_port}/photos?region=x")
        settings.STORAGES = settings.STORAGES | {"photos": environment.photo_store("PHOTOS_STORE")}
        with pytest.raises(storing.StoreAway):
            storing.read(photo.token, 720)
        assert statuses(photo) == {503}
        server.shutdown()


@pytest.mark.parametrize("width", [1, 120, 719, 99_999])
def test_other_widths_do_not_exist(photo, width):
    response = visitor(None).get(f"/fotos/{photo.token}-{width}.webp")
    assert (response.status_code, response["Cache-Control"]) == (404, "no-store")


@pytest.mark.parametrize(
    "name", ["{}-0720", "{}-0", "{}-720.0", "{}--720", "{}-" + "7" * 5000, "../{}-720", "x/{}-720"]
)
def test_a_file_has_one_address(photo, name):
    address = f"/fotos/{name.format(photo.token)}.webp"
    assert visitor(None).get(address).status_code == 404
    assert visitor(None).get(f"/fotos/{photo.token.upper()}-720.webp").status_code == (
        200 if photo.token.upper() == photo.token else 404
    )


def test_part_of_a_file_is_the_whole_file_and_head_has_no_body(photo):
    """A range may be ignored (RFC 9110, 14.2)."""
    whole = visitor(None).get(photo.url(720))
    part = visitor(None).get(photo.url(720), headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.content) == (200, whole.content)
    head = visitor(None).head(photo.url(720))
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", whole["ETag"])
    assert visitor(None).post(photo.url(720)).status_code == 405


def test_a_draft_is_forgotten_after_a_day_and_a_photo_without_a_page_at_once(any_store):
    now = timezone.now()
    shown, unused = make_photo(make_user()), make_photo(make_user())
    make_location(photo=shown)
    draft = make_photo(make_user(), attached_at=None, created_at=now - timedelta(hours=23))
    old = make_photo(make_user(), attached_at=None, created_at=now - timedelta(hours=25))
    actions.forget_drafts(now=now)
    assert set(Photo.objects.all()) == {shown, draft}
    settle()
    assert [in_store(one) for one in (unused, old)] == [[], []]


def test_a_deleted_meetup_leaves_no_portrait(any_store):
    host = make_role("host", make_location().municipality)
    meetup = make_meetup(hosts=(host,))
    portrait = make_photo(host, shape=PORTRAIT)
    Host.objects.update(portrait=portrait)
    meetup.delete()
    actions.forget_drafts(now=timezone.now())
    settle()
    assert (Photo.objects.count(), in_store(portrait)) == (0, [])


def test_export_has_the_photos_someone_gave(any_store):
    user = make_user()
    seen, kept = make_photo(user), make_photo(user, attached_at=None, state="sealed", has_files=False)
    SealedCopy.objects.create(photo=kept, image=make_webp(1080, 720))
    make_photo(make_user())
    [first, second] = privacy.export(user, timezone.now())["photos"]
    assert first["address"].endswith(seen.url(1080))
    assert first["webp_in_base64"] is None
    assert second["address"] is None
    assert second["webp_in_base64"].startswith("UklGR"), "RIFF, in base64"
    assert first["recognisable_children"] == "none"
