"""What stands in a column of the board: a visit, a seat that is kept, a time that somebody is booking, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from booking import queries
from booking.asked_for_words import asked_in_words
from booking.models import Appointment, Hold, Seat, SeatState
from booking.status import OCCUPYING, Status
from booking.subjects import of_appointment
from booking.web.desk.board.grid import TICK, Lane, Spot
from booking.web.desk.board.reading import BoardReading
from booking.web.labels import therapy_in_words
from core.principal import Principal
from core.rights import Action, Subject, may
from core.text.languages import localized, time_in_words
from scheduler.public import ClaimedTime

HANDS, NEARBY, FREE, TURNOVER, AIRING = "hands", "nearby", "free", "turnover", "airing"
SEAT, HOLD, TAKEN, BEGUN = "seat", "hold", "taken", "begun"
Period = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """A part of what stands there, `ticks` long: hands on, nearby, free, or after the patient turnover, airing."""

    kind: str
    ticks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardItem:
    """One thing in a column. `kind`: a status, or that it has begun, or is no visit; `state` says that in words.

    `where`: the place, or in the column of a place who treats. `runs`: its parts in words. `seen`: as which a visit is
    shown. `column` is a practitioner's or a place's id; `shown`: from when until when it lies there.
    """

    id: str
    kind: str
    column: int | None
    shown: Period
    who: str
    when: str
    what: str
    where: str
    state: str
    url: str = ""
    runs: str = ""
    seen: str = ""
    uncovered: bool = False
    stay_away: bool = False
    strips: Sequence[Strip] = ()
    tail: Sequence[Strip] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedItem:
    """An item where it lies on the rows."""

    item: BoardItem
    spot: Spot
    lane: Lane


def span_in_words(period: Period, zone: ZoneInfo) -> str:
    """Return from when until when, such as "9:00–10:00 AM"."""
    first, last = (time_in_words(moment, zone) for moment in period)
    part = last[-3:]
    return f"{first.removesuffix(part) if part.strip().isalpha() else first}–{last}"


def items_by_person(read: BoardReading) -> list[BoardItem]:
    """Return what stands in the columns of practitioners."""
    visits = [of_visit(visit, read, by_place=False) for visit in read.visits]
    return [*visits, *_seats(read, by_place=False), *_holds(read, by_place=False), *_elsewhere(read)]


def items_by_place(read: BoardReading) -> list[BoardItem]:
    """Return what stands in the columns of places."""
    visits = [of_visit(visit, read, by_place=True) for visit in read.visits]
    return [*visits, *_seats(read, by_place=True), *_holds(read, by_place=True), *_smoke(read)]


def of_visit(visit: Appointment, read: BoardReading, *, by_place: bool) -> BoardItem:
    """Return an appointment as it is shown: as far as they may know who comes, and what for."""
    zone, period = read.site.tz, (visit.period.lower, visit.period.upper)
    claims = read.claims.get(visit.allocation, ())
    strips, tail = _strips(period, claims), _tail(visit, claims)
    aired = period[1] + sum(strip.ticks for strip in tail) * TICK
    place = localized(visit.place.name) if visit.place else ""
    return BoardItem(
        id=str(visit.public_id),
        kind=BEGUN if visit.started_at and visit.status == Status.CHECKED_IN else visit.status,
        column=visit.place_id if by_place else visit.practitioner_id,
        shown=(period[0], aired) if by_place else period,
        **_known_to(visit, read.by),
        when=span_in_words(period, zone),
        where=visit.practitioner.name if by_place else place,
        state=_state(visit, read),
        url=reverse("desk-appointment", args=[visit.public_id]),
        runs=_in_words(period[0], [*strips, *tail], zone),
        seen=read.marks.get(visit.pk, ""),
        uncovered=visit.pk in read.uncovered,
        stay_away=visit.pk in read.stay_away,
        strips=strips,
        tail=tail,
    )


def _known_to(visit: Appointment, by: Principal) -> dict[str, str]:
    """Return who comes and what for, as far as somebody may know."""
    subject = of_appointment(visit, by)
    therapy = therapy_in_words(visit.therapy.name, visit.technique)
    return {
        "who": visit.patient.name if may(by, Action.SEE_NAMES, subject) else _("A patient"),
        "what": therapy if may(by, Action.SEE_THERAPY, subject) else "",
    }


def _state(visit: Appointment, read: BoardReading) -> str:
    if visit.status == Status.CANCELLED and visit.undo_until:
        until = time_in_words(visit.undo_until, read.site.tz)
        return _("cancelled; the time is kept for an undo until %s") % until
    asked = asked_in_words(visit, read.by) if visit.status in OCCUPYING else ""
    return ". ".join(filter(None, (queries.status_in_words(visit, at=read.at), asked)))


def _strips(period: Period, claims: Iterable[ClaimedTime]) -> list[Strip]:
    """Return how the patient's time parts: hands on, nearby, and what needs neither, in order."""
    kinds = {"lane": NEARBY, "hands": HANDS}
    known = [one for one in claims if one.kind in kinds]
    start, end = period
    ticks = [FREE] * -((start - end) // TICK)
    for one in sorted(known, key=lambda one: one.kind != "lane"):  # what is done with hands has the word
        first, last = max((one.start - start) // TICK, 0), -((start - one.end) // TICK)
        ticks[first:last] = [kinds[one.kind]] * len(ticks[first:last])
    return [Strip(kind=kind, ticks=len(list(part))) for kind, part in groupby(ticks)] if known else []


def _tail(visit: Appointment, claims: Iterable[ClaimedTime]) -> list[Strip]:
    """Return what the place needs after the patient has left."""
    own = [one for one in claims if one.kind == "place" and one.place == visit.place_id]
    end = max((one.end for one in own), default=visit.period.upper)
    if end <= visit.period.upper:
        return []
    kind = AIRING if any(one.smoke for one in own) else TURNOVER
    return [Strip(kind=kind, ticks=-((visit.period.upper - end) // TICK))]


@lru_cache(maxsize=16)
def _run_words(_language: str | None) -> dict[str, str]:
    """Return what is said of each part; of one language once, since a board says it hundreds of times."""
    return {
        HANDS: _("hands on until %s"),
        NEARBY: _("nearby until %s"),
        FREE: _("alone until %s"),
        TURNOVER: _("turnover until %s"),
        AIRING: _("turnover and airing until %s"),
    }


def _in_words(start: datetime, strips: Iterable[Strip], zone: ZoneInfo) -> str:
    """Return the parts with when each ends, such as "hands on until 9:20 AM, nearby until 9:50 AM"."""
    words = _run_words(get_language())
    said = []
    for strip in strips:
        start += strip.ticks * TICK
        said.append(words[strip.kind] % time_in_words(start, zone))
    return ", ".join(said)


def _seats(read: BoardReading, *, by_place: bool) -> list[BoardItem]:
    keeps = may(read.by, Action.RESERVE_SEATS, Subject(sites=frozenset({read.site.pk})))
    return [_of_seat(seat, read, by_place=by_place, linked=keeps) for seat in read.seats]


def _of_seat(seat: Seat, read: BoardReading, *, by_place: bool, linked: bool) -> BoardItem:
    period = (seat.period.lower, seat.period.upper)
    until = time_in_words(seat.reservation.name_by, read.site.tz)
    return BoardItem(
        id=str(seat.public_id),
        kind=SEAT,
        column=seat.place_id if by_place else seat.practitioner_id,
        shown=period,
        who=_("Kept for a family"),
        when=span_in_words(period, read.site.tz),
        what="",
        where=seat.practitioner.name if by_place else "",
        state=_("named, until %s") % until if seat.state == SeatState.NAMED else _("to be named by %s") % until,
        url=reverse("desk-seat", args=[seat.public_id]) if linked else "",
    )


def _holds(read: BoardReading, *, by_place: bool) -> list[BoardItem]:
    seats = {seat.allocation for seat in read.seats}
    return [_of_hold(hold, read, by_place=by_place) for hold in read.holds if hold.allocation not in seats]


def _of_hold(hold: Hold, read: BoardReading, *, by_place: bool) -> BoardItem:
    period, (who, url) = (hold.period.lower, hold.period.upper), _whose_hold(hold, read.by)
    return BoardItem(
        id=str(hold.public_id),
        kind=HOLD,
        column=hold.place_id if by_place else hold.practitioner_id,
        shown=period,
        who=who,
        when=span_in_words(period, read.site.tz),
        what="",
        where="",
        state=_("kept until %s") % time_in_words(hold.expires_at, read.site.tz),
        url=url,
    )


def _whose_hold(hold: Hold, by: Principal) -> tuple[str, str]:
    """Return for whom a time is kept and where their page is, as far as somebody may know."""
    visit = hold.moving if hold.proposed else None
    if visit is None:
        return _("Being booked"), ""
    if not may(by, Action.SEE_NAMES, of_appointment(visit, by)):
        return _("Proposed to a patient"), ""
    return _("Proposed to %s") % visit.patient.name, reverse("desk-appointment", args=[visit.public_id])


def _known(read: BoardReading) -> set[object]:
    return {one.allocation for rows in (read.visits, read.seats, read.holds) for one in rows}


def _elsewhere(read: BoardReading) -> list[BoardItem]:
    """Return when people of this site are taken by what is not of this site."""
    known = _known(read)
    return [
        BoardItem(
            id=f"t{allocation}",
            kind=TAKEN,
            column=who,
            shown=period,
            who=_("Elsewhere"),
            when=span_in_words(period, read.site.tz),
            what="",
            where="",
            state=_("taken"),
        )
        for allocation, claims in read.claims.items()
        if read.whole and allocation not in known
        for who, period in _whole(claims)
    ]


def _whole(claims: Iterable[ClaimedTime]) -> list[tuple[int, Period]]:
    mine = [one for one in claims if one.live and one.practitioner is not None]
    if not mine:
        return []
    who = mine[0].practitioner
    return [(who, (min(one.start for one in mine), max(one.end for one in mine)))] if who is not None else []


def _smoke(read: BoardReading) -> list[BoardItem]:
    """Return when a place cannot be used because of what is done beside it in its room."""
    places = {visit.allocation: visit.place_id for visit in read.visits}
    return [
        BoardItem(
            id=f"p{claim.place}-{allocation}",
            kind=TAKEN,
            column=claim.place,
            shown=(claim.start, claim.end),
            who=_("Smoke in the room"),
            when=span_in_words((claim.start, claim.end), read.site.tz),
            what="",
            where="",
            state=_("taken"),
        )
        for allocation, claims in read.claims.items()
        for claim in claims
        if claim.live and claim.place is not None and claim.place != places.get(allocation, claim.place)
    ]
