"""What is done on the page of a person: corrected, made one with a second record, written to once more."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking import queries
from booking.actions.patients import merge_undo, merging, record_corrections
from booking.actions.patients.records_as_seen import last_change_of, mark_of_both
from booking.link_mails import send_links_again
from booking.models import Patient
from booking.subjects import of_record
from booking.web.desk.families.page import refusal_words
from booking.web.desk.families.program_forms import add_to_field
from booking.web.desk.patients.forms import CorrectionForm, correctable
from booking.web.desk.patients.page import PAGE, shown
from booking.web.desk.patients.same_person import record_of
from booking.web.desk.shell import desk_of, staff_page
from core import clock
from core.accounts.principals import principal_of
from core.principal import Principal
from core.refusals import Invalid, Missing, Refusal
from core.rights import Action, acting

RIGHTS = {
    "correct": Action.EDIT_PATIENT,
    "merge": Action.CORRECT_PATIENT,
    "apart": Action.CORRECT_PATIENT,
    "not-apart": Action.CORRECT_PATIENT,
    "unmerge": Action.CORRECT_PATIENT,
    "send-links": Action.EDIT_PATIENT,
}


@require_POST
@staff_page(Action.SEE_PATIENT)
def act(request: HttpRequest, patient: UUID, act: str) -> HttpResponse:
    """Do what was pressed on somebody's page."""
    at, by = clock.now(), principal_of(request)
    right = RIGHTS.get(act)
    if right is None:
        raise Http404
    found = queries.patient(patient, by=acting(by, right))
    do = DOES[act]
    try:
        return do(request, found, by=by, at=at)
    except Missing:
        raise
    except Refusal as refusal:
        return shown(request, found, note=refusal_words(refusal), status=refusal.status, at=at)


def _correct(request: HttpRequest, patient: Patient, *, by: Principal, at: datetime) -> HttpResponse:
    """Correct what was changed. Raises Missing, RecordChanged."""
    fields = correctable(by, of_record(patient, by))
    on = at.astimezone(patient.site.tz).date()
    form = CorrectionForm(request.POST, patient, fields=fields, seen=last_change_of(patient), on=on)
    if form.is_valid():
        try:
            seen = form.cleaned_data["seen"]
            record_corrections.correct(patient, seen=seen, by=by, at=at, **form.given())
        except Invalid as refusal:
            errors: Any = refusal.facts.get("errors", ())
            for error in errors:
                add_to_field(form, error["pointer"], error["detail"])
        else:
            messages.success(request, _("The record is corrected."))
            return _back(request, patient, at=at)
    return shown(request, patient, form=form, at=at)


def _merge(request: HttpRequest, patient: Patient, *, by: Principal, at: datetime) -> HttpResponse:
    """Show both records once more, or make them one as they were shown then. Raises Missing and what merging does."""
    other, confirmed = _other(request, by=by), request.POST.get("confirmed") == "yes"
    seen = request.POST.get("seen", "") if confirmed else mark_of_both(patient, other)
    kept, given_up = (other, patient) if request.POST.get("keep") == "other" else (patient, other)
    merging.merge_or_try(kept=kept, given_up=given_up, confirmed=confirmed, seen=seen, by=by, at=at)
    if confirmed:
        messages.success(request, _("%(name)s has one record now: %(reference)s.") % vars(kept))
        return _back(request, kept, at=at)
    context = {
        "desk": desk_of(request, Action.CORRECT_PATIENT, at=at),
        "patient": patient,
        "kept": record_of(kept),
        "given_up": record_of(given_up),
        "keep": request.POST.get("keep", ""),
        "other": other.public_id,
        "seen": seen,
    }
    return render(request, "booking/desk/patient_merge.html", context)


def _part(request: HttpRequest, patient: Patient, *, by: Principal, at: datetime) -> HttpResponse:
    """Note that two records are of two people. Raises Missing."""
    merging.keep_apart(patient, _other(request, by=by), by=by, at=at)
    messages.success(request, _("Noted: these are two people."))
    return _back(request, patient, at=at)


def _ask_again(request: HttpRequest, patient: Patient, *, by: Principal, at: datetime) -> HttpResponse:
    """Take back that two records are of two people. Raises Missing, NotApart."""
    merging.ask_again(patient, _other(request, by=by), by=by, at=at)
    messages.success(request, _("Taken back: whether these are one person is asked again."))
    return _back(request, patient, at=at)


def _unmerge(request: HttpRequest, patient: Patient, *, by: Principal, at: datetime) -> HttpResponse:
    """Let the record that was merged into this one stand by itself again. Raises NothingMerged, MergeInUse."""
    back = merge_undo.undo(patient, by=by, at=at)
    messages.success(request, _("Undone: %(name)s, %(reference)s, is a record by itself again.") % vars(back))
    return _back(request, patient, at=at)


def _send(request: HttpRequest, patient: Patient, *, by: Principal, at: datetime) -> HttpResponse:  # noqa: ARG001  (as the others)
    """Mail somebody the links to their appointments once more. Raises Invalid, NothingToSend."""
    if not queries.mail_of(patient):
        raise Invalid(_("No e-mail address is on file. Call them, or enter an address below."))
    send_links_again(patient.pk, at=at)
    messages.success(request, _("They get a mail with a link to each of their appointments."))
    return _back(request, patient, at=at)


DOES = {
    "correct": _correct,
    "merge": _merge,
    "apart": _part,
    "not-apart": _ask_again,
    "unmerge": _unmerge,
    "send-links": _send,
}


def _other(request: HttpRequest, *, by: Principal) -> Patient:
    """Return the other record that a form names, as far as somebody may merge it. Raises Missing."""
    try:
        named = UUID(request.POST.get("other", ""))
    except ValueError as error:
        raise Missing from error
    return queries.patient(named, by=acting(by, Action.CORRECT_PATIENT))


def _back(request: HttpRequest, patient: Patient, *, at: datetime) -> HttpResponse:
    desk = desk_of(request, Action.SEE_PATIENT, at=at)
    return redirect(reverse(PAGE, args=[patient.public_id]) + desk.where)
