"""My day: the appointments of whoever treats, one below the other on a phone, and what is done with one press each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.actions.as_seen import AppointmentChanged, marks_of
from booking.models import Appointment
from booking.status import OCCUPYING, Move, Status
from booking.web.desk.appointments.page import news_since
from booking.web.desk.arrivals.arrival_day import ArrivalDay, already_done
from booking.web.desk.arrivals.page import SEEN, PageOutcome, attended, visit_for
from booking.web.desk.board.items import span_in_words
from booking.web.desk.my_day.day_cards import MOVES, CardContext, DayCard, card_of, last_acts
from booking.web.desk.my_day.gaps import Gap, GapKind, gaps_of_day
from booking.web.desk.my_day.leave_page import decisions_of
from booking.web.desk.shell import A_DAY, Desk, desk_of, desk_page, staff_page
from core import clock
from core.accounts.principals import principal_of
from core.principal import Principal
from core.rights import Action
from core.text.languages import day_from_in_words, day_in_words, when_in_words, zone_in_words
from scheduler import public as scheduler

Period = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class GapLine:
    """Time without an appointment, in words."""

    start: datetime
    kind: str
    words: str


@dataclass(frozen=True, kw_only=True)
class MyDay:
    """A day of somebody who treats. `who`: their row of the scheduler's; `elsewhere`: other sites where people come."""

    desk: Desk
    elsewhere: Sequence[Desk] = ()
    who: Any
    by: Principal
    at: datetime
    outcome: PageOutcome

    @cached_property
    def _day(self) -> ArrivalDay:
        return ArrivalDay(self.desk, by=self.by, at=self.at, typed=self.outcome.typed, own=self.who.pk)

    @cached_property
    def _others(self) -> list[ArrivalDay]:
        typed = self.outcome.typed
        return [ArrivalDay(one, by=self.by, at=self.at, typed=typed, own=self.who.pk) for one in self.elsewhere]

    @cached_property
    def day_cards(self) -> list[DayCard]:
        """The appointments in the order of their times, at whichever site; named to who works at several."""
        pairs = zip((self.desk, *self.elsewhere), (self._day, *self._others), strict=True)
        return sorted((card for desk, day in pairs for card in self._cards(desk, day)), key=lambda one: one.start)

    def _cards(self, desk: Desk, day: ArrivalDay) -> list[DayCard]:
        shared = CardContext(
            desk=desk,
            by=self.by,
            at=self.at,
            languages=frozenset(self.who.languages),
            marks=marks_of(day.visits),
            last=last_acts(day.visits),
            site=desk.site_name if len(self.desk.sites) > 1 else "",
        )
        return [card_of(visit, row, shared) for visit, row in zip(day.visits, day.rows, strict=True)]

    @property
    def lines(self) -> list[DayCard | GapLine]:
        """The appointments, and what lies between them."""
        zone = self.desk.site.tz
        gaps = [GapLine(start=one.start, kind=one.kind, words=_gap_words(one, zone)) for one in self._gaps]
        return sorted([*self.day_cards, *gaps], key=lambda one: one.start)

    @property
    def _gaps(self) -> list[Gap]:
        day = scheduler.site_day(self.desk.site, self.desk.on, self.desk.on, at=self.at, practitioners=[self.who.pk])
        mine = next((one for one in day.people if one.id == self.who.pk), None)
        if mine is None:
            return []
        visits = [one for day in (self._day, *self._others) for one in day.visits]
        own = {one.allocation for one in visits}
        taken = [one for one in day.claims if one.live and one.practitioner == self.who.pk and one.kind == "hands"]
        return gaps_of_day(
            mine.open,
            busy=[(one.period.lower, one.period.upper) for one in visits if one.status != Status.NOSHOW],
            away=mine.away,
            kept=[(one.start, one.end) for one in taken if one.allocation not in own],
        )

    @cached_property
    def away(self) -> str:
        """That they are away on the whole day, and until when; empty where they are not."""
        zone = self.desk.site.tz
        begins = datetime.combine(self.desk.on, time(), zone)
        ends = datetime.combine(self.desk.on + A_DAY, time(), zone)
        back = self._away_from(begins)
        if back < ends:
            return ""
        if back == scheduler.UNTIL_FURTHER_NOTICE:
            return _("You are away until further notice.")
        there = back.astimezone(zone)
        whole = there.time() == time()
        words = day_in_words(there.date()) if whole else when_in_words(back, zone)
        return _("You are away. You are back from %s on.") % words

    def _away_from(self, since: datetime) -> datetime:
        """Return when they are back who are away from then on: absences that follow each other are one."""
        until = since
        for absence in scheduler.absences_during([self.who.pk], since, scheduler.UNTIL_FURTHER_NOTICE):
            if absence.period.lower > until:
                break
            until = max(until, absence.period.upper)
        return until

    @property
    def heading(self) -> str:
        """The day, and whose clock counts."""
        return f"{day_from_in_words(self.desk.on, self.desk.today)}, {zone_in_words(self.desk.site.tz)}"

    @property
    def now(self) -> str:
        """The card (its id) of whoever is here or comes next today, where others were before; empty else."""
        cards = self.day_cards if self.desk.on == self.desk.today else []
        first = next((one for one in cards if one.status_is_open), None)
        return first.id if first and first is not cards[0] else ""

    @property
    def earlier(self) -> str:
        """The address of the day before."""
        return self._on(self.desk.on - A_DAY)

    @property
    def later(self) -> str:
        """The address of the day after."""
        return self._on(self.desk.on + A_DAY)

    @property
    def next_busy(self) -> Any:  # noqa: ANN401  (a day with its words)
        """The first day after this one on which somebody comes to them."""
        found = self._day.next_busy
        return found and {"words": found.words, "url": found.url.replace(reverse("desk-arrivals"), self._here)}

    @property
    def _here(self) -> str:
        return reverse("desk-my-day")

    def _on(self, day: date) -> str:
        return f"{self._here}?site={self.desk.site.key}&day={day.isoformat()}"


