"""API tokens in Django's admin: one's own, and those of the accounts that somebody keeps."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.forms import CharField, ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken

from core import clock
from core.accounts import tokens
from core.accounts.actions import people
from core.accounts.principals import principal_of
from core.forms import CleanText

if TYPE_CHECKING:
    from core.models import User


class NewToken(CleanText, ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Asks for the name of a new token; the token itself is made when this is saved, and shown once."""

    name = CharField(label=_("Name"), max_length=60, help_text=_("What it is for, so that you know it again."))

    class Meta:
        model = AuthToken
        fields: ClassVar[list[str]] = []


admin.site.unregister(AuthToken)


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
