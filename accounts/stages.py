"""The steps of signing in."""

from allauth.mfa import stages
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest


class AuthenticateStage(stages.AuthenticateStage):
    """A second step only for who asked for it with an app.

    A passkey is an easier way in, not a second lock: whoever made one on the phone can still sign in by email code
    on another device.
    """

    def _should_handle(self, request: HttpRequest) -> bool:
        user = self.login.user
        wants_second_step = user is not None and is_mfa_enabled(user, [Authenticator.Type.TOTP])
        return wants_second_step and super()._should_handle(request)
