"""Each constraint of the database, with an attempt to break it."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from photos.models import MAX_BYTES, MAX_COPY_BYTES, Incoming, Photo, SealedCopy
from tests.factories import make_location, make_photo, make_user

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("photo_token_is_unguessable", {"token": "1"}),
        ("photo_token_is_unguessable", {"token": "A" * 32}),
        ("photo_on_a_page_is_described", {"description": ""}),
        ("photo_on_a_page_is_described", {"children": ""}),
        ("photo_on_a_page_is_described", {"answered_at": None}),
        ("photo_refused_has_reason", {"state": "refused"}),
        ("photo_refused_has_reason", {"reason": "broken"}),
        ("photo_hidden_has_instant", {"visibility": "hidden"}),
        ("photo_hidden_has_instant", {"hidden_at": NOW}),
        ("photo_ready_has_files", {"has_files": False}),
    ],
)
def test_invalid_photo_is_refused(name, fields):
    photo = make_photo(make_user())
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Photo.objects.filter(pk=photo.pk).update(**fields)


def test_a_person_has_one_draft_for_a_purpose():
    user = make_user()
    draft = make_photo(user, attached_at=None)
    make_photo(user, attached_at=None, purpose="location:2")
    make_photo(make_user(), attached_at=None)
    make_photo(user, attached_at=None, visibility="hidden", hidden_at=NOW)
    with pytest.raises(IntegrityError, match="photo_one_draft"), transaction.atomic():
        make_photo(user, attached_at=None)
    assert draft.pk


def test_a_token_is_used_once():
    photo = make_photo(make_user())
    with pytest.raises(IntegrityError, match="token"), transaction.atomic():
        make_photo(make_user(), token=photo.token)


def test_what_waits_in_the_database_is_small():
    photo = make_photo(make_user())
    with pytest.raises(IntegrityError, match="incoming_is_small"), transaction.atomic():
        Incoming.objects.create(photo=photo, data=b"x" * (MAX_BYTES + 1))
    with pytest.raises(IntegrityError, match="sealed_copy_is_small"), transaction.atomic():
        SealedCopy.objects.create(photo=photo, image=b"x" * (MAX_COPY_BYTES + 1))


def test_a_photo_is_of_one_place():
    photo = make_photo(make_user())
    make_location(photo=photo)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_location(photo=photo)
