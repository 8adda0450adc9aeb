"""Other times are proposed to the patients of closed visits: to one at once, to many one after the other by a worker.

What is proposed is kept for the patient as if they had chosen it behind their link, so that nobody else is offered the
same. For whom staff want times is written down: a worker that dies, or a queue that is lost, forgets nobody.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking import policies
from booking.actions import booking_checks, holds, links
from booking.actions.closures import NotClosed, closure_of, tell_soon
from booking.actions.moves import locked
from booking.actions.screening import suggested_absences
from booking.audiences import audience_of_visit
from booking.closures import IN_WORK, proposal_end
from booking.models import Appointment, ClosureNews, ClosureNotice, Hold, ProposalRequest
from booking.queries import was_reviewed
from booking.screening.queries import away
from booking.screening.rights import sees_outcome
from booking.status import Move, Status, after
from core.database.transactions import unit
from core.doorbell import ring
from core.models import User
from core.principal import Principal
from core.refusals import Refusal
from scheduler import public as scheduler

TASK = "booking.tasks.propose_times"
LOOKED_AHEAD = timedelta(days=91)
TRIES = 5
"""How often a free time is looked for where others are quicker."""

CANDIDATES = 5
"""How many free times are looked at each time: the first of them may overlap the visit's own, and is no other."""

FAR = timedelta(days=14)
"""So much longer nobody waits for the practitioner whom they know."""

AT_ONCE = 25
"""For how many a worker looks before it lets other work come first."""

LEASE = timedelta(minutes=2)
"""Whose request a worker took up so long ago without an end is taken up by another one."""


class TimeHeldAlready(Refusal):
    """Another time is kept for this appointment already: by a proposal, or because its patient is choosing one."""

    code = "time-held-already"
    title = gettext_lazy("Another time is kept for this appointment already.")


class NoTimeToPropose(Refusal):
    """There is no free time that the patient could take."""

    code = "no-time-to-propose"
    title = gettext_lazy("We found no free time to propose. Please call them.")


@unit
def propose(appointment_id: UUID, *, by: Principal, at: datetime, slot: scheduler.Slot | None = None) -> ClosureNotice:
    """Keep another time for a visit that cannot take place, and let its patient be asked.

    That one, or the first that suits.
    Raises NotClosed, TimeHeldAlready, NoTimeToPropose, and what holding a time refuses.
    """
    visit = locked(appointment_id)
    closure, link = closure_of(visit, at=at), links.live_link(visit, at=at)
    if after(Status(visit.status), Move.RESCHEDULE) is None:
        raise NotClosed
    whoever = links.principal_of(link)
    if holds.offered_for(visit, by=whoever, at=at) is not None:
        raise TimeHeldAlready
    first_day(visit, by=by, at=at)
    if slot:
        held = _hold(visit, [slot], whoever=whoever, by=by, at=at)
    else:
        held = _hold_first(visit, whoever=whoever, by=by, at=at)
    longest = policies.booking_policy(visit.site_id, at=at).proposed
    until = proposal_end(visit.period.lower, held.period.lower, longest=longest, at=at)
    held = holds.keep_until(held, until, at=at)
    made = ClosureNotice.objects.create(
        appointment=visit,
        version=visit.version,
        closure=closure,
        news=ClosureNews.OTHER_TIME,
        hold=held,
        by=by.key,
        at=at,
    )
    tell_soon(visit, at=at)
    return made


@unit
def request_all(visits: Iterable[Appointment], *, closure: str, by: Principal, at: datetime) -> None:
    """Let another time be proposed to each of closed visits for which nobody looks for one yet."""
    visits, asked = list(visits), {"closure": closure, "by": by.key, "at": at}
    # What a worker never came to an end with is asked for anew; what one has in work just now is left to it.
    late = ProposalRequest.objects.filter(appointment__in=visits, done_at=None, at__lte=at - IN_WORK)
    late = late.select_for_update(skip_locked=True).order_by("pk")
    ProposalRequest.objects.filter(pk__in=list(late.values_list("pk", flat=True))).update(**asked)
    # Pressed twice, also at once: the constraint lets each be looked for once.
    ProposalRequest.objects.bulk_create(
        [ProposalRequest(appointment=visit, **asked) for visit in visits], ignore_conflicts=True
    )
    if visits:
        ring(TASK)


def look_for_times(*, now: Callable[[], datetime]) -> int:
    """Propose another time to each for whom it is asked, some at a time and each by itself; return for how many.

    `now` reads the clock: many searches last longer than a moment.
    """
    # What failed comes last: it keeps nobody else waiting.
    oldest = _free(now()).order_by(F("tried_at").asc(nulls_first=True), "pk").values_list("pk", flat=True)
    # Taken up one by one: what is not begun when a worker dies is anybody's at once.
    looked_for = sum(_take_up(pk, at=now()) and _look_for(pk, at=now()) for pk in oldest[:AT_ONCE])
    if looked_for and _free(now()).exists():
        ring(TASK)
    return looked_for


def _free(at: datetime) -> QuerySet[ProposalRequest]:
    """Return what no worker has in work."""
    return ProposalRequest.objects.filter(Q(tried_at=None) | Q(tried_at__lte=at - LEASE), done_at=None)


