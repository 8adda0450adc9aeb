"""The calendar feed of whoever treats or is treated, for their own program: no cookie, only a secret address."""

from datetime import datetime, timedelta
from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking.calendar_feeds.feed import as_ical, live_feed, reading_of
from booking.calendar_feeds.patient_feed import patient_calendar
from core import clock
from core.database.transactions import one_reading
from core.http.networks import network_of
from core.rates import Rate

GUESSES = Rate("calendar-feed", burst=20, pause=timedelta(minutes=1))
"""Addresses that a network tries and that are none. Programs whose link was ended ask on for a while."""

HEADERS = {
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


@require_safe
@one_reading
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """Give the calendar behind a link, or nothing where it is as the program has it."""
    at = clock.now()
    text = _calendar_text(token, at=at)
    if text is None:
        return _none(request)
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8", headers=HEADERS)
    answer.headers["Content-Disposition"] = 'attachment; filename="calendar.ics"'
    etag = quote_etag(sha256(text).hexdigest())
    answer.headers["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=answer) or answer


def _calendar_text(token: str, *, at: datetime) -> bytes | None:
    """Return the calendar behind a link while it is live, else None."""
    feed = live_feed(token)
    if feed is None:
        return None
    if feed.patient:
        return patient_calendar(feed.patient, at=at)
    reading = reading_of(feed, at=at)
    return as_ical(reading) if reading else None


def _none(request: HttpRequest) -> HttpResponse:
    """Answer whoever has no live link; of many tries from one network, say when to try again."""
    at = clock.now()
    again_at = GUESSES.take(network_of(request), at=at)
    said = _("There is no calendar here. Make a new link: staff under “My day”, patients under “My appointments”.")
    status = 429 if again_at else 404
    answer = HttpResponse(f"{said}\n", status=status, content_type="text/plain; charset=utf-8", headers=HEADERS)
    if again_at:
        answer.headers["Retry-After"] = str(max(1, round((again_at - at).total_seconds())))
    return answer
