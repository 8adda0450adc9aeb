"""Who asks for time, which of it is open to them, and how soon and how far ahead they may have it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import ClassVar, Protocol

from scheduler.business_days import BusinessDays
from scheduler.ticks import TICK

EVERYONE = "all"
STAFF_ALONE = "staff"
CANCER_PROGRAM = "cancer-integrative-medicine"
"""To whom working hours can be open."""

FAMILIES_OF, KNOWN = "families:", "known"
"""To whom time that is kept for families is open at first, and later; of the program and of everyone in between."""

FOREVER = datetime(2100, 1, 1, tzinfo=UTC)
"""No slot has an id that lies behind it."""


class ReviewReason(StrEnum):
    """Why somebody at the clinic looks at a visit before it is booked, by its public code."""

    FIRST_VISIT = "first-visit"
    SUITABILITY = "suitability"

    @property
    def visit(self) -> str:
        """The kind of visit that is looked at whoever wants it; empty where that depends on who does."""
        return {ReviewReason.FIRST_VISIT: "first"}.get(self, "")


class ReleaseStage(IntEnum):
    """How far kept time is open; each stage lets in those of the ones before it as well."""

    FAMILIES = 0
    PROGRAM = 1
    KNOWN = 2
    EVERYONE = 3

    @property
    def word(self) -> str:
        """What the data call it."""
        return WORDS[self]


WORDS = ("linked_families", "cancer_program_patients_and_families", "all_eligible_patients", "everyone")


class Asker(StrEnum):
    """As what somebody asks. STAFF_WITH_REASON: staff who set soft rules aside."""

    PATIENT = "patient"
    STAFF = "staff"
    STAFF_WITH_REASON = "staff-with-reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who asks for time: as what, and for somebody of which programs, as (site id, program).

    `programs` is None while staff ask for nobody in particular: they are shown the time of all programs. `reviews`: why
    somebody looks at what this person books, whatever is looked at of everybody's. `needs`: features that a place must
    have for this person, whatever the visit asks of it. `families`: where they are family, as (site id, program): a
    relative of a patient, or a patient with a relative. `known`: they have a record that is no guest's. `referred`: the
    programs for which they have a referral with visits left, as (site id, program, until when it holds).
    """

    PATIENT: ClassVar["Audience"]
    STAFF: ClassVar["Audience"]
    STAFF_WITH_REASON: ClassVar["Audience"]

    asker: Asker
    programs: frozenset[tuple[int, str]] | None = frozenset()
    reviews: frozenset[ReviewReason] = frozenset()
    needs: frozenset[str] = frozenset()
    families: frozenset[tuple[int, str]] = frozenset()
    known: bool = False
    referred: frozenset[tuple[int, str, datetime]] = frozenset()

    @classmethod
    def of_patient(cls, programs: frozenset[tuple[int, str]]) -> "Audience":
        """Return who asks as a patient of these programs."""
        return cls(asker=Asker.PATIENT, programs=programs)

    @classmethod
    def of_program_staff(cls, program: str, site: int) -> "Audience":
        """Return as whom staff of a program ask at a site for a family of it that is not named yet.

        As the family, for whom it is kept: what staff alone may use, or nobody books by themselves, is of no use.
        """
        mine = frozenset({(site, program)})
        return cls(asker=Asker.PATIENT, programs=mine, families=mine, known=True)

    @property
    def is_staff(self) -> bool:
        """Whether staff asks: rules for patients do not bind them."""
        return self.asker is not Asker.PATIENT

    @property
    def sets_rules_aside(self) -> bool:
        """Whether they are staff who give a reason for setting soft rules aside."""
        return self.asker is Asker.STAFF_WITH_REASON

    def of_an_undo(self) -> "Audience":
        """Return as whom a time is taken back that was somebody's already: for whom it is now is not asked again."""
        return replace(self, asker=Asker.STAFF_WITH_REASON)

    def programs_at(self, site: int) -> frozenset[str]:
        """Return the programs by whose rules they book at a site: those they take part in, or are family in."""
        mine = (self.programs or frozenset()) | self.families
        return frozenset(program for where, program in mine if where == site)

    def referred_until(self, site: int, programs: Iterable[str]) -> datetime | None:
        """Return until when a referral for one of these programs holds at a site, the latest; None without any."""
        wanted = frozenset(programs)
        ends = (until for where, program, until in self.referred if where == site and program in wanted)
        return max(ends, default=None)

    def may_use(self, site: int, open_to: str) -> bool:
        """Whether they book time at a site that is open to one audience alone."""
        # The reason is written into the record: whoever sets an audience aside can be asked about it.
        if self.sets_rules_aside or open_to == EVERYONE:
            return True
        if open_to == STAFF_ALONE:
            return self.is_staff
        # Somebody at the desk looks for a time before they say for whom: they see all, and the booking asks once more,
        # with the programs of that person.
        if self.programs is None or open_to == KNOWN:
            return self.programs is None or self.known
        if open_to.startswith(FAMILIES_OF):
            return (site, open_to.removeprefix(FAMILIES_OF)) in self.families
        return (site, open_to) in self.programs | self.families

    def stage_in(self, site: int, program: str) -> ReleaseStage | None:
        """Return with which stage this person may book in time that a program keeps at a site.

        None: at each of them, as staff who have named nobody yet, or who give a reason.
        """
        if self.programs is None or self.sets_rules_aside:
            return None
        if (site, program) in self.families:
            return ReleaseStage.FAMILIES
        if (site, program) in self.programs:
            return ReleaseStage.PROGRAM
        return ReleaseStage.KNOWN if self.known else ReleaseStage.EVERYONE


