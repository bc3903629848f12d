"""A description says what a photo shows; a file name, a number or "foto" does not."""

import pytest

from photos.descriptions import says_something


@pytest.mark.parametrize(
    "text",
    [
        *("IMG_1.jpg", "IMG_20261130_113012", "DSC00012", "PXL_20261130.jpg", "foto", "Foto 1", "een foto"),
        *("Mooie foto!", ".", ".....", "-----", "12345", "20261130", "image (2)", "WhatsApp Image 2026"),
        "Schermafbeelding 2026-11-30",
        *("photo", "my photo", "portret", "aaaaaa", "abab ab", "    ", "kop", "tafel.heic", "de foto's", "selfie"),
        "bibliotheek tafel.PNG",
    ],
)  # fmt: skip
def test_refused(text):
    assert not says_something(text)


@pytest.mark.parametrize(
    "text",
    [
        *("Een lange tafel met kopjes", "Marieke lacht", "De ingang", "Foto van de ingang aan het plein"),
        *("Vijver in het park", "Zaal 2 van het wijkcentrum", "Schapen bij het hek", "图书馆里的长桌子"),
    ],
)
def test_accepted(text):
    assert says_something(text)


def test_the_name_of_the_file_is_refused():
    assert not says_something("vakantie kees", "Vakantie Kees.jpg")
    assert not says_something("Vakantie Kees.jpg", "Vakantie Kees.jpg")
    assert says_something("Kees op vakantie", "Vakantie Kees.jpg")
