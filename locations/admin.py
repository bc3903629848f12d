"""Towns and places, in the technical administration."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from locations.actions import invalidate_all_towns
from locations.discreet_admin import DiscreetAdmin
from locations.models import Location, Municipality
from page_cache import versions
from photos.models import Photo


class FixedSlugAdmin(DiscreetAdmin):
    """The slug cannot be changed afterwards: people bookmark the address, share it and subscribe to it."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["slug"] if obj else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Sequence[str]]:
        return {} if obj else {"slug": ["name"]}


@admin.register(Photo)
class PhotoAdmin(DiscreetAdmin):
    """How it is with each photo, not what it shows. Here, because photos is below this class."""

    list_display = ["purpose", "shape", "state", "reason", "visibility", "created_at", "attempts"]
    list_filter = ["state", "visibility", "shape"]
    ordering = ["-created_at"]
    fields = ["purpose", "shape", "state", "reason", "visibility", "hidden_at", "created_at", "attempts"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Photo | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Photo | None = None) -> bool:
        return False


@admin.register(Municipality)
class MunicipalityAdmin(FixedSlugAdmin):
    list_display = ["name", "cbs_code", "school_region", "contact_name"]
    list_filter = ["school_region"]
    search_fields = ["name", "cbs_code"]
    exclude = ["holidays"]  # the coordinator sets them on a page that previews which dates would change

    def save_model(self, request: HttpRequest, obj: Municipality, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        versions.invalidate(obj.pk)

    def delete_model(self, request: HttpRequest, obj: Municipality) -> None:
        pk = obj.pk
        super().delete_model(request, obj)
        versions.invalidate(pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Municipality]) -> None:
        towns = set(queryset.values_list("pk", flat=True))
        super().delete_queryset(request, queryset)
        versions.invalidate(*towns)


class LocationAdmin(FixedSlugAdmin):
    """Registered in `meetups.admin`, because what happens at a place is a matter of meetups."""

    list_display = ["name", "kind", "municipality", "place", "fixed_until", "facilities_checked_on"]
    list_filter = ["municipality", "kind"]
    list_select_related = ["municipality"]
    search_fields = ["name", "place", "address"]
    autocomplete_fields = ["municipality", "replaced_by"]

    # A place may be shown in other towns: as the replacement of one of theirs, or because one of their meetups has a
    # date there. Which towns is not known here, so all are invalidated.
    def save_model(self, request: HttpRequest, obj: Location, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        invalidate_all_towns()

    def delete_model(self, request: HttpRequest, obj: Location) -> None:
        super().delete_model(request, obj)
        invalidate_all_towns()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Location]) -> None:
        super().delete_queryset(request, queryset)
        invalidate_all_towns()
