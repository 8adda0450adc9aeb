"""The people who treat: adding them, what they offer where, and how many patients may rest at once.

With `dry_run` everything is done, told, and undone.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from core.database.locking import wait_for
from core.database.transactions import rehearsal
from core.models import Site
from core.principal import Principal
from core.refusals import refuse_invalid
from core.updates import lock_row, write
from scheduler.actions import catalogue, sheets
from scheduler.actions.calendar_edits import delete, impact_on_visits, lock
from scheduler.actions.retiring import refuse_while_needed
from scheduler.actions.setup_ledger import added, noted, offers_of
from scheduler.catalogue.affected_claims import allocations_losing, allocations_needing
from scheduler.catalogue.checks import check_offering, check_practitioner, check_visits
from scheduler.models import Offering, Practitioner, Resource, Therapy, WorkingHours
from scheduler.models.catalogue import VisitType
from scheduler.models.resources import ResourceKind
from scheduler.sheets.edit_impact import Impact

FIELDS = ("name", "credentials", "nucc", "languages", "gender", "lanes", "user", "active")


@added
def add_practitioner(
    *,
    sites: Sequence[Site],
    therapies: Sequence[Therapy] = (),
    by: Principal,
    at: datetime,
    dry_run: bool = False,
    **fields: Any,  # noqa: ANN401  (what a practitioner has)
) -> Impact[Practitioner]:
    """Add a practitioner who works at `sites`, with hands and lanes to take. Raises Invalid.

    `therapies`: what they offer at each of them, first appointments and follow-ups.
    """
    with rehearsal(only=dry_run):
        _wait_for_account(fields)
        check_practitioner(fields, sites=sites, instead_of=None)
        active = fields.pop("active", True)
        practitioner = catalogue.add_practitioner(fields.pop("name"), sites=sites, **fields)
        if not active:
            write(practitioner, active=False)
        _lay_out(practitioner, at=at)
        for site in sites if therapies else ():
            add_offerings(practitioner, site=site, therapies=therapies, visits=VisitType.values, by=by, at=at)
        return impact_on_visits(practitioner, (), by=by, at=at)


@noted()
def change_practitioner(
    practitioner: Practitioner,
    *,
    sites: Sequence[Site] | None = None,
    reached: Collection[int] = (),
    by: Principal,
    at: datetime,
    dry_run: bool = False,
    **fields: Any,  # noqa: ANN401
) -> Impact[Practitioner]:
    """Change these fields, and where they work (None: as now), as far as sites are `reached` (ids).

    Raises Missing, Invalid, StillInUse.
    """
    with rehearsal(only=dry_run):
        lock_row(practitioner)
        before = {name: getattr(practitioner, name) for name in fields}
        # Under the practitioner's lock: hours and offers are added under it, too, so that none comes in at a site just
        # left.
        here = list(Site.objects.filter(resources__practitioner=practitioner).distinct())
        # So is what others have done meanwhile at sites of theirs: it stays, also where the list was written before.
        wanted = here if sites is None else workplaces_after(sites, here=here, reached=reached)
        whole = {name: getattr(practitioner, name) for name in FIELDS} | fields
        _wait_for_account(fields)
        check_practitioner(whole, sites=wanted, instead_of=practitioner)
        _check_leaves(practitioner, [site for site in here if site not in wanted])
        write(practitioner, **fields)
        refuse_while_needed(practitioner, before, at=at)
        _equip(practitioner, wanted)
        _lay_out(practitioner, at=at)
        return impact_on_visits(practitioner, allocations_losing(practitioner, before, at=at), by=by, at=at)


def workplaces_after(chosen: Sequence[Site], *, here: Collection[Site], reached: Collection[int]) -> list[Site]:
    """Return where somebody works who works `here`, once sites are chosen by whoever reaches some of them (ids)."""
    return [site for site in chosen if site.pk in reached] + [site for site in here if site.pk not in reached]


def _wait_for_account(fields: Mapping[str, Any]) -> None:
    """Wait for whoever is giving an account to another practitioner: it is one practitioner's at most."""
    if fields.get("user"):
        wait_for("accounts of practitioners")


def _check_leaves(practitioner: Practitioner, left: Collection[Site]) -> None:
    """Refuse to leave a site where somebody still has hours or offers something: each of these names its visits."""
    busy = [
        site.name.get("en", site.key)
        for site in left
        if WorkingHours.objects.filter(practitioner=practitioner, site=site).exists()
        or Offering.objects.filter(practitioner=practitioner, site=site).exists()
    ]
    said = _("First take away the working hours and what is offered there: %(sites)s.") % {"sites": ", ".join(busy)}
    refuse_invalid([("sites", said, bool(busy))])


def _equip(practitioner: Practitioner, sites: Collection[Site]) -> None:
    """Let hands and each lane be there, at these sites. A lane that is given up keeps its row: claims name it."""
    there = set(
        Resource.objects.filter(practitioner=practitioner, kind=ResourceKind.LANE).values_list("lane", flat=True)
    )
    Resource.objects.bulk_create(
        Resource(kind=ResourceKind.LANE, practitioner=practitioner, lane=lane)
        for lane in range(1, practitioner.lanes + 1)
        if lane not in there
    )
    for resource in Resource.objects.filter(practitioner=practitioner):
        # Sheets of a site that was left stay: nothing is open in them, and claims of the past are marked there.
        resource.sites.set(sites)


def _lay_out(practitioner: Practitioner, *, at: datetime) -> None:
    sheets.lay_out(list(Resource.objects.filter(practitioner=practitioner).values_list("pk", flat=True)), at=at)


@noted(offers_of, locking=lock)
def add_offerings(
    practitioner: Practitioner,
    *,
    site: Site,
    therapies: Sequence[Therapy],
    visits: Collection[str],
    by: Principal,
    at: datetime,
    dry_run: bool = False,
) -> Impact[Offering]:
    """Let somebody offer these visits of therapies at a site; of each, those that it has. Raises Invalid."""
    with rehearsal(only=dry_run):
        lock(practitioner)
        check_offering(practitioner, site, therapies)
        check_visits(therapies, visits)
        rows = [
            Offering(practitioner=practitioner, site=site, therapy=therapy, visits=catalogue.planned(therapy, visits))
            for therapy in therapies
        ]
        Offering.objects.bulk_create(rows)
        return impact_on_visits(rows[0], (), by=by, at=at)


@noted()
def change_offering(
    offering: Offering, *, visits: Collection[str] | None = None, by: Principal, at: datetime, dry_run: bool = False
) -> Impact[Offering]:
    """Change which visits somebody offers (None: as now). Raises Missing, Invalid."""
    with rehearsal(only=dry_run):
        lock_row(offering)
        before = {"visits": offering.visits}
        if visits is not None:
            check_visits([offering.therapy], visits)
            write(offering, visits=catalogue.planned(offering.therapy, visits))
        return impact_on_visits(offering, allocations_losing(offering, before, at=at), by=by, at=at)


@noted()
def remove_offering(offering: Offering, *, by: Principal, at: datetime, dry_run: bool = False) -> Impact[Offering]:
    """Let somebody offer a therapy at a site no more. Raises Missing."""
    with rehearsal(only=dry_run):
        lock_row(offering)
        before = {"visits": offering.visits}
        delete(offering)
        # What is gone offers nothing: the visits that this touches are those of all kinds that it offered.
        offering.visits = []
        return impact_on_visits(offering, allocations_needing(offering, before, at=at), by=by, at=at)
