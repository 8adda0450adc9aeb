"""Family time: program staff keep times for a patient's family, give them back, and see what becomes of them."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from booking.actions.families import reservations
from booking.actions.requested_slots import read_slot
from booking.models import Reservation, Seat, SeatState
from booking.models.reservations import WAITING_FOR_SOMEBODY
from booking.seats.seat_queries import count_waiting, seats_of_site
from booking.seats.seat_rules import MOST_WAITING
from booking.seats.seat_sets import last_day, nearest_day, seat_sets, wider
from booking.web.desk.families.family_block_edits import block_rows
from booking.web.desk.families.family_block_rows import occurrence_rows
from booking.web.desk.families.family_forms import NAME_BY_HOURS, UNTIL, WHOLE_DAY, SeatsForm, moment_typed
from booking.web.desk.families.family_rows import PARTED, SetButton, moment_in_words, reservation_rows, set_button
from booking.web.desk.shell import FAMILIES, Desk, desk_of, desk_page, staff_page
from booking.web.slot_ids import opened
from core import clock
from core.accounts.principals import principal_of
from core.database.transactions import one_reading
from core.forms import described, problems
from core.principal import Principal
from core.refusals import Invalid, Missing, Refusal
from core.rights import Action
from core.text.languages import date_in_words

OTHERS = 3
"""Other therapies that are offered where the wanted one is not free together."""

RELEASE, AGAIN, NAME_BY = "release", "keep-again", "name-by"


@desk_page(Action.RESERVE_SEATS)
@one_reading
def family_time(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Show what is kept for families at a site, and times that could be, where some are looked for."""
    form = SeatsForm(request.GET if "seats" in request.GET else None, desk.site)
    found = _found(form, at=at) if form.is_valid() else {}
    return _page(request, desk, form, at=at, **found)


def _page(
    request: HttpRequest, desk: Desk, form: SeatsForm, *, at: datetime, status: int = 200, **shown: object
) -> HttpResponse:
    """Show the page. `shown`: times that were found, and what came of an act (`note`, and the `days` with it)."""
    by, everyone = principal_of(request), "all" in request.GET
    wrong = problems(form) if form.is_bound else []
    context = {
        "desk": desk,
        "form": described(form),
        "problems": wrong,
        "rows": reservation_rows(seats_of_site(desk.site.pk, by=by, at=at, mine=not everyone), by=by, at=at),
        "everyone": everyone,
        "waiting": count_waiting(by, at=at),
        "most": MOST_WAITING,
        "days": shown.get("days") or occurrence_rows(desk.site.pk, at=at),
        "chosen_day": request.GET.get("kept_day", ""),
        "blocks": block_rows(desk.site, at=at) if "blocks" in request.GET else None,
        **shown,
    }
    return render(request, "booking/desk/families.html", context, status=422 if wrong else status)


def _found(form: SeatsForm, *, at: datetime) -> dict[str, Any]:
    """Return the times that could be kept: as near as was asked for, or else on that day. The form must be valid."""
    wanted = form.wanted()
    near, minutes = _buttons(form, at=at), wanted.anchor.minutes
    searched = {
        "searched": True,
        "in_a_row": wanted.in_a_row,
        "seats": wanted.seats,
        "day": date_in_words(form.cleaned_data["day"]),
    }
    if near:
        return searched | {"sets": near, "within": minutes}
    others = [] if wanted.others else _of_other_therapies(form, at=at)
    sets = _buttons(form, at=at, minutes=WHOLE_DAY)
    farther = {"sets": sets, "farther": True, "within": WHOLE_DAY, "others": others, "others_within": minutes}
    return searched | farther | ({} if sets or others else _another_day(form, at=at))


def _another_day(form: SeatsForm, *, at: datetime) -> dict[str, Any]:
    """Return the nearest day on which there are such times, in words and as the same question about it."""
    wanted = form.wanted()
    last, found = last_day(wanted, at=at), nearest_day(wider(wanted, minutes=WHOLE_DAY), at=at)
    far = {"last_day": date_in_words(last)} if form.cleaned_data["day"] > last else {}
    return far | ({"another_day": date_in_words(found), "asks_another_day": form.about(found)} if found else {})


def _of_other_therapies(form: SeatsForm, *, at: datetime) -> list[SetButton]:
    """Return the first set, as near as was asked for, of a few other therapies that have one."""
    wanted, found = form.wanted(), []
    for chosen, name in form.other_therapies():
        therapy, visit, technique = chosen.split(":")
        another = replace(wanted, therapy=therapy, visit=visit, technique=technique)
        sets = seat_sets(another, at=at, most=1)
        found += [set_button(one, name_by=form.name_by_of(one[0].start, at=at), what=name) for one in sets]
        if len(found) == OTHERS:
            break
    return found


def _buttons(form: SeatsForm, *, at: datetime, minutes: int | None = None) -> list[SetButton]:
    wanted = form.wanted()
    looked_for = wanted if minutes is None else wider(wanted, minutes=minutes)
    return [
        set_button(
            one,
            name_by=form.name_by_of(one[0].start, at=at),
            what=form.words_of(one) if wanted.others else "",
        )
        for one in seat_sets(looked_for, at=at)
    ]


@require_POST
@staff_page(Action.RESERVE_SEATS)
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the times of the button that was pressed; where one of them is gone, show others."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.RESERVE_SEATS, at=at)
    form = SeatsForm(request.POST, desk.site)
    if not form.is_valid():
        return _page(request, desk, form, at=at)
    try:
        kept = _keep_set(request, form, by=by, at=at)
    except Refusal as refusal:
        return _page(
            request, desk, form, at=at, note=refusal_words(refusal), status=refusal.status, **_found(form, at=at)
        )
    messages.success(request, _done_in_words(kept))
    return redirect(f"{reverse(FAMILIES)}{desk.where}#r-{kept.public_id}")


