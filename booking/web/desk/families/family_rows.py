"""What the page of family time shows: seats that are kept, and times that could be."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.models import Reservation, Seat, SeatState
from booking.models.reservations import WAITING_FOR_SOMEBODY
from booking.queries import has_lapsed
from booking.seats.seat_queries import SeatsOfSite
from booking.seats.seat_rules import is_due_for_naming
from booking.web.desk.families.family_forms import NAME_BY_HOURS, WHOLE_DAY, hours_in_words
from booking.web.families.family_rows import family_rows
from booking.web.labels import minutes_in_words, therapy_in_words
from booking.web.slot_ids import sealed
from core.accounts.names import names_of
from core.principal import Principal
from core.text.languages import near_day_in_words, time_in_words
from scheduler import public as scheduler

PARTED = " "
"""Between the ids of a set: no sealed id has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatRow:
    """One seat: when, what, with whom, how it stands, for whom, and what can be done with it.

    `code` and `read_aloud` while whom it is for can take the invitation up, at the latest `until`.
    """

    id: str
    day: str
    time: str
    therapy: str
    with_whom: str
    place: str
    state: str
    warm: bool
    release: bool
    again: bool
    waits_until: str = ""
    named: bool = False
    whom: str = ""
    code: str = ""
    read_aloud: str = ""
    mailed_to: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationRow:
    """Seats that were kept together. `due`: nobody has some of them yet, and they are free for others within a day."""

    id: str
    heading: str
    near: str
    made: str
    reason: str
    name_by: str
    due: bool
    seats: Sequence[SeatRow]
    waiting: int
    given_back: int
    later: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetButton:
    """Times that can be kept together: the ids in one, and what is kept, in words."""

    ids: str
    times: str
    with_whom: str
    until: str
    what: str = ""


def set_button(found: Sequence[scheduler.Slot], *, name_by: datetime, what: str = "") -> SetButton:
    """Return a button that keeps a set of times; `what`: of which therapy, where that is another one than wanted."""
    zone, starts = found[0].site.tz, dict.fromkeys(one.start for one in found)
    return SetButton(
        what=what,
        ids=PARTED.join(sealed(one.id) for one in found),
        times=", ".join(time_in_words(start, zone) for start in starts),
        with_whom=", ".join(dict.fromkeys(one.practitioner.name for one in found)),
        until=moment_in_words(name_by, zone),
    )


def moment_in_words(at: datetime, zone: ZoneInfo) -> str:
    """Return a day and a time in `zone`, such as "Monday, November 30, 2:00 PM"."""
    return f"{near_day_in_words(at.astimezone(zone).date())}, {time_in_words(at, zone)}"


def reservation_rows(found: SeatsOfSite, *, by: Principal, at: datetime) -> list[ReservationRow]:
    """Return what is kept at a site; who made what is asked in one query."""
    names = names_of({one.made_by for one in found.reservations})
    return [_row(one, found, names.get(one.made_by, ""), by=by, at=at) for one in found.reservations]


def _row(kept: Reservation, found: SeatsOfSite, maker: str, *, by: Principal, at: datetime) -> ReservationRow:
    seats = list(kept.seats.all())
    waiting = [one for one in seats if one.state in WAITING_FOR_SOMEBODY and kept.name_by > at]
    return ReservationRow(
        id=str(kept.public_id),
        heading=_heading(kept, seats),
        near=_near(kept),
        made=_("Kept by you") if kept.made_by == by.key else _("Kept by %s") % maker,
        reason=kept.reason,
        name_by=_name_by(kept, at=at) if waiting else "",
        due=bool(waiting) and is_due_for_naming(kept.name_by, at=at),
        seats=[_named(_seat(one, kept, found, at=at), one, found, at=at) for one in seats],
        waiting=len(waiting),
        given_back=_can_have_again(kept, seats, at=at),
        later=_other_dates(kept, seats, at=at) if waiting else (),
    )


def _heading(kept: Reservation, seats: Sequence[Seat]) -> str:
    start = min(one.period.lower for one in seats)
    if len(seats) == 1:
        how = _("one time")
    elif kept.in_a_row:
        how = _("%d times in a row") % len(seats)
    else:
        how = _("%d times side by side") % len(seats)
    return f"{moment_in_words(start, kept.site.tz)}: {how}"


def _near(kept: Reservation) -> str:
    if kept.anchor_at is None or kept.anchor_minutes is None:
        return ""
    if kept.anchor_minutes >= WHOLE_DAY:
        words = (
            _("Any time of that day before %(time)s")
            if kept.anchor_before
            else _("Any time of that day after %(time)s")
        )
        return words % {"time": time_in_words(kept.anchor_at, kept.site.tz)}
    words = _("At most %(length)s before %(time)s") if kept.anchor_before else _("At most %(length)s after %(time)s")
    facts = {"length": minutes_in_words(kept.anchor_minutes), "time": time_in_words(kept.anchor_at, kept.site.tz)}
    return words % facts


