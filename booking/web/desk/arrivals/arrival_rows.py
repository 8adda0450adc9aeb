"""What the page at the door shows of each visit: how its people stand, in words, and what can be done."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from booking import queries
from booking.actions.screening.screening import id_of
from booking.asked_for_words import asked_in_words
from booking.models import Appointment
from booking.references import as_written
from booking.screening.queries import Screening
from booking.screening.state import ScreeningState
from booking.status import Move, Status
from booking.suitability.answers_by_link import is_looked_at
from booking.suitability.day_questions import DayQuestions, DayState
from booking.suitability.unseen import stands_against
from booking.suitability.visit_words import flags_in_words, needs_in_words, unseen_in_words
from booking.suitability.visits import JudgedVisit
from booking.web.desk.arrivals.arrival_guards import is_allowed
from booking.web.desk.arrivals.not_now import cannot_take_place
from booking.web.desk.families.linked_words import NOT_LINKED, LinkedWords
from booking.web.desk.health_words import health_in_words, then_in_words
from booking.web.desk.reviews.unsettled_colleagues import UnsettledColleagues
from booking.web.desk.shell import Desk
from core.principal import Principal
from core.text.languages import time_in_words

WAITING_AT_DOOR = frozenset({Status.BOOKED, Status.ARRIVED})
"""Who is still to be checked in."""

TODAY = {
    Status.BOOKED: (Move.CHECK_IN, Move.ARRIVE, Move.NO_SHOW),
    Status.ARRIVED: (Move.CHECK_IN, Move.UNDO),
    Status.CHECKED_IN: (Move.UNDO,),
    Status.NOSHOW: (Move.ARRIVE, Move.UNDO),
}
EARLIER = {
    Status.BOOKED: (Move.ARRIVE, Move.NO_SHOW),
    Status.ARRIVED: (Move.FULFIL,),
    Status.CHECKED_IN: (Move.FULFIL,),
    Status.NOSHOW: (Move.UNDO,),
}
"""What is still to be said of a visit whose day is over: whether somebody was here."""

KEYS = {Move.ARRIVE: "a", Move.CHECK_IN: "c", Move.NO_SHOW: "n", Move.UNDO: "u", Move.FULFIL: "d"}
QUESTIONS_KEY = "q"
NOTHING_NEW, ALL_THE_SAME = "nothing_new", "all_the_same"
"""What a press says: nothing is new since they answered; they are checked in although the time is not open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalButton:
    """One thing to do about a visit. `key`: what does it while the row has the focus, and with Alt in the next row.

    `sent`: fields that say more of what is pressed; `main`: what is done of nearly everybody; `asks`: it says that
    nothing is new.
    """

    url: str
    words: str
    main: bool
    key: str
    temperature: bool = False
    asks: bool = False
    sent: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivingPerson:
    """How one who comes stands: the outcome in words, never an answer. `calm`: nothing stands in the way.

    `nothing_new_url`: where it is noted with one press of a companion that nothing is new; `seen`: since which answers.
    """

    who: str
    health: str
    calm: bool
    ask_url: str = ""
    ask_words: str = ""
    nothing_new_url: str = ""
    seen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalRow:
    """One visit at the door. `next`: who is served next, whose buttons have keys of their own.

    `word`: what is said beside the name of whoever treats. `asked_for`: what they need so that they can come; `needs`:
    what is prepared; `flags`: what they are told who treat, and nobody else. `asked`: what was pressed is asked about.
    `today`: what stands against their therapy, without why; `today_url`: where that is asked. `seen`: as which it is
    shown. `not_now`: that it cannot take place; `proposed`: another time is; `own_health`, `calm`: how they stand.
    """

    id: str
    time: str
    person: str
    with_whom: str
    reference: str
    status: str
    patient: ArrivingPerson
    companions: Sequence[ArrivingPerson]
    companion_url: str
    times_url: str
    buttons: Sequence[ArrivalButton]
    seen: str
    next: bool = False
    typed: str = ""
    problem: str = ""
    asked: bool = False
    word: str = ""
    asked_for: str = ""
    needs: str = ""
    flags: str = ""
    today: str = ""
    today_url: str = ""
    today_words: str = ""
    linked: LinkedWords = NOT_LINKED
    not_now: str = ""
    proposed: bool = False
    own_health: str = ""
    calm: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedTemperature:
    """What was typed for one visit and was not taken: it could not be read (`problem` says why), or is `asked` about.

    `asked`: whether they are checked in although the visit cannot take place as it stands.
    """

    visit: str = ""
    typed: str = ""
    problem: str = ""
    asked: bool = False


