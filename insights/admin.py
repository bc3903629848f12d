"""Figures are computed, so the Django admin only shows which year keys still exist."""

from django.contrib import admin
from django.http import HttpRequest

from insights.models import YearKey
from locations.discreet_admin import DiscreetAdmin


@admin.register(YearKey)
class YearKeyAdmin(DiscreetAdmin):
    """The secret itself is never shown."""

    list_display = ["year", "destroyed_at"]
    fields = ["year", "destroyed_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: YearKey | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: YearKey | None = None) -> bool:
        return False
