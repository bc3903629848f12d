"""Messages for the next page, in a cookie that is named as safely as the others."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class MessageCookies(CookieStorage):
    cookie_name = settings.MESSAGE_COOKIE_NAME


class Storage(FallbackStorage):
    """Django's own: in a cookie, and in the session when they do not fit."""

    storage_classes = (MessageCookies, SessionStorage)
