"""Calls to make and calls that were asked for, as one list for whoever has the phone in hand."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking import queries
from booking.actions import made_calls
from booking.actions.as_seen import marks_of
from booking.actions.proposed_times import proposed_times
from booking.asked_for_words import asked_in_words
from booking.calls import call_news
from booking.calls.calls_to_make import (
    AT_ONCE,
    ENDED_BY_ITSELF,
    LOOKED_AT_AGAIN,
    call_requests,
    call_tasks,
    due_of_task,
    may_need_help,
    one_each,
)
from booking.models import Appointment, CallReason, CallRequest, CallTask, ClosureNews, Hold
from booking.models.patients import ContactSystem
from booking.status import Move, Status, after
from booking.subjects import of_appointment
from booking.web.desk.appointments.facts import ProposedTime, proposed_time
from booking.web.desk.phones import PhoneNumber, phone_numbers
from booking.web.desk.questions_by_phone import may_read_aloud
from core.accounts.names import names_of
from core.models import Site
from core.principal import Principal
from core.rights import Action, may, sites_for
from core.text.languages import when_in_words
from core.text.phone_numbers import country_of, readable
from scheduler import public as scheduler

ASKED_FOR, TASK = "asked-for", "task"
TRIED_AGAIN = timedelta(hours=1)
"""For so long whoever did not answer stands below the others."""

OF_ANOTHER_TIME = (CallReason.WITHOUT_COVER, CallReason.NOT_REACHED)
"""Calls in which another time is said, where one is proposed."""

TO_FIND_A_TIME = (CallReason.WITHOUT_COVER, CallReason.OTHER_PRACTITIONER, CallReason.FIND_TIME)
"""Calls in which another time is found with whoever is called."""

NOT_ARRIVED = frozenset({CallReason.NOT_REACHED, CallReason.FAMILY_MAIL, CallReason.CODE})
"""Calls because a message failed, or may have: each such message raises one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """Somebody to call. `kind`, `pk`: how an address names the call; `seen`: as which it is looked at.

    `first`: before all others; `about`: their appointment, `page`: where all of it stands, `mark`: as it is seen;
    `proposed`: another time, and what is pressed as they answer; `tried`: that nobody answered, `tried_at`: when, as
    an undo names it; `look`: where a clinician looks at it; `aloud`: where the questions stand that are read to them;
    `move`: where another time is found for them; `ends_here`: whoever has called says so here; `here`: they stand at
    the door, and nobody need reach them; `patient`: whose record it is.
    """

    kind: str
    pk: int
    seen: str
    person: str
    phones: Sequence[PhoneNumber]
    mails: Sequence[str]
    why: str
    about: str = ""
    note: str = ""
    proposed: ProposedTime | None = None
    mark: str = ""
    tried: str = ""
    tried_at: str = ""
    move: str = ""
    page: str = ""
    look: str = ""
    aloud: str = ""
    due: str
    since: str
    first: bool
    overdue: bool
    due_at: datetime
    reason: str = ""
    patient: str = ""
    ends_here: bool = True
    here: bool = False

    @property
    def is_unreachable(self) -> bool:
        """Whether no phone number is on file, and no mail reaches them either, as far as is known."""
        no_mail = not self.mails or self.reason in NOT_ARRIVED
        return not self.phones and no_mail and not self.here and bool(self.patient)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCallRow:
    """Somebody who was called today: by whom, and when. `seen`: when, as an undo names it."""

    kind: str
    pk: int
    seen: str
    person: str
    why: str
    made: str


