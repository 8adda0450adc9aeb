"""What can be done on the page of an appointment: what its life cycle allows now, to those whose right it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.access_needs import asked_with
from booking.actions.check_in_checks import is_today
from booking.actions.offered_moves import is_possible, undone_next
from booking.models import Appointment
from booking.queries import awaits_proof, has_lapsed
from booking.status import OCCUPYING, Move, Status
from booking.subjects import of_appointment
from booking.web.access_needs_form import AccessNeedsForm
from booking.web.desk.appointments.history import done_in_words
from booking.web.desk.arrivals.arrival_rows import ALL_THE_SAME, KEYS, ArrivalRow
from booking.web.desk.questions_by_phone import may_read_aloud
from core.principal import Principal
from core.rights import Action, may

RIGHTS = {
    Move.CHECK_IN: Action.MARK_ATTENDANCE,
    Move.ARRIVE: Action.MARK_ATTENDANCE,
    Move.START: Action.MARK_ATTENDANCE,
    Move.FULFIL: Action.MARK_ATTENDANCE,
    Move.NO_SHOW: Action.MARK_ATTENDANCE,
    Move.UNDO: Action.UNDO,
    Move.APPROVE: Action.BOOK,
}
"""What is done with one press, and whose right it is."""

WORDS: Mapping[Move, Promise] = {
    Move.CHECK_IN: gettext_lazy("Check in"),
    Move.ARRIVE: gettext_lazy("Arrived"),
    Move.START: gettext_lazy("Start"),
    Move.FULFIL: gettext_lazy("Done"),
    Move.NO_SHOW: gettext_lazy("Did not come"),
    Move.APPROVE: gettext_lazy("Book it: they confirmed it by phone"),
}
CHOSEN_FIRST: Mapping[Move, tuple[Action, str, Promise]] = {
    Move.RESCHEDULE: (Action.MOVE, "desk-appointment-move", gettext_lazy("Move")),
    Move.RESIZE: (Action.CHANGE_LENGTH, "desk-appointment-length", gettext_lazy("Length")),
    Move.CANCEL: (Action.CANCEL, "desk-appointment-cancel", gettext_lazy("Cancel")),
    Move.ENTER_IN_ERROR: (Action.CORRECT, "desk-appointment-mistake", gettext_lazy("Entered by mistake")),
}
"""What has a page on which something is chosen first: whose right it is, the page and its name."""

PRESSED = {move.value: move for move in RIGHTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActButton:
    """One press. `sent`: fields that say more of it; `temperature`: a field for it is beside; `main`: stands out."""

    url: str
    words: str
    main: bool = False
    temperature: bool = False
    sent: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ActLink:
    """A page on which something is chosen first."""

    url: str
    words: str


def may_act(visit: Appointment, what: Move, action: Action, *, by: Principal, at: datetime) -> bool:
    """Whether somebody may do this, and it can be done now."""
    if what is Move.APPROVE and (not awaits_proof(visit) or has_lapsed(visit, at=at)):
        return False  # what waits for anything but a code is approved where it is looked at
    return may(by, action, of_appointment(visit, by)) and is_possible(visit, what, by=by, at=at)


def act_buttons(visit: Appointment, row: ArrivalRow, *, by: Principal, at: datetime) -> list[ActButton]:
    """Return what can be done with one press; `row`: how it stands at the door, with how somebody is checked in."""
    allowed = [what for what, action in RIGHTS.items() if may_act(visit, what, action, by=by, at=at)]
    buttons = (_check_in(visit, row) if what is Move.CHECK_IN else _button(visit, what, row) for what in allowed)
    return [one for one in buttons if one]


def _check_in(visit: Appointment, row: ArrivalRow) -> ActButton | None:
    """Return the press that checks somebody in; None where something is asked first."""
    at_door = next((one for one in row.buttons if one.key == KEYS[Move.CHECK_IN]), None)
    if at_door is None:
        return None
    return ActButton(
        url=_url(visit, Move.CHECK_IN),
        words=at_door.words,
        main=at_door.main,
        temperature=at_door.temperature,
        sent=at_door.sent,
    )


def _button(visit: Appointment, what: Move, row: ArrivalRow) -> ActButton:
    if what is Move.START and row.asked:
        return ActButton(url=_url(visit, what), words=_("Start all the same"), main=True, sent=(ALL_THE_SAME,))
    words = str(WORDS[what]) if what in WORDS else _undo_words(visit)
    return ActButton(url=_url(visit, what), words=words)


def _undo_words(visit: Appointment) -> str:
    undone = undone_next(visit)
    return _("Undo: %s") % done_in_words(undone).lower() if undone else _("Undo")


def _url(visit: Appointment, what: Move) -> str:
    return reverse("desk-appointment-act", args=[visit.public_id, what.value])


def _is_still_expected(visit: Appointment, *, at: datetime) -> bool:
    return visit.status == Status.BOOKED and is_today(visit, at=at) and at < visit.period.upper


def act_links(visit: Appointment, row: ArrivalRow, *, by: Principal, at: datetime) -> list[ActLink]:
    """Return where more is said or chosen first: the questions, another time, why it is called off."""
    name, links = visit.public_id, list[ActLink]()
    asks = may(by, Action.MARK_ATTENDANCE, of_appointment(visit, by))
    if asks and row.patient.ask_url:
        links.append(ActLink(url=row.patient.ask_url, words=row.patient.ask_words))
    if asks and row.today_url:
        links.append(ActLink(url=row.today_url, words=row.today_words))
    if not has_lapsed(visit, at=at) and may_read_aloud(visit, by):
        aloud = reverse("desk-questions-by-phone", args=[name]) + f"?site={visit.site.key}"
        links.append(ActLink(url=aloud, words=_("Read the questions aloud")))
    if asks and _is_still_expected(visit, at=at):
        late = reverse("desk-late", query={"site": visit.site.key, "who": f"a-{name}"})
        links.append(ActLink(url=late, words=_("Running late")))
    for what, (action, page, words) in CHOSEN_FIRST.items():
        if may_act(visit, what, action, by=by, at=at):
            links.append(ActLink(url=reverse(page, args=[name]), words=str(words)))
    return links


def needs_form(visit: Appointment, *, by: Principal, at: datetime) -> AccessNeedsForm | None:
    """Return what is asked for so that they can come, to be chosen; None for whoever must not, or once it is over."""
    subject = of_appointment(visit, by)
    ahead = visit.status in OCCUPYING and visit.period.lower > at
    if not (ahead and may(by, Action.WRITE_NOTE, subject) and may(by, Action.SEE_DETAILS, subject)):
        return None
    return AccessNeedsForm(None, initial=asked_with(visit, visit.patient).columns)