Audience.PATIENT = Audience(asker=Asker.PATIENT)
Audience.STAFF = Audience(asker=Asker.STAFF, programs=None)
Audience.STAFF_WITH_REASON = Audience(asker=Asker.STAFF_WITH_REASON, programs=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewTime:
    """How long a clinic takes to look at a visit, and until how long before it the time is kept for that."""

    business_days: int
    until_before: timedelta

    def due_at(self, days: BusinessDays, *, at: datetime) -> datetime:
        """Return by when a visit asked for at `at` is looked at, UTC: as a site closes, some business days later."""
        return days.end_after(self.business_days, at=at)

    def earliest(self, days: BusinessDays, *, at: datetime) -> datetime:
        """Return the first start for which somebody can look at the visit in time."""
        return self.due_at(days, at=at) + self.until_before


USUAL_REVIEW = ReviewTime(business_days=1, until_before=timedelta(hours=24))
"""What it takes to look at what is one person's own to be looked at, where a policy does not name that."""


def reviews_of(
    visit: str, policy: Mapping[ReviewReason, ReviewTime], audience: Audience
) -> dict[ReviewReason, ReviewTime]:
    """Return why somebody's visit is looked at before it is booked, each with the time that this takes.

    The one place that decides it, for search, explanation, hold, alternatives and booking alike.
    """
    of_everybody = {reason: takes for reason, takes in policy.items() if reason.visit == visit}
    return of_everybody | {reason: policy.get(reason, USUAL_REVIEW) for reason in sorted(audience.reviews)}


def reviewable_from(
    reviews: Mapping[ReviewReason, ReviewTime], audience: Audience, days: BusinessDays, *, at: datetime
) -> datetime:
    """Return the earliest start of a visit that is looked at first. Staff with a reason only need it to be ahead."""
    if audience.sets_rules_aside or not reviews:
        return at
    return max(takes.earliest(days, at=at) for takes in reviews.values())


def word_of(stage: ReleaseStage, program: str) -> str:
    """Return to whom the time of a program is open at a stage, as `Audience.may_use` understands it."""
    return {ReleaseStage.FAMILIES: FAMILIES_OF + program, ReleaseStage.PROGRAM: program, ReleaseStage.KNOWN: KNOWN}.get(
        stage, ""
    )


def is_for_families(only_for: str) -> bool:
    """Whether time is open to families alone; `only_for` says to whom it is."""
    return only_for.startswith(FAMILIES_OF)


def is_for_a_program(only_for: str) -> bool:
    """Whether time is open to the patients and families of a program alone."""
    return bool(only_for) and only_for not in {KNOWN, STAFF_ALONE} and not is_for_families(only_for)


def without_program(only_for: str) -> str:
    """Return to whom time is open without saying which program it is: relatives are not told what somebody has."""
    if is_for_families(only_for):
        return "families"
    return "program" if is_for_a_program(only_for) else only_for


REFERRAL_REMINDED_BEFORE = timedelta(days=5)
"""How long before a visit that waits for a referral its patient is reminded, and staff are."""
REFERRAL_WAITED_BEFORE = timedelta(days=2)
"""Until so long before a visit its time is kept for whoever has no referral yet."""


def lacks_referral(audience: Audience, site: int, programs: Iterable[str], *, start: datetime) -> bool:
    """Whether somebody has no referral for a start by one of these programs."""
    until = audience.referred_until(site, programs)
    return until is None or start >= until


def referral_gap(at: datetime) -> datetime:
    """Return the earliest start that somebody without a referral books by themselves: there is time for it to come."""
    return at + REFERRAL_WAITED_BEFORE + TICK


class Bounds(Protocol):
    """How soon and how far ahead a site is booked."""

    @property
    def min_notice(self) -> timedelta:
        """How long before a visit it is booked at the latest."""

    @property
    def horizon_patient(self) -> timedelta:
        """How far ahead patients book."""

    @property
    def horizon_staff(self) -> timedelta:
        """How far ahead staff book."""


def window_of(audience: Audience, bounds: Bounds, *, at: datetime) -> tuple[datetime, datetime]:
    """Return the earliest and the latest start that an audience may book, the latest excluded.

    The one place that decides notice and horizon, for search, explanation, hold, alternatives and booking alike.
    """
    if audience.sets_rules_aside:
        # A reason sets rules aside; it does not bring back what is past.
        return at, FOREVER
    horizon = bounds.horizon_staff if audience.is_staff else bounds.horizon_patient
    return at + bounds.min_notice, at + horizon
