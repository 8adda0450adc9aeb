"""People of programs at the desk: found, enrolled until a day, ended; their referrals, and what waits for one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from booking import queries
from booking.actions.patients import enrolments, referrals
from booking.models import Appointment, Enrolment, Patient, Referral
from booking.patients import patient_search
from booking.status import Status
from booking.subjects import of_record
from booking.web.desk.families.program_forms import EndForm, EnrolForm, ReferralForm, add_to_field
from booking.web.desk.shell import Desk, desk_of, desk_page, staff_page
from core import clock
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.principal import Principal
from core.refusals import Invalid, Missing, Refusal
from core.rights import Action, acting, may, may_ever
from core.text.languages import date_in_words, localized, when_in_words
from core.text.typed_dates import iso_date
from scheduler import public as scheduler

MOST_FOUND, MOST_SHOWN = 20, 50
PEOPLE, PERSON = "desk-people", "desk-person"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentRow:
    """An enrolment as the desk reads it."""

    id: UUID
    program: str
    state: str
    counts: bool
    form: forms.Form


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralRow:
    """A referral as the desk reads it."""

    id: UUID
    program: str
    sender: str
    state: str
    usable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow:
    """An appointment that waits for a referral."""

    who: str
    patient: UUID
    when: str
    until: str


@desk_page(Action.ENROL)
def people(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Find somebody, and show whose referral is missing and who takes part at the site."""
    by, typed = _enrols(request), request.GET.get("find", "").strip()
    seen = queries.patients(acting(by, Action.SEARCH_PATIENTS))
    found = list(patient_search.search(seen, typed).order_by("folded_name", "pk")[:MOST_FOUND]) if typed else []
    live = Enrolment.objects.live(at=at).filter(site=desk.site.pk, patient__in=queries.patients(by).values("pk"))
    rows = live.select_related("patient", "site").order_by("patient__folded_name", "pk")[:MOST_SHOWN]
    context = {
        "desk": desk,
        "find": typed,
        "people": [(one, date_in_words(one.birth_date)) for one in found],
        "waiting": _waiting(Appointment.objects.visible_to(by).filter(site=desk.site.pk), at=at),
        "enrolled": [(row.patient, program_name(row.program), enrolment_in_words(row, at=at)) for row in rows],
        "undo": _undoable(request, by, at=at),
    }
    return render(request, "booking/desk/people.html", context)


@desk_page(Action.ENROL)
def person(request: HttpRequest, desk: Desk, at: datetime, patient: UUID) -> HttpResponse:
    """Show in which programs somebody takes part, and their referrals."""
    return _card(request, desk, queries.patient(patient, by=_enrols(request)), at=at)


def _card(
    request: HttpRequest, desk: Desk, patient: Patient, *, at: datetime, sent: forms.Form | None = None
) -> HttpResponse:
    """Show the page. `sent`: a form that came back because something in it is wrong."""
    enrol = sent if isinstance(sent, EnrolForm) else EnrolForm(None, desk.site)
    referral = sent if isinstance(sent, ReferralForm) else ReferralForm(None, desk.site)
    rows = patient.enrolments.filter(site=desk.site.pk).select_related("site").order_by("program")
    papers = Referral.objects.filter(patient=patient, site=desk.site.pk).order_by("-pk")[:MOST_SHOWN]
    wrong = problems(sent) if sent else []
    context = {
        "desk": desk,
        "patient": patient,
        "born": date_in_words(patient.birth_date),
        "problems": wrong,
        "rows": [_row(one, sent, at=at) for one in rows],
        "enrol": described(enrol),
        "referral": described(referral),
        "papers": [_paper(one, at=at) for one in papers],
        "waiting": _waiting(patient.appointments.filter(site=desk.site.pk), at=at),
        "undo": _undoable(request, principal_of(request), at=at),
        **_ways_to_family(patient, principal_of(request)),
    }
    return render(request, "booking/desk/person.html", context, status=422 if wrong else 200)


def _ways_to_family(patient: Patient, by: Principal) -> dict[str, bool]:
    """Return what can be done for somebody's family by whoever looks."""
    subject = of_record(patient, by)
    return {
        "invites": may(by, Action.INVITE_FAMILY, subject),
        "vouches": may(by, Action.VOUCH_FOR_FAMILY, subject),
        "books_together": may_ever(by, Action.BOOK_TOGETHER),
    }


