"""A stranger reports a photo of a place: hidden at once in every width, looked at, hidden for good or shown again."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from locations.models import Location
from locations.visibility import Visibility
from moderation.models import Case, Reason, Report
from moderation.refusals import CannotDo, Refusal
from pages import privacy
from photos import actions, storing
from photos.models import COPY_KEPT, Photo, SealedCopy
from photos.shapes import PORTRAIT
from tests.factories import make_photo, make_role, make_user
from tests.mailbox import letters
from tests.moderation.scene import FINE, HIDE, Scene, decide, make_scene, report, undo
from tests.photos.giving import settle
from tests.visitors import visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.fixture
def place(scene) -> Location:
    """A place with a photo, given by a coordinator of before."""
    location = scene.meetup.location
    location.photo = make_photo(make_user("Anouk"), purpose=location.photo_purpose)
    location.save()
    return location


def files(photo: Photo) -> list[int]:
    return [width for width in storing.WIDTHS if storing.store().exists(storing.name_of(photo.token, width))]


def statuses(photo: Photo) -> set[int]:
    return {visitor(None).get(photo.url(width)).status_code for width in photo.dimensions.widths}


def on_page(place: Location) -> bool:
    return place.photo.token in visitor(None).get(place.get_absolute_url()).content.decode()


def test_a_stranger_says_that_is_my_child_and_it_is_gone_at_once(scene, place, django_capture_on_commit_callbacks):
    photo = place.photo
    assert (on_page(place), statuses(photo)) == (True, {200})
    url = reverse("report", args=["photo", photo.pk])
    assert photo.token in visitor(None).get(url).content.decode()  # one sees what one reports
    assert re.search(r'value="my_child"[^>]* checked', visitor(None).get(url + "?reden=my_child").content.decode())
    with django_capture_on_commit_callbacks(execute=True):
        sent = visitor(None).post(url, {"reason": "my_child", "token": str(uuid4())})
    assert sent.url == reverse("reported")
    assert (on_page(place), statuses(photo)) == (False, {404})
    settle()
    assert files(photo) == []
    assert Report.objects.get().has_hidden
    assert len(letters()) == 2


def test_who_decides_sees_it_and_nobody_else(scene, place):
    report(place.photo, "photo", reason=Reason.MY_CHILD)
    settle()
    case = Case.objects.get()
    url = reverse("case_picture", args=[case.pk])
    assert visitor(scene.coordinator).get(url)["Content-Type"] == "image/webp"
    assert url in visitor(scene.coordinator).get(case.get_absolute_url()).content.decode()
    elsewhere = make_role(Role.Kind.POLICY_OFFICER, scene.town, make_user("Henk"))
    for person in (scene.host, elsewhere, make_user("Fatima")):
        assert visitor(person).get(url).status_code == 404
    assert visitor(None).get(url).status_code == 302
    report(place.photo, "photo", user=scene.coordinator)
    assert visitor(scene.coordinator).get(url).status_code == 404


def test_hidden_shown_and_hidden_again_as_often_as_needed(scene, place):
    photo = place.photo
    report(photo, "photo", reason=Reason.MY_CHILD)
    case = Case.objects.get()
    for _ in range(3):
        decide(case, scene.coordinator, HIDE)
        settle()
        assert (files(photo), statuses(photo)) == ([], {404})
        undo(case, scene.coordinator)
        decide(case, scene.colleague, FINE)
        settle()
        assert (files(photo), statuses(photo)) == ([360, 720, 1080], {200})
        decide(case, scene.coordinator, HIDE)
        undo(case, scene.coordinator)
        settle()
        assert statuses(photo) == {200}
        report(photo, "photo", reason=Reason.OTHER, words=uuid4().hex)


def test_what_was_found_fine_is_not_hidden_again_for_the_same_reason(scene, place):
    report(place.photo, "photo", reason=Reason.MY_CHILD)
    decide(Case.objects.get(), scene.coordinator, FINE)
    assert not report(place.photo, "photo", reason=Reason.MY_CHILD).has_hidden
    assert report(place.photo, "photo", reason=Reason.UNKIND).has_hidden


def test_after_thirty_days_it_cannot_be_shown_again_and_that_is_said(scene, place):
    report(place.photo, "photo")
    decide(Case.objects.get(), scene.coordinator, HIDE)
    settle()
    Photo.objects.update(hidden_at=timezone.now() - COPY_KEPT - timedelta(days=1))
    actions.forget_copies(now=timezone.now())
    assert not SealedCopy.objects.exists()
    with pytest.raises(CannotDo) as refused:
        decide(Case.objects.get(), scene.coordinator, FINE)
    assert refused.value.refusal == Refusal.DELETED
    page = visitor(scene.coordinator).get(Case.objects.get().get_absolute_url())
    assert page.status_code == 200
    assert visitor(scene.coordinator).get(reverse("case_picture", args=[Case.objects.get().pk])).status_code == 404


def test_the_portrait_of_a_host_can_be_reported_and_the_host_blocked(scene):
    host = scene.welcome
    host.portrait = make_photo(scene.host, shape=PORTRAIT, purpose=host.portrait_purpose, description="Marieke lacht")
    host.save()
    report(host.portrait, "photo")
    assert Photo.objects.get().visibility == Visibility.HIDDEN
    assert scene.host.pk in Case.objects.get().barred
    assert "Marieke" in visitor(make_user()).get(reverse("report", args=["photo", host.portrait.pk])).content.decode()


def test_a_draft_cannot_be_reported(scene):
    photo = make_photo(make_user(), attached_at=None)
    assert visitor(None).get(reverse("report", args=["photo", photo.pk])).status_code == 404


def test_erasing_the_giver_takes_photo_and_case_along(scene, place):
    photo = place.photo
    report(photo, "photo")
    privacy.erase(user=photo.given_by, now=timezone.now())
    settle()
    assert not Case.objects.exists()
    assert files(photo) == []
    assert visitor(None).get(place.get_absolute_url()).status_code == 200
