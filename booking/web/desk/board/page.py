"""The page of the day board, and what is new on it for whoever has it open."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import quote_etag
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from booking.web.desk.appointments.words import OURS, THEIRS
from booking.web.desk.board.day import BoardDay
from booking.web.desk.board.drawn import RecentBoards
from booking.web.desk.board.reading import day_span, read, sees_all
from booking.web.desk.board.stamp import stamp_of
from booking.web.desk.shell import A_DAY, Desk, desk_of, polled, staff_page
from booking.web.labels import wrong_day
from core import clock
from core.accounts.principals import principal_of
from core.rights import Action, sites_for
from core.roles import Role
from core.text.languages import day_from_in_words, zone_in_words
from core.text.typed_dates import date_typed

PLACES = "places"
RECENT = RecentBoards()


def board(request: HttpRequest, *, at: datetime) -> HttpResponse:
    """Show a day of a site, by practitioner or by place, to whoever may see its calendar."""
    desk = desk_of(request, Action.SEE_CALENDAR, at=at)
    typed = request.GET.get("typed", "").strip()
    on = date_typed(typed) if typed else None
    day = on or desk.on
    places = _by_place(request, desk)
    context = {
        "desk": desk,
        "board": _day(request, desk, day, at=at),
        "heading": f"{day_from_in_words(day, desk.today)}, {zone_in_words(desk.site.tz)}",
        "day": day,
        "by_place": places,
        "switch": sees_all(principal_of(request), desk.site),
        "links": _links(desk, day, by_place=places) | _books(request, desk),
        "etag": quote_etag(_stamp_on(request, desk, day, at=at)),
        "reasons": [(_("They call it off"), THEIRS.items()), (_("The clinic calls it off"), OURS.items())],
        "words": _words(),
        "typed": typed,
        "note": wrong_day(typed) if typed and on is None else "",
    }
    return render(request, "booking/desk/board.html", context)


def _stamp(request: HttpRequest) -> str:
    at = clock.now()
    desk = desk_of(request, Action.SEE_CALENDAR, at=at)
    return quote_etag(_stamp_on(request, desk, desk.on, at=at))


@require_safe
@polled
@staff_page(Action.SEE_CALENDAR)
@condition(etag_func=_stamp)
def changes(request: HttpRequest) -> HttpResponse:
    """Answer with the board alone, or with nothing where it is as it was."""
    at = clock.now()
    desk = desk_of(request, Action.SEE_CALENDAR, at=at)
    stamp = _stamp_on(request, desk, desk.on, at=at)
    return HttpResponse(RECENT.drawn(stamp, lambda: _table(request, desk, at=at)))


def _table(request: HttpRequest, desk: Desk, *, at: datetime) -> str:
    context = {"board": _day(request, desk, desk.on, at=at), "by_place": _by_place(request, desk)}
    return render_to_string("booking/desk/parts/board_table.html", context, request)


def _day(request: HttpRequest, desk: Desk, day: date, *, at: datetime) -> BoardDay:
    found = read(desk.site, day, day, by=principal_of(request), at=at)
    return BoardDay(read=found, by_place=_by_place(request, desk))


def _by_place(request: HttpRequest, desk: Desk) -> bool:
    return request.GET.get("by") == PLACES and sees_all(principal_of(request), desk.site)


def _stamp_on(request: HttpRequest, desk: Desk, day: date, *, at: datetime) -> str:
    by = principal_of(request)
    # Who sees a site's whole calendar by the same roles sees the same; of their own, each sees something else.
    whose = sorted(map(str, by.roles)) if sees_all(by, desk.site) and not by.has(Role.PRACTITIONER) else by.key
    shown = (whose, get_language(), _by_place(request, desk))
    return stamp_of(desk.site, day_span(desk.site, day, day), shown=shown, at=at)


def _links(desk: Desk, day: date, *, by_place: bool) -> dict[str, str]:
    site, way = f"?site={desk.site.key}", f"&by={PLACES}" if by_place else ""
    where = f"{reverse('desk')}{site}"
    return {
        "before": f"{where}&day={day - A_DAY}{way}",
        "today": f"{where}{way}",
        "after": f"{where}&day={day + A_DAY}{way}",
        "people": f"{where}&day={day}",
        "places": f"{where}&day={day}&by={PLACES}",
        "door": f"{reverse('desk-arrivals')}{site}&day={day}",
        "week": f"{reverse('desk-week')}{site}&day={day}",
        "month": f"{reverse('desk-month')}{site}&day={day}",
        "changes": f"{reverse('desk-board-changes')}{site}&day={day}{way}",
        "targets": reverse("desk-board-targets"),
        "sizes": reverse("desk-board-sizes"),
        "acts": f"{reverse('desk')}board/",
    }


def _books(request: HttpRequest, desk: Desk) -> dict[str, str]:
    """Return where a free time is booked for somebody, by whoever may."""
    books = desk.site.pk in sites_for(principal_of(request), Action.ADMIT_WALK_IN)
    return {"book": reverse("desk-book", query={"site": desk.site.key})} if books else {}


def _words() -> dict[str, Any]:
    """Return what the script says."""
    return _words_of_moving() | _words_of_buttons() | _words_of_keys() | _words_of_refusals()


def _words_of_keys() -> dict[str, Any]:
    return {
        "nobody": _("Nobody is here. Arrows lead to an appointment; this key acts on that."),
        "shut": _("Nothing can be noted of this one here, or not by you. Enter opens it, where you may see it."),
        "unused": _("Not used, since that was not done: {keys}. Press again what you still want."),
        "resizing": _("This key does nothing while the length is chosen. Enter changes it, Escape leaves it."),
        "minutes": _("{minutes} minutes"),
        "sizing": _(
            "Length of {who}: {minutes} minutes, from {least} to {most}. Down is longer, up is shorter, Enter"
            " changes it, Escape leaves it."
        ),
        "size": _("{minutes} minutes, until {end}: fits"),
        "misfit": _("{minutes} minutes, until {end}: does not fit"),
        "ended": _("No further here: its page has more."),
        "same": _("Left as long as it was."),
        "unsized": _("Its length cannot be changed, as it stands or by you."),
        "places": _("Appointments are moved on the board by practitioner: a place is chosen with the time."),
    }


def _words_of_refusals() -> dict[str, Any]:
    return {
        "offline": _("There is no network just now. Nothing was done: press again."),
        "reasons": _("Why not there:"),
        "there": _("Who is there then:"),
        "nearest": _("Free nearby:"),
        "page": _("The page of the appointment"),
    }


def _words_of_buttons() -> dict[str, Any]:
    return {
        "free": _("{when} with {with}: free"),
        "book": _("Book this time"),
        "undo": _("Undo"),
        "close": _("Close"),
    }


def _words_of_moving() -> dict[str, Any]:
    return {
        "moving": _("Moving {who}: {count} times of this day fit."),
        "one": _("Moving {who}: 1 time of this day fits."),
        "carry": _("Arrows choose, N goes to the next that fits, Enter moves, Escape leaves it."),
        "drag": _("Let go where it is to be; Escape leaves it."),
        "still": _("This key does nothing while {who} is being moved."),
        "none": _("No time of this day fits. Escape leaves it; its page finds other days."),
        "left": _("Left where it was."),
        "stays": _("Let go here, it stays where it is."),
        "fixed": _("This cannot be moved as it stands."),
        "fits": _("{when}, {with}: fits"),
        "not": _("{when}, {with}: does not fit"),
    }
