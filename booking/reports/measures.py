"""What a measure is, and what it comes to: shares, and the middle of many numbers. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from django.utils.functional import Promise

HIGH = 0.9
"""Nine of ten are at or below it."""


class MeasureUnit(StrEnum):
    """In what a measure is counted."""

    SHARE = "share"
    TIMES = "times"
    DAYS = "days"
    MINUTES = "minutes"


class Better(StrEnum):
    """Which way a measure goes where things become better."""

    LOWER = "lower"
    HIGHER = "higher"
    NEITHER = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What a measure is somewhere: `part` of `whole`, or the middle of `whole` and what nine of ten are at or below.

    `value`: a share from 0 to 1, or a number in the measure's unit; None where there is nothing to measure.
    """

    whole: int
    part: int | None = None
    value: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure: what it is called and means, what is counted (`part`) of what (`whole`), and which way is better.

    `in_minutes`: what is counted are minutes, not appointments. `median`: it is the middle of many numbers.
    """

    key: str
    name: str | Promise
    meaning: str | Promise
    part: str | Promise = ""
    whole: str | Promise
    unit: MeasureUnit
    better: Better
    in_minutes: bool = False
    median: bool = False


def share(part: int, whole: int) -> Figure:
    """Return a part of a whole as a figure."""
    return Figure(whole=whole, part=part, value=part / whole if whole else None)


def spread(numbers: Mapping[int, int]) -> Figure:
    """Return the median of numbers, each with how often it is there, and what nine of ten are at or below."""
    total = sum(numbers.values())
    if not total:
        return Figure(whole=0)
    middle = (_ranked(numbers, (total + 1) // 2) + _ranked(numbers, total // 2 + 1)) / 2
    return Figure(whole=total, value=middle, high=_ranked(numbers, ceil(total * HIGH)))


def _ranked(numbers: Mapping[int, int], rank: int) -> int:
    """Return the number that stands at a rank, counted from 1, in ascending order."""
    seen = 0
    for number in sorted(numbers):
        seen += numbers[number]
        if seen >= rank:
            return number
    raise ValueError(rank)
