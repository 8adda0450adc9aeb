"""How long a therapy takes, from a day on: typed segment by segment, shown with what it does, then saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.actions.rehearsals import before_and_after
from booking.models import Appointment
from booking.roles import audience_of
from booking.web.desk.moving_in.segment_picture import picture_of
from booking.web.desk.shell import Desk, desk_of, staff_page
from booking.web.labels import visit_in_words, wrong_day
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.principals import principal_of
from core.forms import Problem
from core.principal import Principal
from core.refusals import Refusal
from core.rights import Action
from core.text.languages import date_in_words, localized, when_in_words
from core.text.typed_dates import date_typed
from scheduler import public as scheduler
from scheduler.public import PlannedSegment, PlannedVisit, TherapyInDetail, setup_forms
from scheduler.public import lengths as segment_lengths

SINCE, SHOW, SAVE, SEEN, WITHDRAW = "since", "show", "save", "seen", "withdraw"
DAYS_SHOWN, NAMED = 7, 5
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class AskedLengths:
    """What an address or a form asks for: of which plan, from which day on, how many minutes each part takes."""

    therapy: TherapyInDetail
    visit: PlannedVisit
    desk: Desk
    by: Principal
    at: datetime
    sent: Mapping[str, str]
    wrong: list[Problem] = field(default_factory=list)

    @cached_property
    def since(self) -> date | None:
        """The day from which on it takes so long; None where none is typed that can be read, or one that is over."""
        found = date_typed(self.sent.get(SINCE, ""))
        return found if found and found >= self.desk.today else None

    @property
    def alike(self) -> list[PlannedVisit]:
        """How such an appointment runs, from the first day on to the last one that is saved."""
        mine = (self.visit.visit, self.visit.technique)
        return [one for one in self.therapy.visits if (one.visit, one.technique) == mine]

    @property
    def held(self) -> PlannedVisit:
        """How it runs on that day as it is: by what was saved last for it, whichever was opened."""
        begun = [one for one in self.alike if one.valid_from is None or one.valid_from <= self.begins]
        return begun[-1] if self.since and begun else self.visit

    @property
    def replaced(self) -> list[PlannedVisit]:
        """What is saved already for that day or a later one: it does not hold any more once this does."""
        return [one for one in self.alike if one.valid_from and one.valid_from >= self.begins]

    @property
    def begins(self) -> datetime:
        """The first moment of that day, by the clock of the site."""
        return datetime.combine(self.since or self.desk.today, time(), self.desk.site.tz)

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The parts with what is typed for each, or how long it takes now."""
        return [
            {
                "id": f"part-{n}",
                "one": one,
                "name": drawn.name,
                "words": drawn.words,
                "value": self.sent.get(f"part-{n}", str(one.minutes)).strip(),
            }
            for n, (one, drawn) in enumerate(zip(self.visit.segments, picture_of(self.visit).segments, strict=True))
        ]

    @cached_property
    def minutes(self) -> list[int]:
        """What is typed, 0 for what is no number."""
        typed = [one["value"] for one in self.parts]
        return [int(one) if one.isascii() and one.isdigit() and len(one) < len("1000") else 0 for one in typed]

    def problems(self) -> list[Problem]:
        """Return what is wrong with what was typed, each with its field."""
        wrong = [] if self.since else [Problem("id_since", self._wrong_since())]
        most = segment_lengths.LONGEST
        return wrong + [
            Problem(one["id"], _("%(part)s: type minutes, from 1 to %(most)d") % {"part": one["name"], "most": most})
            for one, minutes in zip(self.parts, self.minutes, strict=True)
            if not 1 <= minutes <= most
        ]

    def _wrong_since(self) -> str:
        typed = self.sent.get(SINCE, "")
        if date_typed(typed):
            return _("This day is over. Type today or a later day.")
        return _("%s Today or a later day.") % wrong_day(typed)

    @property
    def then(self) -> PlannedVisit:
        """How it would run."""
        pairs = zip(self.visit.segments, self.minutes, strict=True)
        return replace(self.visit, segments=[PlannedSegment(one.name, n, one.presence) for one, n in pairs])

    def keep_their_length(self) -> QuerySet[Appointment]:
        """Return the appointments of that day and later that stay as long as they are."""
        visit, own = self.visit, [one.technique for one in self.therapy.visits if one.technique]
        seen = Appointment.objects.visible_to(self.by).taking_time(at=self.at).filter(therapy=self.therapy.id)
        alike = seen.filter(visit=visit.visit, period__startswith__gte=max(self.begins, self.at))
        alike = alike.filter(technique=visit.technique) if visit.technique else alike.exclude(technique__in=own)
        return alike.select_related("site").order_by("period", "pk")

    def starts_by_day(self) -> list[tuple[str, int, int]]:
        """Return how many starts the first days have here, as it is and as it would be; nothing is changed by it."""
        before, after = before_and_after(self._starts, self.save)
        days = [self.begins.date() + n * A_DAY for n in range(DAYS_SHOWN)]
        return [(date_in_words(day), before.get(day, 0), after.get(day, 0)) for day in days]

    def _starts(self) -> dict[date, int]:
        query = scheduler.SearchQuery(
            therapy=self.therapy.key,
            visit=self.visit.visit,
            technique=self.visit.technique,
            starts_at=self.begins,
            ends_at=self.begins + DAYS_SHOWN * A_DAY,
            sites=frozenset({self.desk.site.pk}),
            audience=audience_of(self.by, site_id=self.desk.site.pk, reason=""),
            limit=None,
        )
        try:
            return {one.day: one.starts for one in scheduler.days(query, at=self.at)}
        except (scheduler.NotOffered, scheduler.TechniqueNeeded):
            return {}

    def save(self) -> None:
        """Let it take so long from that day on. Raises what changing lengths does."""
        seen = self.sent.get(SEEN, "")
        setup_forms.change_lengths(
            setup_forms.plan_named(self.visit.id, therapy=self.therapy.key),
            self.minutes,
            since=self.begins,
            by=self.by,
            at=self.at,
            seen=int(seen) if seen.isascii() and seen.isdigit() else None,
        )


