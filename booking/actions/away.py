"""Somebody who treats cannot come: that is entered, and what becomes of each of their appointments, as one act."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking import queries
from booking.actions import appointments, booking_checks, closures, holds, person_locks, proposals, uncovered_visits
from booking.actions.as_seen import mark_of
from booking.actions.requested_slots import slot_for
from booking.actions.suggested_absences import SettledColleagues
from booking.audiences import audience_for
from booking.cancel_reasons import CancelReason
from booking.models import Appointment, Change, EnteredAbsence
from booking.models.appointments import UNPROVEN
from booking.status import OCCUPYING, Move, Status, after
from booking.subjects import of_appointment, of_slot
from booking.suitability.visits import place_needs_of_visit
from core.database.transactions import rehearsal, unit
from core.models import Site
from core.principal import Principal
from core.refusals import Forbidden, Invalid, Missing, Refusal
from core.rights import Action, Subject, may
from scheduler import public as scheduler

AT_ONCE = 15
"""So many appointments one press settles, the soonest: the others follow with the next one."""

CANDIDATES = 4
"""How many times of each kind are tried for one appointment."""

A_MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)


class AwayChoice(StrEnum):
    """What becomes of an appointment."""

    MOVE = "move"
    PROPOSE = "propose"
    KEEP = "keep"
    CANCEL = "cancel"


class ChangedSince(Refusal):
    """What was seen of appointments of somebody away is not what would be acted on; the detail says what is new."""

    code = "absence-changed-since"
    title = gettext_lazy("Something changed since you looked. Nothing was done: look at it as it is now.")


class NotTakenBack(Refusal):
    """What was entered is taken back on its day, once."""

    code = "absence-not-taken-back"
    title = gettext_lazy("This can no longer be taken back here. End the absence instead, and move whom you want to.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AwayPeriod:
    """Who is away from when until when."""

    practitioner: Any
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """An appointment without its practitioner, and what fits: `slot` for a move or a proposal. `seen`: its mark."""

    visit: Appointment
    choice: AwayChoice
    choices: tuple[AwayChoice, ...]
    seen: str
    slot: scheduler.Slot | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AwayPlan:
    """What would be done. `elsewhere`: appointments by site (id) where whoever looks moves nothing.

    `later`: how many more there are than one press settles; `waiting`: how many patients have yet to answer.
    """

    suggested: Sequence[Suggested]
    elsewhere: dict[int, int]
    later: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What becomes of an appointment, as whoever decides saw it. `slot`: the id of the time that was shown."""

    appointment: UUID
    choice: AwayChoice
    seen: str
    slot: str = ""


@unit
def plan(stretch: AwayPeriod, *, by: Principal, at: datetime) -> AwayPlan:
    """Return what would become of the appointments, all of it tried and undone, so that it fits together."""
    with rehearsal(only=True):
        _lock(stretch, at=at)
        _enter(stretch, by=by, at=at)
        mine, elsewhere, waiting = _left(stretch, by=by, at=at)
        settled = SettledColleagues(at)
        found = [_suggest(visit, settled, by=by, at=at) for visit in mine[:AT_ONCE]]
    return AwayPlan(suggested=found, elsewhere=elsewhere, later=max(0, len(mine) - AT_ONCE), waiting=waiting)


@unit
def enter(stretch: AwayPeriod, wanted: Sequence[Wanted], *, site: Site, by: Principal, at: datetime) -> EnteredAbsence:
    """Enter that somebody is away and do what was chosen about each appointment, all of it or nothing.

    Raises ChangedSince, Forbidden, Invalid.
    """
    _lock(stretch, at=at)
    entered = _enter(stretch, by=by, at=at)
    mine, _elsewhere, _waiting = _left(stretch, by=by, at=at)
    now, seen = mine[:AT_ONCE], {one.appointment: one for one in wanted}
    if {one.public_id for one in now} != set(seen):
        raise ChangedSince(_("Which appointments it touches has changed."))
    done = [_done(visit, seen[visit.public_id], by=by, at=at) for visit in now]
    uncovered_visits.review(at=at)
    return EnteredAbsence.objects.create(
        practitioner=stretch.practitioner,
        site=site,
        starts_at=stretch.starts_at,
        ends_at=stretch.ends_at,
        absences=entered,
        done=done,
        by=by.key,
        at=at,
    )


