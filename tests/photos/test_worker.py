"""The worker and people at once: two workers, one that dies, a store that is away, a photo hidden meanwhile."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from locations.models import Location
from locations.photo import set_photo
from photos import actions, converting, settling, storing, tasks, waking
from photos.models import Discarded, Incoming, Photo
from photos.shapes import WIDE
from tests.factories import make_location, make_photo, make_role, make_user
from tests.photos.giving import given, send, settle
from tests.photos.pictures import make_photo_file
from tests.visitors import visitor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _store(photos_dir):
    pass


@pytest.fixture
def place() -> Location:
    return make_location()


def give(place: Location, by=None, data: bytes = b"") -> Photo:
    """Give a photo as a request does: receive it, and make it part of the page."""
    by = by or make_user()
    photo = actions.receive(
        given_by=by, purpose=place.photo_purpose, shape=WIDE, data=data or make_photo_file(), now=timezone.now()
    )
    set_photo(location=place, photo=photo, by=by, description="Een tafel", children="none", now=timezone.now())
    return Photo.objects.get(pk=photo.pk)


def together(*functions) -> list[BaseException]:
    """Run these at the same time, each with its own connection; return what they raised."""
    raised = []
    start = threading.Barrier(len(functions))

    def run(function):
        try:
            start.wait(20)
            function()
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[function]) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


def test_the_same_photo_sent_twice_at_once_is_one_photo(place):
    by, data = make_user(), make_photo_file()
    assert together(*[lambda: give(place, by, data)] * 4) == []
    assert Photo.objects.count() == 1
    place.refresh_from_db()
    assert place.photo == Photo.objects.get()
    settle()
    assert visitor(None).get(Photo.objects.get().url(720)).status_code == 200


def test_two_photos_sent_at_once_leave_one(place):
    by = make_user()
    files = [make_photo_file(kind) for kind in ("JPEG", "PNG", "WEBP")]
    raised = together(*[lambda data=data: give(place, by, data) for data in files])
    assert all(isinstance(error, actions.NotForThis) for error in raised)
    place.refresh_from_db()
    assert [photo for photo in Photo.objects.all() if photo.attached_at] == [place.photo]
    settle()
    assert place.photo.srcset.split()[0].split("/")[-1][:32] == place.photo.token


def test_two_workers_do_not_convert_the_same_photo(place, monkeypatch):
    give(place)
    started = []
    convert = converting.convert
    monkeypatch.setattr(converting, "convert", lambda data, shape: started.append(1) or convert(data, shape))
    assert together(*[lambda: settling.settle_next(now=timezone.now())] * 3) == []
    assert len(started) == 1
    assert Photo.objects.get().state == "ready"


def test_a_worker_that_dies_is_followed_by_another(place, monkeypatch):
    give(place)
    save = storing.save

    def die(token, files):
        save(token, dict(list(files.items())[:1]))
        raise SystemExit

    monkeypatch.setattr(storing, "save", die)
    with pytest.raises(SystemExit):
        settling.settle_next(now=timezone.now())
    monkeypatch.setattr(storing, "save", save)
    photo = Photo.objects.get()
    assert (photo.state, photo.attempts) == ("waiting", 1)
    assert visitor(None).get(photo.url(360)).status_code == 404, "nobody sees what is half there"
    assert not settling.settle_next(now=timezone.now()), "its claim still holds"
    later = timezone.now() + settling.CLAIM_DURATION + timedelta(seconds=1)
    assert settling.settle_next(now=later)
    assert Photo.objects.get().state == "ready"
    assert {visitor(None).get(photo.url(width)).status_code for width in WIDE.widths} == {200}


def test_a_photo_that_ends_every_worker_is_given_up(place):
    photo = give(place)
    Photo.objects.filter(pk=photo.pk).update(attempts=settling.MAX_ATTEMPTS)
    settle()
    photo.refresh_from_db()
    assert (photo.state, photo.reason) == ("refused", "broken")
    assert not Incoming.objects.exists()


@pytest.mark.parametrize("what", ["hide", "remove", "detach"])
def test_what_happens_while_a_photo_is_made_wins(place, monkeypatch, photos_dir, what):
    photo = give(place)
    convert = converting.convert

    def convert_meanwhile(data, shape):
        outcome = convert(data, shape)
        getattr(actions, what)(photo=photo, now=timezone.now())
        return outcome

    monkeypatch.setattr(converting, "convert", convert_meanwhile)
    settling.settle_next(now=timezone.now())
    monkeypatch.setattr(converting, "convert", convert)
    assert visitor(None).get(photo.url(720)).status_code == 404
    settle()
    assert not list(photos_dir.rglob("*.webp"))
    assert visitor(None).get(photo.url(720)).status_code == 404
    assert [row.state for row in Photo.objects.all()] == ([] if what == "remove" else ["sealed"])
    assert not Incoming.objects.exists()


def test_shown_again_while_its_files_are_being_deleted(place, monkeypatch, photos_dir):
    photo = give(place)
    settle()
    actions.hide(photo=photo, now=timezone.now())
    delete = storing.delete

    def delete_meanwhile(token):
        actions.show(photo=photo, now=timezone.now())
        delete(token)

    monkeypatch.setattr(storing, "delete", delete_meanwhile)
    settling.settle_next(now=timezone.now())
    monkeypatch.setattr(storing, "delete", delete)
    settle()
    assert Photo.objects.get().state == "ready"
    assert {visitor(None).get(photo.url(width)).status_code for width in WIDE.widths} == {200}


@pytest.fixture
def away(monkeypatch):
    """A store that does not answer, until the function is called."""

    def refuse(*args):
        raise storing.StoreAway

    with pytest.MonkeyPatch.context() as patch:
        for name in ("read", "save", "delete"):
            patch.setattr(storing, name, refuse)
        yield patch.undo


def test_a_store_that_is_away_loses_nothing(place, away):
    photo = give(place)
    tasks.settle()
    photo.refresh_from_db()
    assert (photo.state, photo.attempts, photo.reason) == ("waiting", 0, "")
    assert Incoming.objects.exists()
    assert not settling.settle_next(now=timezone.now()), "not at once again"
    away()
    assert settling.settle_next(now=timezone.now() + settling.RETRY_AFTER + timedelta(seconds=1))
    assert Photo.objects.get().state == "ready"


def test_pages_work_while_the_store_is_away(place, away):
    photo = make_photo_without_store(place)
    assert visitor(None).get(place.get_absolute_url()).status_code == 200
    response = visitor(None).get(photo.url(720))
    assert (response.status_code, response["Retry-After"], response["Cache-Control"]) == (503, "30", "no-store")


def test_a_store_that_hangs_keeps_no_visitor_waiting(place, monkeypatch):
    """After the first who waited for nothing, nobody waits; after a pause one finds out how it is."""
    photo = make_photo_without_store(place)
    asked, now = [], [1000.0]

    def hang(token, width):
        asked.append(token)
        now[0] += 20
        raise storing.StoreAway

    monkeypatch.setattr(storing.time, "monotonic", lambda: now[0])
    with monkeypatch.context() as away:
        away.setattr(storing, "read", hang)
        statuses = [visitor(None).get(photo.url(width)).status_code for width in (360, 720, 1080)]
        assert (statuses, len(asked)) == ([503] * 3, 1)
        now[0] += storing.PAUSE_SECONDS + 1
        away.setattr(
            storing, "read", lambda token, width: visitor(None).get(photo.url(360)).content or hang(token, width)
        )
        assert visitor(None).get(photo.url(720)).status_code == 503
        assert len(asked) == 2, "while one finds out, the others do not wait"
    now[0] += storing.PAUSE_SECONDS + 1
    storing.save(photo.token, {720: b"webp"})
    assert [visitor(None).get(photo.url(width)).status_code for width in (360, 720, 720)] == [404, 200, 200]


def make_photo_without_store(place: Location) -> Photo:
    photo = make_photo(make_user(), state="waiting", has_files=False, purpose=place.photo_purpose)
    Photo.objects.filter(pk=photo.pk).update(state="ready", has_files=True)
    Location.objects.filter(pk=place.pk).update(photo=photo)
    return photo


@pytest.mark.parametrize("error", [FileNotFoundError, PermissionError, OSError(28, "No space left on device")])
def test_a_store_that_cannot_be_written_costs_no_photo(place, monkeypatch, error):
    """Nor an attempt: however long someone takes to put it right, the photo waits."""

    def refuse(*args):
        raise error

    monkeypatch.setattr(FileSystemStorage, "_save", refuse)
    photo = give(place)
    for number in range(6):
        later = timezone.now() + number * (settling.RETRY_AFTER + timedelta(seconds=1))
        assert not settling.settle_next(now=later)
        Photo.objects.update(busy_until=None)
    photo.refresh_from_db()
    assert (photo.state, photo.attempts) == ("waiting", 0)


def test_what_was_written_of_a_photo_that_cannot_be_used_is_deleted(place, photos_dir):
    """By the workers that it ended."""
    photo = give(place)
    storing.save(photo.token, {360: b"webp"})
    Photo.objects.filter(pk=photo.pk).update(attempts=settling.MAX_ATTEMPTS, has_files=True)
    settle()
    photo.refresh_from_db()
    assert (photo.state, photo.has_files) == ("refused", False)
    assert not list(photos_dir.rglob("*.webp"))


def test_a_worker_that_is_too_late_leaves_nothing_of_a_photo_that_was_hidden_meanwhile(place, monkeypatch, photos_dir):
    photo = give(place)
    save = storing.save

    def save_late(token, files):
        """Another worker did it all before this one writes."""
        monkeypatch.setattr(storing, "save", save)
        Photo.objects.update(busy_until=None)
        actions.hide(photo=photo, now=timezone.now())
        settle()
        save(token, files)

    monkeypatch.setattr(storing, "save", save_late)
    settle()
    assert Photo.objects.get().state == "sealed"
    assert not list(photos_dir.rglob("*.webp"))


def test_what_is_put_on_a_page_while_it_is_forgotten_stays(place, monkeypatch):
    photo = give(place)
    long_ago = timezone.now() - timedelta(days=3)
    Location.objects.update(photo=None)
    Photo.objects.filter(pk=photo.pk).update(attached_at=None, detached_at=long_ago)
    lock = actions.lock

    def put_back_meanwhile(purpose):
        monkeypatch.setattr(actions, "lock", lock)
        together(
            lambda: set_photo(
                location=place,
                photo=photo,
                by=photo.given_by,
                description="Een tafel",
                children="none",
                now=timezone.now(),
            )
        )
        lock(purpose)

    monkeypatch.setattr(actions, "lock", put_back_meanwhile)
    actions.forget_drafts(now=timezone.now())
    place.refresh_from_db()
    assert place.photo == photo


@pytest.mark.parametrize("what", ["remove", "erase"])
def test_removing_and_replacing_at_once_do_not_wait_for_each_other(place, monkeypatch, what):
    """Each changes the photo and the row that shows it; locked in another order they would be a deadlock."""
    old = give(place)
    other = make_user()
    new = actions.receive(
        given_by=other, purpose=place.photo_purpose, shape=WIDE, data=make_photo_file("PNG"), now=timezone.now()
    )
    both = threading.Barrier(2)
    attach = actions.attach

    def attach_slowly(**names):
        with suppress(threading.BrokenBarrierError):
            both.wait(2)
        return attach(**names)

    def replace():
        set_photo(location=place, photo=new, by=other, description="Een tuin", children="none", now=timezone.now())

    def remove():
        with transaction.atomic():
            if what == "erase":
                actions.erase(user=old.given_by, now=timezone.now())
            else:
                actions.remove(photo=old, now=timezone.now())
            with suppress(threading.BrokenBarrierError):
                both.wait(2)

    monkeypatch.setattr(actions, "attach", attach_slowly)
    assert together(replace, remove) == []
    place.refresh_from_db()
    assert place.photo == new
    assert list(Photo.objects.all()) == [new]


def test_removing_and_hiding_wait_for_the_store(place, away, photos_dir):
    away()
    photo = give(place)
    settle()
    with pytest.MonkeyPatch.context() as patch:

        def refuse(*args):
            raise storing.StoreAway

        patch.setattr(storing, "delete", refuse)
        actions.hide(photo=photo, now=timezone.now())
        tasks.settle()
        assert visitor(None).get(photo.url(720)).status_code == 404
        actions.remove(photo=photo, now=timezone.now())
        tasks.settle()
        assert Discarded.objects.count() == 1
    assert len(list(photos_dir.rglob("*.webp"))) == 3
    tasks.settle()
    assert not list(photos_dir.rglob("*.webp"))
    assert not Discarded.objects.exists()


def test_no_transaction_is_open_while_a_photo_is_made_or_stored(place, monkeypatch):
    """Neither for converting nor for the store; the connection is back in the pool."""
    seen = []
    for module, name in ((converting, "convert"), (storing, "save"), (storing, "delete")):
        original = getattr(module, name)

        def watched(*args, original=original):
            seen.append((connection.in_atomic_block, connection.connection is None))
            return original(*args)

        monkeypatch.setattr(module, name, watched)
    photo = give(place)
    settle()
    actions.hide(photo=photo, now=timezone.now())
    settle()
    assert seen == [(False, True)] * 3


def test_the_task_does_one_photo_at_a_time_and_all_of_them(place, monkeypatch):
    photos = [give(make_location()) for _ in range(3)]
    running, most = [], []
    convert = converting.convert

    def watched(data, shape):
        running.append(1)
        most.append(len(running))
        try:
            return convert(data, shape)
        finally:
            running.pop()

    monkeypatch.setattr(converting, "convert", watched)
    assert together(tasks.settle, tasks.settle, tasks.settle) == []
    assert (len(most), max(most)) == (3, 1)
    assert {photo.state for photo in Photo.objects.filter(pk__in=[photo.pk for photo in photos])} == {"ready"}


def test_the_task_gives_others_a_turn(place, monkeypatch):
    woken = []
    monkeypatch.setattr(tasks, "MAX_RUN_SECONDS", -1)
    monkeypatch.setattr(tasks, "wake_worker", lambda: woken.append(1))
    give(place)
    tasks.settle()
    assert woken == [1]


def test_the_nightly_task_survives_a_store_that_is_away(monkeypatch, caplog):
    def refuse():
        raise storing.StoreAway

    monkeypatch.setattr(storing, "tokens", refuse)
    tasks.collect()
    assert "orphans wait" in caplog.text


def test_a_photo_is_made_once_however_fast_the_worker_is(place, monkeypatch):
    """A worker between receiving the file and putting it on the page would put it away, and make it twice."""
    coordinator = make_role("coordinator", place.municipality)
    started = []
    convert = converting.convert
    monkeypatch.setattr(converting, "convert", lambda data, shape: started.append(1) or convert(data, shape))
    monkeypatch.setattr(actions, "wake_worker", lambda: together(settle))
    assert send(visitor(coordinator), place).status_code == 302
    assert (started, given(place).state) == ([1], "ready")


def test_giving_wakes_a_worker_after_the_commit(place, monkeypatch):
    woken = []
    monkeypatch.setattr(actions, "wake_worker", lambda: woken.append(Photo.objects.count()))
    with transaction.atomic():
        give(place)
        assert woken == []
    assert woken
    assert set(woken) == {1}


def test_waking_never_raises(monkeypatch, caplog):
    done = threading.Event()

    def refuse(name, **options):
        done.set()
        raise OSError

    monkeypatch.setattr(waking.current_app, "send_task", refuse)
    waking.wake_worker()
    assert done.wait(20)


def test_no_query_grows_with_the_number_of_photos(place):
    give(place)
    with CaptureQueriesContext(connection) as few:
        settling.settle_next(now=timezone.now())
    for _ in range(20):
        make_photo(make_user())
    other = make_location()
    give(other)
    with CaptureQueriesContext(connection) as many:
        settling.settle_next(now=timezone.now())
    assert len(many) == len(few)
