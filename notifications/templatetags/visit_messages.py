"""What was said, and is still to be said, about an appointment or to somebody, on the desk's pages of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from core.accounts.principals import principal_of
from core.text.languages import when_in_words
from notifications.models import Message
from notifications.queries import visible_messages
from notifications.status import FOR_STAFF, Delivery, DeliveryReason

register = template.Library()
MOST = 12
"""Messages to somebody that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """A message in words. `failed`: somebody may be without word; `about`: which appointment, `url`: its page."""

    what: str
    outcome: str
    why: str
    failed: bool
    about: str = ""
    url: str = ""


@register.simple_tag(takes_context=True)
def messages_about(context: template.Context, visit: Any) -> Sequence[MessageLine]:  # noqa: ANN401  (of another app)
    """Return the messages about an appointment that whoever looks may see, the newest first."""
    rows = visible_messages(principal_of(context["request"])).filter(appointment=visit.pk).order_by("-due_at", "-pk")
    return [_line(one, visit.site.tz) for one in rows]


@register.simple_tag(takes_context=True)
def messages_to(context: template.Context, patient: Any) -> Sequence[MessageLine]:  # noqa: ANN401  (of another app)
    """Return the last messages to somebody that whoever looks may see, each with what it is about, the newest first."""
    rows = visible_messages(principal_of(context["request"])).filter(recipient=patient.pk).order_by("-due_at", "-pk")
    return [_line_about(one, one.appointment) for one in rows.select_related("appointment__site")[:MOST]]


def _line_about(message: Message, visit: Any) -> MessageLine:  # noqa: ANN401
    zone, url = visit.site.tz, reverse("desk-appointment", args=[visit.public_id])
    return replace(_line(message, zone), about=when_in_words(visit.period.lower, zone), url=url)


def _line(message: Message, zone: Any) -> MessageLine:  # noqa: ANN401
    status = Delivery(message.status)
    facts = {"outcome": status.label, "when": when_in_words(message.settled_at or message.due_at, zone)}
    due = _("%(outcome)s, for %(when)s") if status is Delivery.DUE else _("%(outcome)s, %(when)s")
    return MessageLine(
        what=message.get_kind_display(),
        outcome=due % facts,
        why=_why(message.reason),
        failed=status in FOR_STAFF,
    )


def _why(code: str) -> str:
    """Return a reason in words; a server's own number stands behind it."""
    name, _dash, number = code.rpartition("-")
    if code in DeliveryReason.values or not number.isdigit():
        return str(DeliveryReason(code).label) if code in DeliveryReason.values else code
    return f"{DeliveryReason(name).label} ({number})"
