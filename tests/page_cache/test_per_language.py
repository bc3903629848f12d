"""What is kept of each language."""

from django.utils.translation import gettext, override

from page_cache.per_language import cached_per_language


def said_by(maxsize=None):
    """A function whose answer is kept, and what it was really called with."""
    calls = []

    @cached_per_language(maxsize=maxsize)
    def notice(name, mark="!"):
        """Say that it is off."""
        calls.append(name)
        return f"{name}: {gettext('Cancelled')}{mark}"

    return notice, calls


def test_each_language_has_its_own_answer_and_is_asked_once():
    notice, calls = said_by()
    for _twice in range(2):
        with override("nl"):
            assert notice("Noor") == "Noor: Gaat niet door!"
        with override("en"):
            assert notice("Noor") == "Noor: Cancelled!"
    assert calls == ["Noor", "Noor"]


def test_what_is_said_without_a_language_is_kept_apart():
    notice, _calls = said_by()
    with override(None):
        assert notice("Noor") == "Noor: Cancelled!"
    with override("nl"):
        assert notice("Noor") == "Noor: Gaat niet door!"


def test_other_arguments_are_another_answer():
    notice, calls = said_by()
    with override("en"):
        assert [notice("Noor"), notice("Noor", mark="?"), notice("Jan")] == [
            "Noor: Cancelled!",
            "Noor: Cancelled?",
            "Jan: Cancelled!",
        ]
    assert calls == ["Noor", "Noor", "Jan"]


def test_what_was_kept_can_be_forgotten():
    notice, calls = said_by()
    notice("Noor")
    notice.cache_clear()
    notice("Noor")
    assert calls == ["Noor", "Noor"]


def test_only_the_last_answers_are_kept():
    notice, calls = said_by(maxsize=1)
    for name in ("Noor", "Jan", "Jan", "Noor"):
        notice(name)
    assert calls == ["Noor", "Jan", "Noor"]


def test_it_still_says_what_it_is():
    notice, _calls = said_by()
    assert (notice.__name__, notice.__doc__) == ("notice", "Say that it is off.")
