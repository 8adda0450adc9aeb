"""Ill today: who cannot come, from when until when, what becomes of each appointment, and who is told what."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from booking.actions import away as actions
from booking.actions.away import AwayChoice, AwayPeriod, Wanted
from booking.models import PractitionerScreening
from booking.web.desk.away_rows import PlannedRow, end_in_words, planned_rows, unreachable_in_words
from booking.web.desk.shell import Desk, desk_of, staff_page
from booking.web.labels import TYPE_A_DAY
from booking.web.responses import asked_or_sent
from booking.web.slot_ids import opened
from core import clock
from core.accounts.principals import principal_of
from core.principal import Principal
from core.refusals import Refusal
from core.rights import Action, may
from core.text.languages import localized, when_in_words
from core.text.typed_dates import date_typed, iso_date
from scheduler import public as scheduler

WHO, FIRST, FROM, LAST, ALL = "who", "first", "from", "last", "all"
A_DAY = timedelta(days=1)
BY_ONE_CHOICE = {AwayChoice.KEEP.value: AwayChoice.KEEP, AwayChoice.CANCEL.value: AwayChoice.CANCEL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody who treats here. `away`: until when they are away now; `back`: the absence that can be ended here."""

    id: UUID
    name: str
    url: str
    away: str = ""
    back: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedStretch:
    """From when until when, as an address says it. `wrong`: what is not understood, in words."""

    first: str
    since: str
    last: str | None
    starts_at: datetime
    ends_at: datetime
    wrong: str = ""

    @property
    def open_end(self) -> bool:
        """Whether nobody knows yet when they are back."""
        return self.ends_at == scheduler.UNTIL_FURTHER_NOTICE