def _done(visit: Appointment, wanted: Wanted, *, by: Principal, at: datetime) -> dict[str, str]:
    """Do what was chosen; say of which appointment it could not be done. Raises ChangedSince."""
    try:
        if wanted.seen != mark_of(visit):
            raise ChangedSince(_("It was changed meanwhile."))
        slot = slot_for(visit, wanted.slot, by=by, at=at) if wanted.slot and wanted.choice in WITH_A_TIME else None
        _do(visit, wanted.choice, slot, by=by, at=at)
    except Refusal as refusal:
        why = str(refusal.detail or refusal.title)
        raise ChangedSince(f"{_who(visit, by)}: {why}") from refusal
    return {"appointment": str(visit.public_id), "choice": wanted.choice.value}


def _who(visit: Appointment, by: Principal) -> str:
    return visit.patient.name if may(by, Action.SEE_NAMES, of_appointment(visit, by)) else visit.reference


WITH_A_TIME = frozenset({AwayChoice.MOVE, AwayChoice.PROPOSE})


def _do(visit: Appointment, choice: AwayChoice, slot: scheduler.Slot | None, *, by: Principal, at: datetime) -> None:
    """Do one thing to an appointment, as its own door does it. Raises what that refuses."""
    right = Action.CANCEL if choice is AwayChoice.CANCEL else Action.MOVE
    if choice is not AwayChoice.KEEP and not may(by, right, of_appointment(visit, by)):
        raise Forbidden
    if choice in WITH_A_TIME and slot is None:
        raise Invalid(pointer="/slot")
    if choice is AwayChoice.MOVE and slot is not None:
        if not may(by, Action.MOVE, of_slot(slot, visit.patient, by)):
            raise Forbidden
        appointments.move(visit.public_id, Move.RESCHEDULE, by=by, at=at, slot=slot)
    elif choice is AwayChoice.PROPOSE:
        proposals.propose(visit.public_id, by=by, at=at, slot=slot)
    elif choice is AwayChoice.CANCEL:
        appointments.move(visit.public_id, Move.CANCEL, by=by, at=at, reason=CancelReason.PRACTITIONER)


def _lock(stretch: AwayPeriod, *, at: datetime) -> None:
    """Lock all that may change, in the one order: appointments, what is kept for moving them, people; then calendars.

    Raises Forbidden, Invalid.
    """
    if stretch.starts_at >= stretch.ends_at:
        raise Invalid(_("The end must be later than the start."), pointer="/last")
    rows = _touched(stretch, at=at).order_by("pk")
    ids = list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
    visits = list(Appointment.objects.filter(pk__in=ids).select_related("patient").order_by("pk"))
    for visit in visits:
        holds.lock_holds_for(visit)
    person_locks.lock_patients({visit.patient_id: visit.patient for visit in visits}.values())


def _touched(stretch: AwayPeriod, *, at: datetime) -> Any:  # noqa: ANN401  (a query of appointments)
    rows = Appointment.objects.filter(practitioner=stretch.practitioner, status__in=sorted(OCCUPYING))
    return rows.filter(period__overlap=(max(stretch.starts_at, at), stretch.ends_at))


def _enter(stretch: AwayPeriod, *, by: Principal, at: datetime) -> list[UUID]:
    """Enter what the calendar does not say yet; return the ids of these absences. Raises Forbidden."""
    who = stretch.practitioner
    if not may(by, Action.EDIT_CALENDAR, subject_of(who)):
        raise Forbidden
    gaps = scheduler.not_yet_away(who, stretch.starts_at, stretch.ends_at)
    # Not as an illness: whoever reads calendars learns nothing of why.
    why = scheduler.AbsenceReason.OTHER
    return [
        scheduler.add_absence(who, starts_at=start, ends_at=end, by=by, at=at, reason=why).row.public_id
        for start, end in gaps
    ]


def subject_of(practitioner: Any) -> Subject:  # noqa: ANN401  (a row of the scheduler's)
    """Return somebody's calendar as a subject: the sites that miss them, and whose it is."""
    return Subject(sites=scheduler.sites_of(practitioner), practitioner=practitioner.user_id)


