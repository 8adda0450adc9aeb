"""How a clinic asks those who wait: what a policy row's content says, and which one is in force."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from booking.waiting.matching import AnswerTime, OfferRules, OrderBy
from core.policies.keys import PolicyKey, content_of
from core.policies.meaning import Meaning, UnfitValueError
from core.text.languages import wall_time_in_words
from scheduler import public as scheduler

KEY = "waiting-list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """How long an offer stands of a time that is so many hours ahead or more."""

    hours_ahead: Annotated[int, Meaning(_("hours ahead from which on this holds"), most=2000)]
    minutes: Annotated[int, Meaning(_("minutes for which an offer stands"), least=10, most=2880)]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferQuietHours:
    """When nobody is offered anything."""

    begin: Annotated[time, Meaning(_("from when on nobody is offered a time"))]
    end: Annotated[time, Meaning(_("from when on people are offered times again"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingListContent:
    """The content of a policy about the waiting list. Raises UnfitValueError where it cannot be gone by."""

    order: Annotated[tuple[OrderBy, ...], Meaning(_("who is asked first, by this one after the other"))]
    at_once: Annotated[
        int, Meaning(_("people who are asked at once; the first who accepts has the time"), least=1, most=20)
    ]
    answer: tuple[Answering, ...]
    min_notice_minutes: Annotated[int, Meaning(_("minutes before a time until which it is offered"), most=10080)]
    quiet_hours: OfferQuietHours
    offers_a_day: Annotated[int, Meaning(_("offers that one person is mailed in a day"), least=1, most=5)]
    offers_a_week: Annotated[int, Meaning(_("offers that one person is mailed in seven days"), least=1, most=20)]

    def __post_init__(self) -> None:
        """Refuse an order that names something twice, and hours ahead that do not fall to 0."""
        if len(set(self.order)) < len(self.order) or OrderBy.WAITING_SINCE not in self.order:
            raise UnfitValueError("order", gettext("Name each once, and waiting-since among them."))
        hours = [one.hours_ahead for one in self.answer]
        if not hours or hours[-1] or hours != sorted(set(hours), reverse=True):
            raise UnfitValueError("answer", gettext("Begin with the most hours ahead, and end with 0."))


def wrong_with(content: WaitingListContent) -> Iterator[dict[str, str]]:
    """Yield what is refused when a policy is written: a day with more offers than the week."""
    if content.offers_a_day > content.offers_a_week:
        yield {"pointer": "/offers_a_day", "detail": gettext("In a day nobody is offered more than in a week.")}


def value_words(part: str, value: str) -> str:
    """Return what a value of a policy says: by what somebody comes first, at which time."""
    if part in {"begin", "end"}:
        return wall_time_in_words(time.fromisoformat(value))
    return str(ORDER_WORDS[OrderBy(value)]) if part == "order" else value


ORDER_WORDS = {
    OrderBy.CLINICAL_PRIORITY: _("whoever a clinician says should come soon"),
    OrderBy.SAME_DAY: _("whoever is at the hospital on that day anyway"),
    OrderBy.LEAST_NOTIFIED: _("whoever has been offered the fewest times"),
    OrderBy.WAITING_SINCE: _("whoever has waited longest"),
}
"""The order in plain words, as patients read it and as the policy's page does."""

WAITING_LIST = PolicyKey(
    key=KEY,
    content=WaitingListContent,
    begins_with=Path(__file__).parent.parent / "fixtures" / "waiting-list.yaml",
    wrong=wrong_with,
    title=_("Waiting list"),
    value_words=value_words,
)


def offer_rules(site: int, *, at: datetime) -> OfferRules:
    """Return how those who wait at a site (its id) are asked at `at`. Raises LookupError when nothing is in force."""
    return as_offer_rules(content_of(scheduler.policy(KEY, site, at=at), WaitingListContent))


def as_offer_rules(content: WaitingListContent) -> OfferRules:
    """Return a content in the terms of the rules."""
    return OfferRules(
        order=content.order,
        at_once=content.at_once,
        answer_times=tuple(
            AnswerTime(ahead=timedelta(hours=one.hours_ahead), lasts=timedelta(minutes=one.minutes))
            for one in content.answer
        ),
        min_notice=timedelta(minutes=content.min_notice_minutes),
        quiet=(content.quiet_hours.begin, content.quiet_hours.end),
        a_day=content.offers_a_day,
        a_week=content.offers_a_week,
    )
