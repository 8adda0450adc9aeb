"""The link by which a patient's own calendar program reads when and where they come: made, made anew, ended."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from booking.actions import calendar_feeds
from booking.models import CalendarFeed
from booking.web.link_context import LinkAccess
from booking.web.own_access import own_page
from core.text.languages import when_in_words

END, MAKE = "end", "make"


@own_page
def own_calendar(request: HttpRequest, access: LinkAccess, at: datetime) -> HttpResponse:
    """Show whether there is a link; make one, which is shown once, or end it."""
    patient, act, url = access.visit.patient, request.POST.get("act", ""), ""
    if act == END:
        calendar_feeds.end_for_patient(patient, at=at)
        return redirect(request.path)
    if act == MAKE:
        token = calendar_feeds.make_for_patient(access.link, at=at)
        url = request.build_absolute_uri(reverse("calendar-feed", args=[token]))
    live = CalendarFeed.objects.filter(patient=patient, revoked_at=None).first()
    context = {
        "url": url,
        # Calendar programs of phones and computers open such an address by themselves, and read it again and again.
        "webcal": f"webcal:{url.partition(':')[2]}" if url else "",
        "made": when_in_words(live.created_at, access.visit.site.tz) if live else "",
        "back": reverse("manage-own", args=[access.token]),
    }
    return render(request, "booking/own_calendar.html", context)
