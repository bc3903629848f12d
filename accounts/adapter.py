"""What Pedbasis decides about allauth's ways."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """allauth's own ways, as they are."""
