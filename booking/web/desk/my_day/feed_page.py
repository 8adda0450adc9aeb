"""The link to one's own calendar, at the desk: made, made anew, ended."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.actions import calendar_feeds
from booking.models import CalendarFeed
from booking.web.desk.shell import Desk, desk_of, desk_page, staff_page
from core import clock
from core.accounts.principals import principal_of
from core.rights import Action
from core.text.languages import when_in_words
from scheduler import public as scheduler

SAYS = "says"
THERAPY = "therapy"


@desk_page(Action.SEE_OWN_DAY)
def feed(request: HttpRequest, desk: Desk, _at: datetime) -> HttpResponse:
    """Show whether there is a link to one's calendar, and what it says."""
    return _page(request, desk)


def _page(request: HttpRequest, desk: Desk, *, url: str = "") -> HttpResponse:
    who = scheduler.practitioner_of(principal_of(request).user_id)
    live = CalendarFeed.objects.filter(practitioner=who, revoked_at=None).first() if who else None
    made = when_in_words(live.created_at, desk.site.tz) if live else ""
    context = {"desk": desk, "who": who, "live": live, "made": made, "url": url}
    return render(request, "booking/desk/calendar_feed.html", context)


@require_POST
@staff_page(Action.SEE_OWN_DAY)
def feed_act(request: HttpRequest, act: str) -> HttpResponse:
    """Make a link, which is shown once, or end it."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.SEE_OWN_DAY, at=at)
    if act == "make":
        token = calendar_feeds.make(says_therapy=request.POST.get(SAYS) == THERAPY, by=by, at=at)
        return _page(request, desk, url=request.build_absolute_uri(reverse("calendar-feed", args=[token])))
    if act != "end":
        raise Http404
    if calendar_feeds.end(by=by, at=at):
        messages.success(request, _("The link is ended. Calendars that read it are told nothing any more."))
    return redirect(f"{reverse('desk-calendar-feed')}{desk.where}")
