"""People in the technical administration, where deleting someone means what erasing means everywhere."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

import accounts.admin
from accounts.models import User
from notifications.models import Preference
from pages import addresses_set, privacy


@admin.register(User)
class UserAdmin(accounts.admin.UserAdmin):
    """Deletes as the person would: places go to the waiting list, and of past dates only the counts stay."""

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """As always; wishes about mails go along to a new address, and the old one is told."""
        super().save_model(request, obj, form, change)
        before = form.initial.get("email", obj.email)  # one's own is not in the form
        if change and before != obj.email:
            Preference.objects.move(before, obj.email)
            addresses_set.tell(user=obj, before=before, now=timezone.now())

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        privacy.erase(user=obj, now=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset.order_by("pk"):  # each in a transaction of its own: locks are held for a moment only
            privacy.erase(user=user, now=timezone.now())

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> tuple[list, dict, set, list]:
        """Only the people: what goes with them is for `erase` to know, and not for staff to read."""
        people = list(objs)
        may = all(self.has_delete_permission(request, person) for person in people)
        words = str(self.opts.verbose_name_plural)
        return [str(person) for person in people], {words: len(people)}, set() if may else {words}, []