def _left(stretch: AwayPeriod, *, by: Principal, at: datetime) -> tuple[list[Appointment], dict[int, int], int]:
    """Return the appointments without cover that whoever acts settles, the soonest first, and two numbers.

    Those are: how many others there are by site, and how many patients were told already and have yet to answer.
    """
    rows = queries.uncovered_visits(_touched(stretch, at=at).exclude(UNPROVEN), at=at)
    found = list(rows.select_related(*queries.LISTED).order_by("period", "pk"))
    answering = closures.waiting([one.pk for one in found], at=at)
    open_ones = [one for one in found if one.pk not in answering]
    mine = [one for one in open_ones if may(by, Action.MOVE, of_appointment(one, by))]
    elsewhere: dict[int, int] = {}
    for one in open_ones:
        if one not in mine:
            elsewhere[one.site_id] = elsewhere.get(one.site_id, 0) + 1
    return mine, elsewhere, len(answering)


def _suggest(visit: Appointment, settled: SettledColleagues, *, by: Principal, at: datetime) -> Suggested:
    """Try what fits, the nearest first, and keep it as if it were done: the next appointment finds what is left."""
    choices, seen = _choices(visit), mark_of(visit)
    for choice, slot in _possible(visit, settled, by=by, at=at) if AwayChoice.MOVE in choices else ():
        with suppress(Refusal), transaction.atomic():  # a savepoint: what is refused leaves the rest as it is
            _do(visit, choice, slot, by=by, at=at)
            return Suggested(visit=visit, choice=choice, choices=choices, seen=seen, slot=slot)
    left = tuple(one for one in choices if one not in WITH_A_TIME)
    return Suggested(visit=visit, choice=AwayChoice.KEEP, choices=left, seen=seen)


def _choices(visit: Appointment) -> tuple[AwayChoice, ...]:
    """Return what can be done about an appointment as it stands."""
    stands = Status(visit.status)
    moves = WITH_A_TIME if after(stands, Move.RESCHEDULE) else frozenset()
    cancels = {AwayChoice.CANCEL} if after(stands, Move.CANCEL) else frozenset()
    return tuple(one for one in AwayChoice if one in moves | cancels | {AwayChoice.KEEP})


def _possible(
    visit: Appointment, settled: SettledColleagues, *, by: Principal, at: datetime
) -> Iterator[tuple[AwayChoice, scheduler.Slot]]:
    """Yield what may be done: at the same time with somebody else, that day with the same, else another time to ask."""
    fits = booking_checks.fitting(visit, at=at)
    start = visit.period.lower

    def usable(slot: scheduler.Slot) -> bool:
        return slot.id != visit.slot and fits(slot) and settled(slot)

    if start > at:
        same = _search(visit, start, start + A_MINUTE, by=by, at=at)
        others = (one for one in same if one.start == start and one.site.id == visit.site_id)
        yield from ((AwayChoice.MOVE, one) for one in islice(filter(usable, others), CANDIDATES))
    midnight = datetime.combine(start.astimezone(visit.site.tz).date(), time(), visit.site.tz)
    known = visit.practitioner.public_id
    with suppress(scheduler.UnknownPractitioner):
        day = _search(visit, max(at, midnight), midnight + A_DAY, by=by, at=at, practitioner=known)
        near = sorted(filter(usable, day), key=lambda one: abs(one.start - start))
        yield from ((AwayChoice.MOVE, one) for one in near[:CANDIDATES])
    with suppress(Refusal):
        times = proposals.first_times(visit, most=CANDIDATES, by=by, at=at, settled=True)
        yield from ((AwayChoice.PROPOSE, one) for one in times)


def _search(
    visit: Appointment,
    begins: datetime,
    ends: datetime,
    *,
    by: Principal,
    at: datetime,
    practitioner: UUID | None = None,
) -> Iterable[scheduler.Slot]:
    """Return the free times at the appointment's site, as staff give them."""
    needs, reviews = place_needs_of_visit(visit, at=at), queries.reviews_of_visit(visit)
    asking: dict[str, Any] = {"patient": visit.patient, "moving": visit, "needs": needs, "reviews": reviews}
    query = scheduler.SearchQuery(
        therapy=visit.therapy.key,
        visit=visit.visit,
        technique=visit.technique,
        starts_at=begins,
        ends_at=ends,
        sites=frozenset({visit.site_id}),
        practitioner=practitioner,
        audience=audience_for(by, site_id=visit.site_id, at=at, **asking),
        moving=visit.allocation,
        reviewed=queries.was_reviewed(visit),
        also=visit.period.lower,
        limit=None,
        each_start=None,
    )
    return scheduler.search(query, at=at)


