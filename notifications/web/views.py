"""The demo clinic's outbox: what would have been mailed. None of these pages exists outside a demo."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from core import clock
from core.text.languages import short_day_in_words, time_in_words, when_in_words, zone_in_words
from notifications import queries
from notifications.channels.mail.parsed_mail import parse_mail
from notifications.channels.mail.preview import preview
from notifications.errors import NoSuchMail

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

MAIL_MAY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],  # mail knows no other styles
    "img-src": ["data:"],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox", "allow-top-navigation-by-user-activation"],
}
OPENS_LINKS_OUTSIDE = '<head><base target="_top">'


def only_in_a_demo(view: View[P]) -> View[P]:
    """Answer 404 where the clinic is real, and for mails that are not there."""

    @wraps(view)
    def shown(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        try:
            return view(request, *args, **kwargs)
        except NoSuchMail as error:
            raise Http404 from error

    return shown


@require_safe
@only_in_a_demo
def outbox(request: HttpRequest) -> HttpResponse:
    """List the mails, the newest first."""
    page, zone = queries.outbox(page=request.GET.get("page", "1")), queries.clinic_zone()
    sent = [(mail, _short(mail.sent_at, zone)) for mail in page]
    messages = list(queries.still_to_come())
    held = queries.held_back(messages, at=clock.now())
    coming = [
        (
            message,
            _short(message.due_at, zone),
            _short(message.appointment.period.lower, message.appointment.site.tz),
            message.pk in held,
        )
        for message in messages
    ]
    of_families = [(one, _short(one.due_at, zone)) for one in queries.family_mails_to_come()]
    context = {"page": page, "sent": sent, "coming": coming, "of_families": of_families}
    context["whose_time"] = zone_in_words(zone)
    return render(request, "notifications/outbox/list.html", context)


@require_safe
@only_in_a_demo
def outbox_waiting(request: HttpRequest, message_id: int) -> HttpResponse:
    """Show how a message that is still to come would read, as things stand now."""
    at, message = clock.now(), queries.message_to_come(message_id)
    parsed, zone = parse_mail(preview(message, at=at)), queries.clinic_zone()
    due = f"{when_in_words(message.due_at, zone)}, {zone_in_words(zone)}"
    context = {"due": due, "parsed": parsed, "held": queries.held_back([message], at=at)}
    return render(request, "notifications/outbox/waiting.html", context)


@require_safe
@only_in_a_demo
def outbox_mail(request: HttpRequest, mail_id: int) -> HttpResponse:
    """Show a mail: its headers, its HTML in a frame of its own, its text and its calendar part."""
    mail = queries.outbox_mail(mail_id)
    return render(request, "notifications/outbox/mail.html", {"mail": mail, "parsed": parse_mail(bytes(mail.raw))})


@require_safe
@xframe_options_sameorigin
@csp(MAIL_MAY)  # type: ignore[arg-type]  # its types know of no arguments after the request
@only_in_a_demo
def outbox_html(_request: HttpRequest, mail_id: int) -> HttpResponse:
    """Show a mail's HTML as a mail program would: no scripts, nothing loaded from anywhere."""
    html = parse_mail(bytes(queries.outbox_mail(mail_id).raw)).html
    return HttpResponse(html.replace("<head>", OPENS_LINKS_OUTSIDE, 1))


@require_safe
@only_in_a_demo
def outbox_raw(_request: HttpRequest, mail_id: int) -> HttpResponse:
    """Hand out the whole mail as it would have gone over the wire."""
    return _download(bytes(queries.outbox_mail(mail_id).raw), "message/rfc822", name=f"mail-{mail_id}.eml")


@require_safe
@only_in_a_demo
def outbox_calendar(_request: HttpRequest, mail_id: int) -> HttpResponse:
    """Hand out a mail's calendar part."""
    calendar = parse_mail(bytes(queries.outbox_mail(mail_id).raw)).calendar
    if not calendar:
        raise Http404
    # Reading a text part makes its line ends plain; a calendar's are CRLF.
    return _download(
        "\r\n".join([*calendar.splitlines(), ""]).encode(), "text/calendar", name=f"appointment-{mail_id}.ics"
    )


def _short(at: datetime, zone: ZoneInfo) -> str:
    """Return "Tue, Dec 8, 10:00 AM"."""
    return f"{short_day_in_words(at.astimezone(zone).date())}, {time_in_words(at, zone)}"


def _download(data: bytes, kind: str, *, name: str) -> HttpResponse:
    """Return a file to save."""
    return HttpResponse(data, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
