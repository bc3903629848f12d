"""What all our pages in the technical administration have in common; the lowest app has such pages too."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest
from django.db import DataError
from django.db.models import Model, QuerySet
from django.http import HttpRequest

OF_A_FILTER = ("", "__exact", "__isnull", "__id__exact")
OF_DATES = ("__year", "__month", "__day")


class DiscreetAdmin(admin.ModelAdmin):
    """Lets a list be narrowed down only by what stands beside it.

    Django lets any field do that: by asking which people have a password that begins with so and so, or who comes to
    some date, one reads what no page shows.
    """

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        offered = {f"{name}{ending}" for name in self.get_list_filter(request) for ending in OF_A_FILTER}
        return lookup in offered | {f"{self.date_hierarchy}{ending}" for ending in OF_DATES}

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """As always; a year or a text that the database cannot look for is no mishap, but a filter that is wrong."""
        try:
            return super().get_changelist_instance(request)
        except (DataError, OverflowError, ValueError) as error:
            raise IncorrectLookupParameters from error

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """As always; also for the fields that complete a name while one types. No text holds a null byte."""
        return super().get_search_results(request, queryset, search_term.replace("\0", ""))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A form begins empty: an address that fills it in would let others decide what staff save."""
        return {}

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model | None:
        return super().get_object(request, object_id, from_field or None)

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any) -> Any:
        if not all(pk.isdecimal() for pk in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest("What was chosen is no number of a row.")
        return super().response_action(request, queryset, *args, **kwargs)
