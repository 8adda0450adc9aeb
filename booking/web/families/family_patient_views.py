"""The patient's own page about their family, behind a mail's link and their birth date.

That the birth date was typed is noted in the session for a short while; without cookies it goes with each form.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt

from booking.actions.families import family_links, meeting_times
from booking.actions.links import principal_of
from booking.families.errors import NoFamilyTime
from booking.families.family_programs import family_sites
from booking.families.meeting_times import offered, offers_of
from booking.families.queries import link_of, links_of, opened_by_patient
from booking.models import Appointment, CancelPolicy, FamilyLink, ManageLink, MeetingTime, Patient
from booking.patients.deaths import has_died
from booking.patients.record_errors import AskByPhone
from booking.status import OCCUPYING
from booking.web.birth_date_proof import asked_birth_date, is_remembered, remember, typed_birth_date
from booking.web.families.family_address import family_address
from booking.web.families.family_rows import InvitationForm, family_rows, refused_invitations
from booking.web.link_context import LinkAccess
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from booking.web.suitability.suitability_forms import BirthDateForm
from core import clock
from core.forms import described, problems
from core.models import Site
from core.principal import Principal
from core.refusals import Missing, Refusal
from core.text.languages import when_in_words

ACTS: dict[str, Callable[..., FamilyLink]] = {
    "confirm": family_links.confirm,
    "revoke": family_links.revoke,
    "renew": family_links.renew,
}
"""What a patient does with one of their links."""

POLICIES = {
    CancelPolicy.ASK: gettext_lazy("we ask them what they would like to do"),
    CancelPolicy.KEEP: gettext_lazy("their appointment stays as it is"),
    CancelPolicy.CANCEL: gettext_lazy("their appointment is cancelled, too"),
}
"""What becomes of whoever comes at the same time, when the patient's own appointment is cancelled."""

NEW = "new"
"""Names in the address the invitation that was made just now: its code is shown on top."""

MEET, MEET_NO_MORE = "meet", "meet-no-more"
"""What a patient does with the appointment that the mail's link is for: they offer it as a time to meet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyAccess:
    """Whose family's page it is, and who acts there, by which link.

    `visit`: behind whose link it was opened, and `back` to it.
    """

    link: ManageLink | FamilyLink
    patient: Patient
    site: Site
    principal: Principal
    visit: Appointment | None = None
    back: str = ""


@csrf_exempt
@private_page
@asked_or_sent
@refusals_as_pages
def family(request: HttpRequest, token: str) -> HttpResponse:
    """Show who of a patient's family is linked, to whoever knows the birth date; do what they press."""
    at = clock.now()
    opened = LinkAccess.of(token, at=at)
    visit, by, back = opened.visit, opened.principal, opened.urls.see
    access = FamilyAccess(
        link=opened.link, patient=visit.patient, site=visit.site, principal=by, visit=visit, back=back
    )
    return _answer(request, access, at=at)