NOTHING_TYPED = TypedTemperature()


@dataclass(frozen=True, slots=True, kw_only=True)
class RowContext:
    """What all rows of a page share. `uncovered`: the visits whose time is not open any more.

    `by`: who looks; `for_others`: the visits of which others see how people stand, and check them in.
    `judged`: what follows from answers before booking, by visit.
    `to_look_at`: the visits of a later day that a clinician is still to look at again, since answers have changed.
    `asked_today`: what is asked on the day of a therapy, by visit; `linked`: with whom somebody comes.
    `unsettled`: those who treat of whom it is not settled whether they see patients; `marks`: as which each is seen.
    `proposed`: the visits that cannot take place to whose patients another time is proposed.
    """

    desk: Desk
    by: Principal
    at: datetime
    unsettled: UnsettledColleagues
    marks: Mapping[int, str]
    uncovered: frozenset[int] = frozenset()
    for_others: frozenset[int] = frozenset()
    typed: TypedTemperature = field(default=NOTHING_TYPED)
    judged: Mapping[int, JudgedVisit] = field(default_factory=dict)
    asked_today: Mapping[int, DayQuestions] = field(default_factory=dict)
    to_look_at: frozenset[int] = frozenset()
    linked: Mapping[int, LinkedWords] = field(default_factory=dict)
    proposed: Collection[int] = ()


def arrival_row(visit: Appointment, people: Sequence[Screening], shared: RowContext, *, is_next: bool) -> ArrivalRow:
    """Return what is shown of a visit and of all who come to it: the patient first."""
    desk, key = shared.desk, str(visit.public_id)
    zone, (patient, *others), covered = desk.site.tz, people, visit.pk not in shared.uncovered
    mine = shared.typed if shared.typed.visit == key else NOTHING_TYPED
    person, beside = _as_shown(visit, patient, shared)
    return ArrivalRow(
        id=key,
        time=time_in_words(visit.period.lower, zone),
        person=visit.patient.name,
        with_whom=visit.practitioner.name,
        reference=as_written(visit.reference),
        status=queries.status_in_words(visit, at=shared.at),
        patient=person,
        companions=[_companion(visit, one, desk, who=number) for number, one in enumerate(others, start=1)],
        companion_url=_next_companion_url(visit, people, desk),
        times_url=_times_url(visit, patient, shared, covered=covered),
        buttons=_buttons(visit, patient, shared, asked=mine.asked),
        seen=shared.marks[visit.pk],
        next=is_next,
        **_as_sent(mine),
        linked=shared.linked.get(visit.pk, NOT_LINKED),
        **beside,
    )


def _as_shown(visit: Appointment, found: Screening, shared: RowContext) -> tuple[ArrivingPerson, dict[str, Any]]:
    """Return what a row says of its patient and beside them; first of all that the visit cannot take place."""
    person, beside = _worst_has_the_word(_person(visit, found, shared.desk, who=0), found.state, visit, shared)
    theirs: dict[str, Any] = beside | {"own_health": person.health, "calm": person.calm}
    theirs["asked_for"] = asked_in_words(visit, shared.by)
    if visit.pk not in shared.uncovered:
        return person, theirs
    proposed = visit.pk in shared.proposed
    said, health = cannot_take_place(visit, proposed=proposed), "" if person.calm else person.health
    shown = replace(person, health=". ".join(filter(None, (said, health))), calm=False)
    return shown, theirs | {"not_now": said, "proposed": proposed}


def _as_sent(mine: TypedTemperature) -> dict[str, Any]:
    """Return what a row says of what was typed and not taken."""
    return {"typed": mine.typed, "problem": mine.problem, "asked": mine.asked}


def _next_companion_url(visit: Appointment, people: Sequence[Screening], desk: Desk) -> str:
    """Return where one more who comes along is asked; empty where nobody may."""
    open_today, policy = desk.on == desk.today and visit.status in WAITING_AT_DOOR, people[0].policy
    more = open_today and policy is not None and len(people) <= policy.companions_max
    return questions_url(visit, desk, who=len(people)) if more else ""