def _gap_words(gap: Gap, zone: Any) -> str:  # noqa: ANN401  (a time zone)
    said = {
        GapKind.FREE: _("Free"),
        GapKind.BREAK: _("Break"),
        GapKind.AWAY: _("Away"),
        GapKind.KEPT: _("Kept for somebody"),
    }
    return f"{span_in_words((gap.start, gap.end), zone)} {said[gap.kind]}"


@desk_page(Action.SEE_OWN_DAY)
def my_day(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Show whoever treats their day."""
    return _page(request, desk, PageOutcome(), at=at)


def _page(request: HttpRequest, desk: Desk, outcome: PageOutcome, *, at: datetime) -> HttpResponse:
    by = principal_of(request)
    who = scheduler.practitioner_of(by.user_id)
    elsewhere = _elsewhere(request, desk, who, at=at) if who else []
    day = MyDay(desk=desk, elsewhere=elsewhere, who=who, by=by, at=at, outcome=outcome) if who else None
    note = {"calm_note" if outcome.calm else "note": outcome.note}
    context = {"desk": desk, "day": day, "leave": decisions_of(who, at=at) if who else []}
    return render(request, "booking/desk/my_day.html", context | note, status=outcome.status)


def _elsewhere(request: HttpRequest, desk: Desk, who: Any, *, at: datetime) -> list[Desk]:  # noqa: ANN401  (their row)
    """Return the other sites where somebody comes to them on this day; asked of those alone who work at several."""
    others = [one for one in desk.sites if one.pk != desk.site.pk]
    begins = datetime.combine(desk.on, time(), desk.site.tz)
    theirs = Appointment.objects.filter(practitioner=who, site__in=others, period__startswith__lt=begins + A_DAY)
    theirs = theirs.filter(period__startswith__gte=begins, status__in=[*OCCUPYING, Status.FULFILLED, Status.NOSHOW])
    come = set(theirs.order_by().values_list("site", flat=True)) if others else set()
    return [desk_of(request, Action.SEE_OWN_DAY, at=at, site=one) for one in others if one.pk in come]


@require_POST
@staff_page(Action.SEE_OWN_DAY)
def act(request: HttpRequest, appointment: UUID, act: str) -> HttpResponse:
    """Do what takes one press to an appointment of theirs, as it was seen; say why not."""
    at, what, by = clock.now(), MOVES.get(act), principal_of(request)
    visit = visit_for(request, appointment, Action.UNDO if what is Move.UNDO else Action.MARK_ATTENDANCE)
    if what is None or visit.practitioner.user_id != by.user_id:
        raise Http404
    desk = desk_of(request, Action.SEE_OWN_DAY, at=at, site=visit.site)
    try:
        outcome = attended(request, visit, what, seen=request.POST.get(SEEN, ""), at=at)
    except AppointmentChanged as refusal:
        outcome = _meanwhile(visit, what, refusal, request=request)
    if outcome is not None:
        return _page(request, desk, outcome, at=at)
    return redirect(f"{reverse('desk-my-day')}{desk.where}#c-{visit.public_id}")


def _meanwhile(visit: Appointment, what: Move, refusal: AppointmentChanged, *, request: HttpRequest) -> PageOutcome:
    """Say who was first and what that changed; pressed twice, it is done."""
    by = principal_of(request)
    visit = visit_for(request, visit.public_id, Action.SEE_APPOINTMENT)
    if done := already_done(visit, what, by=by):
        return PageOutcome(note=done, calm=True, status=refusal.status)
    news = news_since(visit, request.POST.get(SEEN, ""), by=by)
    said = " ".join([f"{visit.patient.name}:", str(refusal.title), *news])
    return PageOutcome(note=said, status=refusal.status)
