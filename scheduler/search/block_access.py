"""Which time that programs keep for families whoever asks may use: worked out as it is read, by the clock alone."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from uuid import UUID

from core.database.round_trip import ReadStatement
from scheduler.audience import Audience, ReleaseStage, word_of
from scheduler.calendars.hours import Period
from scheduler.catalogue import Catalogue, Offer, Plan
from scheduler.catalogue.blocks import Occurrence
from scheduler.release import stage_at
from scheduler.search.frames import Frame
from scheduler.sheets.free_time import Stretch
from scheduler.ticks import weeks_between

# Occurrence by occurrence: claims are found by when they end, from the index of a resource's ends, and no claim is
# longer than a day. In one stretch from the first to the last of them all claims in between would be read.
IN_CONTACT = """
SELECT w.practitioner, c.allocation, min(c.since), max(c.until)
FROM unnest(%(people)s::bigint[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS w(practitioner, since, until)
JOIN scheduler_resource r ON r.practitioner_id = w.practitioner
CROSS JOIN LATERAL (
  SELECT c.allocation, lower(c.period) AS since, upper(c.period) AS until
  FROM scheduler_claim c
  WHERE c.resource_id = r.id AND c.retired_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > %(at)s)
    AND upper(c.period) > w.since AND upper(c.period) <= w.until + interval '24 hours' AND lower(c.period) < w.until
    AND NOT c.allocation = ANY(%(moving)s::uuid[])
  OFFSET 0  -- looked up one by one: joined, all claims there are would be read
) c
GROUP BY w.practitioner, c.allocation
"""
"""Whom practitioners treat in some stretches, and from when until when they are with each of them, or nearby."""

BESIDE = timedelta(hours=3)
"""Longer than anybody is treated: who is there for a part of a stretch is counted with all of their minutes."""

Contact = tuple[int, Hashable, datetime, datetime]
"""(practitioner, allocation or what else stands for one visit, from when, until when)."""


def in_contact(
    stretches: Iterable[tuple[int, Period]], *, at: datetime, without: Collection[UUID] = ()
) -> ReadStatement[list[Contact]]:
    """Ask whom practitioners (ids) treat around stretches of theirs, but for allocations that move."""
    wanted = list(stretches)
    arguments = {
        "people": [who for who, _ in wanted],
        "starts": [start - BESIDE for _, (start, _end) in wanted],
        "ends": [end + BESIDE for _, (_start, end) in wanted],
        "at": at,
        "moving": list(without),
    }
    return ReadStatement(IN_CONTACT, arguments, lambda rows: [(who, one, a, b) for who, one, a, b in rows])


class BlockAccess:
    """The occurrences of blocks that matter to a visit of some offers, and which of them whoever asks may use."""

    def __init__(
        self, known: Catalogue, plan: Plan, offers: Sequence[Offer], audience: Audience, *, at: datetime
    ) -> None:
        self.known, self.plan, self.audience, self.at = known, plan, audience, at
        self.offers = {(offer.site, offer.practitioner.id): offer for offer in offers}
        self._usable: dict[Period, list[Occurrence]] = {}
        self._treated: dict[tuple[int, datetime], dict[Hashable, timedelta]] = defaultdict(dict)

    @cached_property
    def sites(self) -> list[int]:
        """The sites of the offers that have blocks: most have none, and nothing is asked there."""
        return sorted({site for site, _ in self.offers if site in self.known.blocks})

    def around(self, start: datetime, end: datetime) -> Iterator[Occurrence]:
        """Yield the occurrences that touch [start, end) of whoever offers the visit, not opened by hand, none past."""
        for site in self.sites:
            for one in self.known.blocks[site].between(max(start, self.at), end):
                if one.token and (site, one.block.practitioner) in self.offers:
                    yield one

    def usable(self, start: datetime, end: datetime) -> list[Occurrence]:
        """Return those in [start, end) in which whoever asks may book, full or not."""
        if (start, end) not in self._usable:
            near = self.around(start, min(end, self._farthest))
            self._usable[start, end] = [one for one in near if self.may_use(one)]
        return self._usable[start, end]

    @cached_property
    def _farthest(self) -> datetime:
        """From when on nothing is open to whoever asks yet: strangers need not look far."""
        longest = max((self._longest(site) for site in self.sites), default=timedelta(0))
        far = timedelta(days=400)  # farther than anything is laid out
        return self.at + min(longest, far)

    def _longest(self, site: int) -> timedelta:
        blocks = self.known.blocks[site]
        stages = {self.audience.stage_in(site, program) for program in blocks.programs}
        return max(
            (timedelta.max if one is None else blocks.longest_before[one] for one in stages), default=timedelta()
        )

    def may_use(self, one: Occurrence) -> bool:
        """Whether whoever asks is of those to whom an occurrence is open at this moment, for this therapy."""
        if one.opens[-1] <= self.at or self.audience.sets_rules_aside:
            return True
        stage = self.audience.stage_in(one.block.site, one.block.program)
        return one.suits(self.plan.therapy) and (stage is None or one.opens[stage] <= self.at)

    def opens_at(self, one: Occurrence) -> datetime:
        """Return from when on whoever asks may book in an occurrence."""
        stage = self.audience.stage_in(one.block.site, one.block.program)
        return one.opens[ReleaseStage.EVERYONE if stage is None or not one.suits(self.plan.therapy) else stage]

    def word(self, one: Occurrence) -> str:
        """Return to whom an occurrence is open at this moment; empty for everyone."""
        if one.opens[-1] <= self.at:
            return ""
        return word_of(stage_at(one.opens, self.at) or ReleaseStage.FAMILIES, one.block.program)

    def limited(self, one: Occurrence) -> bool:
        """Whether only so many are treated in an occurrence, as long as it is not everyone's."""
        return one.block.limited and one.opens[ReleaseStage.EVERYONE] > self.at and not self.audience.sets_rules_aside

    def asked(self, usable: Iterable[Occurrence], *, without: Collection[UUID]) -> ReadStatement[list[Contact]] | None:
        """Ask who is treated in those that have a limit; None where none has."""
        limited = [one for one in usable if self.limited(one)]
        if not limited:
            return None
        return in_contact(((one.block.practitioner, one.period) for one in limited), at=self.at, without=without)

    def note(self, usable: Iterable[Occurrence], contacts: Iterable[Contact]) -> None:
        """Note who is treated in those that have a limit."""
        by_practitioner: dict[int, list[Contact]] = defaultdict(list)
        for contact in contacts:
            by_practitioner[contact[0]].append(contact)
        for one in usable:
            for _, allocation, since, until in by_practitioner[one.block.practitioner] if self.limited(one) else ():
                if since < one.end and one.start < until:
                    self._treated[one.block.id, one.start][allocation] = until - since

    def note_with(self, stretches: Iterable[Stretch], offer: Offer) -> list[Occurrence]:
        """Note whom a visit that is claimed together with this one adds; return the occurrences that are full then."""
        mine = [one for one in stretches if one.resource in (offer.hands, *offer.lanes)]
        if not mine or not self.sites:
            return []
        since, until = min(one.start for one in mine), max(one.end for one in mine)
        touched = [one for one in self.around(since, until) if one.block.practitioner == offer.practitioner.id]
        self.note(touched, [(offer.practitioner.id, (offer.hands, since), since, until)])
        return [one for one in touched if self.is_full(one)]

    def limited_in(self, start: datetime, end: datetime, offer: Offer) -> list[Occurrence]:
        """Return the occurrences of an offer in [start, end) in which whoever asks books up to a limit."""
        usable = self.usable(start, end) if self.sites else []
        return [one for one in usable if self.limited(one) and one.block.practitioner == offer.practitioner.id]

    def has_room_beside(self, one: Occurrence, contacts: Sequence[timedelta]) -> bool:
        """Whether an occurrence has room for more of these contacts, beside those noted before."""
        return not self.exceeds(one, [*self._treated[one.block.id, one.start].values(), *contacts])

    def has_room(self, one: Occurrence, contacts: Iterable[Contact]) -> bool:
        """Whether an occurrence has room for all whom a practitioner treats."""
        touching = [until - since for _, _, since, until in contacts if since < one.end and one.start < until]
        return not self.exceeds(one, touching)

    def is_full(self, one: Occurrence) -> bool:
        """Whether as many are treated in an occurrence as shall be, so that this visit is one too many."""
        return self.limited(one) and not self.has_room_beside(one, [self.plan.contact])

    def exceeds(self, one: Occurrence, contacts: Sequence[timedelta]) -> bool:
        """Whether these are more people, or more minutes, than an occurrence has room for."""
        most = one.block
        too_many = most.people is not None and len(contacts) > most.people
        too_long = most.minutes is not None and sum(contacts, timedelta()) > timedelta(minutes=most.minutes)
        return too_many or too_long

    def by_token(self, occurrences: Iterable[Occurrence]) -> dict[str, list[Occurrence]]:
        """Return occurrences by their name on the sheets."""
        found: dict[str, list[Occurrence]] = defaultdict(list)
        for one in occurrences:
            found[one.token].append(one)
        return found


def ticks_of(occurrences: Iterable[Occurrence], frame: Frame) -> int:
    """Return the ticks of a frame that occurrences cover."""
    bits = 0
    for one in occurrences:
        bits |= frame.between(one.start, one.end)
    return bits


def weeks_of(occurrences: Sequence[Occurrence], weeks: Collection[date]) -> list[date]:
    """Return those of the weeks that lie between the first and the last of some occurrences, which come by start."""
    touched = weeks_between(occurrences[0].start, max(one.end for one in occurrences))
    return [week for week in touched if week in weeks]


def words(occurrences: Iterable[Occurrence], access: BlockAccess, frame: Frame) -> Mapping[str, int]:
    """Return by word to whom alone occurrences are open now, with their ticks; without those that are everyone's."""
    found: dict[str, int] = {}
    for one in occurrences:
        if word := access.word(one):
            found[word] = found.get(word, 0) | frame.between(one.start, one.end)
    return found