def _worst_has_the_word(
    person: ArrivingPerson, state: ScreeningState, visit: Appointment, shared: RowContext
) -> tuple[ArrivingPerson, dict[str, str]]:
    """Return what a row says of its patient and beside them: of two that would contradict each other the worse."""
    found, today = shared.asked_today.get(visit.pk), _today(visit, shared)
    if found is None or not today.get("today"):
        return person, _words_beside(visit, shared, today)
    if state is ScreeningState.SEEK_CARE or (state is ScreeningState.STAY_AWAY and found.state is not DayState.CALL):
        today |= {"today": ""}
    elif found.waits:
        person = replace(person, health="")
    return person, _words_beside(visit, shared, today)


def _words_beside(visit: Appointment, shared: RowContext, today: dict[str, str]) -> dict[str, str]:
    """Return what is said beside who treats, what is prepared, and what those alone are told who treat."""
    judged, word = shared.judged.get(visit.pk), _word(visit, shared) if visit.status in WAITING_AT_DOOR else ""
    if judged is None:
        return {"word": word, **today}
    treats = shared.by.user_id is not None and visit.practitioner.user_id == shared.by.user_id
    flags = "; ".join(_flags(visit, judged, shared)) if treats else ""
    needs = "; ".join(needs_in_words(judged, visit.place.features if visit.place else None))
    return {"word": word, "needs": needs, "flags": flags, **today}


def _flags(visit: Appointment, judged: JudgedVisit, shared: RowContext) -> list[str]:
    """Return what whoever treats is told: what no clinician has looked at yet comes first."""
    today = shared.asked_today.get(visit.pk)
    later = stands_against(judged) if visit.pk in shared.to_look_at else []
    unseen = unseen_in_words(judged, today.unseen if today else later)
    return [*unseen, *flags_in_words(judged, set_aside=bool(visit.set_aside_reason))]


def _today(visit: Appointment, shared: RowContext) -> dict[str, str]:
    """Return how somebody stands with what is asked on the day of their therapy, to whoever asks or decides."""
    found, desk = shared.asked_today.get(visit.pk), shared.desk
    if visit.pk in shared.to_look_at and visit.pk not in shared.for_others and visit.status in WAITING_AT_DOOR:
        return {"today": _("Needs review: a clinician looks at this before they come")}
    if visit.pk not in shared.for_others and desk.on == desk.today and is_looked_at(visit):
        until = time_in_words(visit.kept_until or visit.period.lower, desk.site.tz)
        return {"today": _("A clinician looks at it first, until %s: let one know if they are here") % until}
    if found is None or visit.pk in shared.for_others or visit.status not in WAITING_AT_DOOR:
        return {}
    url = reverse("desk-day-questions", args=[visit.public_id]) + desk.where
    said = {
        DayState.CALL: (_("Needs help now: call a clinician, and 911 if it is urgent"), _("What to do")),
        DayState.LOOKED_AT: (_needs_review(found), _("What to do")),
        DayState.CLEAR: ("", _("Ask today's questions again")),
        DayState.UNANSWERED: (
            "" if found.nothing_new else _("Ask today's questions"),
            _("Something today") if found.nothing_new else _("Today's questions"),
        ),
    }
    health, words = said[found.state]
    return {"today": health, "today_url": url, "today_words": words}


def _needs_review(found: DayQuestions) -> str:
    """Say that a clinician decides: about what was answered before, or what they have said at the door."""
    return _("Needs review: a clinician decides first") if found.unseen else _("A clinician decides first")


def _keeps_out(visit: Appointment, shared: RowContext) -> bool:
    """Whether what is asked on the day stands against a check-in with one press."""
    found = shared.asked_today.get(visit.pk)
    return found is not None and (found.waits or (found.state is DayState.UNANSWERED and found.nothing_new is None))


def _word(visit: Appointment, shared: RowContext) -> str:
    return shared.unsettled.word(visit.practitioner_id, shared.desk.on, site=visit.site_id)


def _times_url(visit: Appointment, found: Screening, shared: RowContext, *, covered: bool) -> str:
    """Return where another time is found for whoever cannot come in, while their appointment can still be moved."""
    today, desk = shared.asked_today.get(visit.pk), shared.desk
    waits = today is not None and today.waits and visit.pk not in shared.for_others
    moves = (
        (found.state is ScreeningState.STAY_AWAY or not covered or waits)
        and visit.status == Status.BOOKED
        and desk.on >= desk.today
    )
    return reverse("desk-another-time", args=[visit.public_id]) + desk.where if moves else ""


