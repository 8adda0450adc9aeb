"""What was said, and is still to be said, about an appointment or to somebody, on the desk's pages of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from core.accounts.principals import principal_of
from core.principal import Principal
from core.rights import Action, Subject, may
from core.text.languages import when_in_words
from notifications.actions.resending import can_be_sent_again, sent_again
from notifications.models import Message
from notifications.models.messages import RESEND_OF
from notifications.queries import visible_messages
from notifications.status import FOR_STAFF, Delivery, DeliveryReason

register = template.Library()
MOST = 12
"""Messages to somebody that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """A message in words.

    `failed`: somebody may be without word; `about`: which appointment, `url`: its page.

    `again`: where it is sent once more, empty where that is not theirs or not possible; `times`: how often it was.
    """

    what: str
    outcome: str
    why: str
    failed: bool
    about: str = ""
    url: str = ""
    again: str = ""
    times: int = 0


@register.simple_tag(takes_context=True)
def messages_about(context: template.Context, visit: Any) -> Sequence[MessageLine]:  # noqa: ANN401  (of another app)
    """Return the messages about an appointment that whoever looks may see, the newest first."""
    by = principal_of(context["request"])
    rows = list(visible_messages(by).filter(appointment=visit.pk).order_by("-due_at", "-pk"))
    sent = sent_again(rows)
    return [_line(one, visit.site, sent, by=by) for one in rows]


@register.simple_tag(takes_context=True)
def messages_to(context: template.Context, patient: Any) -> Sequence[MessageLine]:  # noqa: ANN401  (of another app)
    """Return the last messages to somebody that whoever looks may see, each with what it is about, the newest first."""
    by = principal_of(context["request"])
    theirs = visible_messages(by).filter(recipient=patient.pk).order_by("-due_at", "-pk")
    # What was sent again stands before what it was sent again of: it came later.
    rows = list(theirs.select_related("appointment__site")[:MOST])
    sent = sent_again(rows)
    return [_line_about(one, one.appointment, sent, by=by) for one in rows]


def _line_about(message: Message, visit: Any, sent: Mapping[int, int], *, by: Principal) -> MessageLine:  # noqa: ANN401
    zone, url = visit.site.tz, reverse("desk-appointment", args=[visit.public_id])
    return replace(_line(message, visit.site, sent, by=by), about=when_in_words(visit.period.lower, zone), url=url)


def _line(message: Message, site: Any, sent: Mapping[int, int], *, by: Principal) -> MessageLine:  # noqa: ANN401
    original = int(message.facts.get(RESEND_OF, message.pk))
    theirs = may(by, Action.SEND_MESSAGE, Subject(sites=frozenset({site.pk})))
    outcome, why = _outcome(message, site)
    return MessageLine(
        what=(_("%s, sent again") if RESEND_OF in message.facts else "%s") % message.get_kind_display(),
        outcome=outcome,
        why=why,
        failed=message.status in FOR_STAFF,
        again=reverse("desk-message-again", args=[original]) if theirs and can_be_sent_again(message) else "",
        times=sent.get(original, 0),
    )


def _outcome(message: Message, site: Any) -> tuple[str, str]:  # noqa: ANN401  (of another app)
    """Return what became of a message and why; what cannot be written has not failed: it is said by phone."""
    status, when = Delivery(message.status), when_in_words(message.settled_at or message.due_at, site.tz)
    if message.reason == DeliveryReason.NO_ADDRESS:
        if status is Delivery.DUE:
            return _("not by mail, to be called %(when)s") % {"when": when}, _("there is no way to write to them")
        return _("to be told by phone, since %(when)s") % {"when": when}, _("there is no way to write to them")
    due = _("%(outcome)s, for %(when)s") if status is Delivery.DUE else _("%(outcome)s, %(when)s")
    return due % {"outcome": status.label, "when": when}, _why(message.reason)


def _why(code: str) -> str:
    """Return a reason in words; a server's own number stands behind it."""
    name, _dash, number = code.rpartition("-")
    if code in DeliveryReason.values or not number.isdigit():
        return str(DeliveryReason(code).label) if code in DeliveryReason.values else code
    return f"{DeliveryReason(name).label} ({number})"
