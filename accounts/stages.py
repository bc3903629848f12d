"""Our replacement of allauth's sign-in stages."""

from allauth.mfa import stages
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest


class AuthenticateStage(stages.AuthenticateStage):
    """Ask for a second step only of users with an app for codes.

    A passkey is an easier way to sign in, not a second step: a user with a passkey on their phone can still sign in
    with a code by email on another device.
    """

    def _should_handle(self, request: HttpRequest) -> bool:
        user = self.login.user
        wants_second_step = user is not None and is_mfa_enabled(user, [Authenticator.Type.TOTP])
        return wants_second_step and super()._should_handle(request)