def _take_up(pk: int, *, at: datetime) -> bool:
    return bool(_free(at).filter(pk=pk).update(tried_at=at))


@unit
def _look_for(pk: int, *, at: datetime) -> bool:
    wanted = _locked_request(pk)
    if wanted is None:
        return False
    try:
        with transaction.atomic():
            propose(wanted.appointment.public_id, by=_who_asked(wanted, at=at), at=at)
    except Refusal as refusal:
        wanted.why = str(refusal.detail or refusal.title)[:300]
    wanted.done_at = at
    wanted.save(update_fields=["done_at", "why"])
    return True


def _who_asked(wanted: ProposalRequest, *, at: datetime) -> Principal:
    """Return who wants times, with the rights that they have by now: whoever has left the clinic has none."""
    kind, _colon, number = wanted.by.partition(":")
    if kind != "user":
        return Principal(key=wanted.by)
    user = User.objects.filter(pk=int(number), is_active=True).first()
    return Principal.of(user, at=at) if user else Principal(key=wanted.by, user_id=int(number))


def _locked_request(pk: int) -> ProposalRequest | None:
    """Lock what was taken up; None where another worker has it still, slow as it is, or has come to an end."""
    return ProposalRequest.objects.select_for_update(skip_locked=True).filter(pk=pk, done_at=None).first()


def first_day(visit: Appointment, *, by: Principal, at: datetime) -> date:
    """Return from which day on a visit's patient may come, as far as whoever asks may know. Raises NoTimeToPropose."""
    stays_away, first_day = away(visit, at=at) if sees_outcome(by, visit) else (False, None)
    if stays_away and first_day is None:
        raise NoTimeToPropose(_("We do not know yet from when on they may come."))
    return first_day or date.min


def first_times(
    visit: Appointment,
    *,
    most: int,
    by: Principal,
    at: datetime,
    settled: suggested_absences.SettledColleagues | None = None,
) -> list[scheduler.Slot]:
    """Return the first free times from a visit's own on that its patient may take, the best first.

    The practitioner whom they know comes first, unless that takes weeks longer; then whoever is free soonest.
    `settled`: only with those of whom it says that they see patients then, since nobody looks before it is proposed.
    `by`: who is to choose; what they must not know of the patient changes nothing. Raises NoTimeToPropose.
    """
    query = proposed_from(visit, by=by, at=at)
    fits = booking_checks.fitting(visit, at=at)

    def free(wanted: scheduler.SearchQuery) -> Iterator[scheduler.Slot]:
        # Looked at one by one: of the thousands in three months the first few are wanted.
        found = (slot for slot in scheduler.each_start(wanted, at=at) if slot.id != visit.slot and fits(slot))
        return filter(settled, found) if settled else found

    soonest, near = free(query), list[scheduler.Slot]()
    first = next(soonest, None)
    if first is None:
        return []
    with suppress(scheduler.UnknownPractitioner):  # who has left the clinic since
        known = replace(query, practitioner=visit.practitioner.public_id, ends_at=first.start + FAR)
        near = list(islice(free(known), most))
    others = (slot for slot in chain([first], soonest) if slot not in near)
    return [*near, *islice(others, most - len(near))]


def proposed_from(
    visit: Appointment, *, by: Principal, at: datetime, since: datetime | None = None
) -> scheduler.SearchQuery:
    """Return what is looked for: from a visit's own time on, or from when on its patient may come.

    `since`: from then on instead of its own time. Raises NoTimeToPropose.
    """
    day = first_day(visit, by=by, at=at)
    begins = max(at, since or visit.period.lower, datetime.combine(day, time(), visit.site.tz))
    return scheduler.SearchQuery(
        therapy=visit.therapy.key,
        visit=visit.visit,
        technique=visit.technique,
        starts_at=begins,
        ends_at=begins + LOOKED_AHEAD,
        # As the patient: they shall be able to take it, and to choose another one.
        audience=audience_of_visit(visit, at=at),
        moving=visit.allocation,
        segments=visit.lengths,
        reviewed=was_reviewed(visit),
        limit=None,
        each_start=None,
    )


def _hold_first(visit: Appointment, *, whoever: Principal, by: Principal, at: datetime) -> Hold:
    """Keep the first time that can be had; where somebody else was quicker, look again: the next one is free."""
    settled = suggested_absences.SettledColleagues(at)
    for tried in range(TRIES):
        try:
            with transaction.atomic():  # a savepoint: what is refused leaves the rest of this unit as it is
                free = first_times(visit, most=CANDIDATES, by=by, at=at, settled=settled)
                return _hold(visit, free, whoever=whoever, by=by, at=at)
        except scheduler.SlotTaken:
            if tried == TRIES - 1:
                raise
    raise NoTimeToPropose


def _hold(
    visit: Appointment, wanted: Iterable[scheduler.Slot], *, whoever: Principal, by: Principal, at: datetime
) -> Hold:
    """Keep the first of these times that the visit's own does not keep already, for whoever has its link."""
    for slot in wanted:
        if held := holds.choose_for(visit, slot, by=whoever, at=at, proposed_by=by):
            return held
    raise NoTimeToPropose
