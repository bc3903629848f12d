"""Why something with a photo cannot be done, as a sentence for the person who tries."""

from django.utils.translation import gettext


class CannotDo(Exception):
    """Base class; its text is the sentence."""


class NotForThis(CannotDo):
    """The photo was given by someone else, or for something else, or is part of a page already."""

    def __init__(self) -> None:
        super().__init__(gettext("This photo is not here any more. Please choose it again."))


class WasHidden(CannotDo):
    """The same photo was hidden here before."""

    def __init__(self) -> None:
        super().__init__(gettext("This photo was taken off the page. Please choose another one."))


class CopyIsGone(CannotDo):
    """The photo was hidden for so long that its copy was deleted."""

    def __init__(self) -> None:
        super().__init__(gettext("This photo was hidden more than 30 days ago, and is deleted."))
