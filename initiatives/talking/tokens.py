"""Signed tokens for the link in a mail to those who follow an idea, to stop that without signing in."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.urls import reverse

from initiatives.models import Follow

_signer = signing.Signer(salt="initiatives.follow", sep=".")


def stop_url(follow: Follow) -> str:
    """Return the absolute URL to stop following; it contains no email address."""
    return settings.SITE_URL + reverse("initiative_follow_link", args=[_signer.sign(str(follow.pk))])


def follow_of(token: str) -> Follow | None:
    """Return what this token was made for; None if the token is wrong, or the account or the idea is gone."""
    try:
        pk = int(_signer.unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    return Follow.objects.select_related("initiative", "user").filter(pk=pk).first()
