"""Running late: a patient, or whoever treats. Who is affected today, and what the rule says of each; staff decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking import queries
from booking.actions.as_seen import mark_of
from booking.actions.offered_moves import is_possible
from booking.lateness import MINUTE, LateRule, LateStart, WhenLate, late_start
from booking.models import Appointment
from booking.policies import booking_policy
from booking.status import Move, Status
from booking.subjects import of_appointment
from booking.web.desk.appointments.length import can_be_resized, is_given
from booking.web.desk.appointments.length_choices import LengthChoices
from booking.web.desk.phones import PhoneNumber, phone_numbers
from booking.web.desk.shell import Desk, desk_page
from booking.web.labels import minutes_in_words
from core.accounts.principals import principal_of
from core.form_errors import SaysWhatToDo
from core.forms import described, problems
from core.principal import Principal
from core.rights import Action, acting, may
from core.text.languages import time_in_words
from scheduler.public import lengths

STILL_TO_BEGIN = (Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN)
HERE = frozenset({Status.ARRIVED, Status.CHECKED_IN})
LONGEST = 240


class LateForm(SaysWhatToDo, forms.Form):
    """Who is late, and by how much."""

    who = forms.ChoiceField(label=gettext_lazy("Who is late?"))
    minutes = forms.IntegerField(
        label=gettext_lazy("About how many minutes?"),
        min_value=1,
        max_value=LONGEST,
        widget=forms.TextInput(attrs={"class": "short", "autocomplete": "off", "inputmode": "numeric"}),
        error_messages={"required": gettext_lazy("Type about how many minutes, such as 20")},
    )

    def __init__(self, data: Any, visits: Sequence[Appointment]) -> None:  # noqa: ANN401  (an address)
        super().__init__(data)
        who: Any = self.fields["who"]
        treats = {f"t-{one.practitioner.public_id}": one.practitioner.name for one in visits}
        comes = {f"a-{one.public_id}": _who_comes(one) for one in visits if one.status == Status.BOOKED}
        who.choices = [(_("Who treats"), list(treats.items())), (_("Who comes"), list(comes.items()))]


def _who_comes(visit: Appointment) -> str:
    when = time_in_words(visit.period.lower, visit.site.tz)
    return _("%(name)s, at %(when)s") % {"name": visit.patient.name, "when": when}


@dataclass(frozen=True, slots=True, kw_only=True)
class LateRow:
    """An appointment that begins late. `move`: where another time is found; `note`: what is written for colleagues.

    `shorten`: what a press does that makes it shorter; `late`: by how many minutes it begins later then.
    """

    id: UUID
    person: str
    when: str
    with_whom: str
    phones: Sequence[PhoneNumber]
    words: str
    page: str
    move: str = ""
    shorten: str = ""
    late: int = 0
    note: str = ""
    seen: str = ""


@desk_page(Action.MARK_ATTENDANCE)
def late(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Show whom it touches today that somebody is late, and what the rule says."""
    by = principal_of(request)
    visits = _still_to_begin(desk, by=by, at=at)
    asked = "minutes" in request.GET
    form = LateForm(request.GET if asked else None, visits)
    if not asked:
        form.initial = {"who": request.GET.get("who", "")}
    rows = _rows(form, visits, by=by, at=at) if asked and form.is_valid() else None
    wrong = problems(form) if form.is_bound else []
    context = {"desk": desk, "form": described(form), "problems": wrong, "rows": rows, "anybody": bool(visits)}
    return render(request, "booking/desk/late.html", context, status=422 if wrong else 200)


def _still_to_begin(desk: Desk, *, by: Principal, at: datetime) -> list[Appointment]:
    """Return who is still to be treated today, the soonest first."""
    begins, ends = (datetime.combine(desk.today, moment, desk.site.tz) for moment in (time(), time.max))
    rows = queries.appointments(acting(acting(by, Action.MARK_ATTENDANCE), Action.SEE_NAMES)).filter(
        site=desk.site,
        status__in=sorted(STILL_TO_BEGIN),
        period__startswith__range=(begins, ends),
        period__endswith__gt=at,
    )
    return list(rows.prefetch_related("patient__contacts").order_by("period", "pk"))


def _rows(form: LateForm, visits: Sequence[Appointment], *, by: Principal, at: datetime) -> list[LateRow]:
    kind, _dash, key = form.cleaned_data["who"].partition("-")
    late_by = form.cleaned_data["minutes"] * MINUTE
    if kind == "a":
        theirs = [one for one in visits if str(one.public_id) == key]
        return [_row(one, max(late_by, at - one.period.lower), by=by, at=at, tells=True) for one in theirs]
    theirs = [one for one in visits if str(one.practitioner.public_id) == key and not _has_begun(one, at=at)]
    # Late for whom they see next: whoever calls at seven speaks of the first patient of the day, not of seven.
    there = max(at, theirs[0].period.lower) + late_by if theirs else at
    return [_row(one, there - one.period.lower, by=by, at=at) for one in theirs if one.period.lower < there]


def _has_begun(visit: Appointment, *, at: datetime) -> bool:
    return visit.status == Status.CHECKED_IN and visit.period.lower <= at


