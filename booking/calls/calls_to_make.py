"""Whom staff are to call: which of the calls to make, and of those that people asked for, somebody may see."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from booking.calls import call_news
from booking.models import Appointment, CallReason, CallRequest, CallTask
from booking.screening.rights import CALLS_THAT_TELL
from booking.suitability.visits import judge_visits
from core.database.compiled import Argument, for_each_kind
from core.models import Site
from core.principal import Principal
from core.rights import Action, Scope, acting, reaching
from scheduler.public import BusinessDays, business_days

BUSINESS_DAYS = 1
"""Within how many business days somebody is called."""

AT_ONCE = frozenset({CallReason.SEEK_CARE, CallReason.HELP_HERE})
"""Who is called before anybody else."""

LOOKED_AT_AGAIN = frozenset({CallReason.RULES_CHANGED, CallReason.ANSWERS_CHANGED})
"""What a clinician looks at before anybody calls: it ends once they have."""


ENDED_BY_ITSELF = Principal.system("calls")
"""Who has ended a call that nobody need make any more."""


def caller(by: Principal) -> Principal:
    """Return who asks, with those roles alone that see names and contact points, and call."""
    return acting(acting(acting(by, Action.SEE_NAMES), Action.SEE_PATIENT), Action.CALL)


def may_call_at(by: Principal) -> frozenset[int]:
    """Return the sites (ids) where somebody calls whoever asks for it."""
    return caller(by).sites(*reaching(Action.CALL, Scope.SITE))


def call_tasks(by: Principal) -> QuerySet[CallTask, Any]:
    """Return the calls for visits that somebody may see with the names of those who come, with the newest news."""
    rows = seen_tasks(by)
    rows = rows.select_related(
        *(f"appointment__{one}" for one in ("patient", "practitioner", "site", "therapy", "place"))
    )
    rows = rows.annotate(news=call_news.newest_of_a_call("move"), news_facts=call_news.newest_of_a_call("facts"))
    rows = rows.annotate(closure_news=call_news.newest_of_a_closure())
    return rows.prefetch_related("appointment__patient__contacts")


def seen_tasks(by: Principal) -> QuerySet[CallTask, Any]:
    """Return the rows of the calls that `call_tasks` returns: what is counted needs no more of them."""
    who = caller(by)
    seen = Appointment.objects.visible_to(who)
    rows = CallTask.objects.filter(appointment__in=seen.order_by().values("pk"))
    told = Appointment.objects.visible_to(acting(who, Action.SEE_SCREENING))
    return rows.filter(~Q(reason__in=CALLS_THAT_TELL) | Q(appointment__in=told.order_by().values("pk")))


@for_each_kind
def _open_tasks(kind: Principal) -> QuerySet[CallTask, Any]:
    rows = seen_tasks(kind).filter(appointment__site=Argument("site"), done_at=None)
    return rows.select_related("appointment__patient", "appointment__therapy")


@for_each_kind
def _requests_due(kind: Principal) -> QuerySet[CallRequest, Any]:
    due = Q(first=True) | Q(due_at__lte=Argument("at"))
    rows = call_requests(kind).select_related(None).order_by()
    return rows.filter(due, site=Argument("site"), done_at=None).values_list("pk")


def one_each(tasks: Iterable[CallTask]) -> list[CallTask]:
    """Return calls, one of each visit whose patient is called at once: that a clinician looks as well is no other."""
    found = list(tasks)
    at_once = {one.appointment_id for one in found if one.reason in AT_ONCE}
    return [one for one in found if one.reason not in LOOKED_AT_AGAIN or one.appointment_id not in at_once]


def due_by_now(site: Site, *, by: Principal, at: datetime) -> int:
    """Count the calls at a site that somebody sees and that are due at once, or were due by now."""
    days = business_days(site.pk)
    who: dict[str, Any] = {"site": site.pk, "user_id": by.user_id, "acts_at": by.at}
    tasks = one_each(_open_tasks(by.kind).rows(**who))
    for one in tasks:
        one.appointment.site = site
    urgent = may_need_help(tasks, at=at)
    asked = _requests_due(by.kind).tuples(at=at, **who)
    return sum(due_of_task(one, days, urgent) <= at for one in tasks) + len(asked)


def call_requests(by: Principal) -> QuerySet[CallRequest]:
    """Return the calls that were asked for where somebody calls."""
    return CallRequest.objects.filter(site__in=may_call_at(by)).select_related("site")


def may_need_help(tasks: Iterable[CallTask], *, at: datetime) -> frozenset[int]:
    """Return those visits (ids) of calls whose patients may need help by what they answered, and read whom to call.

    A clinician calls them before anybody else. In one query, or none.
    """
    visits = {one.appointment_id: one.appointment for one in tasks if one.reason in LOOKED_AT_AGAIN}
    return frozenset(visit for visit, one in judge_visits(visits.values(), at=at).items() if one.found.shows_number)


def due_of_task(call: CallTask, days: BusinessDays, urgent: Collection[int] = ()) -> datetime:
    """Return by when somebody is called: within a business day, and before they would come. Needs the appointment.

    `urgent`: the visits (ids) whose patients may need help.
    """
    if call.reason in AT_ONCE or (call.reason in LOOKED_AT_AGAIN and call.appointment_id in urgent):
        return call.raised_at
    due, start = days.end_after(BUSINESS_DAYS, at=call.raised_at), call.appointment.period.lower
    if call.reason == CallReason.CODE and call.appointment.kept_until:
        due = min(due, call.appointment.kept_until)  # from then on the time is not theirs any more
    return min(due, start) if start > call.raised_at else due
