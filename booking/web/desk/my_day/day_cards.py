"""A card for each appointment of whoever treats: who, how it stands, what to look out for, what comes next."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from booking.models import Appointment, Change
from booking.status import OCCUPYING, WAITING, Move, Status, last_not_undone
from booking.subjects import of_appointment
from booking.suitability.answers_by_link import waits_for_answers
from booking.web.desk.appointments.acts import ActButton
from booking.web.desk.appointments.history import done_in_words
from booking.web.desk.arrivals.arrival_guards import is_allowed
from booking.web.desk.arrivals.arrival_rows import ALL_THE_SAME, KEYS, ArrivalButton, ArrivalRow
from booking.web.desk.arrivals.came_from import from_my_day
from booking.web.desk.board.items import span_in_words
from booking.web.desk.shell import Desk
from booking.web.labels import therapy_in_words
from core.principal import Principal
from core.rights import Action, may
from core.text.languages import language_in_words, localized
from scheduler import public as scheduler

MOVES = {
    "arrive": Move.ARRIVE,
    "start": Move.START,
    "done": Move.FULFIL,
    "no-show": Move.NO_SHOW,
    "undo": Move.UNDO,
}
BEGUN = "begun"
NAMES = {move: name for name, move in MOVES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCard:
    """An appointment. `flags`: what to look out for; `links`: where more is asked first (address, words).

    `awaited`: what it waits for before it is booked, and what to do until then.
    """

    id: str
    start: datetime
    when: str
    who: str
    what: str
    where: str
    status: str
    kind: str
    flags: Sequence[str]
    calm: str
    row: ArrivalRow
    buttons: Sequence[ActButton]
    links: Sequence[tuple[str, str]]
    seen: str
    awaited: str = ""

    @property
    def status_is_open(self) -> bool:
        """Whether they are still to come, or to be treated."""
        return self.kind in {*OCCUPYING, BEGUN}


@dataclass(frozen=True, slots=True, kw_only=True)
class CardContext:
    """What all cards share. `languages`: those of whoever treats; `last`: what an undo takes back, by visit.

    `site`: its name, where they work at several on the day.
    """

    desk: Desk
    by: Principal
    at: datetime
    languages: frozenset[str]
    marks: Mapping[int, str]
    last: Mapping[int, Change]
    site: str = ""


def last_acts(visits: Iterable[Appointment]) -> dict[int, Change]:
    """Return what an undo would take back, by visit, in one query."""
    rows: dict[int, list[Change]] = defaultdict(list)
    for change in Change.objects.filter(appointment__in=list(visits)).order_by("pk"):
        rows[change.appointment_id].append(change)
    found = {visit: last_not_undone(changes) for visit, changes in rows.items()}
    return {visit: change for visit, change in found.items() if change is not None}


def card_of(visit: Appointment, row: ArrivalRow, shared: CardContext) -> DayCard:
    """Return the card of an appointment; `row`: as it stands at the door."""
    subject, zone = of_appointment(visit, shared.by), shared.desk.site.tz
    therapy = therapy_in_words(visit.therapy.name, visit.technique)
    begun = visit.started_at is not None and visit.status == Status.CHECKED_IN
    return DayCard(
        id=row.id,
        start=visit.period.lower,
        when=span_in_words((visit.period.lower, visit.period.upper), zone),
        who=visit.patient.name if may(shared.by, Action.SEE_NAMES, subject) else _("A patient"),
        what=therapy if may(shared.by, Action.SEE_THERAPY, subject) else "",
        where=", ".join(filter(None, (localized(visit.place.name) if visit.place else "", shared.site))),
        status=row.status,
        kind=BEGUN if begun else visit.status,
        flags=list(_flags(visit, row, shared)),
        calm=_("Health: %s") % row.own_health if row.own_health and row.calm else "",
        row=row,
        buttons=_buttons(visit, row, shared),
        links=_links(visit, row, shared),
        seen=shared.marks.get(visit.pk, ""),
        awaited=_awaited(visit),
    )


def _awaited(visit: Appointment) -> str:
    """Return what an appointment that is not booked waits for, and that there is nothing to do about it here."""
    if visit.status not in WAITING:
        return ""
    if visit.awaits_referral:
        waits = _("It waits for their referral, which the front desk enters.")
    elif waits_for_answers(visit):
        waits = _("It waits for their answers, which they give by link or by phone.")
    elif visit.status == Status.PENDING:
        waits = _("The front desk knows what it waits for.")
    else:
        waits = _("A clinician looks at it before it is booked.")
    return " ".join((waits, _("Nothing for you to do; should they come, send them to the front desk first.")))


def _flags(visit: Appointment, row: ArrivalRow, shared: CardContext) -> Iterable[str]:
    """Yield what to look out for, the gravest first, as far as whoever looks may know it."""
    if row.not_now:
        yield row.not_now
    if row.own_health and not row.calm:
        yield _("Health: %s") % row.own_health
    yield from filter(None, (row.today, row.flags))
    yield from (f"{one.who}: {one.health}" for one in row.companions if not one.calm)
    if visit.visit == scheduler.VisitType.FIRST:
        yield _("First appointment")
    named = ((_("Asked for: %s"), row.asked_for), (_("To be prepared: %s"), row.needs))
    yield from (words % said for words, said in named if said)
    spoken = {one.partition("-")[0] for one in shared.languages}
    if spoken and visit.patient.language.partition("-")[0] not in spoken:
        yield _("Reads %s: an interpreter may be needed") % language_in_words(visit.patient.language)
    if row.linked.words:
        yield row.linked.words
    if visit.note and may(shared.by, Action.SEE_DETAILS, of_appointment(visit, shared.by)):
        yield _("Note: %s") % visit.note


def _buttons(visit: Appointment, row: ArrivalRow, shared: CardContext) -> list[ActButton]:
    """Return what can be pressed now: what comes next first."""
    if shared.desk.on > shared.desk.today or not _may_mark(visit, shared):
        return []
    at_door = {one.key: one for one in row.buttons}
    found = [_next(visit, row, shared), _beside(visit, at_door, shared), _undo(visit, shared)]
    return [one for one in found if one]


def _may_mark(visit: Appointment, shared: CardContext) -> bool:
    return may(shared.by, Action.MARK_ATTENDANCE, of_appointment(visit, shared.by))


def _next(visit: Appointment, row: ArrivalRow, shared: CardContext) -> ActButton | None:
    """Return what comes next: they arrive, they are treated, they are done."""
    at_door = {one.key: one for one in row.buttons}
    checks_in, arrives = at_door.get(KEYS[Move.CHECK_IN]), at_door.get(KEYS[Move.ARRIVE])
    if visit.status in {Status.BOOKED, Status.NOSHOW} and arrives:
        return _button(visit, Move.ARRIVE, arrives.words, shared, main=visit.status == Status.BOOKED)
    if visit.status == Status.ARRIVED and checks_in:
        return _start(visit, checks_in, shared)
    if visit.status == Status.CHECKED_IN and visit.started_at is None and shared.desk.on == shared.desk.today:
        words = _("Start all the same") if row.asked else _("Start")
        button = _button(visit, Move.START, words, shared, main=True)
        return replace(button, sent=(ALL_THE_SAME,)) if row.asked else button
    return _done(visit, shared, main=True)


def _start(visit: Appointment, checks_in: ArrivalButton, shared: CardContext) -> ActButton:
    """Return the press that checks somebody in who has arrived, and begins."""
    words = _("Nothing new: start") if checks_in.asks else _("Start")
    return ActButton(
        url=_url(visit, Move.START, shared),
        words=_("Start all the same") if ALL_THE_SAME in checks_in.sent else words,
        main=checks_in.main,
        temperature=checks_in.temperature,
        sent=checks_in.sent,
    )


def _beside(visit: Appointment, at_door: Mapping[str, ArrivalButton], shared: CardContext) -> ActButton | None:
    """Return what else may be true of them."""
    missed = at_door.get(KEYS[Move.NO_SHOW])
    if missed:
        return _button(visit, Move.NO_SHOW, missed.words, shared)
    not_begun = visit.status == Status.CHECKED_IN and visit.started_at is None
    return _done(visit, shared, main=False) if not_begun and shared.desk.on == shared.desk.today else None


def _done(visit: Appointment, shared: CardContext, *, main: bool) -> ActButton | None:
    here = visit.status == Status.CHECKED_IN or (visit.status == Status.ARRIVED and shared.desk.on < shared.desk.today)
    possible = here and is_allowed(visit, Move.FULFIL, by=shared.by, at=shared.at)
    return _button(visit, Move.FULFIL, _("Done"), shared, main=main) if possible else None


def _undo(visit: Appointment, shared: CardContext) -> ActButton | None:
    marked = {Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED, Status.NOSHOW}
    last = shared.last.get(visit.pk)
    if last is None or visit.status not in marked or not is_allowed(visit, Move.UNDO, by=shared.by, at=shared.at):
        return None
    return _button(visit, Move.UNDO, _("Undo: %s") % done_in_words(last).lower(), shared)


def _button(visit: Appointment, what: Move, words: str, shared: CardContext, *, main: bool = False) -> ActButton:
    return ActButton(url=_url(visit, what, shared), words=words, main=main)


def _url(visit: Appointment, what: Move, shared: CardContext) -> str:
    return reverse("desk-my-day-act", args=[visit.public_id, NAMES[what]]) + shared.desk.where


def _links(visit: Appointment, row: ArrivalRow, shared: CardContext) -> list[tuple[str, str]]:
    """Return where something is asked or chosen first, by whoever may."""
    if not _may_mark(visit, shared):
        return []
    asked = [(row.patient.ask_url, row.patient.ask_words), (row.today_url, row.today_words)]
    # To whom another time is proposed, nobody proposes one more until they have answered.
    asked += [] if row.proposed else [(row.times_url, _("Another time"))]
    return [(from_my_day(url), words) for url, words in asked if url]
