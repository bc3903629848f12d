"""People and what they do, in the technical administration."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from locations import freshness
from locations.models import Municipality

# One door for everyone: the administration has no sign-in page of its own.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "Pedbasis"
admin.site.index_title = _("Technical administration")
admin.site.enable_nav_sidebar = False

# What allauth and Django register by themselves is of no use here: addresses and keys belong to the person.
for model in (EmailAddress, Authenticator, Group):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class RoleInline(admin.TabularInline):
    model = Role
    extra = 0
    autocomplete_fields = ["municipality"]


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Names, addresses and roles. Passwords and keys are the person's own: nobody sets them here."""

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
        is_equal = obj is None or not obj.is_superuser or request.user.is_superuser
        return is_equal and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: User, form: object, change: bool) -> None:
        """A new person gets no password: they sign in with a code by e-mail."""
        if not change:
            obj.set_unusable_password()
        obj.email = obj.email.lower()
        super().save_model(request, obj, form, change)
        show_names_anew()

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        super().delete_model(request, obj)
        show_names_anew()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        super().delete_queryset(request, queryset)
        show_names_anew()


def show_names_anew() -> None:
    """Make the public pages anew: the first name of a host stands on them. In which towns is not known here."""
    freshness.touch(*Municipality.objects.values_list("pk", flat=True))


@admin.register(Role)
class RoleAdmin(admin.ModelAdmin):
    list_display = ["user", "kind", "municipality", "organisation", "label"]
    list_filter = ["kind", "municipality"]
    list_select_related = ["user", "municipality"]
    search_fields = ["user__email", "user__first_name", "organisation", "label"]
    autocomplete_fields = ["user", "municipality"]
