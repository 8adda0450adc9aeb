"""How much waits at a site for somebody, as the name of its page says: counted in one query."""

from datetime import datetime

from booking.calls_to_make import AT_ONCE, LOOKED_AT_AGAIN, call_requests, call_tasks
from booking.seat_queries import due_seats
from core.models import Site
from core.principal import Principal
from core.rights import Action, Scope, may_ever, reaching


def count_open(site: Site, *, by: Principal, at: datetime) -> int:
    """Count the calls that somebody is to make at a site, and the times they keep that are soon free for others.

    A call stands for each time without cover, and for each message that did not arrive.
    """
    calls = call_tasks(by).filter(appointment__site=site, done_at=None)
    if site.pk not in by.sites(*reaching(Action.READ_SCREENING_ANSWERS, Scope.SITE)):
        calls = calls.exclude(reason__in=LOOKED_AT_AGAIN)  # those are a clinician's
    else:
        at_once = calls.filter(reason__in=AT_ONCE).order_by().values("appointment")
        calls = calls.exclude(reason__in=LOOKED_AT_AGAIN, appointment__in=at_once)
    rows = [calls, call_requests(by).filter(site=site, done_at=None)]
    if may_ever(by, Action.RESERVE_SEATS):
        rows.append(due_seats(site, by=by, at=at))
    first, *others = (one.order_by().values_list("pk") for one in rows)
    return first.union(*others, all=True).count()
