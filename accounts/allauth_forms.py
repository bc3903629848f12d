"""allauth's forms in our words: labels above the fields, no grey texts inside them."""

from typing import Any

from allauth.account import forms as base
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from accounts import limits
from accounts.addresses import AddressFormField

# What to say about an empty field, by its name.
EMPTY = {
    "code": _("Fill in the code from the email."),
    "password": _("Fill in your password."),
    "oldpassword": _("Fill in your current password."),
    "password1": _("Fill in a new password."),
    "password2": _("Fill in your new password once more."),
    "name": _("Give this passkey a name."),
}


class InOurWords:
    """Take allauth's placeholders away and set our labels and hints: `words` is field -> (label, hint)."""

    words: dict[str, tuple[Any, Any]] = {}
    empty: dict[str, Any] = EMPTY
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, forms.EmailField):
                field = self.fields[name] = AddressFormField(
                    label=field.label, required=field.required, widget=field.widget
                )
            field.widget.attrs.pop("placeholder", None)
            if name in self.words:
                field.label, field.help_text = self.words[name]
            if name in self.empty:
                field.error_messages["required"] = self.empty[name]
            if name == "name":
                field.validators.append(MaxLengthValidator(60))
                field.widget.attrs["maxlength"] = "60"
            if name == "code":
                field.widget.attrs |= {"inputmode": "numeric", "autocapitalize": "off", "spellcheck": "false"}
                field.widget.attrs["autocomplete"] = "one-time-code"


EMAIL = (_("Email address"), "")
CODE = (_("The code from the email"), "")
ONCE_MORE = (_("New password, once more"), "")


class RequestCodeForm(InOurWords, base.RequestLoginCodeForm):
    words = {"email": EMAIL}

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if not limits.may_ask(context.request, self._user):
            raise get_account_adapter().validation_error("rate_limited")
        return email


class ConfirmCodeForm(InOurWords, base.ConfirmLoginCodeForm):
    words = {"code": CODE}

    def clean_code(self) -> str:
        if self.expected_code == "":
            raise forms.ValidationError(_("This code does not work any more. Ask for a new one."), code="ended")
        code: str = super().clean_code()
        return code


class ConfirmEmailForm(InOurWords, base.ConfirmEmailVerificationCodeForm):
    words = {"code": CODE}


class ConfirmResetForm(InOurWords, base.ConfirmPasswordResetCodeForm):
    words = {"code": CODE}


class LoginForm(InOurWords, base.LoginForm):
    """Sign in with a password, for those who have one (at sign-up nobody gets one)."""

    words = {"login": EMAIL, "password": (_("Password"), "")}

    def _setup_password_field(self) -> None:
        """Keep the field, though signing up asks no password."""


class SignupForm(InOurWords, base.SignupForm):
    """The email address is known by now: a code sent to it was typed in."""

    words = {"email": EMAIL}
    field_order = ["first_name", "email"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].disabled = True


class AddEmailForm(InOurWords, base.AddEmailForm):
    words = {"email": (_("New email address"), _("We send a code to this address."))}


class ChangeEmailForm(InOurWords, base.ChangeEmailForm):
    words = {"email": EMAIL}


class ResetPasswordForm(InOurWords, base.ResetPasswordForm):
    words = {"email": EMAIL}

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if not limits.may_ask(context.request, next(iter(self.users), None)):
            raise get_account_adapter().validation_error("rate_limited")
        return email


class NewPasswordWords(InOurWords):
    words = {"oldpassword": (_("Your current password"), ""), "password2": ONCE_MORE}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("New password")
        self.fields["password1"].help_text = _(
            "At least 10 characters. A few words in a row are easy to remember and hard to guess."
        )


class SetPasswordForm(NewPasswordWords, base.SetPasswordForm):
    pass


class ChangePasswordForm(NewPasswordWords, base.ChangePasswordForm):
    pass


class ResetPasswordKeyForm(NewPasswordWords, base.ResetPasswordKeyForm):
    pass


class ReauthenticateForm(InOurWords, base.ReauthenticateForm):
    words = {"password": (_("Password"), "")}


APP_CODE_EMPTY = EMPTY | {"code": _("Fill in the code from your app.")}


class CountedTries:
    """Codes of an app are counted by us: allauth lets whoever reads the mailbox use up the tries of the owner."""

    user: Any

    def clean_code(self) -> str:
        wait = limits.app_code_wait(context.request, self.user)
        if wait > limits.HOUR:
            raise forms.ValidationError(
                _(
                    "This was tried too often today. Sign in with your passkey, or on a device where you "
                    "have signed in before. Or wait until tomorrow."
                ),
                code="too_many_app_codes_today",
            )
        if wait:
            words = get_account_adapter().error_messages["too_many_login_attempts"]
            raise forms.ValidationError(words, code="too_many_app_codes")
        code: str = super().clean_code()  # type: ignore[misc]
        return code


class AppCodeForm(InOurWords, CountedTries, mfa.AuthenticateForm):
    empty = APP_CODE_EMPTY
    words = {"code": (_("Code from your app, or a spare code"), "")}


class AppCodeAgainForm(InOurWords, CountedTries, mfa.ReauthenticateForm):
    empty = APP_CODE_EMPTY
    words = {"code": (_("Code from your app, or a spare code"), "")}


class AppSetUpForm(InOurWords, totp.ActivateTOTPForm):
    empty = APP_CODE_EMPTY
    words = {"code": (_("The 6 digits that the app shows"), "")}


class CredentialField(forms.JSONField):
    """What a passkey answers. It counts once, so a page with an error never shows it again."""

    widget = forms.HiddenInput
    LONGEST = 20_000  # ten times what a passkey says

    def to_python(self, value: Any) -> Any:
        try:
            if len(value or "") > self.LONGEST:  # nested deeply enough, or a number long enough, it breaks the reader
                raise ValueError
            return super().to_python(value)
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error

    def bound_data(self, data: Any, initial: Any) -> None:
        return None

    def prepare_value(self, value: Any) -> str:
        return ""


class Malformed:
    """What is no answer of a passkey at all is refused like a wrong one."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = CredentialField(
            error_messages=dict.fromkeys(["required", "invalid"], _("This did not work. Try again."))
        )

    def clean(self) -> Any:
        try:
            return super().clean()  # type: ignore[misc]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            if isinstance(error, forms.ValidationError):
                raise
            raise get_adapter().validation_error("incorrect_code") from error

    def clean_credential(self) -> Any:
        try:
            parent = getattr(super(), "clean_credential", None)
            return parent() if parent else self.cleaned_data["credential"]  # type: ignore[attr-defined]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            if isinstance(error, forms.ValidationError):
                raise
            raise get_adapter().validation_error("incorrect_code") from error


class PasskeyForm(Malformed, webauthn.AuthenticateWebAuthnForm):
    pass


class PasskeyLoginForm(Malformed, webauthn.LoginWebAuthnForm):
    pass


class PasskeyAgainForm(Malformed, webauthn.ReauthenticateWebAuthnForm):
    pass


class AddPasskeyForm(InOurWords, Malformed, webauthn.AddWebAuthnForm):
    hide_optional = True
    words = {"name": (_("Name for this passkey"), _("So that you know which device it is, like “my phone”."))}


class EditPasskeyForm(InOurWords, webauthn.EditWebAuthnForm):
    words = {"name": (_("Name for this passkey"), _("So that you know which device it is, like “my phone”."))}
