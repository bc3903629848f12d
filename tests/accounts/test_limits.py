"""Rate limits of signing in: strangers are slowed down, mailboxes get few mails, and the owner can always sign in."""

import re
from itertools import count

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import limits
from tests.accounts.test_second_factor import current_code, make_key
from tests.factories import make_user
from tests.mailbox import letters
from tests.visitors import visitor

LOGIN_CODE, CONFIRM, PASSWORD = "/account/login/code/", "/account/login/code/confirm/", "/account/login/"
APP = "/account/2fa/authenticate/"
NOOR = "noor@example.org"
MAX_MAILS_IN_ANY_HOUR = 16


class Clock:
    """A fake clock for `accounts.limits` and allauth."""

    def __init__(self, monkeypatch):
        self.now = 1_800_000_000.0
        monkeypatch.setattr("time.time", lambda: self.now)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Freeze the time unless a test changes it: counters reset at each minute of the clock."""
    return Clock(monkeypatch)


def request_code(client, email=NOOR, network="10.0.0.1"):
    return client.post(LOGIN_CODE, {"email": email}, REMOTE_ADDR=network)


def newest_code() -> str:
    return re.search(r"\d{4}-\d{4}", letters()[-1].body).group()


def enter_code(client, code, network="10.0.0.1"):
    return client.post(CONFIRM, {"code": code}, REMOTE_ADDR=network)


def is_signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def request_codes_as_strangers(number, networks):
    """Request a code for Noor `number` times, each from another browser."""
    return [request_code(Client(), network=f"172.16.{n % networks}.1") for n in range(number)]


@pytest.mark.django_db
@pytest.mark.parametrize("number, networks", [(20, 4), (200, 100)])
@pytest.mark.parametrize("is_known", [True, False])
def test_requests_by_strangers_neither_lock_out_the_owner_nor_fill_the_mailbox(number, networks, is_known):
    make_user("Noor", email=NOOR)
    owner = Client()
    if is_known:
        request_code(owner)
        enter_code(owner, newest_code())
        owner.post("/account/logout/")
    sent = len(letters())
    responses = request_codes_as_strangers(number, networks)
    assert {response.status_code for response in responses} == {302}
    assert len(letters()) == sent + 1
    assert request_code(owner, network="10.0.0.1").status_code == 302
    assert len(letters()) == sent + 1 + is_known, "a known device has a code of its own"
    assert enter_code(owner, newest_code()).status_code == 302
    assert is_signed_in(owner)


@pytest.mark.django_db
def test_sent_code_works_until_it_expires_despite_requests_by_strangers(client, clock):
    make_user("Noor", email=NOOR)
    request_code(client)
    code = newest_code()
    for minute in range(1, 10):
        clock.now += 60
        stranger = Client()
        request_code(stranger, network=f"172.16.{minute}.1")
        stranger.post(CONFIRM, {"action": "resend"}, REMOTE_ADDR=f"172.16.{minute}.1")
    clock.now += 50
    assert enter_code(client, code).status_code == 302
    assert is_signed_in(client)


@pytest.mark.django_db
def test_code_expires_ten_minutes_after_it_was_made_for_every_requester(client, clock):
    make_user("Noor", email=NOOR)
    request_code(Client())
    clock.now += 8 * 60
    request_code(client)
    code = newest_code()
    clock.now += 2 * 60 + 1
    assert enter_code(client, code)["Location"].startswith(LOGIN_CODE)
    assert not is_signed_in(client)


@pytest.mark.django_db
def test_code_is_resent_after_a_minute_and_replaced_later(client, clock):
    make_user("Noor", email=NOOR)
    request_code(client)
    first = newest_code()
    clock.now += 61
    client.post(CONFIRM, {"action": "resend"})
    assert (len(letters()), newest_code()) == (2, first)
    clock.now += 5 * 60
    client.post(CONFIRM, {"action": "resend"})
    assert len(letters()) == 3
    assert newest_code() != first
    assert enter_code(client, newest_code()).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("minute_of_owner", [7, 32, 58])
def test_hour_of_constant_requests_sends_few_mails_and_owner_can_always_sign_in(clock, minute_of_owner):
    make_user("Noor", email=NOOR)
    for minute in range(60):
        clock.now += 60
        stranger = Client()
        request_code(stranger, network=f"172.16.{minute}.1")
        stranger.post(CONFIRM, {"action": "resend"}, REMOTE_ADDR=f"172.16.{minute}.1")
        if minute == minute_of_owner:
            owner = Client()
            request_code(owner)
            assert enter_code(owner, newest_code()).status_code == 302
            assert is_signed_in(owner)
    assert len(letters()) <= MAX_MAILS_IN_ANY_HOUR + 1, "one extra mail, because a used code is replaced"


@pytest.mark.django_db
def test_few_mails_in_any_hour_of_constant_requests(clock):
    make_user("Noor", email=NOOR)
    clock.now += 2700  # near the end of a clock hour
    times = []
    for step in range(360):
        clock.now += 30.5
        sent, stranger = len(letters()), Client()
        request_code(stranger, network=f"172.16.{step % 250}.1")
        stranger.post(CONFIRM, {"action": "resend"}, REMOTE_ADDR=f"172.16.{step % 250}.1")
        times += [clock.now] * (len(letters()) - sent)
    assert max(sum(at <= other < at + 3600 for other in times) for at in times) <= MAX_MAILS_IN_ANY_HOUR


def guess(sessions, code="0000-0000"):
    """Try five wrong codes for Noor in each of `sessions` browsers and networks; return the last response."""
    for number in range(sessions):
        stranger = Client()
        request_code(stranger, network=f"172.16.{number}.1")
        for _try in range(5):
            response = enter_code(stranger, code, network=f"172.16.{number}.1")
    return response


def page_without_tokens(response) -> str:
    """The page without tokens that differ on each request."""
    return re.sub(r'(csrfmiddlewaretoken" value|nonce|name="code" value)="[^"]*"', "", response.content.decode())


@pytest.mark.django_db
def test_after_many_guesses_response_does_not_reveal_the_right_code(client):
    make_user("Noor", email=NOOR)
    request_code(client)
    code = newest_code()
    guess(sessions=limits.TRIES_PER_DAY // 5 - 1)
    stranger, other = Client(), Client()
    request_code(stranger)
    request_code(other)
    guess(sessions=1)
    right, wrong = enter_code(stranger, code), enter_code(other, "1111-1111")
    assert (right.status_code, wrong.status_code) == (422, 422)
    assert "Deze code werkt niet meer. Vraag een nieuwe aan." in right.content.decode()
    assert page_without_tokens(right) == page_without_tokens(wrong)
    enter_code(stranger, code, network="192.0.2.1")
    assert not is_signed_in(stranger)


@pytest.mark.django_db
def test_owner_gets_a_longer_code_and_signs_in_while_guessing_continues(client):
    make_user("Noor", email=NOOR)
    request_code(client)
    guess(sessions=limits.TRIES_PER_DAY // 5 + 1)
    enter_code(client, newest_code())
    assert not is_signed_in(client)
    sent = len(letters())
    client.post(CONFIRM, {"action": "resend"})
    assert len(letters()) == sent + 1
    long_code = re.search(r"\d{4}-\d{4}-\d{4}", letters()[-1].body).group()
    guess(sessions=30)
    assert len(letters()) == sent + 1, "guessing sends no more mails"
    assert enter_code(client, long_code).status_code == 302
    assert is_signed_in(client)


@pytest.mark.django_db
def test_guesses_do_not_count_against_a_known_device(client):
    make_user("Noor", email=NOOR)
    request_code(client)
    enter_code(client, newest_code())
    client.post("/account/logout/")
    request_code(client)
    code = newest_code()
    guess(sessions=limits.TRIES_PER_DAY // 5 + 5)
    assert enter_code(client, code).status_code == 302
    assert is_signed_in(client)


@pytest.mark.django_db
@pytest.mark.parametrize("seconds, action", [(360, "resend"), (9 * 60 + 1, "")])
def test_newest_mail_works_even_if_a_stranger_requested_it(client, clock, seconds, action):
    make_user("Noor", email=NOOR)
    request_code(client)
    first = newest_code()
    stranger = Client()
    if action:
        request_code(stranger, network="172.16.1.1")
        clock.now += seconds
        stranger.post(CONFIRM, {"action": action}, REMOTE_ADDR="172.16.1.1")
    else:
        clock.now += seconds
        request_code(stranger, network="172.16.1.1")
    assert newest_code() != first
    assert enter_code(client, newest_code()).status_code == 302
    assert is_signed_in(client)


@pytest.mark.django_db
def test_code_that_was_not_posted_is_discarded_and_next_request_sends_a_mail(client, monkeypatch):
    make_user("Noor", email=NOOR)

    def away(*args):
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr("notifications.account_emails.post", away)
        with pytest.raises(OperationalError):
            request_code(client)
    assert request_code(client).status_code == 302
    assert enter_code(client, newest_code()).status_code == 302
    assert is_signed_in(client)


@pytest.mark.django_db
def test_known_device_is_not_limited_by_strangers_on_the_same_network(client):
    noor = make_user("Noor", email=NOOR)
    noor.set_password("een lange zin als wachtwoord")
    noor.save()
    for way_in in ("code", "password"):
        request_code(client)
        enter_code(client, newest_code())
        client.post("/account/logout/")
        for number in range(40):
            request_code(Client(), email=f"p{number}@example.org")
            wrong = {"login": f"p{number}@example.org", "password": "geraden"}
            Client().post(PASSWORD, wrong, REMOTE_ADDR="10.0.0.1")
        if way_in == "code":
            assert request_code(client).status_code == 302
            enter_code(client, newest_code())
        else:
            right = {"login": NOOR, "password": "een lange zin als wachtwoord"}
            assert client.post(PASSWORD, right, REMOTE_ADDR="10.0.0.1").status_code == 302
        assert is_signed_in(client)
        client.post("/account/logout/")


@pytest.mark.django_db
def test_device_cookie_of_one_user_does_not_count_for_another(client):
    make_user("Sam", email="sam@example.org")
    make_user("Noor", email=NOOR)
    request_code(client, "sam@example.org")
    enter_code(client, newest_code())
    client.post("/account/logout/")
    for number in range(limits.MAIL_REQUESTS_PER_MINUTE - 1):
        request_code(Client(), email=f"p{number}@example.org")
    assert request_code(client, NOOR).status_code == 429


@pytest.mark.django_db
def test_password_works_from_another_network_while_strangers_guess():
    noor = make_user("Noor", email=NOOR)
    noor.set_password("een lange zin als wachtwoord")
    noor.save()
    elsewhere = Client()  # where she verified her address earlier
    request_code(elsewhere)
    enter_code(elsewhere, newest_code())
    for number in range(60):
        wrong = {"login": NOOR, "password": "geraden"}
        response = Client().post(PASSWORD, wrong, REMOTE_ADDR=f"172.16.{number % 4}.1")
    assert response.status_code == 429
    owner = Client()
    response = owner.post(PASSWORD, {"login": NOOR, "password": "een lange zin als wachtwoord"})
    assert response.status_code == 302
    assert is_signed_in(owner)


@pytest.mark.django_db
@pytest.mark.parametrize("path", [LOGIN_CODE, "/account/password/reset/"])
def test_too_many_requests_get_429_with_retry_after_and_typed_value(path):
    responses = [
        Client().post(path, {"email": f"p{n}@example.org"}, REMOTE_ADDR="10.0.0.1")
        for n in range(limits.MAIL_REQUESTS_PER_MINUTE + 1)
    ]
    assert [response.status_code for response in responses] == [302] * limits.MAIL_REQUESTS_PER_MINUTE + [429]
    assert responses[-1]["Retry-After"] == "60"
    page = responses[-1].content.decode()
    assert "Dat ging wel heel snel. Wacht een minuut en probeer het nog eens." in page
    assert f'value="p{limits.MAIL_REQUESTS_PER_MINUTE}@example.org"' in page


@pytest.mark.django_db
def test_five_wrong_codes_redirect_and_newest_mail_still_works(client):
    make_user("Noor", email=NOOR)
    request_code(client)
    for _try in range(5):
        response = enter_code(client, "0000-0000")
    assert "kijk in onze nieuwste mail" in client.get(response["Location"]).content.decode()
    request_code(client)
    [letter] = letters()
    assert enter_code(client, re.search(r"\d{4}-\d{4}", letter.body).group()).status_code == 302
    assert is_signed_in(client)


@pytest.mark.django_db
def test_wrong_passwords_of_strangers_block_neither_known_device_nor_code(client):
    noor = make_user("Noor", email=NOOR)
    noor.set_password("een lange zin als wachtwoord")
    noor.save()
    request_code(client)
    enter_code(client, newest_code())
    client.post("/account/logout/")
    for number in range(30):
        wrong = {"login": NOOR, "password": "geraden"}
        Client().post(PASSWORD, wrong, REMOTE_ADDR=f"172.16.{number}.1")
    right = {"login": NOOR, "password": "een lange zin als wachtwoord"}
    assert client.post(PASSWORD, right).status_code == 302
    assert is_signed_in(client)
    elsewhere = Client()
    request_code(elsewhere)
    enter_code(elsewhere, newest_code())
    assert is_signed_in(elsewhere)


def reach_second_step(client, network="10.0.0.1"):
    """Sign in up to the second step, as anyone who can read the mailbox can."""
    request_code(client, network=network)
    response = enter_code(client, newest_code(), network=network)
    assert response["Location"] == APP
    return client


def enter_app_code(client, code, network="10.0.0.1"):
    return client.post(APP, {"code": code}, REMOTE_ADDR=network)


@pytest.mark.django_db
def test_mailbox_thief_does_not_use_up_app_code_tries_of_the_owner(client, clock):
    make_key(make_user("Noor", email=NOOR), "totp")
    owner = reach_second_step(client)
    assert enter_app_code(owner, current_code()).status_code == 302
    owner.post("/account/logout/")
    clock.now += 3600
    thief = reach_second_step(Client())
    responses = [enter_app_code(thief, "000000") for _try in range(6)]
    assert [response.status_code for response in responses] == [422] * 5 + [429]
    assert responses[-1]["Retry-After"] == "300"
    assert "Wacht een paar minuten" in responses[-1].content.decode()
    reach_second_step(owner)
    assert enter_app_code(owner, current_code()).status_code == 302
    assert is_signed_in(owner)
    clock.now += 60
    elsewhere = reach_second_step(Client(), network="192.0.2.1")
    assert enter_app_code(elsewhere, current_code(), network="192.0.2.1").status_code == 302


@pytest.mark.django_db
def test_app_code_has_fifty_tries_a_day_over_all_networks(client, clock):
    make_key(make_user("Noor", email=NOOR), "totp")
    owner = reach_second_step(client)
    assert enter_app_code(owner, current_code()).status_code == 302
    owner.post("/account/logout/")
    clock.now += limits.DAY
    for number in range(limits.APP_CODES_PER_DAY // 5):
        thief = reach_second_step(Client(), network=f"172.16.{number}.1")
        assert {enter_app_code(thief, "000000", f"172.16.{number}.1").status_code for _try in range(5)} == {422}
    thief = reach_second_step(Client(), network="192.0.2.1")
    response = enter_app_code(thief, current_code(), network="192.0.2.1")
    assert (response.status_code, response["Retry-After"], is_signed_in(thief)) == (429, "86400", False)
    assert "Dit is vandaag te vaak geprobeerd." in response.content.decode()
    reach_second_step(owner)
    assert enter_app_code(owner, current_code()).status_code == 302


@pytest.mark.django_db
def test_app_code_tries_are_limited_on_reauthentication_too(client):
    noor = make_user("Noor", email=NOOR)
    make_key(noor, "totp")
    session = visitor(noor)
    responses = [session.post("/account/2fa/reauthenticate/", {"code": "000000"}) for _try in range(6)]
    assert [response.status_code for response in responses] == [422] * 5 + [429]
    assert responses[-1]["Retry-After"] == "300"


@pytest.mark.django_db
@pytest.mark.parametrize("path, field", [("/account/password/reset/", "email")])
def test_other_public_mails_are_limited_with_429(path, field):
    make_user("Noor", email=NOOR)
    for email in (NOOR, "nobody@example.org"):
        sent = len(letters())
        responses = [Client().post(path, {field: email}, REMOTE_ADDR=f"172.16.{n}.1") for n in range(8)]
        assert [response.status_code for response in responses] == [302] * 5 + [429] * 3
        assert len(letters()) == sent + 5
        assert responses[-1]["Retry-After"] == "3600"
        assert "We hebben al een paar mails gestuurd" in responses[-1].content.decode()


@pytest.mark.django_db
def test_twenty_parents_on_one_network_all_get_a_code():
    for number in range(20):
        parent, email = Client(), f"parent{number}@example.org"
        assert request_code(parent, email).status_code == 302
        assert enter_code(parent, newest_code()).status_code == 302
    assert len(letters()) == 20


@pytest.mark.django_db
def test_forged_device_cookie_is_not_a_known_device(client):
    noor = make_user("Noor", email=NOOR)
    client.cookies["known"] = "x:y:z"
    request_code(client)
    assert enter_code(client, newest_code()).status_code == 302
    assert client.cookies["known"]["httponly"]
    request = client.get("/").wsgi_request
    assert len(limits.known_device(request, noor)) == 32
    assert limits.known_device(request, make_user("Sam")) == ""
    assert limits.known_device(request, None) == ""


STEPS = st.tuples(st.sampled_from(["stranger", "resend", "guess", "owner"]), st.integers(0, 400))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=120))
def test_newest_mail_always_works_and_mails_are_few_in_any_order_of_requests(clock, steps):
    """Test `limits` directly: after a request, the code in the newest mail is valid and less than ten minutes old."""
    cache.clear()
    codes, mailed, known_to_strangers = count(1), [], "00000000"
    for who, seconds in steps:
        clock.now += seconds
        if who == "guess":
            for _try in range(30):
                limits.valid_codes(NOOR, device="", own=known_to_strangers)
            continue
        found = limits.code_for(
            NOOR, device="", make=lambda is_long: f"{next(codes):0{12 if is_long else 8}}", is_resend=who == "resend"
        )
        if found.must_be_mailed:
            mailed.append((clock.now, found.code))
        if who == "owner":
            newest = mailed[-1][1]
            was_guessed = len(newest) == 8 and newest not in limits.valid_codes(NOOR, device="", own=found.code)
            assert not was_guessed or limits.code_for(NOOR, device="", make=lambda is_long: "1" * 12).must_be_mailed
            assert clock.now - found.made_at < limits.SHARED_SECONDS
            assert found.code == newest, "the newest mail has the valid code"
            if was_guessed:
                mailed.append((clock.now, "1" * 12))
        else:
            known_to_strangers = found.code
    times = [at for at, _code in mailed]
    assert max((sum(at <= other < at + 3600 for other in times) for at in times), default=0) <= MAX_MAILS_IN_ANY_HOUR
