"""Users, roles and the security log in the technical administration."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import devices, security_log
from accounts.models import Role, SecurityEvent, User
from locations.actions import invalidate_all_towns
from locations.discreet_admin import DiscreetAdmin
from page_cache import versions


class RoleInline(admin.TabularInline):
    model = Role
    extra = 0
    autocomplete_fields = ["municipality"]


class UserAdmin(DiscreetAdmin):
    """Names, addresses and roles. Passwords, passkeys and apps cannot be set here: they belong to the user.

    Registered in `pages.admin`, because deleting a user involves every app.
    """

    list_display = ["first_name", "email", "municipality", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff", "roles__kind", "municipality"]
    list_select_related = ["municipality"]
    search_fields = ["email", "first_name"]
    ordering = ["email"]
    fields = [
        "email", "first_name", "language", "municipality", "is_active", "is_staff", "is_superuser",
        "user_permissions", "date_joined", "last_login",
    ]  # fmt: skip
    readonly_fields = ["date_joined", "last_login"]
    autocomplete_fields = ["municipality"]
    filter_horizontal = ["user_permissions"]
    inlines = [RoleInline]
    actions = ["take_away_factors"]

    @admin.action(description=_("Remove passkeys and app for codes, because they are lost"), permissions=["superuser"])
    def take_away_factors(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Delete lost second factors and sign their users out, so that they can set up new ones."""
        for user in queryset.order_by("pk"):
            Authenticator.objects.filter(user=user).delete()
            devices.sign_out_everywhere(user)
            security_log.record(user, SecurityEvent.Kind.FACTOR_REMOVED, now=timezone.now())
            self.log_change(request, user, gettext("Passkeys and app for codes removed."))
        self.message_user(request, gettext("Done. They will be asked to set up new ones."), messages.SUCCESS)

    def has_superuser_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Let only superusers change access to the administration, and nobody their own address.

        They change their own address in their account, where it is confirmed and can be undone.
        """
        powers = [] if request.user.is_superuser else ["is_staff", "is_superuser", "user_permissions"]
        own = ["email"] if obj == request.user else []
        return [*self.readonly_fields, *powers, *own]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let only superusers change a superuser: whoever sets the address can sign in as that user."""
        return _may_manage(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return _may_manage(request, obj) and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save without a password: a new user signs in with a code by email.

        A changed address ends all sessions, and the old address can no longer be used to sign in. All towns are
        invalidated, because public pages show the first names of hosts.
        """
        if not change:
            obj.set_unusable_password()
        if "is_staff" in form.changed_data:
            obj.staff_since = timezone.now()
        super().save_model(request, obj, form, change)
        EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()
        if change and "email" in form.changed_data:
            devices.sign_out_everywhere(obj)
            security_log.record(obj, SecurityEvent.Kind.ADDRESS_SET, now=timezone.now())
        invalidate_all_towns()


def _may_manage(request: HttpRequest, user: User | None) -> bool:
    return user is None or not user.is_superuser or request.user.is_superuser


@admin.register(Role)
class RoleAdmin(DiscreetAdmin):
    list_display = ["user", "kind", "municipality", "region", "organisation", "label"]
    list_filter = ["kind", "municipality", "region"]
    list_select_related = ["user", "municipality"]
    search_fields = ["user__email", "user__first_name", "organisation", "label"]
    autocomplete_fields = ["user", "municipality"]

    def save_model(self, request: HttpRequest, obj: Role, form: Any, change: bool) -> None:
        """Save, and invalidate the cached pages; when a role moves to another town, those of both towns."""
        before = form.initial.get("municipality") if change else None
        super().save_model(request, obj, form, change)
        versions.invalidate(*filter(None, {before, obj.municipality_id}))

    def delete_model(self, request: HttpRequest, obj: Role) -> None:
        super().delete_model(request, obj)
        versions.invalidate(*filter(None, [obj.municipality_id]))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Role]) -> None:
        towns = set(queryset.values_list("municipality_id", flat=True))
        super().delete_queryset(request, queryset)
        versions.invalidate(*filter(None, towns))


@admin.register(SecurityEvent)
class SecurityEventAdmin(DiscreetAdmin):
    """Sign-ins and opened attendee lists: read-only, for superusers."""

    list_display = ["happened_at", "kind", "email", "occurrence_id"]
    list_filter = ["kind"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    date_hierarchy = "happened_at"
    show_full_result_count = False
    ordering = ["-happened_at", "-pk"]

    @admin.display(description=_("email address"))
    def email(self, event: SecurityEvent) -> str:
        return event.user.email

    def has_view_permission(self, request: HttpRequest, obj: SecurityEvent | None = None) -> bool:
        return bool(request.user.is_superuser)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: SecurityEvent | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SecurityEvent | None = None) -> bool:
        return False
