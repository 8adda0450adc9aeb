"""Several people who come together: chosen, given times as one act, moved and taken apart."""

from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking import queries
from booking.actions.families import linked_moves, linked_visits
from booking.actions.families.linked_visits import FEWEST, MOST, PersonBooking
from booking.actions.requested_slots import read_slot
from booking.models import Appointment, LinkedVisits
from booking.suitability.answers_by_link import waits_for_answers
from booking.web.desk.families.family_rows import PARTED
from booking.web.desk.families.page import refusal_words
from booking.web.desk.families.together_search import TogetherSearch, days_of, still_to_come, therapy_for
from booking.web.desk.questions_by_phone import may_read_aloud
from booking.web.desk.shell import Desk, desk_of, desk_page, staff_page
from booking.web.slot_ids import opened
from core import clock
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.principal import Principal
from core.refusals import Invalid, Refusal
from core.rights import Action, acting, may_ever
from core.text.languages import when_in_words
from scheduler import public as scheduler

PRESSED_TWICE = timedelta(minutes=2)
UNDO, UNLINK = "undo", "unlink"
LISTED = 10
"""How many that were booked together are named."""


@desk_page(Action.BOOK_TOGETHER)
def together(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Choose people and what each comes for, and show times that they can have together."""
    link = _link_to_move(request, request.GET.get("move"))
    asked = TogetherSearch(request.GET, desk, principal_of(request), at, link)
    return _page(request, asked, times="times" in request.GET and asked.ready)


def _link_to_move(request: HttpRequest, public_id: str | None) -> LinkedVisits | None:
    try:
        return _link(request, UUID(public_id), to=Action.BOOK_TOGETHER) if public_id else None
    except ValueError as unknown:
        raise Http404 from unknown


def _page(
    request: HttpRequest, asked: TogetherSearch, *, times: bool, note: str = "", status: int = 200, **shown: object
) -> HttpResponse:
    wrong = problems(asked.form) if asked.form.is_bound else []
    context = {
        "desk": asked.desk,
        "asked": asked,
        "form": described(asked.form),
        "problems": wrong,
        "reads_aloud": may_ever(asked.by, Action.ANSWER_SCREENING),
        "enrols": may_ever(asked.by, Action.ENROL),
        "people": asked.people,
        "found": asked.found(),
        "searched": times,
        "days": asked.days() if times else (),
        "note": note,
        "earlier": _booked_before(asked),
        **asked.choices(),
        **shown,
    }
    return render(request, "booking/desk/together.html", context, status=422 if wrong else status)


def _booked_before(asked: TogetherSearch) -> list[dict[str, str]]:
    """Return who was booked together here and is still to come, the soonest first, each with the page about them."""
    seen = queries.linked_visits(acting(asked.by, Action.SEE_LINKED))
    named = queries.appointments(acting(asked.by, Action.SEE_NAMES))
    ahead = Appointment.objects.taking_time(at=asked.at).filter(site=asked.desk.site, period__startswith__gt=asked.at)
    rows = named.filter(pk__in=ahead, linked__in=seen).select_related("linked")
    found: dict[LinkedVisits, list[Appointment]] = {}
    for visit in rows.order_by("period", "pk")[: LISTED * MOST]:
        if visit.linked:
            found.setdefault(visit.linked, []).append(visit)
    return [
        {
            "url": _url(link, asked.desk),
            "when": when_in_words(visits[0].period.lower, asked.desk.site.tz),
            "names": ", ".join(visit.patient.name for visit in visits),
        }
        for link, visits in list(found.items())[:LISTED]
        if len(visits) >= FEWEST  # of two, one was called off
    ]


@require_POST
@staff_page(Action.BOOK_TOGETHER)
def book(request: HttpRequest) -> HttpResponse:
    """Book, or move, all of them onto the times that were pressed; where one is gone, show others."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.BOOK_TOGETHER, at=at)
    asked = TogetherSearch(request.POST, desk, by, at, _link_to_move(request, request.POST.get("move")))
    try:
        link = _moved(request, asked) if asked.link else _booked(request, asked)
    except Refusal as refusal:
        if same := _pressed_before(request, asked):
            return redirect(_url(same, desk))
        return _not_had(request, asked, refusal)
    messages.success(request, _("All of them are moved.") if asked.link else _("All of them have their times."))
    return redirect(_url(link, desk))


def _slots(request: HttpRequest, asked: TogetherSearch) -> list[scheduler.Slot]:
    ids = [opened(one) for one in request.POST.get("set", "").split(PARTED)]
    if len(ids) != len(asked.people):
        raise Invalid(_("Choose one of the times."), pointer="/set")
    slots = [
        read_slot(
            one,
            by=asked.by,
            at=asked.at,
            patient=person.patient,
            moving=person.moving,
            override_reason=asked.reason,
        )
        for one, person in zip(ids, asked.people, strict=True)
    ]
    # The page's site is one where they may book; an id names whichever site somebody writes into it.
    if any(one.site.id != asked.desk.site.pk for one in slots):
        raise Invalid(_("Choose one of the times."), pointer="/set")
    return slots


def _booked(request: HttpRequest, asked: TogetherSearch) -> LinkedVisits:
    people = [
        PersonBooking(patient=one.patient, slot=slot, questions_by_link=True, override_reason=asked.reason)
        for one, slot in zip(asked.people, _slots(request, asked), strict=True)
    ]
    done = linked_visits.book(
        people,
        relation=asked.relation,
        within=timedelta(minutes=asked.within),
        cancel_policy=asked.policy,
        by=asked.by,
        at=asked.at,
    )
    return done.link


def _moved(request: HttpRequest, asked: TogetherSearch) -> LinkedVisits:
    assert asked.link is not None  # noqa: S101  (tells the type checker)
    pairs = zip(asked.people, _slots(request, asked), strict=True)
    slots = {one.moving.public_id: slot for one, slot in pairs if one.moving}
    linked_moves.move_together(asked.link, slots, by=asked.by, at=asked.at, override_reason=asked.reason)
    return asked.link


def _pressed_before(request: HttpRequest, asked: TogetherSearch) -> LinkedVisits | None:
    """Return what the same press, a moment ago, has booked already."""
    slots = [opened(one) for one in request.POST.get("set", "").split(PARTED)]
    just_now = LinkedVisits.objects.filter(made_by=asked.by.key, made_at__gt=asked.at - PRESSED_TWICE)
    patients = [one.patient.pk for one in asked.people]
    theirs = Appointment.objects.filter(linked__in=just_now, slot__in=slots, patient__in=patients)
    found = theirs.select_related("linked") if asked.link is None else theirs.none()
    links = {visit.linked for visit in found}
    return links.pop() if len(links) == 1 and len(found) == len(patients) else None


def _not_had(request: HttpRequest, asked: TogetherSearch, refusal: Refusal) -> HttpResponse:
    """Show why nothing was booked, whose it is, and the nearest times that can be had."""
    words, number = refusal_words(refusal), refusal.facts.get("person")
    if isinstance(number, int) and number < len(asked.people):
        words = _("%(name)s: %(why)s") % {"name": asked.people[number].patient.name, "why": words}
    found = refusal.facts.get("alternatives") or []
    sets = [one for one in found if isinstance(one, scheduler.SlotSet)]  # type: ignore[attr-defined]
    near = days_of(sets, [one.patient.name for one in asked.people])
    nothing = _("Nothing was booked.") if asked.link is None else _("Nothing was moved.")
    said = {"note": f"{nothing} {words}", "status": 422 if isinstance(refusal, Invalid) else refusal.status}
    return _page(request, asked, times=not near and asked.ready, near=near, **said)  # type: ignore[arg-type]


@desk_page(Action.SEE_LINKED)
def linked(request: HttpRequest, desk: Desk, at: datetime, link: UUID) -> HttpResponse:
    """Show appointments that were booked together as one: who, when, with whom, and how each stands."""
    found, by = _link(request, link, to=Action.SEE_LINKED), principal_of(request)
    rows = queries.appointments(acting(by, Action.SEE_NAMES)).filter(linked=found).order_by("period", "pk")
    acts = queries.linked_visits(acting(by, Action.BOOK_TOGETHER)).filter(pk=found.pk).exists()
    context = {
        "desk": desk,
        "link": found,
        "rows": [_linked_row(visit, found, by) for visit in rows],
        # Who may only see them is offered nothing that they would be refused.
        "acts": acts,
        "undo": acts and linked_moves.may_undo(found, at=at),
        "ahead": acts and len(still_to_come(found, by=by, at=at)) >= FEWEST,
    }
    return render(request, "booking/desk/linked.html", context)


def _linked_row(visit: Appointment, link: LinkedVisits, by: Principal) -> dict[str, object]:
    return {
        "visit": visit,
        "when": when_in_words(visit.period.lower, visit.site.tz),
        "therapy": therapy_for(visit, by),
        "state": visit.get_status_display(),
        "by_link": waits_for_answers(visit),
        "aloud": _aloud(visit, link, by),
    }


def _aloud(visit: Appointment, link: LinkedVisits, by: Principal) -> str:
    """Return the page on which its questions are read aloud, and which leads back here; empty to whoever may not."""
    page = reverse("desk-questions-by-phone", args=[visit.public_id], query={"together": link.public_id})
    return page if may_read_aloud(visit, by) else ""


@require_POST
@staff_page(Action.BOOK_TOGETHER)
def act(request: HttpRequest, link: UUID, act: str) -> HttpResponse:
    """Take one of them out, or undo what was done last."""
    at, by = clock.now(), principal_of(request)
    desk, found = desk_of(request, Action.BOOK_TOGETHER, at=at), _link(request, link, to=Action.BOOK_TOGETHER)
    if act == UNDO:
        linked_moves.undo(found, by=by, at=at)
        messages.success(request, _("That is undone."))
    elif act == UNLINK:
        visits = queries.appointments(acting(by, Action.SEE_APPOINTMENT)).filter(linked=found)
        visit = visits.filter(public_id=_uuid(request.POST.get("appointment", ""))).first()
        if visit is None:
            raise Http404
        linked_moves.unlink(visit, by=by, at=at)
        messages.success(request, _("Taken apart. All appointments stand as they stood."))
    else:
        raise Http404
    return redirect(_url(found, desk))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as unknown:
        raise Http404 from unknown


def _link(request: HttpRequest, public_id: UUID, *, to: Action) -> LinkedVisits:
    found = queries.linked_visits(acting(principal_of(request), to)).filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def _url(link: LinkedVisits, desk: Desk) -> str:
    return reverse("desk-linked", args=[link.public_id]) + desk.where
