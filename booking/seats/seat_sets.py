"""Times that can be kept together for a family: side by side or in a row, near a time and a place."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from booking.families.family_programs import family_programs, gives
from booking.seats.seat_rules import LONGEST_GAP, ReservationAnchor, are_side_by_side
from scheduler import public as scheduler

STAGGERED = timedelta(minutes=30)
"""How far apart those may begin who are side by side: one practitioner begins with the one, then with the other."""

BEFORE = timedelta(hours=8)
"""How long before they end the first of several in a row can begin."""

SHOWN, MANY = 6, 40

DAYS_AROUND = 14
"""How far from a day another one is looked for, where nothing is free together on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedSeats:
    """What staff look for: how many of which therapy, side by side or in a row, near what, for which program.

    `others`: what some of them are for instead, each as (therapy, visit, technique).
    """

    seats: int
    therapy: str
    visit: str
    technique: str
    in_a_row: bool
    program: str
    anchor: ReservationAnchor
    others: tuple[tuple[str, str, str], ...] = ()

    @property
    def each(self) -> tuple[tuple[str, str, str], ...]:
        """What each of them is for."""
        alike = max(self.seats - len(self.others), 0)
        return ((self.therapy, self.visit, self.technique),) * alike + self.others[: self.seats]


def seat_sets(wanted: WantedSeats, *, at: datetime, most: int = SHOWN) -> list[tuple[scheduler.Slot, ...]]:
    """Return sets of starts that can be kept together, the soonest first, each in the order of time."""
    site, near = wanted.anchor.site.pk, wanted.anchor
    starts_at, ends_at = begin_near(near, at=at)
    program = next((one for one in family_programs(site) if one.key == wanted.program), None)
    if program is None:
        return []
    audience = scheduler.Audience.of_program_staff(wanted.program, site)
    query = scheduler.SetQuery(
        people=tuple(
            scheduler.PersonQuery(therapy=therapy, visit=visit, technique=technique, audience=audience)
            for therapy, visit, technique in wanted.each
        ),
        relation=scheduler.Relation.BACK_TO_BACK if wanted.in_a_row else scheduler.Relation.SAME_TIME,
        starts_at=starts_at,
        ends_at=ends_at,
        within=LONGEST_GAP if wanted.in_a_row else STAGGERED,
        sites=frozenset({site}),
        anchor=search_anchor(near),
        # A search knows no programs: some of what it finds may be with others than theirs.
        limit=most if program.practitioners is None and not wanted.others else MANY,
    )
    sets = [_in_order(found) for found in scheduler.sets(query, at=at)]
    fitting = (one for one in sets if wanted.in_a_row or are_side_by_side(one))
    return [one for one in fitting if all(gives(program, slot) for slot in one)][:most]


def begin_near(near: ReservationAnchor, *, at: datetime) -> tuple[datetime, datetime]:
    """Return from when until when the first of several can begin who are near to something."""
    since, until = near.window()
    return max(since - BEFORE if near.before else since, at), max(until, at) + timedelta(minutes=1)


def search_anchor(near: ReservationAnchor) -> scheduler.Anchor:
    """Return what times are near to, as a search takes it."""
    side = scheduler.Side.BEFORE if near.before else scheduler.Side.AFTER
    return scheduler.Anchor(moment=near.at, side=side, within=timedelta(minutes=near.minutes))


def wider(wanted: WantedSeats, *, minutes: int) -> WantedSeats:
    """Return the same question, for times that are farther from the anchor."""
    return replace(wanted, anchor=replace(wanted.anchor, minutes=minutes))


def nearest_day(wanted: WantedSeats, *, at: datetime) -> date | None:
    """Return the day, of those around, nearest to the wanted one on which a set is free; a later one before an earlier.

    At the same time of day, by the clock of the site.
    """
    near = wanted.anchor
    today = at.astimezone(near.site.tz).date()
    for days in (sign * far for far in range(1, DAYS_AROUND + 1) for sign in (1, -1)):
        there = near.at + timedelta(days=days)
        if there.date() >= today and seat_sets(replace(wanted, anchor=replace(near, at=there)), at=at, most=1):
            return there.date()
    return None


def last_day(wanted: WantedSeats, *, at: datetime) -> date:
    """Return the last day on which its families may book, and so the last on which staff keep times for them."""
    near = wanted.anchor
    families = scheduler.Audience.of_program_staff(wanted.program, near.site.pk)
    _earliest, latest = scheduler.window(near.site.pk, audience=families, at=at, start=near.at)
    return (latest - timedelta.resolution).astimezone(near.site.tz).date()


def _in_order(found: scheduler.SlotSet) -> tuple[scheduler.Slot, ...]:
    return tuple(sorted(found.slots, key=lambda one: (one.start, one.practitioner.name)))