def _name_by(kept: Reservation, *, at: datetime) -> str:
    when = moment_in_words(kept.name_by, kept.site.tz)
    return _("Kept until %(when)s (%(left)s): what nobody has booked by then is free for others.") % {
        "when": when,
        "left": left_in_words(kept.name_by - at),
    }


def left_in_words(left: timedelta) -> str:
    """Return how long something still is, in days, or in hours where it is less than two days."""
    hours = max(int(left.total_seconds() // 3600), 0)
    if hours >= 48:  # noqa: PLR2004  (two days)
        return ngettext("in %(count)d day", "in %(count)d days", hours // 24) % {"count": hours // 24}
    return ngettext("in %(count)d hour", "in %(count)d hours", hours) % {"count": hours}


def _seat(seat: Seat, kept: Reservation, found: SeatsOfSite, *, at: datetime) -> SeatRow:
    lapsed = seat.state in WAITING_FOR_SOMEBODY and kept.name_by <= at
    waits = seat.state in WAITING_FOR_SOMEBODY and not lapsed
    zone, held_until = kept.site.tz, found.held_until.get(seat.pk)
    if waits and seat.allocation in found.uncovered:
        words = _("It is not open any more: give it back, and keep another time")
    elif waits and held_until:
        words = _("Somebody is booking it, until %s at most") % time_in_words(held_until, zone)
    elif lapsed:
        words = _("Nobody had it in time: it is free for others")
    else:
        words = STATES[SeatState(seat.state)]() if seat.state != SeatState.BOOKED else _booked(seat, at=at)
    return SeatRow(
        id=str(seat.public_id),
        day=near_day_in_words(seat.period.lower.astimezone(zone).date()),
        time=f"{time_in_words(seat.period.lower, zone)} – {time_in_words(seat.period.upper, zone)}",
        therapy=therapy_in_words(seat.therapy.name, seat.technique),
        with_whom=seat.practitioner.name,
        place=str(seat.place or ""),
        state=words,
        waits_until=_name_by(kept, at=at) if waits else "",
        warm=waits and not held_until and is_due_for_naming(kept.name_by, at=at),
        release=waits and not held_until,
        again=seat.state == SeatState.RELEASED and kept.name_by > at,
    )


def _named(row: SeatRow, seat: Seat, found: SeatsOfSite, *, at: datetime) -> SeatRow:
    """Say for whom a seat is, to whoever may see that."""
    link = seat.named_for
    if link is None or link.pk not in found.links_seen or seat.state == SeatState.RELEASED:
        return row
    (shown,) = family_rows([link], staff=True, at=at, history=False)
    whom = _("%(relation)s, family of %(patient)s") % {"relation": shown.relation, "patient": shown.whose}
    named = replace(row, named=True, whom=f"{shown.who}, {whom}" if shown.who else whom)
    if not row.release:
        return named
    return replace(named, code=shown.code, read_aloud=shown.read_aloud, mailed_to=shown.mailed_to, until=shown.until)


STATES = {
    SeatState.OPEN: lambda: _("Nobody yet"),
    SeatState.NAMED: lambda: _("Named, not booked yet"),
    SeatState.RELEASED: lambda: _("Given back"),
}


def _booked(seat: Seat, *, at: datetime) -> str:
    """Say that somebody has it, or what became of that since."""
    visit = seat.appointment
    if seat.is_had(at=at):
        return _("Booked")
    if visit is not None and visit.period.lower != seat.period.lower:
        return _("It was booked, and moved to another time since: nothing is kept here any more")
    if visit is not None and has_lapsed(visit, at=at):
        return _("It was booked, and not confirmed in time: nothing is kept here any more")
    return _("It was booked, and called off since: nothing is kept here any more")


def _can_have_again(kept: Reservation, seats: Sequence[Seat], *, at: datetime) -> int:
    return sum(one.state == SeatState.RELEASED for one in seats) if kept.name_by > at else 0


def _other_dates(kept: Reservation, seats: Sequence[Seat], *, at: datetime) -> list[tuple[str, str]]:
    """Return until when it could be kept instead: by hours before the first of them, in words."""
    start = min(one.period.lower for one in seats)
    ahead = [(hours, start - timedelta(hours=hours)) for hours in NAME_BY_HOURS]
    return [(str(hours), hours_in_words(hours)) for hours, then in ahead if then > at and then != kept.name_by]
