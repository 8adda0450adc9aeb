"""What people act as, in Django's admin: where, and until when."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.accounts.actions import people
from core.accounts.principals import principal_of
from core.admin.permissions import is_superuser, may_keep_accounts
from core.models import RoleAssignment
from core.staff_pages.account_forms import RoleForm
from core.staff_pages.edits import EditsAsOne
from core.staff_pages.site_time import SCRIPT


@admin.register(RoleAssignment)
class RoleAdmin(EditsAsOne):
    """What people act as, where, and until when. A role is ended and never deleted."""

    class Media:
        js = (SCRIPT,)

    list_display = ["person", "role", "site", "starts_at", "ends_at"]
    list_filter = ["role", ("site", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["user", "site"]

    @admin.display(description=_("person"), ordering="user__last_name")
    def person(self, row: RoleAssignment) -> str:
        """Return whose role it is."""
        return f"{row.user.get_full_name()} ({row.user.get_username()})"

    def get_queryset(self, request: HttpRequest) -> QuerySet[RoleAssignment]:
        """Return the roles at their sites."""
        rows = super().get_queryset(request)
        return rows if is_superuser(request) else rows.filter(pk__in=people.roles(principal_of(request)).values("pk"))

    def _may(self, request: HttpRequest, obj: RoleAssignment | None = None) -> bool:
        return is_superuser(request) or may_keep_accounts(request)

    has_module_permission = has_view_permission = has_add_permission = _may

    def has_change_permission(self, request: HttpRequest, obj: RoleAssignment | None = None) -> bool:
        """Whether it is at their site and not their own."""
        return self._may(request) and (obj is None or people.may_change_role(obj, principal_of(request)))

    def has_delete_permission(self, request: HttpRequest, obj: RoleAssignment | None = None) -> bool:
        """Nobody deletes what was."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: RoleAssignment | None = None) -> tuple[str, ...]:
        """Only the end of a role can be changed."""
        return ("user", "role", "site", "starts_at") if obj else ()

    def get_fields(self, request: HttpRequest, obj: RoleAssignment | None = None) -> Any:
        """Ask for whom, as what, where, until when."""
        return ["user", "role", "site", "starts_at", "ends_at"] if obj else ["user", "role", "site", "ends_at"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form, which knows who acts."""
        form: Any = super().get_form(request, obj, change, form=RoleForm, **kwargs)
        form.by = principal_of(request)
        return form

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Show a role by the clock of its site."""
        row: RoleAssignment | None = kwargs.get("obj")
        if row and row.site:
            timezone.activate(row.site.tz)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: RoleAssignment, form: Any, change: bool) -> None:
        """Save by the form's action."""
        vars(obj).update(vars(form.act()))
