"""Users in the admin site; deleting one erases them as everywhere else."""

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
    """Erases on delete: seats go to the waiting list, and past dates keep only their counts."""

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save; move the mail preferences along to a new address, and notify the old one."""
        super().save_model(request, obj, form, change)
        before = form.initial.get("email", obj.email)  # the form for oneself has no e-mail field
        if change and before != obj.email:
            Preference.objects.move(before, obj.email)
            addresses_set.notify_old_address(user=obj, before=before, now=timezone.now())

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        privacy.erase(user=obj, now=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset.order_by("pk"):  # each in its own transaction, to hold locks only briefly
            privacy.erase(user=user, now=timezone.now())

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> tuple[list, dict, set, list]:
        """List only the users: their related rows are private, and `erase` takes care of them."""
        people = list(objs)
        may = all(self.has_delete_permission(request, person) for person in people)
        words = str(self.opts.verbose_name_plural)
        return [str(person) for person in people], {words: len(people)}, set() if may else {words}, []
