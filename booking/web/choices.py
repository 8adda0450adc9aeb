"""What can be chosen, as the radios of a page."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from booking.web.labels import closed_lines, lengths_in_words, therapy_in_words
from core.text.languages import localized
from scheduler.public import TherapyCard, VisitType

NOWHERE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class TherapyChoice:
    """A therapy in one of its variants, for the visits for which somebody offers it."""

    family: str
    therapy: str
    technique: str
    visits: frozenset[str]
    name: str
    summary: str
    length: str
    closed: str = ""

    @property
    def value(self) -> str:
        """What the form sends."""
        return f"{self.therapy}:{self.technique}" if self.technique else self.therapy


@dataclass(frozen=True, slots=True, kw_only=True)
class Radio:
    """One radio with its words."""

    id: str
    value: str
    name: str
    hint: str = ""
    length: str = ""
    closed: str = ""
    checked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyCard:
    """A family of therapies with where it leads. `drawing`: the template of its picture."""

    name: str
    summary: str
    drawing: str
    url: str
    closed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitLink:
    """A first or follow-up appointment with where its times are."""

    name: str
    hint: str
    url: str


def therapy_choices(cards: Iterable[TherapyCard], closed: Mapping[str, str] = NOWHERE) -> list[TherapyChoice]:
    """Return what people book themselves: a therapy whose techniques differ in time or place is one choice each.

    `closed`: where a therapy is not given for a while, in words, by its key.
    """
    return [one for card in cards if card.self_bookable for one in _variants(card, closed.get(card.key, ""))]


def where_closed(cards: Iterable[TherapyCard], *, at: datetime) -> dict[str, str]:
    """Return where therapies are not given for a while, in words, by their keys."""
    of = {card.key: max(visit for visit, _technique in card.minutes) for card in cards}
    return {therapy: " ".join(closed_lines(therapy, visit, at=at)) for therapy, visit in of.items()}


def _variants(card: TherapyCard, closed: str) -> list[TherapyChoice]:
    techniques = sorted({technique for _visit, technique in card.minutes})
    return [
        TherapyChoice(
            family=card.family,
            therapy=card.key,
            technique=technique,
            visits=frozenset(visit for visit, one in card.minutes if one == technique),
            name=therapy_in_words(card.name, technique),
            summary=localized(card.summary),
            length=lengths_in_words(card, technique),
            closed=closed,
        )
        for technique in techniques
    ]


def therapy_radios(offered: Iterable[TherapyChoice], *, chosen: str) -> list[Radio]:
    """Return the radios of the therapies; the first has the id to which an error points."""
    return [
        Radio(
            id=f"id_therapy_{number}" if number else "id_therapy",
            value=one.value,
            name=one.name,
            hint=one.summary,
            length=one.length,
            closed=one.closed,
            checked=one.value == chosen,
        )
        for number, one in enumerate(offered)
    ]


def _visits() -> dict[str, tuple[str, str]]:
    return {
        VisitType.FIRST: (_("Yes, my first"), _("We take more time to get to know you.")),
        VisitType.FOLLOWUP: (_("No, a follow-up"), _("You have been treated here before.")),
    }


def visit_radios(*, chosen: str) -> list[Radio]:
    """Return the radios of first and follow-up visits; the first has the id to which an error points."""
    return [
        Radio(id=f"id_visit_{n}" if n else "id_visit", value=visit, name=name, hint=hint, checked=visit == chosen)
        for n, (visit, (name, hint)) in enumerate(_visits().items())
    ]


def every_visit(url_of: Callable[[str], str]) -> list[VisitLink]:
    """Return a link for each kind of appointment that there is."""
    return [VisitLink(name=name, hint=hint, url=url_of(visit)) for visit, (name, hint) in _visits().items()]


def visit_links(therapy: TherapyChoice, times_of: Callable[[str], str]) -> list[VisitLink]:
    """Return the links to the times of those appointments of a therapy that somebody offers."""
    return [
        VisitLink(name=name, hint=hint, url=times_of(visit))
        for visit, (name, hint) in _visits().items()
        if visit in therapy.visits
    ]
