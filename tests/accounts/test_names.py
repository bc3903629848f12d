"""First names: any script is accepted; links and invisible names are not."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.names import FirstNameField, tidy
from tests.factories import make_attendance, make_occurrence, make_user
from tests.visitors import visitor

NAMES = ["Anne.Marie", "J.P.", "Mohamed-Ali", "D'Arcy", "Ömer", "Zoë 🌱", "أحمد", "李", "🦊"]
NAMES += ["می\u200cخواهم", "👩\u200d👧"]
NOBODY = ["\u200d", "\u2800", "\u3164", "\ufe0f", "\u034f\u00ad", "\u0301", "-", "...", " \u200b \u2060 ", "\ue000"]
LINKS = ["kijk op x.nl", "evil.example", "Shop.COM", "x。cn", "www.evil", "http://evil", "a@b", "x.co.uk/y", "сайт.рф"]


@pytest.mark.parametrize("name", NAMES)
def test_names_in_every_script_are_accepted_unchanged(name):
    assert FirstNameField().clean(name) == name


@pytest.mark.parametrize("name", NOBODY)
def test_name_without_letter_or_emoji_counts_as_empty(name):
    with pytest.raises(ValidationError) as refused:
        FirstNameField().clean(name)
    assert refused.value.messages == ["Vul je voornaam in."]


@pytest.mark.parametrize("name", LINKS)
def test_name_that_a_mail_program_would_link_is_refused(name):
    with pytest.raises(ValidationError) as refused:
        FirstNameField().clean(name)
    assert refused.value.messages == ["Vul alleen een voornaam in, zonder webadres of e-mailadres."]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed, kept",
    [(" Noor\t van  Dam ", "Noor van Dam"), ("Zoe\u0308", "Zoë"), ("\u202eRooN", "RooN"), ("Bo\u200d\u200c", "Bo")],
)
def test_every_write_stores_a_tidy_name(typed, kept):
    noor = make_user(typed)
    assert (noor.first_name, User.objects.get(first_name=typed).first_name) == (kept, kept)
    User.objects.filter(pk=noor.pk).update(first_name="x")
    User.objects.filter(pk=noor.pk).update(first_name=typed)
    assert User.objects.get().first_name == kept
    guest = make_attendance(make_occurrence(), guest_name=typed, guest_email="bo@example.org")
    assert guest.guest_name == kept


@given(st.text(max_size=40))
def test_tidy_is_idempotent(text):
    assert tidy(tidy(text)) == tidy(text)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["\u2800", "\u200d", "evil.example"])
def test_technical_administration_validates_the_name_too(name):
    superuser = make_user(is_staff=True, is_superuser=True)
    data = {"email": "bo@example.org", "first_name": name, "language": "nl", "is_active": "on", "municipality": ""}
    response = visitor(superuser).post(
        "/techniek/accounts/user/add/", data | {"roles-TOTAL_FORMS": "0", "roles-INITIAL_FORMS": "0"}
    )
    assert response.status_code == 200
    assert list(response.context["adminform"].form.errors) == ["first_name"]
