"""Storage for Django's messages in a cookie with the same name prefix as the others."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class MessageCookies(CookieStorage):
    cookie_name = settings.MESSAGE_COOKIE_NAME


class Storage(FallbackStorage):
    """Django's FallbackStorage with our cookie name: the session holds what does not fit."""

    storage_classes = (MessageCookies, SessionStorage)
