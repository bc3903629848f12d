"""The outbox in the technical administration: pending and failed messages, and retrying them."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from locations.discreet_admin import DiscreetAdmin
from notifications.models import Message


@admin.register(Message)
class MessageAdmin(DiscreetAdmin):
    """Messages without their recipient: the error is enough to solve a problem."""

    list_display = ["template", "topic", "state", "due_at", "attempts", "sent_at", "last_error"]
    list_filter = ["state", "topic", "template"]
    date_hierarchy = "due_at"
    show_full_result_count = False
    ordering = ["-due_at"]
    fields = ["template", "topic", "channel", "language", "state", "due_at", "attempts", "last_error", "sent_at"]
    actions = ["try_again"]

    @admin.action(description=_("Try again now"), permissions=["view"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        """Queue failed messages again, and no others, so that nothing is sent twice.

        Messages that expire are left out: their contents have been erased.
        """
        failed = queryset.filter(state=Message.State.FAILED, expires_at=None)
        number = failed.update(state=Message.State.PENDING, attempts=0, last_error="", due_at=timezone.now())
        self.message_user(
            request,
            ngettext("%d message is tried again.", "%d messages are tried again.", number) % number,
            messages.SUCCESS,
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False
