"""The catalogue, to look at."""

from django.contrib import admin
from django.db.models import Q

from core.admin import ReadOnly, Reads
from scheduler.models import (
    Device,
    Offering,
    OpeningHours,
    Place,
    Practitioner,
    Room,
    Segment,
    Therapy,
    VisitPlan,
)


class PlanInline(Reads, admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable at run time
    """The plans of a therapy."""

    model = VisitPlan
    extra = 0
    show_change_link = True


class SegmentInline(Reads, admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable at run time
    """The segments of a plan."""

    model = Segment
    extra = 0


@admin.register(Therapy)
class TherapyAdmin(ReadOnly):
    """What is offered."""

    list_display = ["key", "active", "self_bookable", "skin_penetrating"]
    inlines = [PlanInline]


@admin.register(VisitPlan)
class VisitPlanAdmin(ReadOnly):
    """How visits run."""

    list_display = ["therapy", "visit", "technique", "place_features", "device_pools", "fills_room"]
    list_select_related = ["therapy"]
    list_filter = ["visit"]
    inlines = [SegmentInline]


@admin.register(Room)
class RoomAdmin(ReadOnly):
    """Rooms."""

    list_display = ["key", "site", "suite"]
    list_select_related = ["site"]

    def within(self, sites: frozenset[int]) -> Q:
        """Return the rooms of these sites."""
        return Q(site__in=sites)


@admin.register(Place)
class PlaceAdmin(ReadOnly):
    """Bays in rooms."""

    list_display = ["key", "room", "features", "active"]
    list_select_related = ["room"]

    def within(self, sites: frozenset[int]) -> Q:
        """Return the places of these sites."""
        return Q(room__site__in=sites)


@admin.register(Device)
class DeviceAdmin(ReadOnly):
    """Units that are counted."""

    list_display = ["pool", "number", "site", "reprocess_minutes", "active"]
    list_select_related = ["site"]

    def within(self, sites: frozenset[int]) -> Q:
        """Return the devices of these sites."""
        return Q(site__in=sites)


@admin.register(OpeningHours)
class OpeningHoursAdmin(ReadOnly):
    """When places and devices can be used."""

    list_display = ["site", "weekday", "opens", "closes"]
    list_select_related = ["site"]

    def within(self, sites: frozenset[int]) -> Q:
        """Return the opening hours of these sites."""
        return Q(site__in=sites)


@admin.register(Practitioner)
class PractitionerAdmin(ReadOnly):
    """The people who treat."""

    list_display = ["name", "credentials", "languages", "lanes", "active"]

    def within(self, sites: frozenset[int]) -> Q:
        """Return the people who work at these sites."""
        return Q(resources__sites__in=sites)


@admin.register(Offering)
class OfferingAdmin(ReadOnly):
    """Who offers what, and where."""

    list_display = ["practitioner", "site", "therapy", "visits"]
    list_select_related = ["practitioner", "site", "therapy"]

    def within(self, sites: frozenset[int]) -> Q:
        """Return what is offered at these sites."""
        return Q(site__in=sites)