@unit
def take_back(public_id: UUID, *, by: Principal, at: datetime) -> list[Appointment]:
    """Take back, on its day, what was entered; return the appointments that could not be put back, as they stand.

    Whoever had been told that another time is proposed hears that theirs takes place. Raises Missing, NotTakenBack.
    """
    entered = _locked(public_id)
    if entered.taken_back_at is not None or not is_of_today(entered, at=at):
        raise NotTakenBack
    ids = sorted(UUID(one["appointment"]) for one in entered.done)
    touched = Appointment.objects.filter(public_id__in=ids).order_by("pk")
    list(touched.select_for_update(no_key=True).values_list("pk", flat=True))
    for absence in scheduler.absences_named([str(one) for one in entered.absences]):
        scheduler.remove_absence(absence, by=by, at=at)
    changed = [UUID(one["appointment"]) for one in reversed(entered.done) if one["choice"] in UNDOABLE]
    left = [one for one in changed if not _put_back(one, entered, by=by, at=at)]
    entered.taken_back_at, entered.taken_back_by = at, by.key
    entered.save(update_fields=["taken_back_at", "taken_back_by"])
    _look_again(at=at)
    return list(touched.filter(public_id__in=left).select_related(*queries.LISTED))


UNDOABLE = frozenset({AwayChoice.MOVE.value, AwayChoice.CANCEL.value})


def _put_back(appointment: UUID, entered: EnteredAbsence, *, by: Principal, at: datetime) -> bool:
    """Undo what was done to an appointment, unless anything was done to it since, or its time is taken."""
    last = Change.objects.filter(appointment__public_id=appointment).order_by("-pk").first()
    if last is None or (last.at, last.by) != (entered.at, entered.by):
        return False
    try:
        with transaction.atomic():  # a savepoint: one whose time is taken leaves the others as they are
            appointments.move(appointment, Move.UNDO, by=by, at=at)
    except Refusal:
        return False
    return True


@unit
def end(absence_id: UUID, *, by: Principal, at: datetime) -> None:
    """End an absence: they are back now, and whoever was told that it does not take place hears that it does.

    Raises Missing, Forbidden.
    """
    found = scheduler.absences_named([str(absence_id)])
    if not found:
        raise Missing
    (absence,) = found
    if not may(by, Action.EDIT_CALENDAR, subject_of(absence.practitioner)):
        raise Forbidden
    if absence.period.lower < at < absence.period.upper:
        scheduler.change_absence(absence, ends_at=at, by=by, at=at)
    elif at <= absence.period.lower:
        scheduler.remove_absence(absence, by=by, at=at)
    _look_again(at=at)


def _look_again(*, at: datetime) -> None:
    """Let nobody be called about what takes place, and those be told who heard otherwise."""
    uncovered_visits.review(at=at)
    closures.review_reopened(at=at)


def entered_today(site: Site, *, at: datetime) -> list[EnteredAbsence]:
    """Return what was entered at a site today and stands, the newest first."""
    rows = EnteredAbsence.objects.filter(site=site, taken_back_at=None, at__gt=at - A_DAY)
    return [one for one in rows.select_related("practitioner", "site") if is_of_today(one, at=at)]


def is_of_today(entered: EnteredAbsence, *, at: datetime) -> bool:
    """Whether something was entered on this day, by the clock of its site."""
    zone = entered.site.tz
    return entered.at.astimezone(zone).date() == at.astimezone(zone).date()


def _locked(public_id: UUID) -> EnteredAbsence:
    rows = EnteredAbsence.objects.filter(public_id=public_id).select_for_update(no_key=True)
    if not list(rows.values_list("pk")):
        raise Missing
    return EnteredAbsence.objects.select_related("practitioner", "site").get(public_id=public_id)