def _row(visit: Appointment, late_by: timedelta, *, by: Principal, at: datetime, tells: bool = False) -> LateRow:
    subject = of_appointment(visit, by)
    found = _by_rule(visit, late_by, at=at)
    moves = may(by, Action.MOVE, subject) and is_possible(visit, Move.RESCHEDULE, by=by, at=at)
    writes = tells and not visit.note and may(by, Action.WRITE_NOTE, subject)
    minutes = max(-(-late_by // MINUTE), 1)
    words, shorten = _words_and_press(visit, found, minutes, by=by, at=at)
    another = moves and found.answer is not WhenLate.AS_PLANNED and not shorten
    return LateRow(
        id=visit.public_id,
        person=visit.patient.name,
        when=time_in_words(visit.period.lower, visit.site.tz),
        with_whom=visit.practitioner.name,
        phones=phone_numbers(visit),
        words=words,
        page=reverse("desk-appointment", args=[visit.public_id]),
        move=reverse("desk-appointment-move", args=[visit.public_id]) if another else "",
        note=_("Will be about %s late") % minutes_in_words(minutes) if writes else "",
        shorten=shorten,
        late=minutes,
        seen=mark_of(visit) if writes or shorten else "",
    )


def _words_and_press(
    visit: Appointment, found: LateStart, minutes: int, *, by: Principal, at: datetime
) -> tuple[str, str]:
    """Return what is said of an appointment, and what a press does that makes it shorter; nothing where none does."""
    late = minutes_in_words(minutes)
    if found.answer is WhenLate.AS_PLANNED:
        return _("About %s late: nothing changes.") % late, ""
    if found.segments is None:
        return f"{_too_little(found, late, visit)} {_what_else(visit)}", ""
    if not is_given(visit, by=by, at=at):
        return f"{_('About %s late, and it is not given any more.') % late} {_what_else(visit)}", ""
    return _shorter(visit, found, found.segments, late, by=by, at=at)


def _shorter(
    visit: Appointment, found: LateStart, segments: lengths.Segments, late: str, *, by: Principal, at: datetime
) -> tuple[str, str]:
    """Return the same of one that may be shorter by its rule."""
    if not may(by, Action.CHANGE_LENGTH, of_appointment(visit, by)):
        return f"{_can_be_shorter(found, late)} {_('A scheduler of the site can shorten it.')}", ""
    if not can_be_resized(visit, by=by, at=at):
        fixed = _("About %s late, and its length cannot be changed now.") % late
        return f"{fixed} {_what_else(visit)}", ""
    start = visit.period.lower + found.begins_later
    if against := LengthChoices(visit, by, at).against(segments, start=start):
        facts = {"late": late, "reasons": " ".join(_ended(one) for one in against)}
        taken = _("About %(late)s late: it could be shorter, but not everything is free then: %(reasons)s") % facts
        return f"{taken} {_what_else(visit)}", ""
    facts = {"start": time_in_words(start, visit.site.tz), "minutes": minutes_in_words(found.stays)}
    return _can_be_shorter(found, late), _("Shorten it: from %(start)s on, %(minutes)s") % facts


def _can_be_shorter(found: LateStart, late: str) -> str:
    """Say that it can be shorter, and which parts give way then: staff decide."""
    said = _(
        "About %(late)s late: it can be shorter. %(left)s of %(whole)s of treatment are left until its planned end."
    ) % {"late": late, "left": minutes_in_words(found.left), "whole": minutes_in_words(found.whole)}
    return " ".join([said, *map(_part_in_words, found.shorter), _("You decide, with whoever treats.")])


def _part_in_words(part: tuple[str, int, int]) -> str:
    name, minutes, fewer = part
    facts = {"part": name.replace("_", " ").capitalize(), "minutes": minutes_in_words(fewer), "was": minutes}
    return _("%(part)s takes %(minutes)s then, and not %(was)d.") % facts


def _too_little(found: LateStart, late: str, visit: Appointment) -> str:
    """Say why it cannot be shorter: how much would be left, and how much it takes."""
    if not found.stays:
        return _("About %s late: nothing would be left until its planned end.") % late
    return _(
        "About %(late)s late: from %(start)s on %(stays)s would be left until its planned end, and it takes %(least)s"
        " at least."
    ) % {
        "late": late,
        "start": time_in_words(visit.period.lower + found.begins_later, visit.site.tz),
        "stays": minutes_in_words(found.stays),
        "least": minutes_in_words(found.least),
    }


def _what_else(visit: Appointment) -> str:
    """Say what to do where it cannot be shorter."""
    if visit.status in HERE:
        return _("They are here already: let them be treated, or undo that on their page first, and then move it.")
    return _("Find another time with them. Nothing is counted against them.")


def _ended(reason: str) -> str:
    return reason if reason.endswith((".", "!", "?")) else f"{reason}."


def _by_rule(visit: Appointment, late_by: timedelta, *, at: datetime) -> LateStart:
    policy = booking_policy(visit.site_id, at=at)
    usual = lengths.usual(visit.therapy.key, visit.visit, visit.technique, at=visit.period.lower)
    now = visit.lengths or usual or _as_one(visit)
    return late_start(late_by, usual or now, now, LateRule(grace=policy.late_grace, percent=policy.late_percent))


def _as_one(visit: Appointment) -> lengths.Segments:
    """Return what nobody gives any more as one part: how it runs is not known."""
    return (("", (visit.period.upper - visit.period.lower) // MINUTE, lengths.HANDS),)