@csrf_exempt
@private_page
@asked_or_sent
@refusals_as_pages
def family_by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Show the same to a patient who has no appointment, behind the link of a mail about their family."""
    at = clock.now()
    link = opened_by_patient(token, at=at)
    access = FamilyAccess(link=link, patient=link.patient, site=link.site, principal=principal_of(link))
    return _answer(request, access, at=at)


def _answer(request: HttpRequest, access: FamilyAccess, *, at: datetime) -> HttpResponse:
    """Ask for the birth date, do what was pressed, or show the page; what was sent is led on to it by an address.

    After a death nobody acts in the patient's name. Raises AskByPhone.
    """
    typed = "birth_date" in request.POST
    if typed or not is_remembered(request, access.link, at=at):
        form, given = typed_birth_date(request, access.link, zone=access.site.tz, at=at)
        if not given:
            return _asked(request, access, form if typed else BirthDateForm(None, on=at.date()), at=at)
        remember(request, access.link, at=at)
    if has_died(access.patient):
        raise AskByPhone
    if request.method != "POST":
        return _page(request, access, fresh=request.GET.get(NEW, ""), at=at)
    return _acted(request, access, at=at)


def _asked(request: HttpRequest, access: FamilyAccess, form: BirthDateForm, *, at: datetime) -> HttpResponse:
    """Ask for the birth date; what was pressed meanwhile is done once it is typed."""
    request.session.set_test_cookie()
    pressed = [(name, sent) for name, sent in request.POST.items() if name != "birth_date"]
    context = asked_birth_date(form, access.link, at=at) | {"phone": access.site.phone, "back": access.back}
    status = 422 if form.errors else 200
    return render(request, "booking/family/birth_date.html", context | {"pressed": pressed}, status=status)


def _acted(request: HttpRequest, access: FamilyAccess, *, at: datetime) -> HttpResponse:
    """Do what was pressed; where cookies are kept lead on by an address, so that Back sends nothing again."""
    keeps_cookies = settings.SESSION_COOKIE_NAME in request.COOKIES
    form = InvitationForm(request.POST if request.POST.get("act") == "invite" else None)
    fresh = note = ""
    try:
        fresh = _done(request, form, access, at=at)
    except Refusal as refusal:
        note = f"{refusal.title} {refusal.detail if refusal.detail != refusal.title else ''}".strip()
    if keeps_cookies and not note and (fresh or not form.is_bound):
        return redirect(f"{request.path}?{NEW}={fresh}" if fresh else request.path)
    form = InvitationForm(None) if fresh else form
    born = "" if keeps_cookies else request.POST.get("birth_date", "")
    return _page(request, access, form=form, fresh=fresh, note=note, born=born, at=at)


def _page(
    request: HttpRequest,
    access: FamilyAccess,
    *,
    form: InvitationForm | None = None,
    fresh: str = "",
    note: str = "",
    born: str = "",
    at: datetime,
) -> HttpResponse:
    """Show the page. `born`: sent with each form by whoever keeps no cookies."""
    form = form or InvitationForm(None)
    wrong = problems(form) if form.is_bound else []
    context = _context(access, fresh, at=at)
    context |= {"form": described(form), "problems": wrong, "note": note, "born": born}
    return render(request, "booking/family/patient.html", context, status=422 if wrong or note else 200)


def _done(request: HttpRequest, form: InvitationForm, access: FamilyAccess, *, at: datetime) -> str:
    """Do what was pressed; return the id of an invitation that was made."""
    act = request.POST.get("act", "")
    if act == "invite" and form.is_valid():
        return str(_invited(form, access, at=at).public_id)
    if access.visit and act == MEET:
        sent = request.POST.get("cancel_policy", "")
        policy = CancelPolicy(sent) if sent in CancelPolicy else CancelPolicy.ASK
        meeting_times.offer(access.visit, by=access.principal, at=at, cancel_policy=policy)
    elif access.visit and act == MEET_NO_MORE:
        meeting_times.withdraw(access.visit, by=access.principal, at=at)
    if act in ACTS:
        ACTS[act](_named(request, access.patient), by=access.principal, at=at)
    return ""


def _context(access: FamilyAccess, fresh: str, *, at: datetime) -> dict[str, Any]:
    patient, site = access.patient, access.site
    rows = family_rows(links_of(patient), staff=False, at=at)
    return {
        "rows": [row for row in rows if row.live],
        "earlier": [row for row in rows if not row.live],
        "refused": refused_invitations(patient, site.tz),
        "fresh": next((row for row in rows if row.id == fresh and row.code), None),
        "may_invite": program_site(patient, site, at=at) is not None,
        "meeting": _meeting(access.visit, at=at) if access.visit else {},
        "offers": _offers(patient),
        "phone": site.phone,
        "back": access.back,
        "family_address": family_address(),
    }


def _meeting(visit: Appointment, *, at: datetime) -> dict[str, Any]:
    """Return whether the appointment can be offered as a time to meet, and is; nothing where nobody would see it."""
    ahead = visit.status in OCCUPYING and visit.period.lower > at
    if not (ahead and visit.patient.family_links.in_force(at=at).exists()):
        return {}
    # Nothing here goes by whether the appointment is linked: it would tell its patient that somebody has booked.
    now = offered(visit)
    return {
        "when": when_in_words(visit.period.lower, visit.site.tz),
        "offered": now is not None,
        "policy": POLICIES[CancelPolicy(now.cancel_policy)] if now else "",
        "policies": [(value.value, words, value is CancelPolicy.ASK) for value, words in POLICIES.items()],
    }


def _offers(patient: Patient) -> list[str]:
    """Return in words which appointments were offered as times to meet, and until when."""
    return [_offer_in_words(one) for one in offers_of(patient)]


def _offer_in_words(one: MeetingTime) -> str:
    zone = one.appointment.site.tz
    facts = {
        "when": when_in_words(one.appointment.period.lower, zone),
        "since": when_in_words(one.offered_at, zone),
    }
    if one.withdrawn_at is None:
        return _("%(when)s: shown since %(since)s.") % facts
    until = when_in_words(one.withdrawn_at, zone)
    return _("%(when)s: shown on %(since)s, taken back on %(until)s.") % (facts | {"until": until})


def _invited(form: InvitationForm, access: FamilyAccess, *, at: datetime) -> FamilyLink:
    patient = access.patient
    site = program_site(patient, access.site, at=at)
    if site is None:
        raise NoFamilyTime
    return family_links.invite(patient, form.invitation(), site=site, by=access.principal, at=at)


def program_site(patient: Patient, near: Site, *, at: datetime) -> Site | None:
    """Return the site at which a patient invites their family: `near`, if they can there."""
    theirs = family_sites(patient, at=at)
    return theirs.get(near.pk) or next(iter(theirs.values()), None)


def _named(request: HttpRequest, patient: Patient) -> FamilyLink:
    """Return the link that a form names. Raises Missing."""
    try:
        return link_of(patient, UUID(request.POST.get("link", "")))
    except ValueError as error:
        raise Missing from error
