"""Tables to look at in Django's admin, and nothing else."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from core.accounts.principals import principal_of
from core.rights import Action, may_ever, sites_for


def may_read(request: HttpRequest) -> bool:
    """Whether somebody may look at calendars and catalogue at all."""
    return bool(request.user.is_superuser) or may_ever(principal_of(request), Action.SEE_CALENDAR)


class ReadOnlyPermissions:
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


class ReadOnly(ReadOnlyPermissions, admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
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
