"""A measure drawn: columns for weeks, bars for named parts, as numbers that a template writes into SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDE, HIGH = 400, 200
LEFT, TOP, BOTTOM = 48, 10, 26
NAMES, ROW = 160, 24
ROOM = 0.25
"""How much of a column's breadth stays free between two."""

NICE = (1, 2, 2.5, 5, 10)
LABELS = 6
"""So many weeks at most have their name below: more would run into each other."""

MOST_BARS = 40
"""More are not drawn: the table has them."""

LONGEST_NAME = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPoint:
    """What is drawn for one part: a value, None where there is none, its name in short, and both in words."""

    value: float | None
    label: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnBar:
    """A column or a bar: its box, its name and where that stands, and what it says. `nothing`: there is no value."""

    x: str
    y: str
    wide: str
    high: str
    label: str
    label_x: str
    label_y: str
    says: str
    nothing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleLine:
    """A line across, with the number that it stands for."""

    x1: str
    x2: str
    y1: str
    y2: str
    words_x: str
    words_y: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing: its size, its bars and its lines. `lying`: the bars lie, with their names before them."""

    wide: int
    high: int
    lying: bool
    bars: Sequence[DrawnBar]
    rules: Sequence[ScaleLine]


def top_of(values: Sequence[float]) -> float:
    """Return the smallest round number that no value lies above."""
    most = max(values, default=0) or 1.0
    power = 1.0
    while power * NICE[-1] < most:
        power *= NICE[-1]
    while power >= most:
        power /= NICE[-1]
    return next(power * one for one in NICE if power * one >= most)


def columns(points: Sequence[DrawnPoint], *, scale: Sequence[tuple[float, str]]) -> Chart:
    """Return points as columns. `scale`: the numbers with a line across, in words, the highest last."""
    top, base = scale[-1][0], HIGH - BOTTOM
    step, every = (WIDE - LEFT) / max(1, len(points)), -(-len(points) // LABELS)
    bars = []
    for place, one in enumerate(points):
        high = (base - TOP) * (one.value or 0) / top
        bars.append(
            DrawnBar(
                x=_number(LEFT + step * (place + ROOM / 2)),
                y=_number(base - high),
                wide=_number(step * (1 - ROOM)),
                high=_number(high),
                label=one.label if place % every == 0 else "",
                label_x=_number(LEFT + step * (place + 0.5)),
                label_y=_number(HIGH - 8),
                says=one.says,
                nothing=one.value is None,
            )
        )
    heights = [(base - (base - TOP) * value / top, words) for value, words in scale]
    rules = [
        ScaleLine(
            x1=_number(LEFT),
            x2=_number(WIDE),
            y1=_number(y),
            y2=_number(y),
            words_x=_number(LEFT - 6),
            words_y=_number(y + 4),
            words=words,
        )
        for y, words in heights
    ]
    return Chart(wide=WIDE, high=HIGH, lying=False, bars=bars, rules=rules)


def bars(points: Sequence[DrawnPoint], *, scale: Sequence[tuple[float, str]]) -> Chart:
    """Return points as bars that lie below each other, with their names before them."""
    top, room, foot = scale[-1][0], WIDE - NAMES - 24, TOP + ROW * len(points)
    lying = []
    for place, one in enumerate(points):
        y = TOP + ROW * place
        lying.append(
            DrawnBar(
                x=_number(NAMES),
                y=_number(y + ROW * ROOM / 2),
                wide=_number(room * (one.value or 0) / top),
                high=_number(ROW * (1 - ROOM)),
                label=one.label if len(one.label) <= LONGEST_NAME else f"{one.label[: LONGEST_NAME - 1].rstrip()}…",
                label_x=_number(NAMES - 6),
                label_y=_number(y + ROW / 2 + 4),
                says=one.says,
                nothing=one.value is None,
            )
        )
    places = [(NAMES + room * value / top, words) for value, words in scale]
    rules = [
        ScaleLine(
            x1=_number(x),
            x2=_number(x),
            y1=_number(TOP),
            y2=_number(foot),
            words_x=_number(x),
            words_y=_number(foot + 16),
            words=words,
        )
        for x, words in places
    ]
    return Chart(wide=WIDE, high=foot + BOTTOM, lying=True, bars=lying, rules=rules)


def _number(value: float) -> str:
    """Return a number as SVG reads it, in whichever language the page is."""
    return f"{value:.1f}".removesuffix(".0")
