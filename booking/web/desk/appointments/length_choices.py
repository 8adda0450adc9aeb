"""How long an appointment can be: what its rule allows, what is free for it, and why more is not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from booking import queries
from booking.actions.requested_slots import slot_for
from booking.actions.resizing import LengthOutOfBounds, planned, segments_now
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

LONGER = (5, 10, 15, 30)
"""Minutes by which it is offered to be longer."""

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
        """Of its planned length each part takes so much at least."""
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

    def parts(self, typed: Sequence[str] = ()) -> list[PartField]:
        """Return the parts of which the length can be changed. `typed`: what was typed for each of them."""
        return [
            PartField(
                id=f"length-{number}",
                name=self.now[n][0].replace("_", " "),
                words=str(WORDS[self.now[n][2]]),
                planned=self.planned[n][1],
                least=lengths.least(self.planned[n][1], self.percent),
                value=typed[number] if typed else str(self.now[n][1]),
            )
            for number, n in enumerate(lengths.changing_in(self.planned))
        ]

    @property
    def shorter(self) -> list[WholeChoice]:
        """Shorter lengths of all of it that the rule allows, the longest first."""
        least = lengths.shortest(self.planned, percent=self.percent)
        first, last = self.minutes_now - lengths.TICK_MINUTES, least - 1
        return [self._choice(one) for one in range(first, last, -lengths.TICK_MINUTES)]

    @cached_property
    def _longer(self) -> tuple[list[WholeChoice], list[str]]:
        found: list[WholeChoice] = []
        for more in LONGER:
            wanted = self.minutes_now + more
            try:
                against = self.against(self.lasting(wanted))
            except (lengths.BeyondLimitsError, Refusal):
                return found, []
            if against:
                return found, against
            found.append(self._choice(wanted))
        return found, []

    @property
    def longer(self) -> list[WholeChoice]:
        """Longer lengths that are free for it, as things stand."""
        return self._longer[0]

    @property
    def no_longer_because(self) -> list[str]:
        """Every reason why it cannot be longer than that, and who is in the way; none where nothing is."""
        return self._longer[1]

    def lasting(self, minutes: int) -> lengths.Segments:
        """Return how it would run for so many minutes. Raises BeyondLimitsError, NotOffered."""
        return lengths.lasting(self.planned, self.now, minutes, percent=self.percent)

    def against(self, segments: lengths.Segments, *, start: datetime | None = None) -> list[str]:
        """Return every reason why it cannot run like that, with who is in the way; nothing where it can."""
        visit = self.visit
        key = scheduler.SlotKey.decode(visit.slot)
        found = slot_for(visit, key.starting(start or visit.period.lower).encode(), by=self.by, at=self.at)
        slot = found.lasting(segments)
        explained = scheduler.explain(
            slot, at=self.at, audience=self._audience, moving=visit.allocation, reviewed=queries.was_reviewed(visit)
        )
        reasons = [str(one.detail) for one in explained.reasons if one.code not in OF_THE_MOMENT]
        there = in_the_way(visit, slot, by=self.by, at=self.at) if reasons or slot.end > visit.period.upper else []
        return [*reasons, *there]

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
