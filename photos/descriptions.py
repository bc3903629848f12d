"""Whether a description says what a photo shows: people who cannot see it hear this instead."""

import re

from photos.models import MIN_DESCRIPTION

FILE_NAME = re.compile(r"\.(jpe?g|png|hei[cf]|webp|gif|bmp|tiff?|avif)$", re.IGNORECASE)
# What cameras and phones call their files, and words that say only that it is a photo.
NUMBERED = re.compile(
    r"(img|dsc[nf]?|pxl|mvimg|p|image|photo|foto|pic|picture|screenshot|schermafbeelding|whatsapp image|signal|dcim)"
    r"[\W_]*[\d\W_]*(\(\d+\)|kopie|copy)?",
    re.IGNORECASE,
)
ONLY_A_PHOTO = re.compile(
    r"(een |de |het |mijn |onze |my |our |the |a )*(mooie |leuke |nieuwe |nice |new )*"
    r"(foto|foto’s|foto's|photo|photos|picture|afbeelding|plaatje|beeld|image|portret|portrait|kiekje|selfie|pasfoto)",
    re.IGNORECASE,
)


def says_something(text: str, file_name: str = "") -> bool:
    """Whether this is a description, and not a file name, a number or just "foto"."""
    plain = " ".join(text.split()).strip(" .,!?-_")
    stem = file_name.rsplit(".", 1)[0].strip().lower()
    return not (
        len(plain) < MIN_DESCRIPTION
        or sum(character.isalpha() for character in plain) < 4
        or len(set(plain.lower())) < 4
        or FILE_NAME.search(plain)
        or NUMBERED.fullmatch(plain)
        or ONLY_A_PHOTO.fullmatch(plain)
        or plain.lower() in {stem, file_name.strip().lower()}
    )
