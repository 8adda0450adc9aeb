"""Rows of the catalogue and of the calendars, by who may see them; `active` ones to everybody."""

from collections.abc import Collection

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch, Q, QuerySet

from core.models import Site
from core.principal import Principal
from core.rights import MATRIX, Action, Scope, sites_for
from scheduler.models import (
    Absence,
    BlockDecision,
    Closure,
    Device,
    FamilyBlock,
    Offering,
    OpeningHours,
    Place,
    Practitioner,
    Room,
    Segment,
    Therapy,
    TravelTime,
    VisitPlan,
    WorkingHours,
)
from scheduler.models.resources import ResourceKind


def sites(by: Principal) -> QuerySet[Site]:
    """Return the sites: those in use, and those that `by` runs."""
    return Site.objects.filter(Q(active=True) | Q(pk__in=_run(by)))


def rooms(by: Principal) -> QuerySet[Room]:
    """Return the rooms with their places, in two queries."""
    shown = Q(active=True) | Q(room__site__in=_run(by))
    places_of_room = Prefetch("places", queryset=Place.objects.filter(shown).order_by("key"))
    return Room.objects.filter(site__in=sites(by)).select_related("site").prefetch_related(places_of_room)


def places(by: Principal) -> QuerySet[Place]:
    """Return what can be claimed of rooms: places in use, and all of sites that `by` runs."""
    seen = Place.objects.filter(Q(active=True) | Q(room__site__in=_run(by)), room__site__in=sites(by))
    return seen.select_related("room__site")


def devices(by: Principal) -> QuerySet[Device]:
    """Return units of pools: those in use, and all of sites that `by` runs."""
    seen = Device.objects.filter(Q(active=True) | Q(site__in=_run(by)), site__in=sites(by))
    return seen.select_related("site")


def therapies(by: Principal) -> QuerySet[Therapy]:
    """Return the therapies with their visits and where they are offered, in four queries."""
    seen = Therapy.objects.all() if _run(by) else Therapy.objects.filter(active=True)
    segments = Prefetch("segments", queryset=Segment.objects.order_by("position"))
    in_use = VisitPlan.objects.filter(withdrawn_at=None)
    plans = Prefetch("plans", queryset=in_use.order_by("visit", "technique", "version").prefetch_related(segments))
    return seen.prefetch_related(plans, "offerings")


def offered_at(sites: Collection[int]) -> Q:
    """Return which therapies are of these sites: what is offered at one of them, or nowhere yet."""
    here = Offering.objects.filter(site__in=sites).values("therapy")
    return Q(pk__in=here) | Q(offerings=None) if sites else Q(pk__in=[])


def practitioners(by: Principal) -> QuerySet[Practitioner]:
    """Return the practitioners with what they offer where, in two queries."""
    running = Q(resources__sites__in=_run(by))
    # A subquery: joined with resources and sites, somebody would come once for each of their lanes.
    seen = Practitioner.objects.filter(pk__in=Practitioner.objects.filter(Q(active=True) | running).values("pk"))
    in_use = Q(therapy__active=True, site__active=True)
    offers = Offering.objects.filter(in_use | Q(site__in=_run(by))).select_related("site", "therapy").order_by("pk")
    return seen.prefetch_related(Prefetch("offerings", queryset=offers))


def with_sites(rows: QuerySet[Practitioner], by: Principal) -> QuerySet[Practitioner]:
    """Return practitioners with the keys of the sites where they work, `site_keys`, in the same query."""
    return rows.annotate(site_keys=ArraySubquery(workplaces(OuterRef("pk"), by).values("key")))


def workplaces(practitioner: Practitioner | OuterRef, by: Principal) -> QuerySet[Site]:
    """Return the sites where somebody works, by key."""
    # By their hands alone: lanes serve the same sites, and would name each again.
    return sites(by).filter(resources__practitioner=practitioner, resources__kind=ResourceKind.HANDS).order_by("key")


def opening_hours(by: Principal) -> QuerySet[OpeningHours]:
    """Return when sites are open, those sites that `by` sees."""
    return OpeningHours.objects.filter(site__in=sites(by)).select_related("site")


def travel_times(by: Principal) -> QuerySet[TravelTime]:
    """Return the travel times between the sites."""
    seen = TravelTime.objects.filter(site__in=sites(by), other_site__in=sites(by))
    return seen.select_related("site", "other_site")


def offerings(by: Principal) -> QuerySet[Offering]:
    """Return who offers what where: what is in use, and what `by` runs."""
    in_use = Q(practitioner__active=True, therapy__active=True, site__active=True)
    seen = Offering.objects.filter(in_use | Q(site__in=_run(by)))
    return seen.select_related("practitioner", "site", "therapy").order_by("pk")


def working_hours(by: Principal, *, to: Action) -> QuerySet[WorkingHours]:
    """Return the working hours to which `by` may do `to`."""
    seen = WorkingHours.objects.filter(Q(site__in=sites_for(by, to)) | _own(by, to))
    return seen.select_related("site", "practitioner")


def absences(by: Principal, *, to: Action) -> QuerySet[Absence]:
    """Return the absences to which `by` may do `to`: of practitioners at their sites, or their own."""
    here = Practitioner.objects.filter(resources__sites__in=sites_for(by, to))
    seen = Absence.objects.filter(Q(practitioner__in=here) | _own(by, to))
    return seen.select_related("practitioner").order_by("period", "pk")


def closures(by: Principal, *, to: Action) -> QuerySet[Closure]:
    """Return the closures to which `by` may do `to`."""
    return Closure.objects.filter(site__in=sites_for(by, to)).select_related("site", "therapy")


def family_blocks(by: Principal, *, to: Action) -> QuerySet[FamilyBlock]:
    """Return the blocks to which `by` may do `to`: of their sites, or in their own calendar; in two queries."""
    seen = FamilyBlock.objects.filter(Q(site__in=sites_for(by, to)) | _own(by, to))
    rows = seen.select_related("program", "practitioner", "site").prefetch_related("therapies", "places")
    return rows.order_by("practitioner__name", "weekday", "starts", "pk")


def block_decisions(by: Principal, *, to: Action) -> QuerySet[BlockDecision]:
    """Return the decisions about occurrences of blocks to which `by` may do `to`."""
    seen = BlockDecision.objects.filter(block__in=family_blocks(by, to=to).values("pk"))
    return seen.select_related("block__program", "block__practitioner", "block__site")


def _run(by: Principal) -> frozenset[int]:
    return sites_for(by, Action.EDIT_CATALOGUE)


def _own(by: Principal, to: Action) -> Q:
    # The one table says whether somebody's right reaches their own calendar; this only makes rows of it.
    reaches = any(MATRIX[to].get(role) is Scope.CALENDAR for role, _ in by.roles)
    return Q(practitioner__user=by.user_id) if reaches and by.user_id else Q(pk__in=[])
