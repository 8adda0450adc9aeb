"""What is to be done at a site, on one page: what is due first on top, each with one click to where it is done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking.models import Appointment
from booking.status import OCCUPYING
from booking.web.desk.shell import Desk, desk_page
from booking.web.desk.to_do.order import Task, TaskGroup, TaskKind, grouped
from booking.web.desk.to_do.site_tasks import TasksOfSite
from core.accounts.principals import principal_of
from core.models import Site
from core.principal import Principal
from core.rights import Action, acting
from core.text.languages import date_in_words, when_in_words

HEADINGS: dict[TaskKind, Promise] = {
    TaskKind.COVER: _("Their time is not open any more"),
    TaskKind.AWAY: _("They must not come in on the day of their appointment"),
    TaskKind.UNREACHABLE: _("Nobody can reach them: no phone number is on file"),
    TaskKind.WAITING_LIST: _("They wait for a time, and no mail reaches them"),
    TaskKind.MESSAGES: _("A message did not arrive, or may not have"),
    TaskKind.CALLS: _("Other calls"),
    TaskKind.NEEDS: _("An interpreter, or help to come, is asked for"),
    TaskKind.REVIEWS: _("Health answers to look at"),
    TaskKind.SEATS: _("Family time that opens to others"),
    TaskKind.ABSENCES: _("Who treats should be away, by their health answers"),
    TaskKind.LEAVE: _("Leave that is asked for"),
    TaskKind.CALENDARS: _("Calendars elsewhere that could not be read"),
    TaskKind.HOLIDAYS: _("Holidays that nobody has decided about"),
    TaskKind.DUPLICATES: _("May have two records"),
    TaskKind.UNVERIFIED: _("First appointments with an address that is not verified"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """Something to do, in words. `overdue`: it was due by now."""

    task: Task
    due: str
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSection:
    """What is to be done of one kind, under its heading."""

    kind: TaskKind
    heading: Promise
    rows: list[TaskRow]
    beyond: int


@desk_page(Action.CALL)
def to_do(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Show what is to be done at a site, as far as it is for whoever looks."""
    by = principal_of(request)
    found = TasksOfSite(desk.site, by=by, at=at)
    groups = grouped(found.all())
    context = {
        "asked": found.asked(),
        "for_clinicians": found.for_clinicians,
        "desk": desk,
        "sections": [_section(one, desk.site, at=at) for one in groups],
        "next": "" if groups else _next(desk.site, by=by, at=at),
    }
    return render(request, "booking/desk/to_do.html", context)


def _section(group: TaskGroup, site: Site, *, at: datetime) -> TaskSection:
    return TaskSection(
        kind=group.kind,
        heading=HEADINGS[group.kind],
        rows=list(_rows(group.tasks, site, at=at)),
        beyond=group.beyond,
    )


def _rows(tasks: Iterable[Task], site: Site, *, at: datetime) -> Iterable[TaskRow]:
    for one in tasks:
        of_a_day = one.kind is TaskKind.HOLIDAYS
        due = date_in_words(one.due_at.astimezone(site.tz).date()) if of_a_day else when_in_words(one.due_at, site.tz)
        yield TaskRow(task=one, due=due, overdue=one.due_at <= at)


def _next(site: Site, *, by: Principal, at: datetime) -> str:
    """Return when somebody comes next whom whoever looks may see; nothing where nobody does."""
    seen = Appointment.objects.visible_to(acting(by, Action.SEE_APPOINTMENT)).filter(site=site)
    ahead = seen.filter(status__in=sorted(OCCUPYING), period__startswith__gt=at).order_by("period", "pk")
    period = ahead.values_list("period", flat=True).first()
    return when_in_words(period.lower, site.tz) if period else ""
