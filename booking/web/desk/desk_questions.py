"""Reading the health questions aloud at the desk, and noting what is answered: it cannot be read here again."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.actions import arrivals as actions
from booking.actions.check_in_checks import is_today
from booking.actions.screening.screening import id_of
from booking.actions.suitability.day_questions import asked_today
from booking.models import Appointment, ScreeningResponse
from booking.screening.outcomes import ScreeningAnswers
from booking.screening.policies import ScreeningPolicy
from booking.screening.queries import PATIENT, Screening, companions_allowed, screening_of
from booking.screening.temperature import read_temperature
from booking.status import Move, Status, after
from booking.suitability.day_questions import DayState
from booking.web.desk.arrivals.arrival_day import cannot_be_checked_in, refusal_note
from booking.web.desk.arrivals.arrival_rows import questions_url
from booking.web.desk.arrivals.came_from import as_they_came, back_to
from booking.web.desk.arrivals.page import visit_for
from booking.web.desk.health_words import health_in_words
from booking.web.desk.shell import Desk, desk_of, staff_page
from booking.web.responses import asked_or_sent
from booking.web.screening.screening_forms import ScreeningForm, SentScreening, sent_screening
from core import clock
from core.accounts.principals import principal_of
from core.form_errors import SaysWhatToDo
from core.forms import described, problems
from core.principal import Principal
from core.refusals import Refusal
from core.rights import Action

AND_CHECK_IN = "check-in"


class TemperatureForm(SaysWhatToDo, forms.Form):
    """What the thermometer at the door says."""

    temperature = forms.CharField(
        label=gettext_lazy("Temperature"),
        help_text=gettext_lazy("For example, 98.6"),
        widget=forms.TextInput(attrs={"class": "short", "autocomplete": "off", "inputmode": "decimal"}),
        error_messages={"required": gettext_lazy("Take the temperature, and type it here")},
    )

    def clean_temperature(self) -> Decimal:
        """Return degrees Fahrenheit."""
        try:
            return read_temperature(self.cleaned_data["temperature"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


@dataclass(frozen=True)
class ReadAloud:
    """Who is asked at the desk, and what: all questions, or (`new`) what is asked once more at the door."""

    desk: Desk
    visit: Appointment
    found: Screening
    policy: ScreeningPolicy
    who: int
    new: bool
    today: bool
    at: datetime

    @classmethod
    def of(cls, request: HttpRequest, desk: Desk, visit: Appointment, *, at: datetime) -> Self | None:
        """Return what the address asks for, None where nobody asks that of them."""
        typed = request.GET.get("who", "")
        who = int(typed) if typed.isascii() and typed.isdigit() and len(typed) == 1 else PATIENT
        found = screening_of(visit, at=at, companion=who)
        if found.policy is None or who > companions_allowed(visit):
            return None
        # What is sent was said to what its page asked, whatever has been noted since then.
        asks_new = found.policy.rechecks if request.method == "POST" else found.needs_recheck
        new = request.GET.get("step") == "new" and asks_new
        policy = replace(found.policy, questions=found.policy.recheck) if new else found.policy
        return cls(desk, visit, found, policy, who, new, is_today(visit, at=at), at)

    @property
    def measures(self) -> bool:
        """Whether their temperature is taken, too."""
        return self.today and self.policy.temperature_at_door

    @cached_property
    def can_check_in(self) -> bool:
        """Whether whoever may come in can be checked in with the same press: nothing else is to be asked first."""
        waits = self.who == PATIENT and self.today and after(Status(self.visit.status), Move.CHECK_IN) is not None
        if not waits or cannot_be_checked_in(self.visit, at=self.at):
            return False
        today = asked_today(self.visit, at=self.at)
        return today is None or today.state is DayState.CLEAR

    @cached_property
    def person(self) -> str:
        """Who is asked."""
        name = self.visit.patient.name
        return _("whoever comes with %s") % name if self.who else name

    def note(self, data: QueryDict, said: ScreeningAnswers, *, by: Principal, at: datetime) -> ScreeningResponse:
        """Write the answers down. Raises what answering and checking in refuse."""
        seen = data.get("seen", "")
        if self.new:
            return actions.recheck(self.visit.public_id, said, by=by, at=at, companion=self.who, seen=seen)
        then = self.can_check_in and data.get("none") == AND_CHECK_IN
        return actions.answer_at_desk(
            self.visit.public_id, said, by=by, at=at, companion=self.who, seen=seen, then_check_in=then
        )


@asked_or_sent
@staff_page(Action.ANSWER_SCREENING)
def ask(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """Read the health questions aloud, and note what is answered."""
    at = clock.now()
    visit = visit_for(request, appointment, Action.ANSWER_SCREENING)
    desk = desk_of(request, Action.ANSWER_SCREENING, at=at)
    asked = ReadAloud.of(request, desk, visit, at=at)
    if asked is None:
        return redirect(back_to(request, desk))
    if request.method != "POST":
        blank = SentScreening(form=ScreeningForm(None, policy=asked.policy))
        return _page(request, asked, blank, TemperatureForm())
    return _sent(request, asked, at=at)


def _sent(request: HttpRequest, asked: ReadAloud, *, at: datetime) -> HttpResponse:
    """Take what was sent; ask again for what is missing, with all that was said."""
    on = at.astimezone(asked.visit.site.tz).date()
    sent, measured = sent_screening(request.POST, policy=asked.policy, on=on), TemperatureForm(request.POST)
    # Nobody measures first who hears that somebody needs help now.
    wanted = asked.measures and not (sent.answers and sent.answers.emergency)
    if wanted and not measured.is_valid():
        return _page(request, asked, SentScreening(form=sent.form), measured)
    if sent.answers is None:
        return _page(request, asked, sent, measured)
    degrees = measured.cleaned_data["temperature"] if wanted else None
    try:
        asked.note(request.POST, replace(sent.answers, temperature_f=degrees), by=principal_of(request), at=at)
    except Refusal as refusal:
        return _page(request, asked, sent, measured, note=refusal_note(asked.visit, refusal), status=refusal.status)
    _say_why_they_wait(request, asked, at=at)
    return redirect(back_to(request, asked.desk, asked.visit))


def _say_why_they_wait(request: HttpRequest, asked: ReadAloud, *, at: datetime) -> None:
    """Say on the next page why somebody was not checked in whom the press was to check in."""
    found = screening_of(asked.visit, at=at, companion=asked.who)
    if request.POST.get("none") == AND_CHECK_IN and asked.who == PATIENT and not found.state.lets_in:
        facts = {"who": asked.person, "why": health_in_words(found, asked.visit.site.tz)}
        messages.warning(request, _("%(who)s is not checked in. %(why)s.") % facts)


def _page(
    request: HttpRequest,
    asked: ReadAloud,
    sent: SentScreening,
    measured: TemperatureForm,
    *,
    note: str = "",
    status: int = 200,
) -> HttpResponse:
    shown, desk = sent.days or sent.form, asked.desk
    wrong = problems(shown) if shown.is_bound else []
    if asked.measures and not sent.days:
        wrong += problems(measured) if measured.is_bound else []
    context: dict[str, Any] = {
        "desk": desk,
        "asked": asked,
        "form": described(shown),
        "measured": described(measured) if asked.measures else None,
        "problems": wrong,
        "back": back_to(request, desk, asked.visit),
        "action": as_they_came(request, questions_url(asked.visit, desk, who=asked.who, new=asked.new)),
        "note": note,
        "seen": request.POST.get("seen", id_of(asked.found.newest)),
    } | sent.carried(request.POST)
    return render(request, "booking/desk/questions.html", context, status=422 if wrong else status)
