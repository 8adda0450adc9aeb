"""Noting who of those who come soon may have a second record: a worker looks, as every page of the desk counts them."""

from datetime import datetime

from booking.models import Patient, PossibleDuplicate
from booking.patients import duplicates
from booking.patients.coming_soon import coming_soon
from core.database.transactions import unit
from core.models import Site


def note_alike(*, at: datetime) -> int:
    """Note for all sites which records may be of one person; return how many pairs are new. A second run finds none."""
    return sum(_note(site, at=at) for site in Site.objects.filter(active=True).order_by("pk"))


@unit
def _note(site: Site, *, at: datetime) -> int:
    records = Patient.objects.filter(merged_into=None)
    next_at = coming_soon(site, records, at=at)
    people = sorted(records.filter(pk__in=next_at).prefetch_related("contacts"), key=lambda one: next_at[one.pk])
    found = {(one.pk, other.pk) for one, other in duplicates.pairs_with(people, among=records)}
    known = {(row.one_id, row.other_id): row.pk for row in PossibleDuplicate.objects.filter(site=site)}
    PossibleDuplicate.objects.filter(pk__in=[known[two] for two in known.keys() - found]).delete()
    new = [PossibleDuplicate(site=site, one_id=one, other_id=other) for one, other in sorted(found - known.keys())]
    # Two who look at once find the same: the second has nothing to add.
    PossibleDuplicate.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)
