"""What can be kept for families: each check refuses with the field that is wrong, the blocks in the way, or figures."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.models import Site
from core.refusals import refuse_invalid
from core.text.languages import date_in_words, localized, time_in_words, wall_time_in_words
from scheduler.audience import EVERYONE
from scheduler.calendars.checks import MOST_WEEKS, SUNDAY, YEARS, far_away
from scheduler.calendars.hours import DAY, Period, Rule, clash, on_grid, periods
from scheduler.calendars.shifts import rule
from scheduler.errors import BlockClash, BlockShare
from scheduler.intervals_in_words import interval_in_words
from scheduler.models import FamilyBlock, Place, Practitioner, Program, Resource, Therapy, WorkingHours
from scheduler.models.blocks import CapacityUnit
from scheduler.release import before_start, releases
from scheduler.wall_time import ends_later

LONGEST_REASON, LONGEST_TEAM = 200, 80
LOOKED_AHEAD = timedelta(weeks=26)
"""As far as anybody books: on which of these days too much would be kept is what is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockLimits:
    """How much may be kept, and how long one occurrence may be kept back by hand: read from the data."""

    share: float
    keeps: int
    keep_until: timedelta
    """How long before its start an occurrence opens at the latest that was kept back."""


def limits_of(data: Mapping[str, Any]) -> BlockLimits:
    """Read the policy `family-holds`: a share of 0 to 1, keeps as a number, `keep_until` as time before the start."""
    found = data["limits"]
    return BlockLimits(
        share=found["max_share_of_practitioner_day"],
        keeps=found["keeps_per_occurrence"],
        keep_until=before_start(found["keep_until"]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedBlock:
    """A block as somebody wants it: wall time of the site, on an ISO weekday, every n-th week, or once."""

    program: Program
    site: Site
    weekday: int
    starts: time
    ends: time
    valid_from: date
    reason: str
    release_policy: list[dict[str, str]]
    valid_to: date | None = None
    every_weeks: int = 1
    therapies: tuple[Therapy, ...] = ()
    places: tuple[Place, ...] = ()
    capacity: int | None = None
    capacity_unit: str = CapacityUnit.PERSONS
    owner_team: str = ""

    @property
    def columns(self) -> dict[str, Any]:
        """What is written of it into its row."""
        return {name: getattr(self, name) for name in COLUMNS}

    @property
    def rule(self) -> Rule:
        """When it takes place, by the clock of its site."""
        return block_rule(self)


COLUMNS = (
    "program", "site", "weekday", "starts", "ends", "valid_from", "valid_to", "every_weeks", "reason",
    "release_policy", "capacity", "capacity_unit", "owner_team",
)  # fmt: skip


def block_rule(block: WantedBlock | FamilyBlock) -> Rule:
    """Return when a block takes place, by the clock of its site."""
    return Rule(
        weekday=block.weekday,
        starts=block.starts,
        ends=block.ends,
        every_weeks=block.every_weeks,
        valid_from=block.valid_from,
        valid_to=block.valid_to,
    )


def wanted_of(block: FamilyBlock) -> WantedBlock:
    """Return a saved block as a form would send it, to be checked again as a whole."""
    columns = {name: getattr(block, name) for name in COLUMNS}
    return WantedBlock(**columns, therapies=tuple(block.therapies.all()), places=tuple(block.places.all()))


def check_block(
    wanted: WantedBlock,
    limits: BlockLimits,
    *,
    practitioner: Practitioner,
    at: datetime,
    instead_of: FamilyBlock | None = None,
) -> list[str]:
    """Refuse a block that cannot be, that meets another of the same person, or that keeps too much of a day.

    Return in words what of it lies outside somebody's hours, and so keeps nothing.
    """
    wrong = (_wrong_with_people(wanted, practitioner), _wrong_with_places(wanted), _wrong_with_times(wanted))
    over = [] if instead_of else _over(wanted, at=at)
    refuse_invalid([one for each in (*wrong, over, _wrong_words(wanted)) for one in each])
    standing = FamilyBlock.objects.filter(ended_at=None).exclude(pk__in=[instead_of.pk] if instead_of else [])
    others = standing.filter(practitioner=practitioner).select_related("site")
    _refuse_clash(wanted, others)
    for place in wanted.places:
        _refuse_clash(wanted, standing.filter(places=place).select_related("site"), place=place)
    days = BlockedDay.all_of(wanted, practitioner, others, at=at)
    _refuse_too_much(days, limits)
    return _outside(days)


def _wrong_with_people(wanted: WantedBlock, practitioner: Practitioner) -> Iterator[tuple[str, str, bool]]:
    program = wanted.program
    here = Resource.objects.filter(practitioner=practitioner, sites=wanted.site).exists()
    sites, people = set(program.sites.all()), set(program.practitioners.all())
    therapies = set(program.therapies.all())
    yield "site", _("This person does not work at this site."), not here
    yield "program", _("This program is not in use any more."), not program.active
    yield "program", _("This program is not at this site."), bool(sites) and wanted.site not in sites
    yield "program", _("This person does not work for this program."), bool(people) and practitioner not in people
    foreign = bool(therapies) and not therapies.issuperset(wanted.therapies)
    yield "therapies", _("This program does not give all of these therapies."), foreign


def _wrong_with_places(wanted: WantedBlock) -> Iterator[tuple[str, str, bool]]:
    elsewhere = any(place.room.site_id != wanted.site.pk for place in wanted.places)
    yield "places", _("Not all of these places are at this site."), elsewhere
    unused = not all(place.active for place in wanted.places)
    yield "places", _("Not all of these places are in use."), unused


def _wrong_with_times(wanted: WantedBlock) -> Iterator[tuple[str, str, bool]]:
    on_five = _("Please give a time on full five minutes.")
    last = wanted.valid_to
    yield "weekday", _("A weekday is a number from 1 (Monday) to 7 (Sunday)."), not 1 <= wanted.weekday <= SUNDAY
    yield "every_weeks", _("Give a number of weeks from 1 to 52."), not 1 <= wanted.every_weeks <= MOST_WEEKS
    yield "starts", on_five, not on_grid(wanted.starts)
    yield "ends", on_five, not on_grid(wanted.ends)
    yield "ends", _("The end must be later than the start."), not ends_later(wanted.starts, wanted.ends)
    yield "valid_from", far_away(), wanted.valid_from.year not in YEARS
    yield "valid_to", far_away(), last is not None and last.year not in YEARS
    yield "valid_to", _("The end must be later than the first day."), last is not None and last <= wanted.valid_from


def _over(wanted: WantedBlock, *, at: datetime) -> Iterator[tuple[str, str, bool]]:
    today = at.astimezone(wanted.site.tz).date()
    gone = wanted.valid_to is not None and wanted.valid_from < wanted.valid_to <= today
    yield "valid_to", _("These days are over: nobody can book in them. Choose days that are still to come."), gone


def _wrong_words(wanted: WantedBlock) -> Iterator[tuple[str, str, bool]]:
    yield (
        "capacity",
        _("Give a number from 1 up, or leave it empty."),
        wanted.capacity is not None and (wanted.capacity < 1),
    )
    yield "capacity_unit", _("Count people or minutes."), wanted.capacity_unit not in CapacityUnit.values
    yield "reason", _("Please say why this time is kept."), not wanted.reason.strip()
    yield "reason", _("Please use at most 200 letters."), len(wanted.reason) > LONGEST_REASON
    yield "owner_team", _("Please use at most 80 letters."), len(wanted.owner_team) > LONGEST_TEAM
    try:
        releases(wanted.release_policy)
    except ValueError as error:
        yield "release_policy", _("Give stages like this: %(what)s.") % {"what": error}, True


def _refuse_clash(wanted: WantedBlock, others: Iterable[FamilyBlock], *, place: Place | None = None) -> None:
    clashes, met_in_words = [], []
    for other in others:
        met = clash(wanted.rule, block_rule(other), zones=(wanted.site.tz, other.site.tz))
        if met:
            hours = f"{other.get_weekday_display()} {interval_in_words(other.starts, other.ends)}"
            words = f"{wall_time_in_words(other.starts)} – {wall_time_in_words(other.ends)}"
            met_in_words.append(f"{other.get_weekday_display()}, {words}, {localized(other.site.name)}")
            clashes.append(
                {"id": str(other.public_id), "site": other.site.key, "hours": hours, "first": met[0].isoformat()}
            )
    if clashes:
        named = {"blocks": "; ".join(met_in_words), "place": place}
        told = _("This time is kept already: %(blocks)s. Change that block, or choose another time.")
        if place is not None:
            told = _("%(place)s is kept already: %(blocks)s. Choose another place, or another time.")
        raise BlockClash(told % named, clashes=clashes)


@dataclass(frozen=True, slots=True)
class BlockedDay:
    """A day of somebody's: how many minutes they work, how many of these are kept, and when it can be, in words.

    `own`: how many of these minutes the block itself keeps; `outside`: how many of its own they do not work then.
    """

    day: date
    worked: int
    reserved: int
    hours: str = ""
    own: int = 0
    outside: int = 0

    @classmethod
    def all_of(
        cls, wanted: WantedBlock, practitioner: Practitioner, others: Iterable[FamilyBlock], *, at: datetime
    ) -> "list[BlockedDay]":
        """Return the days ahead on which a block takes place."""
        zone = wanted.site.tz
        first = max(wanted.valid_from, at.astimezone(zone).date())
        last = first + LOOKED_AHEAD if wanted.valid_to is None else min(wanted.valid_to - DAY, first + LOOKED_AHEAD)
        work = WorkedHours(list(WorkingHours.objects.filter(practitioner=practitioner).select_related("site")))
        blocks = list(others)
        found = []
        for n in range((last - first).days + 1):
            day = first + DAY * n
            if wanted.rule.holds_on(day):
                mine = [one for other in blocks for one in on(day, block_rule(other), other.site)]
                its, open_then = on(day, wanted.rule, wanted.site), work.open_on(day)
                own, others_keep = (sum(_shared(one, open_then) for one in some) for some in (its, mine))
                found.append(
                    cls(
                        day=day,
                        worked=minutes(work.on(day)),
                        reserved=own + others_keep,
                        hours=_hours_in_words(open_then, zone),
                        own=own,
                        outside=minutes(its) - own,
                    )
                )
        return found


@dataclass(frozen=True, slots=True)
class WorkedHours:
    """Somebody's working hours at all sites."""

    hours: list[WorkingHours] = field(default_factory=list)

    def on(self, day: date) -> list[Period]:
        """Return periods in UTC, those of whichever audience."""
        return [one for hours in self.hours for one in on(day, rule(hours), hours.site)]

    def open_on(self, day: date) -> list[Period]:
        """Return when they work for everyone on a day: of that alone a block keeps something."""
        theirs = [hours for hours in self.hours if hours.audience == EVERYONE]
        return [one for hours in theirs for one in on(day, rule(hours), hours.site)]


def on(day: date, wanted: Rule, site: Site) -> list[Period]:
    """Return when a rule holds on a day of a site."""
    return list(periods([wanted], zone=site.tz, first_on=day, last_on=day))


def minutes(stretches: Iterable[Period]) -> int:
    """Return how many minutes stretches last together."""
    return sum((end - start) // timedelta(minutes=1) for start, end in stretches)


def _shared(one: Period, others: Iterable[Period]) -> int:
    """Return how many minutes of a stretch lie in others."""
    met = ((max(one[0], start), min(one[1], end)) for start, end in others)
    return minutes((start, end) for start, end in met if start < end)


def _hours_in_words(open_then: list[Period], zone: ZoneInfo) -> str:
    return ", ".join(f"{time_in_words(start, zone)} – {time_in_words(end, zone)}" for start, end in sorted(open_then))


def _when_they_work(days: list[BlockedDay]) -> str:
    """Say that nothing would be kept, and when somebody works for everyone instead."""
    open_on = next((day for day in days if day.hours), None)
    if open_on is None:
        return _("This person does not work for everyone on such a day. Choose another day.")
    words = _("This person does not work for everyone then. On %(day)s they do: %(hours)s.")
    return words % {"day": date_in_words(open_on.day), "hours": open_on.hours}


def _outside(days: list[BlockedDay]) -> list[str]:
    """Say of the first day on which part of a block keeps nothing how much that is, and on how many days it is so."""
    partly = [day for day in days if day.outside]
    if not partly:
        return []
    first = partly[0]
    when = _("They work for everyone then: %(hours)s.") % {"hours": first.hours} if first.hours else ""
    words = ngettext(
        "On %(day)s %(minutes)d minutes of it lie outside this person's hours and keep nothing. %(when)s",
        "On %(count)d days part of it lies outside this person's hours and keeps nothing: on %(day)s, the first, "
        "%(minutes)d minutes. %(when)s",
        len(partly),
    )
    named = {"day": date_in_words(first.day), "minutes": first.outside, "when": when, "count": len(partly)}
    return [(words % named).strip()]


def _refuse_too_much(days: list[BlockedDay], limits: BlockLimits) -> None:
    none_kept = bool(days) and not any(day.own for day in days)
    refuse_invalid([("starts", _when_they_work(days), none_kept)])
    for day in days:
        most = int(day.worked * limits.share)
        if day.reserved > most:
            raise BlockShare(
                _(
                    "On %(day)s %(reserved)d of %(worked)d minutes would be kept, and %(most)d can be at most "
                    "(%(share)d %%). Make it shorter, or end another block of that day."
                )
                % {
                    "day": date_in_words(day.day),
                    "reserved": day.reserved,
                    "worked": day.worked,
                    "most": most,
                    "share": round(limits.share * 100),
                },
                day=day.day.isoformat(),
                minutes=day.reserved,
                worked=day.worked,
                most=most,
            )