@asked_or_sent
@staff_page(Action.EDIT_CALENDAR)
def away(request: HttpRequest) -> HttpResponse:
    """Ask who cannot come; show what becomes of their appointments; do all of it with one press."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.EDIT_CALENDAR, at=at)
    if WHO not in request.GET:
        return _choose(request, desk, by=by, at=at)
    who = _colleague(desk, request.GET[WHO], by=by)
    asked = asked_stretch(request, desk, at=at)
    stretch = AwayPeriod(practitioner=who, starts_at=asked.starts_at, ends_at=asked.ends_at)
    if request.method != "POST" or asked.wrong:
        return _page(request, desk, asked, stretch, at=at)
    try:
        entered = actions.enter(stretch, _wanted(request), site=desk.site, by=by, at=at)
    except Refusal as refusal:
        note = " ".join(dict.fromkeys(str(one) for one in (refusal.title, refusal.detail) if one))
        return _page(request, desk, asked, stretch, at=at, note=note, status=refusal.status)
    messages.success(request, _done_in_words(who.name, [one["choice"] for one in entered.done]))
    return redirect(f"{reverse('desk-away')}{desk.where}")


def _wanted(request: HttpRequest) -> list[Wanted]:
    """Return what was chosen about each appointment, or about all of them at once."""
    sent, found = request.POST, []
    for named in sent.getlist("appointment"):
        try:
            appointment, choice = UUID(named), AwayChoice(sent.get(f"choice-{named}", ""))
        except ValueError as error:
            raise Http404 from error
        choice = BY_ONE_CHOICE.get(sent.get(ALL, ""), choice)
        seen, slot = sent.get(f"seen-{named}", ""), sent.get(f"slot-{named}", "")
        found.append(Wanted(appointment=appointment, choice=choice, seen=seen, slot=opened(slot) if slot else ""))
    return found


def asked_stretch(request: HttpRequest, desk: Desk, *, at: datetime) -> AskedStretch:
    """Return from when until when an address says: from now until tonight, where it says nothing.

    A last day that is empty is none: they are away until further notice.
    """
    zone, sent = desk.site.tz, request.GET
    first, since, last = sent.get(FIRST, "").strip(), sent.get(FROM, "").strip(), sent.get(LAST)
    first_on = _day(first) if first else desk.today
    last_on = _day(last.strip()) if last and last.strip() else None
    wrong = str(TYPE_A_DAY) if first_on is None or (last and last.strip() and last_on is None) else ""
    first_on = first_on or desk.today
    try:
        clock_time = time.fromisoformat(since) if since else None
    except ValueError:
        clock_time, wrong = None, _("Type a time such as 13:30.")
    begins = datetime.combine(first_on, clock_time or time(), zone)
    starts_at = begins if clock_time or first_on != desk.today else at
    if last is None:
        last_on = max(first_on, desk.today)
    ends_at = datetime.combine(last_on + A_DAY, time(), zone) if last_on else scheduler.UNTIL_FURTHER_NOTICE
    if not wrong and ends_at <= starts_at:
        wrong = _("The last day is before the first one.")
    return AskedStretch(first=first, since=since, last=last, starts_at=starts_at, ends_at=ends_at, wrong=wrong)


def _day(text: str) -> date | None:
    try:
        return iso_date(text)
    except ValueError:
        return date_typed(text)


def _colleague(desk: Desk, named: str, *, by: Principal) -> Any:  # noqa: ANN401  (a row of the scheduler's)
    """Return who is named, of those whose calendar somebody keeps at this site. Raises Http404."""
    found = next((one for one in _colleagues(desk, by=by) if str(one.public_id) == named), None)
    if found is None:
        raise Http404
    return found


def _colleagues(desk: Desk, *, by: Principal) -> list[Any]:
    found = scheduler.colleagues([desk.site.pk])
    return [one for one in found if may(by, Action.EDIT_CALENDAR, actions.subject_of(one))]


def _choose(request: HttpRequest, desk: Desk, *, by: Principal, at: datetime) -> HttpResponse:
    """Show who can be away, who is, and what was entered today."""
    people = _colleagues(desk, by=by)
    absences = {
        one.practitioner_id: one for one in scheduler.absences_during([p.pk for p in people], at, at + A_DAY)
        if one.period.lower <= at
    }  # fmt: skip
    # What health answers suggested is ended where they are looked at.
    rows = PractitionerScreening.objects.filter(absence__in=[one.pk for one in absences.values()])
    suggested = set(rows.values_list("absence", flat=True))
    context = {
        "desk": desk,
        "colleagues": [_listed(one, absences.get(one.pk), suggested, desk) for one in people],
        "entered": [_entered_row(one) for one in actions.entered_today(desk.site, at=at)
                    if may(by, Action.EDIT_CALENDAR, actions.subject_of(one.practitioner))],
    }  # fmt: skip
    return render(request, "booking/desk/away.html", context)


def _listed(who: Any, absence: Any, suggested: set[int], desk: Desk) -> Colleague:  # noqa: ANN401  (rows of the scheduler's)
    ends = absence and end_in_words(absence.period.upper, desk.site.tz)
    return Colleague(
        id=who.public_id,
        name=who.name,
        url=f"{reverse('desk-away')}{desk.where}&{WHO}={who.public_id}",
        away=_("Away %(until)s") % {"until": ends} if absence else "",
        back=absence.public_id if absence and absence.pk not in suggested else None,
    )


def _entered_row(one: Any) -> dict[str, Any]:  # noqa: ANN401  (a row of what was entered)
    when = _("from %(start)s %(end)s") % {
        "start": when_in_words(one.starts_at, one.site.tz),
        "end": end_in_words(one.ends_at, one.site.tz),
    }
    return {"id": one.public_id, "who": one.practitioner.name, "when": when, "count": len(one.done)}


def _page(
    request: HttpRequest,
    desk: Desk,
    asked: AskedStretch,
    stretch: AwayPeriod,
    *,
    at: datetime,
    status: int = 200,
    note: str = "",
) -> HttpResponse:
    """Show what would become of each appointment, as it fits now."""
    by, who = principal_of(request), stretch.practitioner
    context: dict[str, Any] = {"desk": desk, "who": who, "asked": asked, "note": note or asked.wrong}
    if not asked.wrong:
        plan = actions.plan(stretch, by=by, at=at)
        rows = planned_rows(plan.suggested, request.POST, desk.site, by=by)
        context |= {"rows": rows, "later": plan.later, "waiting": plan.waiting, "elsewhere": _elsewhere(plan.elsewhere)}
        context |= {"unreachable": unreachable_in_words(rows), "when": _when(asked, desk), "fits": _fits(rows)}
    here = f"{reverse('desk-away')}{desk.where}&{WHO}={who.public_id}"
    context |= {"here": here, "action": request.get_full_path(), "back": f"{reverse('desk-away')}{desk.where}"}
    wrong = asked.wrong and status == 200  # noqa: PLR2004  (a page that is asked for with what cannot be)
    return render(request, "booking/desk/away.html", context, status=422 if wrong else status)


def _fits(rows: list[PlannedRow]) -> str:
    moved = sum(row.suggested is AwayChoice.MOVE for row in rows)
    asked = sum(row.suggested is AwayChoice.PROPOSE for row in rows)
    return _("%(moved)d fit elsewhere, %(asked)d are asked about another time, for %(none)d nothing is free.") % {
        "moved": moved,
        "asked": asked,
        "none": len(rows) - moved - asked,
    }


def _when(asked: AskedStretch, desk: Desk) -> str:
    zone = desk.site.tz
    times = {"start": when_in_words(asked.starts_at, zone), "end": end_in_words(asked.ends_at, zone)}
    return _("From %(start)s %(end)s") % times


def _elsewhere(counts: dict[int, int]) -> list[str]:
    """Return how many appointments are settled by whom, at sites where whoever looks moves nothing."""
    said, cards = [], scheduler.sites()
    for site, count in sorted(counts.items()):
        words = ngettext(
            "%(count)d appointment at %(site)s: it stands on the list of calls there.",
            "%(count)d appointments at %(site)s: they stand on the list of calls there.",
            count,
        )
        said.append(words % {"count": count, "site": localized(cards[site].name)})
    return said


def _done_in_words(who: str, choices: list[str]) -> str:
    counts = {choice: choices.count(choice.value) for choice in AwayChoice}
    said = _(
        "%(who)s is away. Moved: %(moved)d, asked about another time: %(asked)d, cancelled: %(gone)d, "
        "to be called: %(kept)d."
    )
    return said % {
        "who": who,
        "moved": counts[AwayChoice.MOVE],
        "asked": counts[AwayChoice.PROPOSE],
        "gone": counts[AwayChoice.CANCEL],
        "kept": counts[AwayChoice.KEEP],
    }


@require_POST
@staff_page(Action.EDIT_CALENDAR)
def act(request: HttpRequest, entered: UUID, act: str) -> HttpResponse:
    """Take back what was entered today, or end an absence: they are back."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.EDIT_CALENDAR, at=at)
    if act == "back":
        actions.end(entered, by=by, at=at)
        messages.success(request, _("The absence is over. Whoever heard otherwise is told that it takes place."))
    elif act == "undo":
        left = actions.take_back(entered, by=by, at=at)
        names = ", ".join(one.patient.name for one in left)
        put_back = _("It is taken back, and everybody is where they were.")
        said = _("It is taken back. These stay as they are, since their time is taken or they were changed since: %s.")
        messages.success(request, said % names if left else put_back)
    else:
        raise Http404
    return redirect(f"{reverse('desk-away')}{desk.where}")
