"""The measures of how time is used, worked out from minutes. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from booking.families.family_measures import HeldFamilyTime, measures
from booking.reports.measures import Better, Figure, Measure, MeasureUnit, share


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeCount:
    """Minutes of a practitioner: worked, with hands taken, with somebody there, and of all their patients together."""

    works: int = 0
    hands: int = 0
    anybody: int = 0
    patients: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCount:
    """Minutes of places: open, and taken."""

    open: int
    taken: int


def use_of_hands(counts: Sequence[TimeCount]) -> Figure:
    """Return for how much of the working time hands were taken."""
    return share(sum(one.hands for one in counts), sum(one.works for one in counts))


def fill(counts: Sequence[TimeCount]) -> Figure:
    """Return for how much of the working time somebody was treated, or rested with whoever treats close by."""
    return share(sum(one.anybody for one in counts), sum(one.works for one in counts))


def concurrency(counts: Sequence[TimeCount]) -> Figure:
    """Return how many patients there were at once, over all of the working time."""
    return share(sum(one.patients for one in counts), sum(one.works for one in counts))


def use_of_places(counts: Sequence[PlaceCount]) -> Figure:
    """Return for how much of the time that the site is open its places were taken."""
    return share(sum(one.taken for one in counts), sum(one.open for one in counts))


def hold_waste(held: Sequence[HeldFamilyTime]) -> Figure:
    """Return how much of what was kept for families was released and never booked."""
    found = measures(held, "week")[-1]
    return share(found.wasted, found.held)


def claim_rate(held: Sequence[HeldFamilyTime]) -> Figure:
    """Return how much of it was booked before it was open to everybody."""
    found = measures(held, "week")[-1]
    return share(found.claimed, found.held)


OF_PEOPLE: Sequence[tuple[Measure, Callable[[Sequence[TimeCount]], Figure]]] = (
    (
        Measure(
            key="use-of-hands",
            name=_("Use of hands"),
            meaning=_(
                "Working time in which the hands of whoever treats were taken, by what was neither cancelled nor "
                "missed ÷ working time: their hours less absences and closed days. It cannot be more than all of it."
            ),
            part=_("Hands taken, hours"),
            whole=_("Worked, hours"),
            unit=MeasureUnit.SHARE,
            better=Better.HIGHER,
            in_minutes=True,
        ),
        use_of_hands,
    ),
    (
        Measure(
            key="fill",
            name=_("Fill"),
            meaning=_(
                "Working time in which at least one patient was treated, or rested with whoever treats close by ÷ "
                "working time. Minutes in which a patient is alone, as while they get dressed, do not count."
            ),
            part=_("With a patient, hours"),
            whole=_("Worked, hours"),
            unit=MeasureUnit.SHARE,
            better=Better.HIGHER,
            in_minutes=True,
        ),
        fill,
    ),
    (
        Measure(
            key="concurrency",
            name=_("Patients at once"),
            meaning=_(
                "The length of all appointments that stood and were not missed ÷ working time. One patient after the "
                "other without a gap is 1; several who rest at once make it more."
            ),
            part=_("Of patients, hours"),
            whole=_("Worked, hours"),
            unit=MeasureUnit.TIMES,
            better=Better.NEITHER,
            in_minutes=True,
        ),
        concurrency,
    ),
)
OF_PLACES: Sequence[tuple[Measure, Callable[[Sequence[PlaceCount]], Figure]]] = (
    (
        Measure(
            key="use-of-places",
            name=_("Use of places"),
            meaning=_(
                "Time in which places were taken, turnover and airing included ÷ time in which they could be used."
            ),
            part=_("Taken, hours"),
            whole=_("Open, hours"),
            unit=MeasureUnit.SHARE,
            better=Better.HIGHER,
            in_minutes=True,
        ),
        use_of_places,
    ),
)
OF_FAMILY_TIME: Sequence[tuple[Measure, Callable[[Sequence[HeldFamilyTime]], Figure]]] = (
    (
        Measure(
            key="hold-claim",
            name=_("Family time that was claimed"),
            meaning=_("Minutes kept for families that were booked before they were open to everybody ÷ minutes kept."),
            part=_("Claimed, hours"),
            whole=_("Kept, hours"),
            unit=MeasureUnit.SHARE,
            better=Better.HIGHER,
            in_minutes=True,
        ),
        claim_rate,
    ),
    (
        Measure(
            key="hold-waste",
            name=_("Family time that nobody had"),
            meaning=_("Minutes kept for families that were released and never booked ÷ minutes kept."),
            part=_("Never booked, hours"),
            whole=_("Kept, hours"),
            unit=MeasureUnit.SHARE,
            better=Better.LOWER,
            in_minutes=True,
        ),
        hold_waste,
    ),
)
