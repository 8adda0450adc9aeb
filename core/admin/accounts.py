"""People who sign in, in Django's admin: the staff of one's sites, or everybody."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import EmailField, QuerySet
from django.forms import BaseInlineFormSet
from django.forms import Field as FormField
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext_lazy as _

from core import clock
from core.accounts.actions import people
from core.accounts.principals import principal_of
from core.admin.permissions import is_superuser, known_to, may_keep_accounts
from core.forms import AddressInput, ChangesForm, CleanText
from core.models import RoleAssignment, User
from core.staff_pages.account_forms import AccountForm, NewAccountForm
from core.staff_pages.edits import EditsAsOne
from core.staff_pages.site_time import SCRIPT, put_zone
from core.text.formulas import begins_formula, no_name
from core.text.languages import zone_in_words


class PersonCreationForm(CleanText, AdminUserCreationForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Somebody new who signs in."""

    class Meta(AdminUserCreationForm.Meta):
        model = User


class PersonChangeForm(CleanText, ChangesForm, UserChangeForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Somebody who signs in."""

    class Meta(UserChangeForm.Meta):
        model = User

    def clean(self) -> dict[str, Any] | None:
        """Refuse a name that is a formula."""
        cleaned = super().clean()
        for name in ("first_name", "last_name"):
            if begins_formula(str(self.cleaned_data.get(name, ""))):
                self.add_error(name, no_name())
        return cleaned


class RoleFormSet(BaseInlineFormSet):  # type: ignore[type-arg]  # not subscriptable at run time
    """The roles of one person, each held once at a time at a site."""

    def clean(self) -> None:
        """Say it beside a role that is held already when it begins."""
        super().clean()
        sent = [form for form in self.forms if form.is_valid() and (form.instance.pk or form.has_changed())]
        known = [form.instance.pk for form in sent if form.instance.pk]
        others = RoleAssignment.objects.filter(user=self.instance.pk).exclude(pk__in=known)
        rows = [*((form.instance, form) for form in sent), *((row, None) for row in others)]
        rows.sort(key=lambda one: (*self._held(one[0]), one[0].starts_at))
        for (first, its), (second, form) in pairwise(rows):
            meet = first.ends_at is None or first.ends_at > second.starts_at
            if meet and self._held(first) == self._held(second) and (wrong := form or its):
                wrong.add_error("role", _("They act as this already."))

    def _held(self, row: RoleAssignment) -> tuple[str, int]:
        return row.role, row.site_id or 0


class RoleInline(admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable at run time
    """What somebody may act as, and where. A role ends by its end date and is never deleted."""

    model = RoleAssignment
    form = ChangesForm
    formset = RoleFormSet
    extra = 0
    can_delete = False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> FormField | None:
        """Let a new role begin now, unless told otherwise; say whose time it is."""
        if db_field.name == "starts_at":
            kwargs["initial"] = _now
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name in {"starts_at", "ends_at"}:
            zone = ZoneInfo(get_current_timezone_name())
            field.help_text = zone_in_words(zone)
            put_zone(field.widget, zone)
        return field


_now: Callable[[], object] = clock.now


admin.site.unregister(Group)


@admin.register(User)
class PersonAdmin(EditsAsOne, UserAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """People who sign in. The administrators of a site keep its staff; a superuser keeps everybody.

    Nobody is deleted: an account is made inactive.
    """

    class Media:
        js = (SCRIPT,)

    form = PersonChangeForm
    add_form = PersonCreationForm
    formfield_overrides = {EmailField: {"widget": AddressInput}}
    inlines = [RoleInline]
    list_filter = ["is_staff", "is_active"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Person"), {"fields": ["first_name", "last_name", "email"]}),
        (_("May"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return the accounts in reach."""
        rows = super().get_queryset(request)
        theirs = people.accounts(principal_of(request)).values("pk")
        return rows if is_superuser(request) else rows.filter(pk__in=theirs)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether they keep accounts."""
        return is_superuser(request) or may_keep_accounts(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether they keep accounts."""
        return self.has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Whether they keep accounts; which, `get_queryset` says."""
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Whether it is neither their own nor that of somebody who works beyond their sites."""
        if is_superuser(request) or obj is None:
            return self.has_module_permission(request)
        return people.may_change(obj, principal_of(request), at=clock.now())

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse: ledgers name accounts, so one that is done with is made inactive."""
        return False

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        """Show roles beside the person to a superuser; others have a page for them."""
        return self.inlines if is_superuser(request) else []

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Ask what the form asks."""
        if is_superuser(request):
            return super().get_fieldsets(request, obj)
        form: Any = AccountForm if obj else NewAccountForm
        shown = form._meta.fields
        if obj and not self.has_change_permission(request, obj):
            shown = ["username", "first_name", "last_name", "email", "is_active"]
        return [(None, {"fields": list(shown or ())})]

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form, which knows who acts."""
        if is_superuser(request) or (obj and not self.has_change_permission(request, obj)):
            return super().get_form(request, obj, **kwargs | {"change": change})
        return known_to(AccountForm if obj else NewAccountForm, request)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save by the form's action."""
        if is_superuser(request) and change:
            form.save()
        elif is_superuser(request):
            super().save_model(request, obj, form, change)
        else:
            vars(obj).update(vars(form.act()))

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Leave the page for a superuser; others set a password on the person's own page."""
        if not is_superuser(request):
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)
