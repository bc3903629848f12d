"""allauth's forms with our labels and hints, and without placeholders."""

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


class OurLabelsMixin:
    """Remove allauth's placeholders and set our labels and hints: `texts` maps a field to (label, hint)."""

    texts: dict[str, tuple[Any, Any]] = {}
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
            if name in self.texts:
                field.label, field.help_text = self.texts[name]
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
NEW_PASSWORD_AGAIN = (_("New password, once more"), "")


class RequestCodeForm(OurLabelsMixin, base.RequestLoginCodeForm):
    texts = {"email": EMAIL}

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if not limits.may_request_mail(context.request, self._user):
            raise get_account_adapter().validation_error("rate_limited")
        return email


class ConfirmCodeForm(OurLabelsMixin, base.ConfirmLoginCodeForm):
    texts = {"code": CODE}

    def clean_code(self) -> str:
        if self.expected_code == "":
            raise forms.ValidationError(_("This code does not work any more. Ask for a new one."), code="ended")
        code: str = super().clean_code()
        return code


class ConfirmEmailForm(OurLabelsMixin, base.ConfirmEmailVerificationCodeForm):
    texts = {"code": CODE}


class ConfirmResetForm(OurLabelsMixin, base.ConfirmPasswordResetCodeForm):
    texts = {"code": CODE}


class LoginForm(OurLabelsMixin, base.LoginForm):
    """Sign in with a password. Users may set one later; sign-up does not ask for one."""

    texts = {"login": EMAIL, "password": (_("Password"), "")}

    def _setup_password_field(self) -> None:
        """Keep the password field: allauth removes it when sign-up has no password."""


class SignupForm(OurLabelsMixin, base.SignupForm):
    """Ask for the rest once the email address is verified by a code; the address cannot be changed here."""

    texts = {"email": EMAIL}
    field_order = ["first_name", "email"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].disabled = True


class AddEmailForm(OurLabelsMixin, base.AddEmailForm):
    texts = {"email": (_("New email address"), _("We send a code to this address."))}


class ChangeEmailForm(OurLabelsMixin, base.ChangeEmailForm):
    texts = {"email": EMAIL}


class ResetPasswordForm(OurLabelsMixin, base.ResetPasswordForm):
    texts = {"email": EMAIL}

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if not limits.may_request_mail(context.request, next(iter(self.users), None)):
            raise get_account_adapter().validation_error("rate_limited")
        return email


class NewPasswordLabelsMixin(OurLabelsMixin):
    texts = {"oldpassword": (_("Your current password"), ""), "password2": NEW_PASSWORD_AGAIN}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("New password")
        self.fields["password1"].help_text = _(
            "At least 10 characters. A few words in a row are easy to remember and hard to guess."
        )


class SetPasswordForm(NewPasswordLabelsMixin, base.SetPasswordForm):
    pass


class ChangePasswordForm(NewPasswordLabelsMixin, base.ChangePasswordForm):
    pass


class ResetPasswordKeyForm(NewPasswordLabelsMixin, base.ResetPasswordKeyForm):
    pass


class ReauthenticateForm(OurLabelsMixin, base.ReauthenticateForm):
    texts = {"password": (_("Password"), "")}


APP_CODE_EMPTY = EMPTY | {"code": _("Fill in the code from your app.")}


class LimitedAttemptsMixin:
    """Limit app codes per requester: with allauth's limit, someone with the mailbox could use up the owner's tries."""

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
            message = get_account_adapter().error_messages["too_many_login_attempts"]
            raise forms.ValidationError(message, code="too_many_app_codes")
        code: str = super().clean_code()  # type: ignore[misc]
        return code


class AppCodeForm(OurLabelsMixin, LimitedAttemptsMixin, mfa.AuthenticateForm):
    empty = APP_CODE_EMPTY
    texts = {"code": (_("Code from your app, or a spare code"), "")}


class AppReauthenticateForm(OurLabelsMixin, LimitedAttemptsMixin, mfa.ReauthenticateForm):
    empty = APP_CODE_EMPTY
    texts = {"code": (_("Code from your app, or a spare code"), "")}


class AppSetUpForm(OurLabelsMixin, totp.ActivateTOTPForm):
    empty = APP_CODE_EMPTY
    texts = {"code": (_("The 6 digits that the app shows"), "")}


class CredentialField(forms.JSONField):
    """The response of a passkey. It can be used once, so a page with errors never renders it again."""

    widget = forms.HiddenInput
    LONGEST = 20_000  # ten times the size of a real response

    def to_python(self, value: Any) -> Any:
        try:
            if len(value or "") > self.LONGEST:  # deep nesting or huge numbers make the parser fail
                raise ValueError
            return super().to_python(value)
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error

    def bound_data(self, data: Any, initial: Any) -> None:
        return None

    def prepare_value(self, value: Any) -> str:
        return ""


class MalformedCredentialMixin:
    """Refuse malformed credentials like wrong ones, instead of failing with a 500."""

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


class PasskeyForm(MalformedCredentialMixin, webauthn.AuthenticateWebAuthnForm):
    pass


class PasskeyLoginForm(MalformedCredentialMixin, webauthn.LoginWebAuthnForm):
    pass


class PasskeyReauthenticateForm(MalformedCredentialMixin, webauthn.ReauthenticateWebAuthnForm):
    pass


class AddPasskeyForm(OurLabelsMixin, MalformedCredentialMixin, webauthn.AddWebAuthnForm):
    hide_optional = True
    texts = {"name": (_("Name for this passkey"), _("So that you know which device it is, like “my phone”."))}


class EditPasskeyForm(OurLabelsMixin, webauthn.EditWebAuthnForm):
    texts = {"name": (_("Name for this passkey"), _("So that you know which device it is, like “my phone”."))}
