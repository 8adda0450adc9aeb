"""A measure drawn: a column for each part, as numbers that a template writes into SVG. Values in, values out."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDE, HIGH = 400, 200
LEFT, TOP, BOTTOM = 44, 10, 26
ROOM = 0.25
"""How much of a column's breadth stays free between two."""

NICE = (1, 2, 2.5, 5, 10)
LABELS = 6
"""So many parts at most have their name below: more would run into each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnColumn:
    """A column: its place, what stands for it below, and what it says. Without a value it has no height."""

    x: str
    y: str
    wide: str
    high: str
    middle: str
    label: str
    says: str
    nothing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A line across, with the number that it stands for."""

    y: str
    text_y: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing with its size, its columns and the lines across."""

    wide: int
    high: int
    left: int
    right: int
    base: str
    label_y: str
    columns: Sequence[DrawnColumn]
    marks: Sequence[Mark]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What one column stands for: a value, None where there is none, its name in short, and both in words."""

    value: float | None
    label: str
    says: str


def top_of(values: Sequence[float]) -> float:
    """Return a round number, with three more of its quarters below, that no value lies above."""
    most = max(values, default=0) or 1.0
    power = 1.0
    while power * NICE[-1] < most:
        power *= NICE[-1]
    while power >= most:
        power /= NICE[-1]
    return next(power * one for one in NICE if power * one >= most)


def drawn(points: Sequence[Point], *, scale: Sequence[tuple[float, str]]) -> Chart:
    """Return the drawing of points. `scale`: the numbers with a line across, in words, the highest last."""
    top = scale[-1][0]
    base = HIGH - BOTTOM
    step = (WIDE - LEFT) / max(1, len(points))
    every = -(-len(points) // LABELS)
    columns = [
        _column(one, place, step=step, base=base, high=(base - TOP) * (one.value or 0) / top, named=place % every == 0)
        for place, one in enumerate(points)
    ]
    heights = [(base - (base - TOP) * value / top, words) for value, words in scale]
    return Chart(
        wide=WIDE,
        high=HIGH,
        left=LEFT,
        right=WIDE,
        base=_number(base),
        label_y=_number(HIGH - 8),
        columns=columns,
        marks=[Mark(y=_number(y), text_y=_number(y + 4), words=words) for y, words in heights],
    )


def _column(one: Point, place: int, *, step: float, base: float, high: float, named: bool) -> DrawnColumn:
    return DrawnColumn(
        x=_number(LEFT + step * (place + ROOM / 2)),
        y=_number(base - high),
        wide=_number(step * (1 - ROOM)),
        high=_number(high),
        middle=_number(LEFT + step * (place + 0.5)),
        label=one.label if named else "",
        says=one.says,
        nothing=one.value is None,
    )


def _number(value: float) -> str:
    """Return a number as SVG reads it, in whichever language the page is."""
    return f"{value:.1f}".rstrip("0").rstrip(".")
