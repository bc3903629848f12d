"""People and what they do, in the technical administration."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import devices
from accounts.models import Role, User
from locations import freshness


class RoleInline(admin.TabularInline):
    model = Role
    extra = 0
    autocomplete_fields = ["municipality"]


class UserAdmin(admin.ModelAdmin):
    """Names, addresses and roles. Passwords and keys are the person's own: nobody sets them here.

    Registered in `pedbasis.admin`, because deleting a person is a matter of all apps.
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

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Only who may do everything decides who else may come in here."""
        powers = [] if request.user.is_superuser else ["is_staff", "is_superuser", "user_permissions"]
        return [*self.readonly_fields, *powers]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Who may do everything is changed by their equals only: an address is a way in."""
        return _is_equal(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return _is_equal(request, obj) and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """A new person gets no password: they sign in with a code by e-mail. An address of before opens nothing more,
        and who signed in with it is signed out.

        The first name of a host stands on public pages. In which towns is not known here.
        """
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()
        if change and "email" in form.changed_data:
            devices.sign_out_everywhere(obj)
        freshness.touch_all()


def _is_equal(request: HttpRequest, user: User | None) -> bool:
    return user is None or not user.is_superuser or request.user.is_superuser


@admin.register(Role)
class RoleAdmin(admin.ModelAdmin):
    list_display = ["user", "kind", "municipality", "organisation", "label"]
    list_filter = ["kind", "municipality"]
    list_select_related = ["user", "municipality"]
    search_fields = ["user__email", "user__first_name", "organisation", "label"]
    autocomplete_fields = ["user", "municipality"]

    def save_model(self, request: HttpRequest, obj: Role, form: Any, change: bool) -> None:
        """Save, and renew the public pages; a role that moves to another town changes both towns."""
        before = form.initial.get("municipality") if change else None
        super().save_model(request, obj, form, change)
        freshness.touch(obj.municipality_id, before or obj.municipality_id)

    def delete_model(self, request: HttpRequest, obj: Role) -> None:
        super().delete_model(request, obj)
        freshness.touch(obj.municipality_id)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Role]) -> None:
        towns = set(queryset.values_list("municipality_id", flat=True))
        super().delete_queryset(request, queryset)
        freshness.touch(*towns)
