"""Whether a text names someone."""

import pytest

from moderation.naming import is_named


@pytest.mark.parametrize(
    ("first_name", "text"),
    [
        ("Ingrid", "Ingrid was erbij."),
        ("Ingrid", "het was bij INGRID thuis"),
        ("ingrid", "Dat zei Ingrid!"),
        ("Ingrid", "Ingrids dochter"),
        ("Ingrid", "Ingrid's dochter"),
        ("Ingrid", "Ingrid’s dochter"),
        ("Ingrid", "Ingrid´s dochter"),
        ("Hans", "Hans' zoon"),
        ("Zoë", "zoe was er ook"),
        ("Zoe", "Zoë was er ook"),
        ("Zoë", "Zoe\u0308 was er ook"),
        ("Zoë 🌱", "Zoë was er ook"),
        ("Gülsüm", "Gulsum en ik"),
        ("Søren", "Soren zag het"),
        ("Łukasz", "lukasz zag het"),
        ("Işıl", "isil zag het"),
        ("Anne-Marie", "Anne Marie zag het"),
        ("Anne Marie", "Annemarie zag het"),
        ("Anne.Marie", "anne-marie zag het"),
        ("Ingrid", "In\u200bgrid zag het"),
        ("Ingrid", "Ingrid\n"),
        ("Ingrid", "(Ingrid)"),
        ("Ingrid", "_Ingrid_"),
        ("فاطمة", "رأيت فاطمة هناك"),
        ("Wil", "ik wil niet"),  # better one time too often
    ],
)
def test_name_is_found(first_name, text):
    assert is_named(first_name, text)


@pytest.mark.parametrize(
    ("first_name", "text"),
    [
        ("Ingrid", "Astrid was erbij."),
        ("Ingrid", ""),
        ("Ingrid", "Ingridje en Ingridsen"),
        ("An", "Anna en Jan en van"),
        ("Jan", "januari"),
        ("Anne-Marie", "Anne en Marieke"),
        ("", "wie dan ook"),
        ("🌱", "wie dan ook 🌱"),
        ("-", "a - b"),
        ("a.c", "abc"),
    ],
)
def test_other_words_are_not_the_name(first_name, text):
    assert not is_named(first_name, text)
