"""The picture of a visit: its segments side by side, as wide as they are long, drawn by the server."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheduler.public import PlannedSegment, PlannedVisit

A_MINUTE = 6
"""Units of the drawing for a minute."""

MARGIN = 12
"""Units beside the last segment, for the number below it."""

EVERY = 15
"""Minutes between the marks below."""

WORDS: dict[str, str | Promise] = {
    "hands": gettext_lazy("hands on"),
    "nearby": gettext_lazy("somebody nearby"),
    "free": gettext_lazy("the patient alone"),
    "turnover": gettext_lazy("turnover of the place"),
    "airing": gettext_lazy("turnover and airing of the room"),
}
AIRED_FROM = "none"
NARROWEST = 22
"""Units from which on the minutes stand within a segment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnSegment:
    """A segment of the picture. `kind`: what its colour and its pattern mean; `label`: its minutes, where they fit."""

    x: int
    width: int
    kind: str
    label: str
    middle: int
    name: str
    words: str
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitPicture:
    """A drawing of a visit, with the same in words."""

    width: int
    segments: Sequence[DrawnSegment]
    marks: Sequence[tuple[int, int]]
    said: str

    @property
    def kinds(self) -> Sequence[tuple[str, str | Promise]]:
        """What the colours mean that this one has."""
        there = {one.kind for one in self.segments}
        return [(kind, words) for kind, words in WORDS.items() if kind in there]


def picture_of(visit: PlannedVisit) -> VisitPicture:
    """Draw a visit."""
    drawn, x = [], 0
    for one in visit.segments:
        drawn.append(_drawn(one, x, aired=visit.fills_room))
        x += one.minutes * A_MINUTE
    marks = [(minute * A_MINUTE, minute) for minute in range(0, x // A_MINUTE + 1, EVERY)]
    return VisitPicture(width=x + MARGIN, segments=drawn, marks=marks, said=_in_words(visit))


def _drawn(one: PlannedSegment, x: int, *, aired: bool) -> DrawnSegment:
    left = "airing" if aired else "turnover"
    kind = left if one.presence == AIRED_FROM else one.presence
    width = one.minutes * A_MINUTE
    return DrawnSegment(
        x=x,
        width=width,
        kind=kind,
        label=str(one.minutes) if width >= NARROWEST else "",
        middle=x + width // 2,
        name=one.name.replace("_", " "),
        words=str(WORDS[kind]),
        minutes=one.minutes,
    )


def _in_words(visit: PlannedVisit) -> str:
    said = _(
        "The patient is there for %(patient)d minutes, %(hands)d of them under somebody’s hands; the place is taken "
        "for %(place)d."
    )
    return said % {"patient": visit.patient_minutes, "hands": visit.hands_minutes, "place": visit.place_minutes}
