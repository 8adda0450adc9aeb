"""Why whoever stands at the desk does not get a time, in words for the clerk who has them there, and what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from booking.models import Patient
from booking.suitability.errors import CallFirst, NotBookableWithAnswers
from booking.suitability.visit_words import answers_against
from booking.web.desk.arrivals.walk_in_times import walk_in_days
from booking.web.desk.reviews.unsettled_colleagues import UnsettledColleagues
from booking.web.desk.shell import Desk
from booking.web.labels import therapy_in_words
from booking.web.times_list import Button, nearest, slots_instead
from core.accounts.principals import principal_of
from core.principal import Principal
from core.refusals import Refusal
from scheduler.public import therapies


@dataclass(frozen=True, slots=True, kw_only=True)
class WayOn:
    """How it goes on: `back` shows all times, `chooses` takes another one. `calls`: they are on the phone.

    `set_aside`: where a reason goes, and what goes with it, where whoever books may set such a rule aside.
    """

    back: str
    chooses: str
    calls: bool = False
    set_aside: tuple[str, Mapping[str, str]] | None = None


def not_had(
    request: HttpRequest, desk: Desk, who: Patient, refusal: Refusal, *, on: WayOn, at: datetime
) -> HttpResponse:
    """Say why a time is not to be had, with those that are; whoever needs help gets it first."""
    if isinstance(refusal, CallFirst):
        return needs_help(request, desk, who, status=refusal.status, calls=on.calls)
    by, against = principal_of(request), isinstance(refusal, NotBookableWithAnswers)
    free = _free_today(who, desk, by=by, at=at) if against and not on.calls else set()
    context = {
        "desk": desk,
        "person": who,
        **_words(refusal, who, _instead(refusal, free), calls=on.calls),
        "others": _others(request, desk, refusal, at=at),
        "on": on,
        "overridable": bool(refusal.facts.get("overridable")),
    }
    return render(request, "booking/desk/walk_in_not_had.html", context, status=refusal.status)


def _others(request: HttpRequest, desk: Desk, refusal: Refusal, *, at: datetime) -> list[Button]:
    unsettled = UnsettledColleagues(by=principal_of(request), at=at, here=desk.site)
    return nearest(slots_instead(refusal), word=unsettled.word_for)


def _words(refusal: Refusal, who: Patient, instead: "Instead | None", *, calls: bool) -> dict[str, Any]:
    if not isinstance(refusal, NotBookableWithAnswers):
        return {"heading": refusal.title, "lines": _detail(refusal), "instead": instead}
    heading = _("%s cannot have this as it stands") % who.name
    return {"heading": heading, "lines": _what_to_do(none=not instead, calls=calls), "instead": instead}


def needs_help(
    request: HttpRequest, desk: Desk, who: Patient, *, status: int = 200, calls: bool = False
) -> HttpResponse:
    """Say what to do for somebody who stands there, or `calls`, and needs help now, before anything else is asked."""
    context = {"desk": desk, "person": who, "urgent": True, "calls": calls, "phone": desk.site.phone}
    return render(request, "booking/desk/walk_in_not_today.html", context, status=status)


def _detail(refusal: Refusal) -> list[str]:
    return [str(refusal.detail)] if refusal.detail and refusal.detail != refusal.title else []


def _what_to_do(*, none: bool, calls: bool) -> list[str]:
    """Return what the desk does for whoever is there, or `calls`, where their answers stand against what they want."""
    if not none:
        return [answers_against()]
    if calls:
        return [
            _("Their answers stand against it, and against all else that is booked here."),
            _("Say: “Thank you for telling us. One of our clinicians calls you; we find something with you.”"),
            _("Let a clinician of this site know now whom to call."),
        ]
    return [
        _("Their answers stand against it, and against all else today."),
        _("Ask a clinician here to talk with them. Until then, give them a mask and a seat apart from others."),
        _("Say: “Thank you for telling us. One of our clinicians looks after you; we find another time with you.”"),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """What can be had instead with the same answers, in words: at once, and once a clinician has looked."""

    at_once: Sequence[str]
    looked_at: Sequence[str]


def _instead(refusal: Refusal, today: set[str]) -> Instead | None:
    """Return what can be had instead, and what of it is free `today`; None where there is nothing."""
    others: Any = refusal.facts.get("therapies") or []
    names = {card.key: card.name for card in therapies()} if others else {}
    said: dict[bool, list[str]] = {False: [], True: []}
    for one in others:
        if one["therapy"] in names:
            name = therapy_in_words(names[one["therapy"]], one["technique"])
            said[bool(one["looked_at"])].append(_("%s – free today") % name if name in today else name)
    return Instead(at_once=said[False], looked_at=said[True]) if any(said.values()) else None


def _free_today(who: Patient, desk: Desk, *, by: Principal, at: datetime) -> set[str]:
    """Return the names of what is free today at the site of the desk."""
    days = walk_in_days(who, desk.site, by=by, at=at)
    return {one.name for day in days if day.today for family in day.families for one in family.therapies}
