"""How long an appointment can be: what its rule allows, what is free for it, and why more is not."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from booking import queries
from booking.actions.requested_slots import slot_for
from booking.actions.resizing import HERE, LengthOutOfBounds, planned, segments_now
from booking.audiences import audience_for
from booking.models import Appointment
from booking.policies import booking_policy
from booking.suitability.visits import place_needs_of_visit
from booking.web.desk.in_the_way import in_the_way
from booking.web.desk.moving_in.segment_picture import WORDS
from booking.web.labels import minutes_in_words
from core.principal import Principal
from core.refusals import Refusal
from scheduler import public as scheduler
from scheduler.public import lengths

LONGER, LONGEST = 30, 60
"""Minutes by which it is offered to be longer, on its page and on the board."""

OF_THE_MOMENT = frozenset({"past"})
"""Why nobody would book the time anew, which it has already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartField:
    """A part of which the length is typed. `least`: the shortest that it may be; `planned`: as its therapy has it."""

    id: str
    name: str
    words: str
    planned: int
    least: int
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeChoice:
    """A length of all of it, as a button."""

    minutes: int
    words: str


@dataclass(frozen=True)
class LengthChoices:
    """How long one appointment can be, as whoever may change that is shown. Needs all that belongs to it."""

    visit: Appointment
    by: Principal
    at: datetime

    @cached_property
    def percent(self) -> int:
        """So much of its planned minutes is left at least: of each part with hands, and of hands and rest together."""
        return booking_policy(self.visit.site_id, at=self.at).late_percent

    @cached_property
    def planned(self) -> lengths.Segments:
        """How it runs by its therapy. Raises NotOffered."""
        return planned(self.visit)

    @cached_property
    def now(self) -> lengths.Segments:
        """How it runs now."""
        return segments_now(self.visit)

    @property
    def minutes_now(self) -> int:
        """For how many minutes the patient is there now."""
        return lengths.minutes_taken(self.now)

    @property
    def in_words(self) -> str:
        """The same in words."""
        return minutes_in_words(self.minutes_now)

    @property
    def contact(self) -> int:
        """How many minutes of hands and rest are usual."""
        return lengths.contact(self.planned)

    @property
    def least_contact(self) -> int:
        """How many of them are left at least."""
        return lengths.least_contact(self.planned, percent=self.percent)

    def parts(self, typed: Sequence[str] = ()) -> list[PartField]:
        """Return the parts of which the length can be changed. `typed`: what was typed for each of them."""
        return [
            PartField(
                id=f"length-{number}",
                name=self.now[n][0].replace("_", " "),
                words=str(WORDS[self.now[n][2]]),
                planned=self.planned[n][1],
                least=lengths.least(*self.planned[n][1:], percent=self.percent),
                value=typed[number] if typed else str(self.now[n][1]),
            )
            for number, n in enumerate(lengths.changing_in(self.planned))
        ]

    @property
    def shorter(self) -> list[WholeChoice]:
        """Shorter lengths of all of it that the rule allows and that fit, the longest first."""
        return [self._choice(one) for one, fits in reversed(self.fits.items()) if fits and one < self.minutes_now]

    @property
    def longer(self) -> list[WholeChoice]:
        """Longer lengths that are free for it, as things stand."""
        most = self.minutes_now + LONGER
        return [self._choice(one) for one, fits in self.fits.items() if fits and self.minutes_now < one <= most]

    @cached_property
    def fits(self) -> dict[int, bool]:
        """The lengths of all of it that the rule allows, the shortest first, and whether each is free for it now."""
        least = lengths.shortest(self.planned, percent=self.percent)
        run = {}
        for minutes in range(least, self.minutes_now + LONGEST + 1, lengths.TICK_MINUTES):
            with suppress(lengths.BeyondLimitsError):
                run[minutes] = self.lasting(minutes)
        place = self.visit.place_id if self.visit.status in HERE else None
        slot, moving = self._slot(self.visit.period.lower), self.visit.allocation
        wanted = list(run.values())
        free = lengths.fitting(slot, wanted, at=self.at, audience=self._audience, moving=moving, place=place)
        return dict(zip(run, free, strict=True))

    @cached_property
    def no_longer_because(self) -> list[str]:
        """Every reason why the next longer one does not fit, and who is in the way; none where nothing is."""
        most = self.minutes_now + LONGER
        return self._against_the_first([one for one in self.fits if self.minutes_now < one <= most])

    @cached_property
    def no_shorter_because(self) -> list[str]:
        """The same of the next shorter one that the rule allows: what comes after a rest would come sooner."""
        return self._against_the_first([one for one in reversed(self.fits) if one < self.minutes_now])

    def _against_the_first(self, lengths_in_order: Sequence[int]) -> list[str]:
        lacking = next((one for one in lengths_in_order if not self.fits[one]), None)
        return self.against(self.lasting(lacking)) if lacking else []

    def lasting(self, minutes: int) -> lengths.Segments:
        """Return how it would run for so many minutes. Raises BeyondLimitsError, NotOffered."""
        return lengths.lasting(self.planned, self.now, minutes, percent=self.percent)

    def against(self, segments: lengths.Segments, *, start: datetime | None = None) -> list[str]:
        """Return every reason why it cannot run like that, with who is in the way; nothing where it can."""
        visit = self.visit
        slot = self._slot(start or visit.period.lower).lasting(segments)
        explained = scheduler.explain(
            slot, at=self.at, audience=self._audience, moving=visit.allocation, reviewed=queries.was_reviewed(visit)
        )
        reasons = [str(one.detail) for one in explained.reasons if one.code not in OF_THE_MOMENT]
        there = in_the_way(visit, slot, by=self.by, at=self.at) if reasons or slot.end > visit.period.upper else []
        return [*reasons, *there]

    def _slot(self, start: datetime) -> scheduler.Slot:
        key = scheduler.SlotKey.decode(self.visit.slot).starting(start)
        return slot_for(self.visit, key.encode(), by=self.by, at=self.at)

    @cached_property
    def _audience(self) -> scheduler.Audience:
        # How soon and how far ahead somebody books does not matter for what is booked.
        return audience_for(
            self.by,
            site_id=self.visit.site_id,
            at=self.at,
            patient=self.visit.patient,
            moving=self.visit,
            reason="length",
            needs=place_needs_of_visit(self.visit, at=self.at),
        )

    def _choice(self, minutes: int) -> WholeChoice:
        return WholeChoice(minutes=minutes, words=minutes_in_words(minutes))


def why_not(
    visit: Appointment,
    refusal: Refusal,
    segments: lengths.Segments | None,
    *,
    by: Principal,
    at: datetime,
    start: datetime | None = None,
) -> list[str]:
    """Return what is said of a length that is refused: what stands against it, every reason, and who is in the way."""
    said = [str(refusal.detail)] if refusal.detail and refusal.detail != refusal.title else []
    if segments is None or isinstance(refusal, LengthOutOfBounds):
        return said
    return list(dict.fromkeys([*said, *LengthChoices(visit, by, at).against(segments, start=start)]))
