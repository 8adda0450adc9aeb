"""Visits in Django's admin, to look at: who comes when, and which visits an edit of a calendar left without cover."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from booking import queries
from booking.admin.filters import NarrowingFilter
from booking.models import Appointment, ContactPoint
from booking.references import as_written
from core import clock
from core.accounts.principals import principal_of
from core.admin import ReadOnlyPermissions
from core.principal import Principal
from core.rights import Action, acting
from core.text.languages import short_day_in_words, time_in_words
from core.text.phone_numbers import country_of


class AheadFilter(NarrowingFilter):
    """Visits ahead, unless all are asked for."""

    title, parameter_name = _("when"), "when"
    narrowed, everything = _("Ahead"), _("All, also past")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(period__endswith__gt=clock.now()) if self.narrows else queryset


class UncoveredFilter(admin.SimpleListFilter):
    """Visits on time that is not open any more."""

    title, parameter_name = _("cover"), "cover"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer those that need another time."""
        return [("without", _("Without cover"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the visits that stand and are without cover."""
        return queries.uncovered_visits(queryset, at=clock.now()) if self.value() == "without" else queryset


class UnverifiedAddressFilter(admin.SimpleListFilter):
    """Visits of guests whose address nobody has shown to be theirs."""

    title, parameter_name = _("address"), "address"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer those that are worth a second look."""
        return [("unverified", _("Not verified"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the visits of guests with an address that is not verified."""
        if self.value() != "unverified":
            return queryset
        return queryset.filter(patient__guest=True, patient__in=ContactPoint.objects.unverified().values("patient"))


# Django would answer a lookup on any column of the row: `?note__contains=a` reads, letter by letter, what is not shown.
LOOKUPS = frozenset(
    {"when", "cover", "address", "practitioner__id__exact", "site__id__exact", "status__exact", "patient__id__exact"}
)


def reader(request: HttpRequest) -> Principal:
    """Return who asks, with those roles alone that see names and contact points."""
    return acting(acting(principal_of(request), Action.SEE_NAMES), Action.SEE_PATIENT)


def stands_for_staff(visit: Appointment) -> str:
    """Return how a visit stands now."""
    return queries.status_in_words(visit, at=clock.now())


@admin.register(Appointment)
class AppointmentAdmin(ReadOnlyPermissions, admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Visits of one's sites or calendar, without what they are for. They are moved and cancelled over the API."""

    list_display = fields = ("starts", "person", "reach", "address", "practitioner", "site", "state", "reference")
    list_filter = [
        AheadFilter,
        UncoveredFilter,
        UnverifiedAddressFilter,
        ("practitioner", admin.RelatedOnlyFieldListFilter),
        ("site", admin.RelatedOnlyFieldListFilter),
        "status",
    ]
    search_fields = ["reference"]
    ordering = ["period"]
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appointment]:
        """Return the visits that somebody may see with the names of those who come."""
        rows = queries.appointments(reader(request)).prefetch_related("patient__contacts")
        return rows.order_by(*self.get_ordering(request))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        """Find an appointment by its reference, in whatever case and grouping it is typed."""
        return super().get_search_results(request, queryset, as_written(search_term) or search_term.strip())

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Answer the filters beside the list and no other question: each would tell what the list keeps to itself."""
        return lookup in LOOKUPS

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether somebody sees whom visits are for, and how to reach them, at all."""
        return bool(reader(request).roles)

    has_module_permission = has_view_permission

    @admin.display(description=_("when"), ordering="period")
    def starts(self, visit: Appointment) -> str:
        """When it starts, by the site's clock."""
        start, zone = visit.period.lower, visit.site.tz
        return f"{short_day_in_words(start.astimezone(zone).date())}, {time_in_words(start, zone)}"

    @admin.display(description=_("status"), ordering="status")
    def state(self, visit: Appointment) -> str:
        """How it stands, also whether its time is over."""
        return stands_for_staff(visit)

    @admin.display(description=_("patient"))
    def person(self, visit: Appointment) -> str:
        """Who comes."""
        return visit.patient.name

    @admin.display(description=_("reached at"))
    def reach(self, visit: Appointment) -> str:
        country = country_of(visit.site.zone)
        return ", ".join(contact.readable(country) for contact in visit.patient.contacts.all())

    @admin.display(description=_("address"))
    def address(self, visit: Appointment) -> str:
        """Whether a guest has shown that the address is theirs."""
        unverified = visit.patient.guest and any(contact.unverified for contact in visit.patient.contacts.all())
        return str(_("not verified")) if unverified else ""
