"""Tokens in mails: for one sign-up, one purpose and a limited time."""

from datetime import timedelta

import pytest

from meetups.attending import tokens
from meetups.models import Attendance
from meetups.refusals import CannotDo, Refusal
from tests.factories import make_attendance, make_occurrence, make_user


def test_token_contains_the_sign_up():
    for purpose in tokens.MAX_AGE:
        assert tokens.read(purpose, tokens.make(purpose, Attendance(pk=12))) == 12


@pytest.mark.parametrize(
    "change", [lambda t: t + "x", lambda t: t[1:], lambda t: "3" + t, lambda t: "", lambda t: "\x00"]
)
def test_tampered_token_is_refused(change):
    token = tokens.make("confirm", Attendance(pk=12))
    with pytest.raises(CannotDo) as refused:
        tokens.read("confirm", change(token))
    assert refused.value.refusal is Refusal.LINK_WRONG


def test_token_is_valid_for_one_purpose():
    with pytest.raises(CannotDo) as refused:
        tokens.read("withdraw", tokens.make("confirm", Attendance(pk=12)))
    assert refused.value.refusal is Refusal.LINK_WRONG


def test_token_expires():
    token = tokens.make("withdraw", Attendance(pk=12))
    with pytest.raises(CannotDo) as refused:
        tokens.read("withdraw", token, max_age=timedelta(seconds=-1))
    assert refused.value.refusal is Refusal.LINK_EXPIRED


@pytest.mark.django_db
def test_token_signed_with_a_fallback_key_finds_the_sign_up_with_an_account(settings):
    guest = make_attendance(make_occurrence(), guest_name="Noor", guest_email="noor@example.org")
    token = tokens.make("withdraw", guest)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a new one"
    mine = make_attendance(guest.occurrence, make_user(email="noor@example.org"))
    guest.delete()
    assert tokens.find_same_person("withdraw", token) == mine


def test_unknown_purpose_raises_value_error():
    with pytest.raises(ValueError, match="No such purpose"):
        tokens.make("anything", Attendance(pk=12))
