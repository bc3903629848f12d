"""Caching a function per language."""

from django.utils.translation import gettext, override

from page_cache.per_language import cached_per_language


def cached_function(maxsize=None):
    """Return a cached function, and the list of its actual calls."""
    calls = []

    @cached_per_language(maxsize=maxsize)
    def notice(name, mark="!"):
        """A docstring."""
        calls.append(name)
        return f"{name}: {gettext('Cancelled')}{mark}"

    return notice, calls


def test_function_runs_once_per_language():
    notice, calls = cached_function()
    for _twice in range(2):
        with override("nl"):
            assert notice("Noor") == "Noor: Gaat niet door!"
        with override("en"):
            assert notice("Noor") == "Noor: Cancelled!"
    assert calls == ["Noor", "Noor"]


def test_no_active_language_is_cached_separately():
    notice, _calls = cached_function()
    with override(None):
        assert notice("Noor") == "Noor: Cancelled!"
    with override("nl"):
        assert notice("Noor") == "Noor: Gaat niet door!"


def test_arguments_are_part_of_the_key():
    notice, calls = cached_function()
    with override("en"):
        assert [notice("Noor"), notice("Noor", mark="?"), notice("Jan")] == [
            "Noor: Cancelled!",
            "Noor: Cancelled?",
            "Jan: Cancelled!",
        ]
    assert calls == ["Noor", "Noor", "Jan"]


def test_cache_can_be_cleared():
    notice, calls = cached_function()
    notice("Noor")
    notice.cache_clear()
    notice("Noor")
    assert calls == ["Noor", "Noor"]


def test_maxsize_is_respected():
    notice, calls = cached_function(maxsize=1)
    for name in ("Noor", "Jan", "Jan", "Noor"):
        notice(name)
    assert calls == ["Noor", "Jan", "Noor"]


def test_name_and_docstring_are_preserved():
    notice, _calls = cached_function()
    assert (notice.__name__, notice.__doc__) == ("notice", "A docstring.")
