"""Blocks in Django's admin, to look at: they are made, changed and ended at the desk, which shows what that touches."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from core.admin import ReadOnly
from scheduler.admin.edit_history import ShowsEdits
from scheduler.admin.fields import end_column
from scheduler.models import FamilyBlock


class StillKeeping(admin.SimpleListFilter):
    """Blocks that keep something still, or those that have ended."""

    title = "ended"
    parameter_name = "ended"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the two kinds."""
        return [("no", "no"), ("yes", "yes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[FamilyBlock]) -> QuerySet[FamilyBlock]:
        """Return the blocks of the kind that was chosen."""
        return queryset if self.value() is None else queryset.filter(ended_at__isnull=self.value() == "no")


@admin.register(FamilyBlock)
class FamilyBlockAdmin(ShowsEdits, ReadOnly):
    """Time that programs keep for families."""

    list_display = (
        "practitioner", "program", "site", "weekday", "starts", end_column("ends", "ends"), "every_weeks",
        "valid_from", "valid_to", "capacity", "capacity_unit", "owner_team", "ended_at",
    )  # fmt: skip
    list_filter = (
        "program",
        ("site", admin.RelatedOnlyFieldListFilter),
        ("practitioner", admin.RelatedOnlyFieldListFilter),
        "weekday",
        StillKeeping,
    )
    list_select_related = ("practitioner", "program", "site")
    search_fields = ("practitioner__name", "reason", "owner_team")

    def within(self, sites: frozenset[int]) -> Q:
        """Return the blocks of these sites."""
        return Q(site__in=sites)
