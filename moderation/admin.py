"""What the technical administration shows of moderation: who is away. Cases are decided on the pages for watchers."""

from django.contrib import admin

from locations.discreet_admin import DiscreetAdmin
from moderation.models import Absence


@admin.register(Absence)
class AbsenceAdmin(DiscreetAdmin):
    list_display = ["user", "from_on", "until_on"]
    list_filter = ["until_on"]
    list_select_related = ["user"]
    autocomplete_fields = ["user"]
