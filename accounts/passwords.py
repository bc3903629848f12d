"""What makes a password good enough: as Django has it, said in our words."""

from django.contrib.auth import password_validation as base
from django.utils.translation import gettext, ngettext


class LongEnough(base.MinimumLengthValidator):
    min_length: int

    def get_error_message(self) -> str:
        words = ngettext("Use at least {number} character.", "Use at least {number} characters.", self.min_length)
        return words.format(number=self.min_length)


class NotAboutYou(base.UserAttributeSimilarityValidator):
    def get_error_message(self) -> str:
        return gettext("This looks too much like your name or email address.")


class NotCommon(base.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return gettext("Many people use this password. Choose another one.")
