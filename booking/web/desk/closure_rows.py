"""What the desk's page of a closure shows: what is closed, who is inside, and how each of them stands."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking import closures
from booking.actions.proposals import NoTimeToPropose
from booking.actions.screening import suggested_absences
from booking.closures import INSIDE, ClosedState, ClosedVisit
from booking.models import Appointment
from booking.references import as_written
from booking.screening.rights import sees_outcome
from booking.web.desk.reviews.unsettled_colleagues import UnsettledColleagues
from booking.web.slot_ids import sealed
from core.models import Site
from core.principal import Principal
from core.text.languages import date_in_words, day_in_words, localized, when_in_words
from scheduler import public as scheduler

PROGRESS_SHOWN = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureRow:
    """A closure as a list shows it; `key` is its address, `inside` how many appointments lie in it."""

    key: str
    what: str
    when: str
    name: str
    by_policy: bool
    inside: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedVisitRow:
    """One appointment that a closure touches, or touched. `tell`, `propose`: what can be done about it."""

    id: str
    person: str
    reference: str
    starts: str
    with_whom: str
    state: str
    call: bool
    inside: bool
    tell: bool
    propose: bool


def closure_rows(site: Site, visits: QuerySet[Appointment], *, at: datetime) -> list[ClosureRow]:
    """Return what closes a site, or a therapy there, now or later; what touches nobody comes last."""
    found: dict[str, list[scheduler.ClosedTime]] = {}
    for one in scheduler.closed_ahead_at(site.pk, at=at):
        found.setdefault(one.key, []).append(one)
    rows = [closure_row(site, stretches, visits, at=at) for stretches in found.values()]
    return sorted(rows, key=lambda row: not row.inside)


def closure_row(
    site: Site, stretches: Sequence[scheduler.ClosedTime], visits: QuerySet[Appointment], *, at: datetime
) -> ClosureRow:
    """Return one closure in words."""
    touched = {visit.pk for one in stretches for visit in closures.inside(one, visits, at=at)}
    first = stretches[0]
    return ClosureRow(
        key=first.key,
        what=_what(stretches),
        when=_when(first, site),
        name=first.name,
        by_policy=first.by_policy,
        inside=len(touched),
    )


def _what(stretches: Iterable[scheduler.ClosedTime]) -> str:
    names = {card.key: localized(card.name) for card in scheduler.therapies()}
    closed = sorted({one.therapy for one in stretches})
    return ", ".join(names.get(key, key) if key else _("The whole site") for key in closed)


def _when(one: scheduler.ClosedTime, site: Site) -> str:
    starts = _moment(one.starts, site) if one.starts else _("always")
    if one.starts and one.ends and _is_one_day(one.starts, one.ends, site):
        return _("Closed on %s") % starts
    if one.ends is None:
        return _("Closed from %s on, until further notice") % starts
    return _("Closed from %(starts)s on, open again from %(ends)s on") % {
        "starts": starts,
        "ends": _moment(one.ends, site),
    }


def _is_one_day(starts: datetime, ends: datetime, site: Site) -> bool:
    first, last = starts.astimezone(site.tz), ends.astimezone(site.tz)
    return first.time() == last.time() == time() and last.date() - first.date() == timedelta(days=1)


def _moment(moment: datetime, site: Site) -> str:
    """Return a day, with its time where that is not its beginning."""
    wall = moment.astimezone(site.tz)
    return day_in_words(wall.date()) if wall.time() == time() else when_in_words(moment, site.tz)


def visit_rows(found: Iterable[ClosedVisit], *, acting: bool) -> list[ClosedVisitRow]:
    """Return the appointments of a closure. `acting`: whoever looks may tell and propose."""
    return [_row(one, acting=acting) for one in found]


def _row(one: ClosedVisit, *, acting: bool) -> ClosedVisitRow:
    visit, inside = one.visit, one.state in INSIDE
    return ClosedVisitRow(
        id=str(visit.public_id),
        person=visit.patient.name,
        reference=as_written(visit.reference),
        starts=when_in_words(visit.period.lower, visit.site.tz),
        with_whom=visit.practitioner.name,
        state=state_in_words(one),
        call=inside and one.call,
        inside=inside,
        tell=acting and one.state is ClosedState.UNTOLD and not one.asked,
        propose=acting and inside and one.state is not ClosedState.PROPOSED and not one.asked,
    )


def state_in_words(one: ClosedVisit) -> str:
    """Say how the patient of a closed visit stands."""
    zone, hold = one.visit.site.tz, one.proposal.hold if one.proposal else None
    told = date_in_words(one.told_at.astimezone(zone).date()) if one.told_at else ""
    words = {
        ClosedState.UNTOLD: _("Not told yet"),
        ClosedState.TOLD: _("Told on %s") % told,
        ClosedState.UNANSWERED: _("Did not answer: please call"),
        ClosedState.ACCEPTED: _("Took the time that we proposed"),
        ClosedState.CHOSE: _("Chose another time"),
        ClosedState.MOVED: _("Moved by the desk"),
        ClosedState.GAVE_BACK: _("Gave the time back"),
        ClosedState.CANCELLED: _("Called off"),
    }
    if one.asked:
        return _("We are looking for a time")
    if one.state is not ClosedState.PROPOSED or hold is None:
        return words[one.state]
    proposed = when_in_words(hold.period.lower, hold.site.tz), hold.practitioner.name, localized(hold.site.name)
    times = {"time": ", ".join(proposed), "until": when_in_words(hold.expires_at, zone)}
    return _("Proposed: %(time)s. Kept until %(until)s") % times


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalProgress:
    """How far other times are proposed that staff asked for last, in words, and to whom none could be, with the why."""

    words: str
    looking: bool
    failed: Sequence[tuple[str, str]]


def progress_in_words(
    key: str, found: Iterable[ClosedVisit], visits: QuerySet[Appointment], *, by: Principal, at: datetime
) -> ProposalProgress | None:
    """Return how far the proposals are that were asked for by one press, the last one of a day at a site (`visits`)."""
    rows = closures.last_requested(key, visits, since=at - PROGRESS_SHOWN)
    if not rows:
        return None
    done, late = [row for row in rows if row.done_at], [row for row in rows if closures.is_late(row, at=at)]
    count, left = len(rows), len(rows) - len(done) - len(late)
    said = _proposed_in_words(found, {row.appointment_id for row in done if not row.why})
    if left:
        far = ngettext("%(done)d of %(count)d is done.", "%(done)d of %(count)d are done.", count)
        said = f"{_('We are looking for other times.')} {far % {'done': len(done), 'count': count}}"
    why = {row.appointment_id: row.why for row in done if row.why}
    why |= {row.appointment_id: _("Nobody could look for a time yet. Propose one again, or call them.") for row in late}
    open_still = [one.visit for one in found if one.state in INSIDE and one.state is not ClosedState.PROPOSED]
    failed = [(visit.patient.name, _why_for(by, visit, why[visit.pk])) for visit in open_still if visit.pk in why]
    return ProposalProgress(words=said, looking=bool(left), failed=failed) if said or failed else None


def _why_for(by: Principal, visit: Appointment, why: str) -> str:
    """Return why no time was found: to whoever must not know answers, from which it may follow, the same of all."""
    return why if sees_outcome(by, visit) else str(NoTimeToPropose.title)


def _proposed_in_words(found: Iterable[ClosedVisit], asked: Collection[int]) -> str:
    """Say to how many of those for whom times were found one is proposed still: some have answered, or moved since."""
    still = sum(one.state is ClosedState.PROPOSED and one.visit.pk in asked for one in found)
    said = ngettext(
        "Another time is proposed to %(count)d person.", "Another time is proposed to %(count)d people.", still
    )
    return said % {"count": still} if still else ""


def times_to_choose(slots: Iterable[scheduler.Slot], unsettled: UnsettledColleagues) -> list[tuple[str, str]]:
    """Return the first free times for one appointment: their sealed ids, and the words."""
    return [(sealed(slot.id), _time_to_choose(slot, unsettled.word_for(slot))) for slot in slots]


def _time_to_choose(slot: scheduler.Slot, word: str) -> str:
    who = f"{slot.practitioner.name} ({word})" if word else slot.practitioner.name
    return f"{when_in_words(slot.start, slot.site.tz)}, {who}, {localized(slot.site.name)}"


def unsettled_in_words(site: Site, *, at: datetime) -> str:
    """Say with whom nothing is proposed to all before somebody has settled whether they see patients; empty: none."""
    names = [row.practitioner.name for row in suggested_absences.unsettled_rows(site, at=at)]
    said = _(
        "It is not settled yet whether these colleagues see patients: %s. "
        "No time with them in those days is proposed to all."
    )
    return said % ", ".join(names) if names else ""
