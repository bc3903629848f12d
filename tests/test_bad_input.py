"""Invalid input of any kind: a clear response, never a 500, and the input is kept."""

import logging
from html import unescape
from io import BytesIO

import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse

from locations.discreet_admin import DATE_HIERARCHY_LOOKUPS, FILTER_LOOKUPS
from locations.parameters import PARAMETERS
from notifications.models import Message
from pedbasis import uploads
from tests.addresses import ADDRESSES, ROLES, SIGN_IN
from tests.factories import make_user
from tests.form_fields import field_names
from tests.scenario import Town
from tests.visitors import copy_of, rolled_back, visitor

pytestmark = pytest.mark.django_db
BAD = {
    "null byte": "a\0b",
    "emoji": "👩‍👧‍👦",
    "right to left": "\u202eمرحبا",
    "half a surrogate": "%ED%A0%80",
    "very long": "x" * 100_000,
    "negative": "-1",
    "huge": "9" * 40,
    "no number": "NaN",
    "infinite": "1e999",
    "no date": "2026-02-30",
    "last year": "9999",
    "year zero": "0000-00-00",
    "script": "<script>alert(1)</script>'\"",
    "sql": "' OR 1=1; --",
    "format": "%s%n{0}{{ x }}",
    "empty": "",
}
WORST = {what: BAD[what] for what in ("null byte", "very long", "huge", "no date")}
STAFF = {what: BAD[what] for what in (*WORST, "no number", "last year", "empty")}  # each list has many filters
NO_ROWS = {f"{name}-{which}_FORMS": "0" for name in ("roles", "hosts") for which in ("TOTAL", "INITIAL")}


@pytest.fixture
def town(lasting_town) -> Town:
    logging.disable(logging.CRITICAL)
    yield lasting_town
    logging.disable(logging.NOTSET)


def first_who_may(answers: dict) -> str | None:
    return next((role for role in ROLES if answers[role] not in {404, 405, SIGN_IN}), None)


def test_field_names_are_found():
    assert {"seen_adults", "adults", "code", "wanted", "accent"} <= set(field_names())


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
def test_no_page_breaks_on_invalid_filters(town, address):
    role = first_who_may(address.get)
    if role is None:
        return
    client = visitor(town.people[role], raise_request_exception=False)
    broken = []
    names = PARAMETERS.values() if address.name in {"home", "agenda", "locations", "agenda_feed"} else ()
    for what, value in BAD.items():
        for query in [{name: value} for name in names] + [dict.fromkeys(PARAMETERS.values(), value)]:
            if what == "very long":
                query = {name: text[:5000] for name, text in query.items()}
            with rolled_back():
                status = client.get(address.path(town), query).status_code
            if status >= 500:
                broken.append((what, query, status))
    assert broken == []


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
def test_no_form_breaks_on_invalid_input(town, address):
    names = field_names()
    role = first_who_may(address.post)
    if role is None:
        return
    broken = []
    right = address.data(town)
    tries = [(what, dict.fromkeys(names, value)) for what, value in BAD.items()]
    tries += [(f"{what} as {name}", right | {name: value}) for name in right for what, value in WORST.items()]
    client = visitor(town.people[role])
    tries += [("nothing", {}), ("lists", {name: ["1", "2", "x"] for name in names})]
    for what, data in tries:
        with rolled_back():
            status = copy_of(client).post(address.path(town), data).status_code
        if status >= 500:
            broken.append((what, status))
    assert broken == []


def filters_of(shown: admin.ModelAdmin) -> set[str]:
    """Return the query parameters that this admin list supports."""
    names = {f"{name}{ending}" for name in shown.list_filter for ending in FILTER_LOOKUPS}
    names |= {f"{shown.date_hierarchy}{ending}" for ending in DATE_HIERARCHY_LOOKUPS if shown.date_hierarchy}
    return names | {"q", "p", "o", "all", "e"}


@pytest.mark.parametrize("shown", admin.site._registry.values(), ids=str)
def test_no_admin_list_breaks_on_invalid_filters(town, shown):
    boss = make_user(is_staff=True, is_superuser=True)
    client = visitor(boss, raise_request_exception=False)
    path = reverse(f"admin:{shown.opts.app_label}_{shown.opts.model_name}_changelist")
    broken = []
    for what, value in STAFF.items():
        for name in filters_of(shown):
            status = client.get(path, {name: value[:5000]}).status_code
            if status >= 500:
                broken.append((name, what, status))
    assert broken == []


