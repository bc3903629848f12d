from django.apps import AppConfig
from django.contrib.admin import apps as admin


class AccountsConfig(AppConfig):
    name = "accounts"
    default = True


class TechnicalAdminConfig(admin.AdminConfig):
    """Django's admin, with our own AdminSite."""

    default_site = "accounts.admin_site.TechnicalAdmin"
    default = False