@asked_or_sent
@staff_page(Action.EDIT_CATALOGUE)
def lengths(request: HttpRequest, key: str, plan: int) -> HttpResponse:
    """Ask how long each part takes from which day on, show what that does, and save it with a press."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.EDIT_CATALOGUE, at=at)
    therapy = next(iter(scheduler.therapies_in_detail(key=key)), None)
    visit = next((one for one in therapy.visits if one.id == plan), None) if therapy else None
    if therapy is None or visit is None:
        raise Http404
    asked = AskedLengths(therapy, visit, desk, by, at, request.POST.dict())
    if request.method == "POST" and WITHDRAW in request.POST:
        return _taken_back(request, asked)
    if request.method == "POST":
        return _shown_or_saved(request, replace(asked, visit=asked.held))
    return _page(request, asked)


def _taken_back(request: HttpRequest, asked: AskedLengths) -> HttpResponse:
    plan = setup_forms.plan_named(asked.visit.id, therapy=asked.therapy.key)
    setup_forms.take_back_lengths(plan, by=asked.by, at=asked.at)
    messages.success(request, _("It is taken back. What was booked by it meanwhile keeps its length."))
    return redirect(_therapy_url(asked))


def _shown_or_saved(request: HttpRequest, asked: AskedLengths) -> HttpResponse:
    if wrong := asked.problems():
        return _page(request, asked, wrong=wrong, status=422)
    try:
        if SAVE not in request.POST:
            return _page(request, asked, starts=asked.starts_by_day())
        asked.save()
    except Refusal as refusal:
        said = str(refusal.detail or refusal.title)
        return _page(request, asked, wrong=[Problem("part-0", said)], status=refusal.status)
    facts = {"visit": visit_in_words(asked.visit.visit), "day": date_in_words(asked.begins.date())}
    messages.success(request, _("Saved: from %(day)s on, a %(visit)s takes as long as that.") % facts)
    return redirect(_therapy_url(asked))


def _therapy_url(asked: AskedLengths) -> str:
    return f"{reverse('desk-setup-therapy', args=[asked.therapy.key])}{asked.desk.where}"


def _page(
    request: HttpRequest,
    asked: AskedLengths,
    *,
    starts: Sequence[tuple[str, int, int]] | None = None,
    wrong: Sequence[Problem] = (),
    status: int = 200,
) -> HttpResponse:
    said = {one.target: one.text for one in wrong}
    context = _facts(asked) | {
        "since": request.POST.get(SINCE, ""),
        "starts": starts,
        "problems": wrong,
        "wrong": said,
        "parts": [one | {"wrong": said.get(one["id"], "")} for one in asked.parts],
    }
    if starts is not None:
        kept = asked.keep_their_length()
        context |= {"then": picture_of(asked.then), "kept": kept.count(), "named": _named(kept)}
        context |= {"replaced": [_saved_before(one, asked) for one in asked.replaced]}
    return render(request, "booking/desk/setup_lengths.html", context, status=status)


def _facts(asked: AskedLengths) -> dict[str, Any]:
    plan = setup_forms.plan_named(asked.visit.id, therapy=asked.therapy.key)
    return {
        "desk": asked.desk,
        "asked": asked,
        "title": visit_in_words(asked.visit.visit),
        "now": picture_of(asked.visit),
        "may": setup_forms.may_change(plan, by=asked.by),
        "seen": setup_forms.plan_at(plan, asked.begins).pk,
        "back": _therapy_url(asked),
    }


def _saved_before(one: PlannedVisit, asked: AskedLengths) -> tuple[str, int]:
    begins = one.valid_from or asked.begins
    return date_in_words(begins.astimezone(asked.desk.site.tz).date()), one.patient_minutes


def _named(kept: QuerySet[Appointment]) -> list[tuple[str, str]]:
    return [
        (
            f"{when_in_words(one.period.lower, one.site.tz)}, {localized(one.site.name)}",
            reverse("desk-appointment", args=[one.public_id]),
        )
        for one in kept[:NAMED]
    ]
