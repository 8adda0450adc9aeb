"""The page of the day board."""

from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.web.desk.board.day import BoardDay
from booking.web.desk.board.reading import read, sees_all
from booking.web.desk.shell import A_DAY, Desk, desk_of
from core.accounts.principals import principal_of
from core.rights import Action
from core.text.languages import near_day_in_words, zone_in_words
from core.text.typed_dates import date_typed

PLACES = "places"


def board(request: HttpRequest, *, at: datetime) -> HttpResponse:
    """Show a day of a site, by practitioner or by place, to whoever may see its calendar."""
    desk = desk_of(request, Action.SEE_CALENDAR, at=at)
    by = principal_of(request)
    typed = request.GET.get("typed", "").strip()
    on = date_typed(typed) if typed else None
    day = on or desk.on
    by_place = request.GET.get("by") == PLACES and sees_all(by, desk.site)
    shown = BoardDay(read=read(desk.site, day, day, by=by, at=at), by_place=by_place)
    context = {
        "desk": desk,
        "board": shown,
        "heading": f"{near_day_in_words(day)}, {zone_in_words(desk.site.tz)}",
        "day": day,
        "by_place": by_place,
        "switch": sees_all(by, desk.site),
        "links": _links(desk, day, by_place=by_place),
        "typed": typed,
        "note": _("Type a date such as 12/31/2026.") if typed and on is None else "",
    }
    return render(request, "booking/desk/board.html", context)


def _links(desk: Desk, day: date, *, by_place: bool) -> dict[str, str]:
    where = f"{reverse('desk')}?site={desk.site.key}"
    way = f"&by={PLACES}" if by_place else ""
    return {
        "before": f"{where}&day={day - A_DAY}{way}",
        "today": f"{where}{way}",
        "after": f"{where}&day={day + A_DAY}{way}",
        "people": f"{where}&day={day}",
        "places": f"{where}&day={day}&by={PLACES}",
        "door": f"{reverse('desk-arrivals')}?site={desk.site.key}&day={day}",
    }
