"""How long one appointment is: other minutes of its hands or its rest, at its own start or a later one."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg.types.range import TimestamptzRange

from booking.actions import chosen_places, links, requested_slots
from booking.actions.booking_checks import BookingCheck
from booking.actions.ledger import where
from booking.actions.move_acts import Act
from booking.actions.patients import person_locks
from booking.actions.suitability.suitable_places import claim_for
from booking.actions.therapy_changes import SEGMENTS
from booking.errors import InThePast
from booking.models import Appointment, Hold
from booking.status import Move, Status
from booking.suitability.visits import place_needs_of_visit
from core.refusals import Refusal
from scheduler import public as scheduler
from scheduler.public import lengths

HERE = frozenset({Status.ARRIVED, Status.CHECKED_IN})
"""Whoever is there already lies in their place: they keep it."""

TICK = timedelta(minutes=lengths.TICK_MINUTES)


class LengthOutOfBounds(Refusal):
    """A length that is too short, too long, or the length of something else. Facts: `percent`, `least` in minutes."""

    code = "length-out-of-bounds"
    status = 422
    title = gettext_lazy("It cannot be as long, or as short, as that.")


class SameLength(Refusal):
    """The appointment is as long already."""

    code = "same-length"
    title = gettext_lazy("The appointment is as long as that already.")


def planned(visit: Appointment) -> lengths.Segments:
    """Return how an appointment runs by its therapy. Raises NotOffered where nobody gives that any more."""
    found = lengths.usual(visit.therapy.key, visit.visit, visit.technique, at=visit.period.lower)
    if found is None:
        raise scheduler.NotOffered
    return found


def segments_now(visit: Appointment) -> lengths.Segments:
    """Return how an appointment runs: by its own lengths, or by its therapy's."""
    return visit.lengths or planned(visit)


def was_resized_since(visit: Appointment, hold: Hold) -> bool:
    """Whether an appointment has another length than what is kept for moving it, which is as long as it was then."""
    return visit.changes.filter(move=Move.RESIZE, at__gte=hold.created_at).exists()


def resize(act: Act) -> None:
    """Give an appointment the lengths that are asked for, and claim what they need; or change nothing at all.

    Raises LengthOutOfBounds, SameLength, InThePast, SlotTaken, NotOffered.
    """
    visit = act.appointment
    if visit.period.upper <= act.at:
        raise InThePast
    before, slot, was = where(visit), visit.slot, visit.segments
    if act.undone is None:
        own, start = _wanted(act)
    else:
        own, start = act.undone.facts[SEGMENTS]["from"], scheduler.SlotKey.decode(act.undone.facts["slot"]).start
        act.facts["undoes"] = act.undone.version
    if own == was and start == visit.period.lower:
        raise SameLength
    visit.segments = own
    key = scheduler.SlotKey.decode(slot).starting(start)
    _claim(act, requested_slots.slot_for(visit, key.encode(), by=act.by, at=act.at))
    act.facts |= {"slot": slot, SEGMENTS: {"from": was, "to": own}}
    if (now := where(visit)) != before:
        act.facts |= {"from": before, "to": now}


def _wanted(act: Act) -> tuple[list[list[object]] | None, datetime]:
    """Return the segments that are asked for, null where they are the therapy's, and the start. Raises as `resize`."""
    visit, details, plan = act.appointment, act.details, planned(act.appointment)
    start = visit.period.lower + -(-details.get("late_by", timedelta()) // TICK) * TICK
    until_planned_end = int((visit.period.upper - start) / timedelta(minutes=1))
    try:
        if given := details.get("lengths"):
            found = lengths.with_lengths(plan, given, percent=act.policy.late_percent)
        else:
            wanted = details.get("minutes") or until_planned_end
            found = lengths.lasting(plan, segments_now(visit), wanted, percent=act.policy.late_percent)
    except lengths.BeyondLimitsError as error:
        percent = act.policy.late_percent
        raise LengthOutOfBounds(
            _out_of_bounds(plan, percent), percent=percent, least=lengths.shortest(plan, percent=percent)
        ) from error
    return (None if found == plan else [list(one) for one in found]), start


def _out_of_bounds(plan: lengths.Segments, percent: int) -> str:
    return _(
        "It takes %(least)d minutes at least: each part with hands on keeps %(percent)d %% of its usual minutes, and so"
        " do hands and rest together. No part is longer than %(most)d minutes. Choose a length within that."
    ) % {
        "least": lengths.shortest(plan, percent=percent),
        "percent": percent,
        "most": lengths.LONGEST,
    }


def _claim(act: Act, slot: scheduler.Slot) -> None:
    """Claim a time for an appointment in exchange for its own: at its place if that is free, else at another one."""
    visit = act.appointment
    patient = person_locks.lock_patient(visit.patient)
    needs = place_needs_of_visit(visit, at=act.at)
    check = BookingCheck(slot=slot, patient=patient, by=act.by, at=act.at, needs=needs, moving=visit)
    wanted = scheduler.ClaimRequest(
        slot=slot,
        allocation=uuid4(),
        audience=check.audience,
        expires_at=visit.kept_until,
        replacing=visit.allocation,
        reviewed=True,
    )
    place = _at_its_own(wanted, act)
    if place is None:
        place = claim_for(wanted, check, moves=True)[0].place_id
    if place != visit.place_id:
        act.facts[chosen_places.PLACE] = {"from": visit.place_id, "to": place}
    visit.allocation, visit.place_id = wanted.allocation, place
    visit.slot, visit.period = slot.id, TimestamptzRange(slot.start, slot.end, "[)")
    links.follow(visit, at=act.at)


def _at_its_own(wanted: scheduler.ClaimRequest, act: Act) -> int | None:
    """Claim it at the place that it has; None where that is taken. Raises SlotTaken for whoever is there already."""
    visit, where_they_are = act.appointment, replace(wanted.audience, needs=frozenset())
    before = act.undone.facts.get(chosen_places.PLACE, {}).get("from") if act.undone else None
    place = before or visit.place_id
    if place is None:
        return None
    try:
        with transaction.atomic():  # a savepoint: another place is looked for once this one is refused
            claimed = scheduler.claim([replace(wanted, place=place, audience=where_they_are)], at=act.at)
    except scheduler.SlotTaken:
        if act.before in HERE:
            raise
        return None
    return claimed[0].place_id