def _keep_set(request: HttpRequest, form: SeatsForm, *, by: Principal, at: datetime) -> Reservation:
    ids = [opened(one) for one in request.POST.get("set", "").split(PARTED)]
    slots = [read_slot(one, by=by, at=at) for one in ids]
    name_by = form.name_by_of(min(one.start for one in slots), at=at)
    wanted, reason = form.wanted(), request.POST.get("reason", "")
    how: dict[str, Any] = {"program": wanted.program, "anchor": wanted.anchor, "reason": reason}
    return reservations.keep(slots, by=by, at=at, name_by=name_by, **how)


def _done_in_words(kept: Reservation) -> str:
    count = kept.seats.count()
    words = ngettext("%(count)d time is kept until %(when)s.", "%(count)d times are kept until %(when)s.", count)
    return words % {"count": count, "when": moment_in_words(kept.name_by, kept.site.tz)}


@require_POST
@staff_page(Action.RESERVE_SEATS)
def seat_act(request: HttpRequest, seat: UUID, act: str) -> HttpResponse:
    """Give one time back, or keep it again."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.RESERVE_SEATS, at=at)
    found = Seat.objects.visible_to(by).filter(public_id=seat).select_related("reservation").first()
    if found is None or act not in {RELEASE, AGAIN}:
        raise Http404
    return _acted(request, desk, [found], act, at=at)


@require_POST
@staff_page(Action.RESERVE_SEATS)
def reservation_act(request: HttpRequest, reservation: UUID, act: str) -> HttpResponse:
    """Give back what is left of a reservation, keep again what was given back, or keep it until another moment."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.RESERVE_SEATS, at=at)
    seats = list(Seat.objects.visible_to(by).filter(reservation__public_id=reservation).select_related("reservation"))
    if not seats or act not in {RELEASE, AGAIN, NAME_BY}:
        raise Http404
    states = {RELEASE: WAITING_FOR_SOMEBODY, AGAIN: (SeatState.RELEASED,), NAME_BY: WAITING_FOR_SOMEBODY}
    return _acted(request, desk, [one for one in seats if one.state in states[act]], act, at=at)


def _acted(request: HttpRequest, desk: Desk, seats: list[Seat], act: str, *, at: datetime) -> HttpResponse:
    """Do what was pressed to these seats of one reservation, and say so on the page, or why not."""
    by = principal_of(request)
    try:
        said = _do(request, seats, act, by=by, at=at)
    except Refusal as refusal:
        return page_with_note(request, desk, refusal, at=at)
    messages.success(request, said)
    where = f"#r-{seats[0].reservation.public_id}" if seats else ""
    return redirect(f"{reverse(FAMILIES)}{desk.where}{where}")


def page_with_note(
    request: HttpRequest, desk: Desk, refusal: Refusal, *, at: datetime, decided: dict[str, str] | None = None
) -> HttpResponse:
    """Show the page, and on top why something was not done. `decided`: what was sent about a day, to be put right."""
    form, note = SeatsForm(None, desk.site), refusal_words(refusal)
    days = occurrence_rows(desk.site.pk, at=at, decided=decided)
    return _page(request, desk, form, at=at, note=note, days=days, status=refusal.status)


def _do(request: HttpRequest, seats: list[Seat], act: str, *, by: Principal, at: datetime) -> str:
    if not seats:
        return _("Nothing was left to do.")
    ids = [one.public_id for one in seats]
    if act == RELEASE:
        done = len(reservations.release(ids, by=by, at=at))
        return ngettext("%d time is given back.", "%d times are given back.", done) % done
    if act == AGAIN:
        done = len(reservations.keep_again(ids, by=by, at=at))
        return ngettext("%d time is kept again.", "%d times are kept again.", done) % done
    kept = reservations.postpone(seats[0].reservation.public_id, _name_by(request, seats), by=by, at=at)
    return _("Kept until %s now.") % moment_in_words(kept.name_by, kept.site.tz)


def _name_by(request: HttpRequest, seats: list[Seat]) -> datetime:
    """Return until when they are kept: so many hours before the first, or at the moment that was typed."""
    day, at_what_time = (request.POST.get(name, "").strip() for name in UNTIL)
    if day or at_what_time:
        found, wrong = moment_typed(day, at_what_time, seats[0].reservation.site)
        if found is None:
            raise Invalid(errors=[{"pointer": f"/{name}", "detail": words} for name, words in wrong.items()])
        return found
    hours = request.POST.get("hours", "")
    if hours not in map(str, NAME_BY_HOURS):
        raise Invalid(_("Choose until when they are kept."), pointer="/hours")
    first: datetime = min(one.period.lower for one in seats[0].reservation.seats.all())
    return first - timedelta(hours=int(hours))


def refusal_words(refusal: Refusal) -> str:
    """Return why nothing was done, in words, each said once."""
    found: Any = refusal.facts.get("errors", ())
    details = [str(one.get("detail", "")) for one in found] if isinstance(refusal, Invalid) else [str(refusal.detail)]
    words = details if isinstance(refusal, Invalid) else [str(refusal.title), *details]
    if isinstance(refusal, Missing):
        raise Http404
    return " ".join(dict.fromkeys(one for one in words if one))
