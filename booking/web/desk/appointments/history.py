"""What was done to an appointment, in words: who, what and when, as far as whoever reads may know."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.actions.chosen_places import PLACE
from booking.actions.therapy_changes import SEGMENTS
from booking.calls.call_news import spoken_of
from booking.cancel_reasons import CancelReason
from booking.models import Appointment, CallReason, Change
from booking.screening.rights import sees_why
from booking.status import Move
from booking.subjects import of_appointment
from booking.suitability.answers_by_link import QUESTIONS_BY_LINK
from booking.web.desk.appointments.words import CANCELLED_BECAUSE
from core.accounts.names import names_of
from core.models import Site
from core.principal import Principal
from core.rights import Action, may
from core.text.languages import localized, time_in_words, when_in_words
from scheduler import public as scheduler
from scheduler.public import lengths

NO_CHANGE, NOTE = 0, -1
"""The numbers of lines that are no change of the ledger."""

DONE = {
    Move.REQUEST: gettext_lazy("Asked for"),
    Move.BOOK: gettext_lazy("Booked"),
    Move.APPROVE: gettext_lazy("Approved"),
    Move.AWAIT: gettext_lazy("Waits for a document or an answer"),
    Move.COMPLETE: gettext_lazy("Booked: what it waited for is here"),
    Move.EXPIRE: gettext_lazy("Ran out: its time is free"),
    Move.DECLINE: gettext_lazy("Declined after a check"),
    Move.RESCHEDULE: gettext_lazy("Moved"),
    Move.RESIZE: gettext_lazy("Length changed"),
    Move.ARRIVE: gettext_lazy("Arrived"),
    Move.CHECK_IN: gettext_lazy("Checked in"),
    Move.START: gettext_lazy("Started"),
    Move.FULFIL: gettext_lazy("Done"),
    Move.NO_SHOW: gettext_lazy("Did not come"),
    Move.CANCEL: gettext_lazy("Cancelled"),
    Move.ENTER_IN_ERROR: gettext_lazy("Marked as entered in error"),
}
BY_KIND = {
    "link": gettext_lazy("the patient, by their link"),
    "visitor": gettext_lazy("somebody on our pages"),
    "system": gettext_lazy("by itself"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One thing that was done. `pk`: of the change; `more`: what goes with it, one sentence each."""

    pk: int
    what: str
    by: str
    when: str
    more: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _HistoryContext:
    """What the lines of one history share: names of people, of those who treat and of sites; what may be told."""

    visit: Appointment
    people: Mapping[str, str]
    practitioners: Mapping[UUID, str]
    sites: Mapping[str, str]
    why: bool
    therapy: bool
    details: bool
    linked: bool


def history(visit: Appointment, *, by: Principal) -> list[HistoryLine]:
    """Return what was done to an appointment, the newest first; nothing to whoever may not see it."""
    subject = of_appointment(visit, by)
    if not may(by, Action.SEE_CHANGES, subject):
        return []
    rows = list(visit.changes.order_by("pk"))
    places = [dict(place) for row in rows for place in (row.facts.get("from"), row.facts.get("to")) if place]
    known = _HistoryContext(
        visit=visit,
        people=names_of([*(row.by for row in rows), visit.noted_by]),
        practitioners=scheduler.practitioner_names({UUID(place["practitioner"]) for place in places}),
        sites=_site_names(place["site"] for place in places),
        why=sees_why(visit, by),
        therapy=may(by, Action.SEE_THERAPY, subject),
        details=may(by, Action.SEE_DETAILS, subject),
        linked=may(by, Action.SEE_LINKED, subject),
    )
    undone = undone_by(rows)
    lines = [(row.at, _line(row, undone.get(row.pk), known)) for row in rows]
    # Sorted by time alone, and stable: of two acts at one moment the later row stays the later.
    ordered = sorted([*lines, *_beside(known)], key=lambda pair: pair[0])
    return [line for _at, line in ordered[::-1]]


def _beside(known: _HistoryContext) -> Iterable[tuple[datetime, HistoryLine]]:
    """Yield what is no move: that the note was written, and that its patient would rather see somebody else."""
    visit, zone = known.visit, known.visit.site.tz
    if visit.noted_at and known.details:
        who, when = _name(visit.noted_by, known), when_in_words(visit.noted_at, zone)
        yield visit.noted_at, HistoryLine(pk=NOTE, what=_("Note written"), by=who, when=when)
    for call in visit.calls.filter(reason=CallReason.OTHER_PRACTITIONER):
        what, when = _("Would rather see somebody else"), when_in_words(call.raised_at, zone)
        yield call.raised_at, HistoryLine(pk=NO_CHANGE, what=what, by=_("the patient"), when=when)