def questions_url(visit: Appointment, desk: Desk, *, who: int = 0, new: bool = False) -> str:
    """Return where the questions are read aloud. `new`: only what is asked once more at the door."""
    more = (f"&who={who}" if who else "") + ("&step=new" if new else "")
    return reverse("desk-questions", args=[visit.public_id]) + desk.where + more


def _person(visit: Appointment, found: Screening, desk: Desk, *, who: int) -> ArrivingPerson:
    new = found.needs_recheck and desk.on == desk.today
    comes_later = who > 0 and not found.state.lets_in and desk.on == desk.today
    over = desk.on < desk.today
    waits = not over and (visit.status in WAITING_AT_DOOR or comes_later)  # who comes along may do so afterwards
    asked = found.state not in (ScreeningState.NOT_ASKED, ScreeningState.NOT_YET) and waits
    words = _("Something is new") if new else _("Ask the questions") if not found.state.lets_in else _("Ask again")
    return ArrivingPerson(
        who=_("Companion") if who else "",
        health=then_in_words(found) if over else health_in_words(found, visit.site.tz, who=who),
        calm=over or found.state.lets_in,
        ask_url=questions_url(visit, desk, who=who, new=new) if asked else "",
        ask_words=words,
    )


def _companion(visit: Appointment, found: Screening, desk: Desk, *, who: int) -> ArrivingPerson:
    """Return how somebody stands who comes along: nobody checks them in, but they are asked what is new as well."""
    person = _person(visit, found, desk, who=who)
    if not found.needs_recheck or desk.on != desk.today:
        return person
    url = questions_url(visit, desk, who=who, new=True)
    return replace(
        person,
        health=_("%s, if nothing is new") % person.health,
        ask_url=url,  # also of whoever comes along to somebody who is checked in already
        nothing_new_url="" if takes_temperature(found) else url,
        seen=id_of(found.newest),
    )


def _buttons(visit: Appointment, found: Screening, shared: RowContext, *, asked: bool) -> list[ArrivalButton]:
    """Return what can be done about a visit now: no button is there that would be refused."""
    desk = shared.desk
    if desk.on > desk.today:
        return []
    offered = (TODAY if desk.on == desk.today else EARLIER).get(Status(visit.status), ())
    lets_in = found.state.lets_in and not _keeps_out(visit, shared)
    kept = set() if lets_in and visit.pk not in shared.for_others else {Move.CHECK_IN}
    covered = visit.pk not in shared.uncovered
    may_be = [one for one in offered if is_allowed(visit, one, by=shared.by, at=shared.at, covered=covered)]
    wanted = [move for move in may_be if move not in kept]
    return [
        _check_in_button(visit, found, shared, asked=asked)
        if move is Move.CHECK_IN
        else ArrivalButton(url=_attend_url(visit, move, desk), words=_words(move, desk), main=False, key=KEYS[move])
        for move in wanted
    ]


def _check_in_button(visit: Appointment, found: Screening, shared: RowContext, *, asked: bool) -> ArrivalButton:
    today = shared.asked_today.get(visit.pk)
    asks = found.needs_recheck and found.policy is not None and bool(found.policy.recheck)
    asks = asks or (today is not None and today.state is DayState.UNANSWERED)
    words = _("Nothing new: check in") if asks else _words(Move.CHECK_IN, shared.desk)
    words = _("Check in all the same") if asked else words
    return ArrivalButton(
        url=_attend_url(visit, Move.CHECK_IN, shared.desk),
        words=words,
        main=visit.pk not in shared.uncovered,
        key=KEYS[Move.CHECK_IN],
        temperature=takes_temperature(found),
        asks=asks,
        sent=(NOTHING_NEW, ALL_THE_SAME) if asked else (NOTHING_NEW,),
    )


def _attend_url(visit: Appointment, move: Move, desk: Desk) -> str:
    return reverse("desk-attend", args=[visit.public_id, move.value]) + desk.where


def takes_temperature(found: Screening) -> bool:
    """Whether somebody's temperature is still to be taken before they are checked in."""
    return found.needs_recheck and found.policy is not None and found.policy.temperature_at_door


def _words(move: Move, desk: Desk) -> str:
    words = {
        Move.ARRIVE: _("Arrived") if desk.on == desk.today else _("Was here"),
        Move.CHECK_IN: _("Check in"),
        Move.NO_SHOW: _("Did not come"),
        Move.FULFIL: _("Done"),
        Move.UNDO: _("Undo"),
    }
    return words[move]