@require_POST
@staff_page(Action.ENROL)
def act(request: HttpRequest, patient: UUID, act: str) -> HttpResponse:
    """Enrol somebody, change or end that, enter a referral or withdraw one."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.ENROL, at=at)
    found = queries.patient(patient, by=_enrols(request))
    form = _form(request, desk, act)
    if not form.is_valid():
        return _card(request, desk, found, at=at, sent=form)
    try:
        row = _do(request, desk, found, act, form.cleaned_data, by=by, at=at)
    except Invalid as refusal:
        errors: Any = refusal.facts["errors"]
        for error in errors:
            add_to_field(form, error["pointer"], error["detail"])
        return _card(request, desk, found, at=at, sent=form)
    except Refusal as refusal:
        if isinstance(refusal, Missing):
            raise
        form.add_error(None, str(refusal.title))
        return _card(request, desk, found, at=at, sent=form)
    undo = f"&undo={row.public_id}" if isinstance(row, Enrolment) else ""
    return _back(request, desk, found, undo=undo)


@require_POST
@staff_page(Action.ENROL)
def undo(request: HttpRequest, enrolment: UUID) -> HttpResponse:
    """Take one's own last act on an enrolment back."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.ENROL, at=at)
    row = enrolments.undo(enrolment, by=by, at=at)
    messages.success(request, _("Taken back."))
    return _back(request, desk, row.patient)


def _enrols(request: HttpRequest) -> Principal:
    return acting(principal_of(request), Action.ENROL)


def _back(request: HttpRequest, desk: Desk, patient: Patient, *, undo: str = "") -> HttpResponse:
    """Lead to their page; to the list where they are out of sight by now, as for program staff who ended it."""
    seen = queries.patients(_enrols(request)).filter(pk=patient.pk).exists()
    page = reverse(PERSON, args=[patient.public_id]) if seen else reverse(PEOPLE)
    return redirect(f"{page}{desk.where}{undo}")


def _form(request: HttpRequest, desk: Desk, act: str) -> forms.Form:
    """Return what was sent for an act; a form without fields where a button says it all."""
    if act == "enrol":
        return EnrolForm(request.POST, desk.site)
    if act == "referral":
        return ReferralForm(request.POST, desk.site)
    if act == "change-end":
        return EndForm(request.POST, auto_id=f"end-{request.POST.get('enrolment', '')[:36]}-%s")
    if act not in {"end", "withdraw"}:
        raise Http404
    return forms.Form(request.POST)


def _do(
    request: HttpRequest, desk: Desk, patient: Patient, act: str, said: dict[str, Any], *, by: Principal, at: datetime
) -> Enrolment | Referral:
    """Do what was pressed, and say so. Raises Invalid, AlreadyEnrolled, Missing."""
    if act == "enrol":
        row = enrolments.enrol(patient, **said, site=desk.site, by=by, at=at)
        messages.success(request, _("%(name)s is enrolled.") % {"name": patient.name})
        return row
    if act == "referral":
        paper = referrals.enter(patient, **said, site=desk.site, by=by, at=at)
        messages.success(request, _entered(paper))
        for left in _uncovered(paper, at=at):
            messages.warning(request, left)
        return paper
    if act == "withdraw":
        found = _named(Referral.objects.filter(patient=patient, site=desk.site.pk), request.POST.get("referral", ""))
        messages.success(request, _("Withdrawn. What is booked stands."))
        return referrals.revoke(found, by=by, at=at)
    row = _named(Enrolment.objects.filter(patient=patient, site=desk.site.pk), request.POST.get("enrolment", ""))
    if act == "end":
        messages.success(request, _("The enrolment of %(name)s has ended.") % {"name": patient.name})
        return enrolments.end(row, by=by, at=at)
    changed = enrolments.change_end(row, ends_on=said["ends_on"], by=by, at=at)
    messages.success(request, _("The enrolment is changed."))
    return changed


def _entered(paper: Referral) -> str:
    used = paper.used
    said = ngettext("%(count)d appointment is booked by it.", "%(count)d appointments are booked by it.", used)
    return " ".join([_("The referral is entered."), *([said % {"count": used}] if used else [])])


