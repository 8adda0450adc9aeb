"""Who may be asked just now at a site, and which free times they could book: read at once, however many wait."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Exists, OuterRef, Q

from booking.actions.waiting.list_entries import READ, place_needs_of
from booking.audiences import as_patients
from booking.cancel_reasons import CancelReason
from booking.models import Appointment, ContactPoint, MessagePreferences, WaitingListEntry, WaitingListOffer
from booking.models.patients import ContactSystem
from booking.status import Status
from booking.waiting import matching
from booking.waiting.matching import OfferRules, Waiting
from booking.waiting.status import OfferStatus
from scheduler import public as scheduler

LOOKED_AHEAD, SEARCHED_AT_ONCE = timedelta(days=91), timedelta(days=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskableEntry:
    """Somebody who waits, as they are read and as they are matched."""

    entry: WaitingListEntry
    preferences: Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedOfSearch:
    """What of the times that are free is asked for several who wait for the same as the same audience."""

    therapy: str
    technique: str
    visit: str
    audience: scheduler.Audience


def who_waits(site_id: int, rules: OfferRules, *, at: datetime) -> list[AskableEntry]:
    """Return who may be asked at a site now, in four queries.

    Whoever has no e-mail is called: they are asked while somebody is at the desk.
    """
    found = list(_entries(site_id, at=at))
    people = {entry.patient_id for entry in found}
    recent, before = defaultdict[int, list[datetime]](list), defaultdict[int, set[datetime]](set)
    asked = WaitingListOffer.objects.filter(entry__patient__in=people, offered_at__gt=at - matching.WEEK)
    for patient, offered_at in asked.order_by().values_list("entry__patient", "offered_at"):
        recent[patient].append(offered_at)
    old = WaitingListOffer.objects.filter(entry__site=site_id, starts_at__gt=at)
    for pk, starts_at in old.order_by().values_list("entry", "starts_at"):
        before[pk].add(starts_at)
    zone = scheduler.sites()[site_id].tz
    rows = [
        AskableEntry(
            entry=one, preferences=preferences_of(one, asked_at=recent[one.patient_id], asked_of=before[one.pk])
        )
        for one in found
    ]
    return [one for one in rows if matching.may_be_asked(one.preferences, rules, at=at, zone=zone)]


def _entries(site_id: int, *, at: datetime) -> Iterable[WaitingListEntry]:
    """Return who is asked about nothing just now, and can be reached."""
    asked = WaitingListOffer.objects.filter(entry__patient=OuterRef("patient"), status=OfferStatus.NEEDS_ACTION)
    gone = Appointment.objects.filter(
        patient=OuterRef("patient"), status=Status.CANCELLED, cancel_reason=CancelReason.DECEASED
    )
    reached = ContactPoint.objects.filter(patient=OuterRef("patient"))
    if scheduler.business_days(site_id).closed_throughout(at, at):
        reached = reached.filter(system=ContactSystem.EMAIL)
    rested = Q(rests_until=None) | Q(rests_until__lte=at)
    rows = WaitingListEntry.objects.waiting().filter(rested, site=site_id, patient__merged_into=None)
    rows = rows.filter(~Exists(asked), ~Exists(gone), Exists(reached))
    rows = rows.select_related(*READ, "patient__message_preferences")
    return rows.annotate(notified=Count("offers")).order_by("waiting_since", "pk")


def preferences_of(
    entry: WaitingListEntry, *, asked_at: Iterable[datetime] = (), asked_of: Iterable[datetime] = ()
) -> Waiting:
    """Return what somebody waits for, as it is matched. `entry` has its `notified` beside it, where it was counted."""
    hours: MessagePreferences | None = getattr(entry.patient, "message_preferences", None)
    return Waiting(
        entry=entry.pk,
        since=entry.waiting_since,
        practitioner=entry.practitioner.public_id if entry.practitioner else None,
        part_of_day=entry.part_of_day,
        weekdays=frozenset(entry.weekdays),
        language=entry.language,
        earliest=max((day for day in (entry.earliest_on, _untried(entry)) if day), default=None),
        latest=entry.latest_on,
        notice=timedelta(minutes=entry.notice_minutes),
        priority=entry.priority,
        here_on=frozenset(entry.here_on),
        notified=getattr(entry, "notified", 0),
        asked_at=tuple(asked_at),
        asked_of=frozenset(asked_of),
        before=entry.later.period.lower if entry.later else None,
        not_before=hours.not_before if hours else None,
        not_after=hours.not_after if hours else None,
    )


def _untried(entry: WaitingListEntry) -> date | None:
    """Return the first day of which nothing was tried for them in vain a moment ago."""
    return entry.tried_through + timedelta(days=1) if entry.tried_through else None


def free_times(
    site_id: int, waiting: Sequence[AskableEntry], rules: OfferRules, *, at: datetime
) -> Iterator[tuple[scheduler.Slot, list[matching.WaitingPeople]]]:
    """Yield each free time of a site once, the soonest first, and those who wait and could book it by who they are.

    A few weeks are searched, then the next ones: whoever needs no more times has searched no more.
    """
    kinds = list(_kinds(site_id, waiting, at=at))
    starts_at, last = at + rules.min_notice, at + LOOKED_AHEAD
    while starts_at < last:
        ends_at = min(starts_at + SEARCHED_AT_ONCE, last)
        found: dict[str, tuple[scheduler.Slot, list[matching.WaitingPeople]]] = {}
        for kind in kinds:
            for slot in _free(kind, site_id, (starts_at, ends_at), at=at):
                found.setdefault(slot.id, (slot, []))[1].append(kind.people)
        yield from sorted(found.values(), key=lambda one: (one[0].start, one[0].id))
        starts_at = ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """Some who wait for the same as the same audience, from the first day that suits any of them to the last."""

    asked: AskedOfSearch
    people: matching.WaitingPeople
    first_on: date | None
    last_on: date | None


def _kinds(site_id: int, waiting: Sequence[AskableEntry], *, at: datetime) -> Iterator[_Kind]:
    zone = scheduler.sites()[site_id].tz
    groups = defaultdict[AskedOfSearch, list[AskableEntry]](list)
    audiences = as_patients([one.entry.patient for one in waiting], at=at)
    for one in waiting:
        entry = one.entry
        audience = replace(audiences[entry.patient_id], needs=place_needs_of(entry))
        asked = AskedOfSearch(
            therapy=entry.therapy.key, technique=entry.technique, visit=entry.visit, audience=audience
        )
        groups[asked].append(one)
    for asked, rows in groups.items():
        yield _Kind(
            asked=asked,
            people=matching.WaitingPeople([one.preferences for one in rows], zone=zone, at=at),
            first_on=_first_day(rows),
            last_on=_last_day([one.entry for one in rows]),
        )


def _free(kind: _Kind, site_id: int, period: tuple[datetime, datetime], *, at: datetime) -> Sequence[scheduler.Slot]:
    zone, asked, (starts_at, ends_at) = scheduler.sites()[site_id].tz, kind.asked, period
    if kind.first_on:
        starts_at = max(starts_at, datetime.combine(kind.first_on, time(), zone))
    if kind.last_on:
        ends_at = min(ends_at, datetime.combine(kind.last_on + timedelta(days=1), time(), zone))
    if starts_at >= ends_at:
        return []
    query = scheduler.SearchQuery(
        therapy=asked.therapy,
        technique=asked.technique,
        visit=asked.visit,
        starts_at=starts_at,
        ends_at=ends_at,
        sites=frozenset({site_id}),
        audience=asked.audience,
        limit=None,
    )
    try:
        return scheduler.search(query, at=at)
    except (scheduler.NotOffered, scheduler.TechniqueNeeded):
        return []  # nobody gives it there any more


def _first_day(rows: Sequence[AskableEntry]) -> date | None:
    """Return the first day on which any of them would come, or of which nothing was tried for them yet."""
    days = [one.preferences.earliest for one in rows]
    return None if None in days else min(day for day in days if day)


def _last_day(entries: Sequence[WaitingListEntry]) -> date | None:
    """Return the last day on which any of them would come; of a swap that is the day of their own."""
    days = [
        one.latest_on or (one.later.period.lower.astimezone(one.site.tz).date() if one.later else None)
        for one in entries
    ]
    return None if None in days else max(day for day in days if day)
