"""The admin's ground: accounts and roles of a site's staff, API tokens, and policies to read."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, ClassVar, cast
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import EmailField, Q, QuerySet
from django.forms import BaseInlineFormSet, CharField, ModelForm
from django.forms import Field as FormField
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken

from core import clock
from core.accounts import tokens
from core.accounts.actions import people
from core.accounts.principals import principal_of
from core.forms import AddressInput, ChangesForm, CleanText
from core.models import Policy, RoleAssignment, User
from core.rights import Action, may_ever, sites_for
from core.staff_pages.account_forms import AccountForm, ActForm, NewAccountForm, RoleForm
from core.staff_pages.edits import EditsAsOne
from core.staff_pages.site_time import SCRIPT, put_zone
from core.text.languages import zone_in_words

admin.site.unregister([Group, AuthToken])


def may_read(request: HttpRequest) -> bool:
    """Whether somebody may look at calendars and catalogue at all."""
    return bool(request.user.is_superuser) or may_ever(principal_of(request), Action.SEE_CALENDAR)


class Reads:
    """To look at and nothing else; the same for pages and for the tables inside them."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether it can be looked at; which rows, `get_queryset` says."""
        return may_read(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether it is listed on the first page."""
        return may_read(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes anything here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes here."""
        return False


class ReadOnly(Reads, admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """A table to look at. `within(sites)` says which rows belong to sites; a superuser sees all."""

    def within(self, sites: frozenset[int]) -> Q:
        """Return which rows somebody at these sites sees: all of them, unless told otherwise."""
        return Q()

    def sites(self, request: HttpRequest) -> frozenset[int]:
        """Return the sites whose rows somebody sees."""
        return sites_for(principal_of(request), Action.SEE_CALENDAR)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that somebody may see."""
        rows = super().get_queryset(request)
        if request.user.is_superuser:
            return rows
        return rows.filter(pk__in=rows.filter(self.within(self.sites(request))).values("pk"))


@admin.register(Policy)
class PolicyAdmin(ReadOnly):
    """Policies, to look at: `manage.py policies` drafts and publishes them."""

    list_display = ["key", "site", "audience", "version", "state", "effective"]

    def within(self, sites: frozenset[int]) -> Q:
        """Return the policies for all sites and those of these sites."""
        return Q(site=None) | Q(site__in=sites)


def may_keep_accounts(request: HttpRequest) -> bool:
    """Whether somebody keeps the accounts of a site's staff."""
    return may_ever(principal_of(request), Action.EDIT_ACCOUNTS)


class PersonCreationForm(CleanText, AdminUserCreationForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Somebody new who signs in."""

    class Meta(AdminUserCreationForm.Meta):
        model = User


class PersonChangeForm(CleanText, ChangesForm, UserChangeForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Somebody who signs in."""

    class Meta(UserChangeForm.Meta):
        model = User


class HeldOnce(BaseInlineFormSet):  # type: ignore[type-arg]  # not subscriptable at run time
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
    formset = HeldOnce
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
        return rows if _super(request) else rows.filter(pk__in=people.accounts(principal_of(request)).values("pk"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether they keep accounts."""
        return _super(request) or may_keep_accounts(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether they keep accounts."""
        return self.has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Whether they keep accounts; which, `get_queryset` says."""
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Whether it is neither their own nor that of somebody who works beyond their sites."""
        if _super(request) or obj is None:
            return self.has_module_permission(request)
        return people.may_change(obj, principal_of(request), at=clock.now())

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody is deleted."""
        return False

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        """Show roles beside the person to a superuser; others have a page for them."""
        return self.inlines if _super(request) else []

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Ask what the form asks."""
        if _super(request):
            return super().get_fieldsets(request, obj)
        form: Any = AccountForm if obj else NewAccountForm
        shown = form._meta.fields
        if obj and not self.has_change_permission(request, obj):
            shown = ["username", "first_name", "last_name", "email", "is_active"]
        return [(None, {"fields": list(shown or ())})]

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form, which knows who acts."""
        if _super(request) or (obj and not self.has_change_permission(request, obj)):
            return super().get_form(request, obj, **kwargs | {"change": change})
        return _known_to(AccountForm if obj else NewAccountForm, request)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save by the form's action."""
        if _super(request) and change:
            form.save()
        elif _super(request):
            super().save_model(request, obj, form, change)
        else:
            vars(obj).update(vars(form.act()))

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Leave the page for a superuser; others set a password on the person's own page."""
        if not _super(request):
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)


class NewToken(CleanText, ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Asks for the name of a new token; the token itself is made when this is saved, and shown once."""

    name = CharField(label=_("Name"), max_length=60, help_text=_("What it is for, so that you know it again."))

    class Meta:
        model = AuthToken
        fields: ClassVar[list[str]] = []


@admin.register(AuthToken)
class TokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """API tokens: one's own, and those of the accounts that somebody keeps, to see and to end."""

    list_display = ["owner", "called", "created", "used", "expiry"]
    list_select_related = ["user", "note"]
    ordering = ["-created"]
    form = NewToken

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuthToken]:
        """Return the tokens that somebody may see and end."""
        rows = super().get_queryset(request)
        if request.user.is_superuser:
            return rows
        theirs = people.changeable(principal_of(request), at=clock.now())
        return rows.filter(Q(user=request.user.pk) | Q(user__in=theirs.values("pk")))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Everybody who signs in here sees their own."""
        return bool(request.user.is_authenticated and request.user.is_staff)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Which ones, `get_queryset` says."""
        return self.has_module_permission(request)

    has_add_permission = has_module_permission
    has_delete_permission = has_view_permission

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes a token."""
        return False

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Make the token, and keep it for the page that follows."""
        form.save(commit=False)
        form.token, made = tokens.make(cast("User", request.user), name=form.cleaned_data["name"])
        return made

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Show the token, this once; the row is written already."""
        told = _("Your new token: %(token)s Copy it now: nobody can show it again.") % {"token": form.token}
        self.message_user(request, told, messages.WARNING)

    @admin.display(description=_("whose"), ordering="user__username")
    def owner(self, token: Any) -> str:
        """Return the name that somebody signs in with."""
        return str(token.user.get_username())

    @admin.display(description=_("name"))
    def called(self, token: Any) -> str:
        """Return the name that its owner gave it, or nothing."""
        return token.note.name if hasattr(token, "note") else ""

    @admin.display(description=_("last used (to the hour)"), ordering="note__used_at")
    def used(self, token: Any) -> Any:
        """Return when it was last used."""
        return token.note.used_at if hasattr(token, "note") else None


def _super(request: HttpRequest) -> bool:
    return bool(request.user.is_superuser)


def _known_to(form: type[ActForm], request: HttpRequest) -> type[ActForm]:
    """Return a form that knows who acts."""
    return type(form.__name__, (form,), {"by": principal_of(request)})


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
        return rows if _super(request) else rows.filter(pk__in=people.roles(principal_of(request)).values("pk"))

    def _may(self, request: HttpRequest, obj: RoleAssignment | None = None) -> bool:
        return _super(request) or may_keep_accounts(request)

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
