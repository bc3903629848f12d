"""Meetups, hosts and dates in the Django admin.

Dates are read-only here: only the pages for hosts and coordinators count seats and notify people. Attendances are not
shown at all: names are only for the hosts.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from locations.admin import LocationAdmin
from locations.discreet_admin import DiscreetAdmin
from locations.models import Location
from meetups.models import Host, Meetup, Occurrence
from meetups.schedule.actions import stamps
from page_cache import versions


class HostInline(admin.TabularInline):
    model = Host
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Meetup)
class MeetupAdmin(DiscreetAdmin):
    """Texts and hosts; recurrence and capacity are edited on the pages for hosts and coordinators."""

    list_display = ["title", "location", "kind", "mode", "status"]
    list_filter = ["status", "mode", "kind", "location__municipality"]
    list_select_related = ["location"]
    search_fields = ["title", "location__name"]
    readonly_fields = [
        "location", "slug", "rrule", "first_on", "start_time", "end_time", "capacity", "newcomer_places",
        "skip_public_holidays", "skip_school_holidays", "status", "created_by", "created_at",
    ]  # fmt: skip
    inlines = [HostInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Meetup | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Meetup, form: Any, change: bool) -> None:
        with stamps.changing(obj, form.changed_data, now=timezone.now()):
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        versions.invalidate(*form.instance.town_ids())


@admin.register(Location)
class PlaceAdmin(LocationAdmin):
    """Locations; registered here because changes to them show in the calendar events of their dates."""

    def save_model(self, request: HttpRequest, obj: Location, form: Any, change: bool) -> None:
        with stamps.changing(obj, form.changed_data if change else (), now=timezone.now()):
            super().save_model(request, obj, form, change)


@admin.register(Occurrence)
class OccurrenceAdmin(DiscreetAdmin):
    """The public fields of a date; attendance numbers and host notes are only for the hosts of that meetup."""

    list_display = ["meetup", "starts_at", "location", "status", "closed_at"]
    list_filter = ["status", "location__municipality"]
    list_select_related = ["meetup", "location"]
    search_fields = ["meetup__title"]
    date_hierarchy = "starts_at"
    show_full_result_count = False
    fields = [
        "meetup", "location", "starts_at", "ends_at", "planned_for", "theme", "capacity", "status", "cancel_reason",
        "is_edited", "sequence", "changed_at", "closed_at",
    ]  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Occurrence | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Occurrence | None = None) -> bool:
        return False