class CallsOfSite:
    """The calls of a site that somebody sees."""

    def __init__(self, site: Site, *, by: Principal, at: datetime) -> None:
        self.site, self.by, self.at = site, by, at
        self.proposed: Mapping[int, Hold] = {}
        self.marks: Mapping[int, str] = {}
        self.callers: Mapping[str, str] = {}
        self.tasks = call_tasks(by).filter(appointment__site=site)
        self.requests = call_requests(by).filter(site=site)

    def find(self, kind: str, pk: int) -> CallTask | CallRequest | None:
        """Return a call as an address names it; None for what somebody does not see."""
        if kind == ASKED_FOR:
            return self.requests.filter(pk=pk).first()
        return self.tasks.filter(pk=pk).first() if kind == TASK else None

    def to_make(self) -> list[CallRow]:
        """Return whom to call: who is here and needs help on top, then who is called at once, then who is due first."""
        requests = list(self.requests.filter(done_at=None))
        days = scheduler.business_days(self.site.pk)
        open_ones = one_each(self.tasks.filter(done_at=None))
        tried = {one.tried_by for one in requests} | {one.tried_by for one in open_ones} - {""}
        self.callers = names_of(tried) if tried else {}
        self._read_proposed(open_ones)
        asked = [(one.due_at, one.asked_at, self._asked(one), self._waits(one)) for one in requests]
        urgent = may_need_help(open_ones, at=self.at)
        tasks = [
            (due_at, one.raised_at, self._task(one, due_at, urgent), self._waits(one))
            for one in open_ones
            for due_at in [due_of_task(one, days, urgent)]
        ]
        found = sorted([*asked, *tasks], key=lambda one: (not one[2].here, not one[2].first, one[3], *one[:2]))
        return [row for _due, _since, row, _waits in found]

    def _waits(self, call: CallTask | CallRequest) -> bool:
        """Whether nobody answered just now: whoever else is to be called comes first."""
        return call.tried_at is not None and call.tried_at > self.at - TRIED_AGAIN

    def _read_proposed(self, tasks: Sequence[CallTask]) -> None:
        closed = {one.appointment_id: one.appointment for one in tasks if one.reason in OF_ANOTHER_TIME}
        self.proposed = proposed_times(closed, at=self.at) if closed else {}
        self.marks = marks_of([closed[one] for one in self.proposed])

    def _tried(self, call: CallTask | CallRequest) -> str:
        if call.tried_at is None:
            return ""
        said = ngettext(
            "Nobody answered: %(when)s, %(name)s.",
            "Nobody answered %(count)d times, the last one %(when)s, %(name)s.",
            call.tries,
        )
        name = self.callers.get(call.tried_by) or _("somebody")
        return said % {"count": call.tries, "when": when_in_words(call.tried_at, self.site.tz), "name": name}

    def _tried_at(self, call: CallTask | CallRequest) -> str:
        back = made_calls.may_take_try_back(call, at=self.at)
        return call.tried_at.isoformat() if back and call.tried_at else ""

    def made_today(self) -> list[MadeCallRow]:
        """Return who was called today by the site's clock, the last on top."""
        midnight = datetime.combine(self.at.astimezone(self.site.tz).date(), time(), self.site.tz)
        tasks = self.tasks.filter(done_at__gte=midnight).exclude(done_by=ENDED_BY_ITSELF.key)
        tasks = tasks.exclude(reason__in=LOOKED_AT_AGAIN)
        made = sorted(
            [*tasks, *self.requests.filter(done_at__gte=midnight)],
            key=lambda one: one.done_at or midnight,
            reverse=True,
        )
        names = names_of(one.done_by for one in made)
        return [self._made(one, names.get(one.done_by, "")) for one in made]

    def _asked(self, call: CallRequest) -> CallRow:
        zone = self.site.tz
        why = _("They would like to book, and asked for a call. They say themselves what it is about.")
        if call.first:
            why = _("Call them before others, and ask how they are. They would like to book, and asked for a call.")
        return CallRow(
            kind=ASKED_FOR,
            pk=call.pk,
            seen=made_calls.since(call).isoformat(),
            person=call.name,
            phones=[PhoneNumber(call.phone, readable(call.phone, country_of(self.site.zone)))],
            mails=(),
            why=why,
            since=when_in_words(call.asked_at, zone),
            tried=self._tried(call),
            tried_at=self._tried_at(call),
            first=call.first,
            **self._due(call.due_at),
        )

    def _task(self, call: CallTask, due_at: datetime, urgent: Collection[int]) -> CallRow:
        visit = call.appointment
        clinicians, here = call.reason in LOOKED_AT_AGAIN, call.reason == CallReason.HELP_HERE
        helps = clinicians and visit.pk in urgent
        return CallRow(
            kind=TASK,
            pk=call.pk,
            seen=made_calls.since(call).isoformat(),
            person=visit.patient.name,
            phones=phone_numbers(visit),
            mails=_mails(visit),
            why=_first_a_clinician() if helps and not self._reads_answers() else self._why(call),
            about=self._about(visit),
            **self._beside(call, visit),
            page=reverse("desk-appointment", args=[visit.public_id]),
            look=self._look(visit) if clinicians or here else "",
            aloud=self._aloud(visit),
            since=when_in_words(call.raised_at, self.site.tz),
            first=helps or call.reason in AT_ONCE,
            **self._due(due_at),
            reason=call.reason,
            patient=str(visit.patient.public_id),
            ends_here=not clinicians,
            here=here,
        )

    def _due(self, due_at: datetime) -> dict[str, Any]:
        return {"due": when_in_words(due_at, self.site.tz), "due_at": due_at, "overdue": due_at <= self.at}

    def _beside(self, call: CallTask, visit: Appointment) -> dict[str, Any]:
        """Return what staff noted, that nobody answered, and which other time was proposed."""
        held = self.proposed.get(visit.pk)
        return {
            "note": visit.note if may(self.by, Action.SEE_DETAILS, of_appointment(visit, self.by)) else "",
            "proposed": proposed_time(visit, held, self.by) if held else None,
            "tried": self._tried(call),
            "tried_at": self._tried_at(call),
            "mark": self.marks.get(visit.pk, ""),
            "move": "" if held else self._move(call, visit),
        }

    def _why(self, call: CallTask) -> str:
        """Say why: that something was answered differently is for those alone who read answers."""
        if call.reason in LOOKED_AT_AGAIN and not self._reads_answers():
            return _("A clinician looks at this before they come, and calls them if it is needed.")
        if call.reason == CallReason.ACCESS and (asked := asked_in_words(call.appointment, self.by)):
            return _("Asked for, so that they can come: %s") % asked
        if self._is_proposed_no_more(call):
            return str(call_news.OF_A_CLOSURE[ClosureNews.CLOSED])
        return call_news.why(call)

    def _is_proposed_no_more(self, call: CallTask) -> bool:
        """Whether somebody is to be asked about a time that is not kept for them any more."""
        asked = getattr(call, "closure_news", None) == ClosureNews.OTHER_TIME and call.reason == CallReason.NOT_REACHED
        return asked and call.done_at is None and call.appointment_id not in self.proposed

    def _reads_answers(self) -> bool:
        return self.site.pk in sites_for(self.by, Action.READ_SCREENING_ANSWERS)

    def _move(self, call: CallTask, visit: Appointment) -> str:
        wanted = call.reason in TO_FIND_A_TIME and may(self.by, Action.MOVE, of_appointment(visit, self.by))
        moves = wanted and after(Status(visit.status), Move.RESCHEDULE) is not None and visit.period.lower > self.at
        return reverse("desk-appointment-move", args=[visit.public_id]) if moves else ""

    def _look(self, visit: Appointment) -> str:
        page = f"{reverse('desk-suitability-reviews')}?site={self.site.key}#r-{visit.public_id}"
        return page if self._reads_answers() else ""

    def _aloud(self, visit: Appointment) -> str:
        if queries.has_lapsed(visit, at=self.at) or not may_read_aloud(visit, self.by):
            return ""
        return f"{reverse('desk-questions-by-phone', args=[visit.public_id])}?site={self.site.key}"

    def _about(self, visit: Appointment) -> str:
        facts = {
            "when": when_in_words(visit.period.lower, self.site.tz),
            "with": visit.practitioner.name,
            "stands": queries.status_in_words(visit, at=self.at),
            "reference": visit.reference,
        }
        return _("%(when)s, %(with)s, %(reference)s: %(stands)s") % facts

    def _made(self, call: CallTask | CallRequest, who: str) -> MadeCallRow:
        when = when_in_words(call.done_at, self.site.tz) if call.done_at else ""
        of_a_visit = isinstance(call, CallTask)
        return MadeCallRow(
            kind=TASK if of_a_visit else ASKED_FOR,
            pk=call.pk,
            seen=call.done_at.isoformat() if call.done_at else "",
            person=name_in(call),
            why=self._why(call) if isinstance(call, CallTask) else _("They asked for a call."),
            made=(_("%(name)s, %(when)s") % {"name": who, "when": when}) if who else when,
        )


def _mails(visit: Appointment) -> list[str]:
    return [one.value for one in visit.patient.contacts.all() if one.system == ContactSystem.EMAIL]


def _first_a_clinician() -> str:
    return _("They may need help: let a clinician of this site know now. The clinician calls them before anybody else.")


def name_in(call: CallTask | CallRequest) -> str:
    """Return the patient's name, or what a visitor gave who asked to be called."""
    return call.appointment.patient.name if isinstance(call, CallTask) else call.name
