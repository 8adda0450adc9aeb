"""Rooms and places that are closed from a day on, with what becomes of the appointments in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.actions.impact import places as actions
from booking.actions.impact import settling
from booking.actions.impact.places import PlaceClosing
from booking.models import EditKind
from booking.web.desk.impact.looking import says_what_it_looks_for
from booking.web.desk.impact.settling_form import (
    edit_seen,
    edited_rows,
    impact_context,
    settled_in_words,
    take_back,
    wanted_from,
    why_refused,
)
from booking.web.desk.shell import Desk, desk_of, staff_page
from booking.web.labels import wrong_day
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.principals import principal_of
from core.refusals import Refusal
from core.rights import Action
from core.text.languages import date_in_words, localized
from core.text.typed_dates import date_typed
from scheduler import public as scheduler

PLACE, FIRST, LAST, WHY, SHOW = "place", "first", "last", "why", "show"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceChoice:
    """A place that can be chosen."""

    id: str
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPlaces:
    """Which places an address closes from when until when. `wrong`: by field, what is not understood."""

    rooms: Sequence[tuple[str, Sequence[PlaceChoice]]]
    first: str
    last: str
    why: str
    wrong: Mapping[str, str]
    edit: PlaceClosing | None


@asked_or_sent
@staff_page(Action.CLOSE)
@says_what_it_looks_for
def places(request: HttpRequest) -> HttpResponse:
    """Ask which places; show what becomes of who is in them; close them with one press."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.CLOSE, at=at)
    asked = asked_places(request.GET, desk)
    if request.method != "POST" or asked.edit is None:
        return _page(request, desk, asked, status=422 if asked.wrong else 200)
    try:
        saved = settling.save(
            asked.edit, wanted_from(request, desk), site=desk.site, by=by, at=at, seen=edit_seen(request)
        )
    except Refusal as refusal:
        return _page(request, desk, asked, note=why_refused(refusal), status=refusal.status)
    said = _("Closed: %(places)s. %(done)s")
    messages.success(request, said % {"places": saved.name, "done": settled_in_words(saved, asked.edit, by=by, at=at)})
    return redirect(_here(desk))


def _here(desk: Desk) -> str:
    return f"{reverse('desk-places')}{desk.where}"


def _page(request: HttpRequest, desk: Desk, asked: AskedPlaces, *, note: str = "", status: int = 200) -> HttpResponse:
    """Show which places can be closed, or what closing them would do, as it fits now."""
    at, by = clock.now(), principal_of(request)
    context: dict[str, Any] = {"desk": desk, "asked": asked, "note": note, "here": _here(desk)}
    if asked.edit is not None:
        try:
            context |= impact_context(asked.edit, request, desk, by=by, at=at)
            context["when"] = _when(asked.edit.first_on, asked.edit.last_on)
        except Refusal as refusal:
            context["note"], status = why_refused(refusal), refusal.status
    context |= {"closed": _closed(desk), "entered": edited_rows(desk, EditKind.PLACES, by=by, at=at)}
    context["action"] = request.get_full_path()
    return render(request, "booking/desk/places.html", context, status=status)


def _closed(desk: Desk) -> list[dict[str, Any]]:
    """Return which places are closed now or later."""
    rows = scheduler.closed_places(desk.site, since=desk.today)
    return [
        {"id": one.public_id, "name": _named(one.place), "when": _when(one.first_on, one.last_on), "why": one.name}
        for one in rows
    ]


def _when(first_on: date, last_on: date | None) -> str:
    if last_on is None:
        return _("from %s on, until further notice") % date_in_words(first_on)
    if last_on == first_on:
        return _("on %s") % date_in_words(first_on)
    return _("from %(first)s until %(last)s") % {"first": date_in_words(first_on), "last": date_in_words(last_on)}


def asked_places(sent: QueryDict, desk: Desk) -> AskedPlaces:
    """Return what an address closes; nothing where it asks for nothing yet."""
    there = scheduler.places_of(desk.site)
    chosen = [one for one in there if str(one.public_id) in sent.getlist(PLACE)]
    first, last, why = (sent.get(name, "").strip() for name in (FIRST, LAST, WHY))
    days = date_typed(first) if first else desk.today, date_typed(last) if last else None
    wrong = {}
    if SHOW in sent:
        found = {
            PLACE: "" if chosen else _("Choose at least one place."),
            FIRST: _wrong_first(first, days[0], desk),
            LAST: _wrong_last(last, days),
            WHY: "" if why else _("Give it a name, such as “Floor”."),
        }
        wrong = {name: text for name, text in found.items() if text}
    edit = _edit(desk, chosen, days, why) if SHOW in sent and not wrong else None
    return AskedPlaces(rooms=_rooms(there, chosen), first=first, last=last, why=why, wrong=wrong, edit=edit)


def _wrong_first(typed: str, first_on: date | None, desk: Desk) -> str:
    if first_on is None:
        return wrong_day(typed)
    return _("Type today or a later day.") if first_on < desk.today else ""


def _wrong_last(typed: str, days: tuple[date | None, date | None]) -> str:
    first_on, last_on = days
    if last_on is None:
        return wrong_day(typed) if typed else ""
    before = first_on is not None and last_on < first_on
    return _("The last day is before the first one. Correct one of the two.") if before else ""


def _edit(desk: Desk, chosen: Sequence[Any], days: tuple[date | None, date | None], why: str) -> PlaceClosing:
    return PlaceClosing(
        site=desk.site,
        places=[one.public_id for one in chosen],
        first_on=days[0] or desk.today,
        last_on=days[1],
        why=why,
        name=", ".join(map(_named, chosen))[:200],
    )


def _rooms(there: Sequence[Any], chosen: Sequence[Any]) -> list[tuple[str, list[PlaceChoice]]]:
    rooms: dict[str, list[PlaceChoice]] = {}
    for one in there:
        choice = PlaceChoice(id=str(one.public_id), name=_named(one), chosen=one in chosen)
        rooms.setdefault(localized(one.room.name) or one.room.key, []).append(choice)
    return list(rooms.items())


def _named(place: Any) -> str:  # noqa: ANN401  (a row of the scheduler's)
    return localized(place.name) or f"{localized(place.room.name) or place.room.key}, {place.key}"


@require_POST
@staff_page(Action.CLOSE)
def act(request: HttpRequest, edit: UUID, act: str) -> HttpResponse:
    """Take back what was closed today, or let a place be used again from today on."""
    at = clock.now()
    desk = desk_of(request, Action.CLOSE, at=at)
    if act == "undo":
        take_back(request, edit, at=at)
    elif act == "open":
        actions.open_again(desk.site, edit, by=principal_of(request), at=at)
        messages.success(request, _("It can be used again from today on."))
    else:
        raise Http404
    return redirect(_here(desk))