def _uncovered(paper: Referral, *, at: datetime) -> list[str]:
    """Say which appointments still wait, although a referral was entered, and what to do about each."""
    too_late = _(
        "The appointment on %(when)s is not covered: the referral is not valid any more by then. Enter one that is, or "
        "move the appointment before %(day)s; its time is kept until %(until)s."
    )
    too_many = _(
        "The appointment on %(when)s is not covered: the referral is for fewer. Enter another one; its time is kept "
        "until %(until)s."
    )
    rows = paper.patient.appointments.filter(site=paper.site_id, awaits_referral=paper.program, kept_until__gt=at)
    return [
        (too_late if one.period.lower >= paper.expires_at else too_many)
        % {
            "when": when_in_words(one.period.lower, paper.site.tz),
            "until": when_in_words(one.kept_until, paper.site.tz),
            "day": date_in_words(paper.expires_on),
        }
        for one in rows.order_by("period")[:MOST_SHOWN]
        if one.kept_until
    ]


def _named(rows: Any, public_id: str) -> Any:  # noqa: ANN401  (rows of either table)
    """Return the row that a form names. Raises Missing."""
    try:
        found = rows.select_related("patient", "site").filter(public_id=UUID(public_id)).first()
    except ValueError:
        found = None
    if found is None:
        raise Missing
    return found


def _undoable(request: HttpRequest, by: Principal, *, at: datetime) -> UUID | None:
    """Return the enrolment of which the address says that somebody just acted on it, as long as they may undo that."""
    try:
        named = UUID(request.GET.get("undo", ""))
    except ValueError:
        return None
    row = Enrolment.objects.select_related("site").filter(public_id=named).first()
    may = row is not None and enrolments.may_undo(enrolments.last_act(row), row, by=by, at=at)
    return named if may else None


def _row(row: Enrolment, sent: forms.Form | None, *, at: datetime) -> EnrolmentRow:
    form, auto_id = None, f"end-{row.public_id}-%s"
    if sent is not None and sent.auto_id == auto_id:
        form = sent
    day = f"{row.ends_on.month}/{row.ends_on.day}/{row.ends_on.year}" if row.ends_on else ""
    return EnrolmentRow(
        id=row.public_id,
        program=program_name(row.program),
        state=enrolment_in_words(row, at=at),
        counts=row.counts(at=at),
        form=described(form or EndForm(None, initial={"ends_on": day}, auto_id=auto_id)),
    )


def enrolment_in_words(row: Enrolment, *, at: datetime) -> str:
    """Return until when somebody takes part."""
    if row.ends_on is None:
        return _("without an end")
    day = date_in_words(iso_date(row.ends_on.isoformat()))
    return (_("ends on %(day)s") if row.counts(at=at) else _("ended on %(day)s")) % {"day": day}


def program_name(key: str) -> str:
    """Return what a program is called."""
    return next((localized(one.name) for one in scheduler.programs() if one.key == key), key)


def _paper(row: Referral, *, at: datetime) -> ReferralRow:
    left = max(0, row.visits_allowed - row.used)
    usable = row.status == "active" and row.expires_at > at
    said = ngettext("%(count)d appointment left", "%(count)d appointments left", left) % {"count": left}
    day = date_in_words(row.expires_on)
    over = _("withdrawn") if row.status != "active" else _("of no use since %(day)s") % {"day": day}
    state = _("%(left)s, until %(day)s") % {"left": said, "day": day} if usable else over
    return ReferralRow(
        id=row.public_id, program=program_name(row.program), sender=row.referred_by, state=state, usable=usable
    )


def _waiting(visits: Any, *, at: datetime) -> list[WaitingRow]:  # noqa: ANN401  (appointments somebody may see)
    rows = visits.filter(status=Status.PENDING, kept_until__gt=at).exclude(awaits_referral="")
    return [
        WaitingRow(
            who=one.patient.name,
            patient=one.patient.public_id,
            when=when_in_words(one.period.lower, one.site.tz),
            until=when_in_words(one.kept_until, one.site.tz),
        )
        for one in rows.select_related("patient", "site").order_by("period")[:MOST_SHOWN]
    ]
