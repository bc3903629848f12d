"""The technical administration: only for staff, and without who comes where."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission

from accounts.models import Role, User
from meetups.models import Attendance
from tests.factories import make_attendance, make_meetup, make_municipality, make_occurrence, make_role, make_user

pytestmark = pytest.mark.django_db
HOME = "/techniek/"
LISTS = [
    f"/techniek/{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry if model.__module__
]


def make_boss():
    return User.objects.create_superuser("boss@example.org", first_name="Boss")


def test_a_stranger_is_led_to_the_one_door_and_back(client):
    answer = client.get(HOME, follow=True)
    assert answer.redirect_chain[-1][0] == "/account/login/code/?next=%2Ftechniek%2F"


@pytest.mark.parametrize("kind", [None, *Role.Kind.values])
def test_no_role_in_a_town_opens_it(sign_in, kind):
    user = make_role(kind, make_municipality()) if kind else make_user()
    client = sign_in(user)
    for address in (HOME, "/techniek/accounts/user/"):
        assert client.get(address, follow=True).status_code == 403


@pytest.mark.parametrize("address", [HOME, *LISTS])
def test_who_may_do_everything_opens_every_list(sign_in, address):
    make_attendance(make_occurrence())
    make_role(Role.Kind.HOST, make_municipality())
    assert sign_in(make_boss()).get(address).status_code == 200


def test_who_comes_is_not_in_it():
    assert Attendance not in admin.site._registry


def test_roles_are_given_there(sign_in):
    noor, town = make_user(), make_municipality()
    client = sign_in(make_boss())
    data = {"user": noor.pk, "kind": "host", "municipality": town.pk, "organisation": "", "label": "gastvrouw"}
    assert client.post("/techniek/accounts/role/add/", data).status_code == 302
    assert Role.objects.filter(user=noor, kind="host", municipality=town).exists()
    again = client.post("/techniek/accounts/role/add/", data)
    assert again.status_code == 200
    assert Role.objects.count() == 1


def test_someone_added_there_signs_in_by_code_only(sign_in):
    client = sign_in(make_boss())
    data = {"email": "New@Example.org", "first_name": "Noor", "language": "nl", "is_active": "on", "municipality": ""}
    formset = {"roles-TOTAL_FORMS": "0", "roles-INITIAL_FORMS": "0"}
    assert client.post("/techniek/accounts/user/add/", data | formset).status_code == 302
    noor = User.objects.get(email="new@example.org")
    assert not noor.has_usable_password()


def test_only_who_may_do_everything_hands_out_powers(sign_in):
    helper = make_user(is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    noor = make_user(first_name="Noor")
    data = {"email": noor.email, "first_name": "Nora", "language": "nl", "is_active": "on", "municipality": ""}
    formset = {"roles-TOTAL_FORMS": "0", "roles-INITIAL_FORMS": "0"}
    powers = {"is_staff": "on", "is_superuser": "on"}
    client = sign_in(helper)
    answer = client.post(f"/techniek/accounts/user/{noor.pk}/change/", data | formset | powers)
    assert answer.status_code == 302
    noor.refresh_from_db()
    assert (noor.first_name, noor.is_staff, noor.is_superuser) == ("Nora", False, False)
    boss = make_boss()
    answer = client.post(f"/techniek/accounts/user/{boss.pk}/change/", data | formset)
    assert answer.status_code == 403


def test_a_meetup_is_shown_but_its_rhythm_is_not_changed_there(sign_in):
    meetup = make_meetup()
    client = sign_in(make_boss())
    page = client.get(f"/techniek/meetups/meetup/{meetup.pk}/change/").content.decode()
    assert 'name="title"' in page
    assert 'name="rrule"' not in page
    assert client.get("/techniek/meetups/meetup/add/").status_code == 403
