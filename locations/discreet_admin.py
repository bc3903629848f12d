"""The base class of all our ModelAdmins; it is in the lowest app because that one needs it too."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest
from django.db import DataError
from django.db.models import Model, QuerySet
from django.http import HttpRequest

FILTER_LOOKUPS = ("", "__exact", "__isnull", "__id__exact")
DATE_HIERARCHY_LOOKUPS = ("__year", "__month", "__day")


class DiscreetAdmin(admin.ModelAdmin):
    """Allows only the lookups of `list_filter` and `date_hierarchy` in the query string.

    Django's default allows lookups on other fields too: filtering on the start of a password hash, or on who attends
    a date, would reveal what no page shows.
    """

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        offered = {f"{name}{suffix}" for name in self.get_list_filter(request) for suffix in FILTER_LOOKUPS}
        return lookup in offered | {f"{self.date_hierarchy}{suffix}" for suffix in DATE_HIERARCHY_LOOKUPS}

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Treat a filter value that the database cannot handle as an invalid lookup, not as a server error."""
        try:
            return super().get_changelist_instance(request)
        except (DataError, OverflowError, ValueError) as error:
            raise IncorrectLookupParameters from error

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Drop null bytes from the search term, as PostgreSQL refuses them; autocomplete fields search here too."""
        return super().get_search_results(request, queryset, search_term.replace("\0", ""))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Ignore the query string: a link with prefilled values would let someone else decide what staff save."""
        return {}

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model | None:
        return super().get_object(request, object_id, from_field or None)

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any) -> Any:
        if not all(pk.isdecimal() for pk in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest("A selected row has no numeric primary key.")
        return super().response_action(request, queryset, *args, **kwargs)
