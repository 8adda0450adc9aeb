"""Times that have opened are offered to those who wait, and kept for them while they decide.

Nobody tells this module that a time was given back: it looks which times are free for whom, so that a cancel, a move
away, a hold that ran out, kept time that is released and new hours are all found alike, also those of a bell that was
lost.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet

from booking.actions import booking_checks, holds
from booking.actions.booking_checks import BookingCheck
from booking.actions.suitability import suitability_checks
from booking.actions.waiting.list_entries import READ, locked, note
from booking.audiences import as_patient
from booking.errors import NotBookableOnline, PatientBusy, TooManyVisits
from booking.models import Hold, WaitingListEntry, WaitingListOffer
from booking.models.holds import HoldState
from booking.patients.deaths import has_died
from booking.patients.record_errors import MergedInto
from booking.queries import mail_of, others_of, was_reviewed
from booking.status import OCCUPYING
from booking.suitability.answers import NO_ANSWERS
from booking.suitability.errors import AnswersNeeded, CallFirst, NotBookableWithAnswers
from booking.waiting import matching
from booking.waiting.matching import OfferRules, OpenTime, Waiting
from booking.waiting.policies import offer_rules
from booking.waiting.status import EntryAct, EntryStatus, OfferStatus
from core.database.locking import wait_for
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Refusal
from core.roles import Role
from scheduler import public as scheduler

OFFERS = Principal.system("waiting-list")
LOOKED_AHEAD = timedelta(days=91)
AT_ONCE = 500
AT_ANY_TIME = (TooManyVisits, AnswersNeeded, CallFirst, NotBookableWithAnswers, NotBookableOnline, MergedInto)
"""What a booking is refused for whichever the time is."""

AT_THAT_TIME = (PatientBusy, scheduler.SlotTaken)
"""What stands against one time, and maybe not against the next one of the day."""

NOT_FOR_THEM = (scheduler.NoSuitablePlace, scheduler.NotOpenYet)
"""What keeps a time from one person, and not from the next."""


def offer_times(*, now: Callable[[], datetime]) -> int:
    """End the offers that nobody answered in time, then offer what is free to those who wait; return how many offers.

    Twice at once is harmless: whoever is asked is locked, and a time is claimed once. `now` reads the clock.
    """
    settle(at=now())
    made = 0
    for site_id in sorted(set(WaitingListEntry.objects.waiting().order_by().values_list("site", flat=True))):
        made += _offer_at(site_id, at=now())
    return made


def settle(*, at: datetime) -> int:
    """Note which offers were not answered in time, and give their times back; return how many there were."""
    late = WaitingListOffer.objects.filter(status=OfferStatus.NEEDS_ACTION, expires_at__lte=at)
    kept = sorted(set(late.values_list("hold", flat=True)[:AT_ONCE]))
    return sum(_expire(pk, at=at) for pk in kept)


@unit
def _expire(hold_id: int, *, at: datetime) -> int:
    hold = Hold.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=hold_id).first()
    if hold is None:
        return 0  # somebody is just answering
    late = open_offers(hold).filter(expires_at__lte=at)
    for offer in late:
        close(offer, OfferStatus.EXPIRED, EntryAct.EXPIRE, at=at)
    if hold.state == HoldState.OPEN and hold.expires_at <= at:
        holds.give_back(hold, at=at, as_state=HoldState.LAPSED)
    return len(late)


def open_offers(hold: Hold) -> QuerySet[WaitingListOffer]:
    """Return the offers of a time, itself locked, that nobody has answered, each locked."""
    rows = WaitingListOffer.objects.filter(hold=hold, status=OfferStatus.NEEDS_ACTION)
    return rows.select_for_update(no_key=True).order_by("pk")


def close(offer: WaitingListOffer, status: OfferStatus, act: EntryAct, *, by: Principal = OFFERS, at: datetime) -> None:
    """Note how an offer ended, which is locked."""
    offer.status, offer.answered_at = status, at
    offer.save(update_fields=["status", "answered_at", "appointment"])
    note(offer.entry, act, offer=offer, by=by, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What of the times that are free is asked for several who wait for the same as the same audience."""

    therapy: str
    technique: str
    visit: str
    audience: scheduler.Audience


def _offer_at(site_id: int, *, at: datetime) -> int:
    """Offer what is free at a site to those who wait there."""
    rules, zone = offer_rules(site_id, at=at), scheduler.sites()[site_id].tz
    if matching.is_quiet(rules, at=at, zone=zone):
        return 0
    waiting = [
        one for one in _waiting(site_id, at=at) if matching.may_be_asked(one.preferences, rules, at=at, zone=zone)
    ]
    made, left, not_then = 0, {one.entry.pk: one for one in waiting}, set[tuple[int, date]]()
    for slot, entries in _openings(site_id, waiting, rules, at=at):
        opening = _opening(slot)
        day = opening.local.date()
        able = [left[pk].preferences for pk in entries if pk in left and (pk, day) not in not_then]
        ordered = matching.asked_first(able, opening, rules, at=at)
        found = offer(slot, [one.entry for one in ordered], rules, at=at) if ordered else Asked()
        made += len(found.entries)
        not_then |= {(pk, day) for pk in found.refused_that_day}
        left = _without(left, found)
        if not left:
            break
    return made