def undone_by(rows: Iterable[Change]) -> dict[int, Change]:
    """Return which change each undo took back, by the number of the undo; as brackets close."""
    standing, found = list[Change](), dict[int, Change]()
    for row in rows:
        if row.move != Move.UNDO and not row.undoes_a_move:
            standing.append(row)
        elif standing:
            found[row.pk] = standing.pop()
    return found


def done_in_words(change: Change) -> str:
    """Return what was done, such as "Checked in"."""
    return str(DONE[Move(change.move)])


def _line(row: Change, undone: Change | None, known: _HistoryContext) -> HistoryLine:
    zone = known.visit.site.tz
    return HistoryLine(
        pk=row.pk,
        what=_("Undone: %s") % done_in_words(undone).lower() if undone else done_in_words(row),
        by=_name(row.by, known),
        when=when_in_words(row.at, zone),
        more=[line for line in (_where(row, known), *_why(row, known)) if line],
    )


def _name(key: str, known: _HistoryContext) -> str:
    """Return who acted, by Principal.key."""
    kind, _colon, number = key.partition(":")
    if kind == "user" and known.visit.patient.user_id is not None and number == str(known.visit.patient.user_id):
        return _("the patient")
    return known.people.get(key) or str(BY_KIND.get(kind, _("somebody")))


def _where(row: Change, known: _HistoryContext) -> str:
    """Return from where to where, in words; nothing of what stays where it is."""
    there = row.facts.get("to")
    if not there:
        return ""
    before = row.facts.get("from")
    if not before:
        return _place_in_words(there, known)
    if row.move == Move.RESIZE and before["start"] == there["start"]:
        ends = [time_in_words(datetime.fromisoformat(one["end"]), known.visit.site.tz) for one in (before, there)]
        return _("Until %(now)s, and no longer until %(before)s") % dict(zip(("before", "now"), ends, strict=True))
    facts = {"before": _place_in_words(before, known), "now": _place_in_words(there, known)}
    return _("From %(before)s, to %(now)s") % facts


def _place_in_words(place: Mapping[str, str], known: _HistoryContext) -> str:
    """Return when, with whom and at which site; of the last two, what differs from how it is now or was once."""
    start = when_in_words(datetime.fromisoformat(place["start"]), known.visit.site.tz)
    name = known.practitioners.get(UUID(place["practitioner"]), "")
    several = len(known.sites) > 1
    return ", ".join(filter(None, (start, name, known.sites.get(place["site"], "") if several else "")))


def _otherwise(facts: Mapping[str, Any], known: _HistoryContext) -> Iterable[str]:
    """Yield what it is for, how long it is, and where, as far as that changed."""
    if known.therapy and "therapy" in facts:
        names, was, now = scheduler.therapy_names(), facts["therapy"]["from"], facts["therapy"]["to"]
        told = {"before": localized(names.get(was, {})), "now": localized(names.get(now, {}))}
        yield _("What for: %(before)s before, %(now)s from now on") % told
    if known.therapy and SEGMENTS in facts:
        yield _length_in_words(facts[SEGMENTS])
    if PLACE in facts and facts[PLACE]["from"] != facts[PLACE]["to"]:
        places = {card.id: card.name for card in scheduler.place_cards([one for one in facts[PLACE].values() if one])}
        told = {"before": places.get(facts[PLACE]["from"], ""), "now": places.get(facts[PLACE]["to"], "")}
        yield _("Place: %(before)s before, %(now)s from now on") % told


def _why(row: Change, known: _HistoryContext) -> Iterable[str]:
    facts: Mapping[str, Any] = row.facts
    yield from _otherwise(facts, known)
    if known.why and "reason" in facts:
        yield str(CANCELLED_BECAUSE[_reason(facts["reason"], known)])
    if known.why and facts.get("late"):
        yield _("Late: it counts as left at short notice")
    if facts.get(QUESTIONS_BY_LINK):
        yield _("They are asked by link")
    if spoken_of(facts):
        yield _("They were told at once, by whoever did it")
    if known.details and facts.get("overrode"):
        yield _("A rule was set aside, with a reason")


def _length_in_words(facts: Mapping[str, Any]) -> str:
    """Say how long each part is now where that is of its own."""
    if facts["to"] is None:
        return _("As long as its therapy takes")
    contact = [(name.replace("_", " "), minutes) for name, minutes, who in facts["to"] if who in lengths.CONTACT]
    return ", ".join(f"{name} {minutes}" for name, minutes in contact)


def _reason(code: str, known: _HistoryContext) -> CancelReason:
    """Return why it was called off; that somebody else's was is for those alone who know what is linked."""
    hidden = code == CancelReason.TOGETHER and not known.linked
    return CancelReason.OTHER if hidden else CancelReason(code)


def _site_names(keys: Iterable[str]) -> dict[str, str]:
    return {site.key: str(site) for site in Site.objects.filter(key__in=set(keys))}