@pytest.mark.parametrize("shown", admin.site._registry.values(), ids=str)
def test_no_admin_form_breaks_on_invalid_input(town, shown):
    boss = make_user(is_staff=True, is_superuser=True)
    path = reverse(f"admin:{shown.opts.app_label}_{shown.opts.model_name}_changelist")
    change = f"{path}{shown.model.objects.latest('pk').pk}/change/" if shown.model.objects.exists() else path
    fields = [field for field in shown.opts.get_fields() if getattr(field, "editable", False)]
    client = visitor(boss, raise_request_exception=False)
    broken = []
    for what, value in STAFF.items():
        prefilled = {field.name: value[:5000] for field in fields}
        tries = [("get", where, prefilled) for where in (f"{path}add/", change)]
        tries += [("get", change, {"_to_field": value[:5000]})]
        typed = {
            field.name: value[:5000] for field in fields if not field.is_relation
        }  # relations are chosen from a list
        tries += [("post", where, typed | NO_ROWS) for where in (f"{path}add/", change)]
        chosen = {"_selected_action": value[:5000], "post": "yes"}
        tries += [("post", path, {"action": action} | chosen) for action in ("delete_selected", *shown.actions)]
        for method, where, data in tries:
            with rolled_back():
                status = getattr(copy_of(client), method)(where, data).status_code
            if status >= 500:
                broken.append((method, where, data, what))
    assert broken == []


def test_query_string_does_not_prefill_admin_forms(town):
    boss = make_user(is_staff=True, is_superuser=True)
    page = visitor(boss).get("/techniek/accounts/user/add/?email=thief@example.org")
    assert (page.status_code, "thief" in page.content.decode()) == (200, False)


@pytest.mark.parametrize("what", STAFF)
@pytest.mark.parametrize(
    "of",
    [
        {"app_label": "accounts", "model_name": "user", "field_name": "municipality"},
        {"app_label": "accounts", "model_name": "role", "field_name": "user"},
        {"app_label": "locations", "model_name": "location", "field_name": "replaced_by"},
    ],
)
def test_admin_autocomplete_does_not_break_on_invalid_input(town, of, what):
    boss = make_user(is_staff=True, is_superuser=True)
    client = visitor(boss, raise_request_exception=False)
    assert client.get(reverse("admin:autocomplete"), of | {"term": BAD[what][:5000]}).status_code == 200


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
def test_ten_megabytes_are_refused(town, address):
    role = first_who_may(address.post)
    if role is None:
        return
    with rolled_back():
        client = visitor(town.people[role], raise_request_exception=False)
        response = client.post(
            address.path(town), b"note=" + b"x" * 10_000_000, content_type="application/x-www-form-urlencoded"
        )
    assert response.status_code < 500
    assert (
        response.status_code in {400, 413}
        or response.status_code == address.post[role]
        or 300 <= response.status_code < 400
    )


def a_file(size: int) -> BytesIO:
    file = BytesIO(b"x" * size)
    file.name = "photo.jpg"
    return file


def test_only_the_beginning_of_a_large_file_is_kept():
    request = RequestFactory().post("/", {"note": "Hoi", "photo": a_file(5_000_000)})
    assert request.POST["note"] == "Hoi"
    photo = request.FILES["photo"]
    assert (photo.size, len(photo.read())) == (5_000_000, uploads.MAX_KEPT_BYTES)


@pytest.mark.parametrize("size, status", [(5_000_000, 422), (9_000_000, 413)])
def test_unexpected_file_is_ignored_or_refused_by_size(town, size, status):
    path = next(address for address in ADDRESSES if address.name == "join").path(town)
    typed = {"adults": "99", "note": "Hoi", "photo": a_file(size)}
    assert visitor(None, raise_request_exception=False).post(path, typed).status_code == status


@pytest.mark.parametrize("name", ["evil.example", "http://evil.example", "www.evil", "a@evil.example"])
def test_name_that_looks_like_a_link_is_refused(town, name):
    path = next(address for address in ADDRESSES if address.name == "join").path(town)
    typed = {"adults": "1", "first_name": name, "email": "victim@guest.example"}
    with rolled_back():
        response = visitor(None).post(path, typed)
        assert response.status_code == 422
        assert not Message.objects.filter(email="victim@guest.example").exists()


def test_input_is_kept_after_a_mistake(town):
    path = next(address for address in ADDRESSES if address.name == "join").path(town)
    typed = {"adults": "99", "note": "مرحبا <b>👩‍👧</b>", "first_name": "Noor 🌱", "email": "noor@"}
    response = visitor(None).post(path, typed)
    assert response.status_code == 422
    page = unescape(response.content.decode())
    assert all(text in page for text in typed.values())