def _without(left: Mapping[int, "_Row"], found: "Asked") -> dict[int, "_Row"]:
    """Return who can still be asked: each person about one time, by whichever entry, and nobody again in vain."""
    people = {left[pk].entry.patient_id for pk in found.entries}
    return {
        pk: one
        for pk, one in left.items()
        if one.entry.patient_id not in people and pk not in found.refused_at_any_time
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    entry: WaitingListEntry
    preferences: Waiting


def _waiting(site_id: int, *, at: datetime) -> list[_Row]:
    """Return who waits at a site and is asked about nothing just now, in four queries."""
    asked = WaitingListOffer.objects.filter(entry__patient=OuterRef("patient"), status=OfferStatus.NEEDS_ACTION)
    rows = WaitingListEntry.objects.waiting().filter(~Exists(asked), site=site_id, patient__merged_into=None)
    found = list(rows.select_related(*READ).annotate(notified=Count("offers")).order_by("waiting_since", "pk"))
    people = {entry.patient_id for entry in found}
    recent, before = defaultdict[int, list[datetime]](list), defaultdict[int, set[datetime]](set)
    told = WaitingListOffer.objects.filter(entry__patient__in=people, offered_at__gt=at - matching.WEEK)
    for patient, offered_at in told.values_list("entry__patient", "offered_at"):
        recent[patient].append(offered_at)
    old = WaitingListOffer.objects.filter(entry__in=found, starts_at__gt=at).values_list("entry", "starts_at")
    for pk, starts_at in old:
        before[pk].add(starts_at)
    return [
        _Row(entry=one, preferences=preferences_of(one, asked_at=recent[one.patient_id], asked_of=before[one.pk]))
        for one in found
        if _reachable(one)
    ]


def _reachable(entry: WaitingListEntry) -> bool:
    return bool(mail_of(entry.patient)) and not has_died(entry.patient)


def preferences_of(
    entry: WaitingListEntry, *, asked_at: Iterable[datetime] = (), asked_of: Iterable[datetime] = ()
) -> Waiting:
    """Return what somebody waits for, as it is matched. `entry` has its `notified` beside it, where it was counted."""
    return Waiting(
        entry=entry.pk,
        since=entry.waiting_since,
        practitioner=entry.practitioner.public_id if entry.practitioner else None,
        part_of_day=entry.part_of_day,
        weekdays=frozenset(entry.weekdays),
        language=entry.language,
        earliest=entry.earliest_on,
        latest=entry.latest_on,
        notice=timedelta(minutes=entry.notice_minutes),
        priority=entry.priority,
        here_on=frozenset(entry.here_on),
        notified=getattr(entry, "notified", 0),
        asked_at=tuple(asked_at),
        asked_of=frozenset(asked_of),
        before=entry.later.period.lower if entry.later else None,
    )


def _openings(
    site_id: int, waiting: Iterable[_Row], rules: OfferRules, *, at: datetime
) -> Iterator[tuple[scheduler.Slot, list[int]]]:
    """Yield the free times of a site that some of those who wait could book, the soonest first, with who could."""
    groups = defaultdict[_Asked, list[WaitingListEntry]](list)
    for one in waiting:
        entry = one.entry
        audience = replace(as_patient(entry.patient, at=at), needs=frozenset(entry.needs))
        asked = _Asked(therapy=entry.therapy.key, technique=entry.technique, visit=entry.visit, audience=audience)
        groups[asked].append(entry)
    found: dict[str, tuple[scheduler.Slot, list[int]]] = {}
    for asked, entries in groups.items():
        for slot in _free(asked, entries, site_id, rules, at=at):
            found.setdefault(slot.id, (slot, []))[1].extend(entry.pk for entry in entries)
    yield from sorted(found.values(), key=lambda one: (one[0].start, one[0].id))


def _free(
    asked: _Asked, entries: Sequence[WaitingListEntry], site_id: int, rules: OfferRules, *, at: datetime
) -> list[scheduler.Slot]:
    zone = scheduler.sites()[site_id].tz
    last = _last_day(entries)
    ends_at = datetime.combine(last + timedelta(days=1), time(), zone) if last else at + LOOKED_AHEAD
    query = scheduler.SearchQuery(
        therapy=asked.therapy,
        technique=asked.technique,
        visit=asked.visit,
        starts_at=at + rules.min_notice,
        ends_at=min(ends_at, at + LOOKED_AHEAD),
        sites=frozenset({site_id}),
        audience=asked.audience,
        limit=None,
    )
    try:
        return scheduler.search(query, at=at) if query.starts_at < query.ends_at else []
    except (scheduler.NotOffered, scheduler.TechniqueNeeded):
        return []  # nobody gives it there any more


def _last_day(entries: Sequence[WaitingListEntry]) -> date | None:
    days = [entry.latest_on for entry in entries]
    return None if None in days else max(day for day in days if day)


def _opening(slot: scheduler.Slot) -> OpenTime:
    return OpenTime(
        start=slot.start,
        practitioner=slot.practitioner.public_id,
        languages=frozenset(slot.practitioner.languages),
        zone=slot.site.tz,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whom a time was offered (entries), and who could not have had it, with what a booking would say."""

    entries: Sequence[int] = ()
    refused: Mapping[int, Refusal] = field(default_factory=dict)

    @property
    def refused_at_any_time(self) -> set[int]:
        """Who would hear the same of each other time: they are not tried again until the next sweep."""
        return {pk for pk, why in self.refused.items() if isinstance(why, AT_ANY_TIME)}

    @property
    def refused_that_day(self) -> set[int]:
        """Who would hear the same of each other time of the day, as far as can be told without trying."""
        return {pk for pk, why in self.refused.items() if not isinstance(why, AT_THAT_TIME)}


@unit
def offer(slot: scheduler.Slot, ordered: Sequence[int], rules: OfferRules, *, at: datetime) -> Asked:
    """Keep a time and offer it to the first of these (entries) who could book it; return to whom.

    Whoever could not is left out: rules, answers and other appointments of theirs are asked as a booking asks.
    """
    # Two sweeps at once make their offers one after the other: each sees whom the other has asked.
    wait_for("offers to those who wait")
    until = matching.answer_by(slot.start, rules, at=at, zone=slot.site.tz)
    hold, asked, refused = None, list[int](), dict[int, Refusal]()
    for pk in ordered:
        entry = _still_waiting(pk)
        if entry is None:
            continue
        try:
            with transaction.atomic():
                _insist_able(entry, slot, hold, at=at)
                hold = hold or _keep(entry, slot, until=until, at=at)
        except Refusal as refusal:
            refused[pk] = refusal
            if isinstance(refusal, scheduler.SlotTaken) and not isinstance(refusal, NOT_FOR_THEM):
                break  # nobody can have it any more
            continue
        made = WaitingListOffer.objects.create(
            entry=entry, hold=hold, starts_at=slot.start, offered_at=at, expires_at=until
        )
        note(entry, EntryAct.OFFER, offer=made, by=OFFERS, at=at)
        asked.append(pk)
        if len(asked) == rules.at_once:
            break
    return Asked(entries=asked, refused=refused)


def _still_waiting(pk: int) -> WaitingListEntry | None:
    entry = locked(pk)
    offers = WaitingListOffer.objects.filter(entry__patient=entry.patient, status=OfferStatus.NEEDS_ACTION)
    asked = offers.exists()
    return None if asked or entry.status != EntryStatus.ACTIVE else entry


def _insist_able(entry: WaitingListEntry, slot: scheduler.Slot, hold: Hold | None, *, at: datetime) -> None:
    """Refuse what a booking, or a move there, would be refused for. Raises Refusal."""
    for other in others_of(entry.patient, at=at, but=entry.later):
        if other.status in OCCUPYING and other.start < slot.end and slot.start < other.end:
            raise PatientBusy
    check = BookingCheck(
        slot=slot, patient=entry.patient, by=_asker(), at=at, only_for=hold.only_for if hold else "",
        moving=entry.later,
    )  # fmt: skip
    if entry.later is not None:
        booking_checks.check_move(check, entry.later, reviewed=was_reviewed(entry.later))
    else:
        suitability_checks.check_answers(check, entry.patient, NO_ANSWERS, whole=True)
        booking_checks.check_booking(check)
    if hold is not None and not scheduler.place_has(hold.place_id, frozenset(entry.needs)):
        raise scheduler.NoSuitablePlace


def _keep(entry: WaitingListEntry, slot: scheduler.Slot, *, until: datetime, at: datetime) -> Hold:
    """Keep a time as if the first who is asked had chosen it; it is nobody's among those who are asked."""
    by = _asker()
    hold = holds.take(slot, by=by, at=at, patient=entry.patient, needs=frozenset(entry.needs))
    hold.patient = None
    hold.save(update_fields=["patient"])
    return holds.keep_until(hold, until, at=at)


def _asker() -> Principal:
    """Return who keeps a time for those who are asked: nobody else's hold, and counted for nobody."""
    return Principal(key=f"waiting-list:{uuid4()}", roles=frozenset({(Role.ANONYMOUS, None)}))
