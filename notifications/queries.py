"""Reading what was said."""

from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.db.models import QuerySet

from notifications.errors import NoSuchMail
from notifications.models import Message, OutboxMail
from notifications.status import Delivery

MAILS_A_PAGE = 25
SHOWN_WAITING = 6


def outbox(*, page: str) -> Page[OutboxMail]:
    """Return a page of the demo outbox, the newest mail first, without the mails' bodies. Raises NoSuchMail."""
    try:
        return Paginator(OutboxMail.objects.defer("raw"), MAILS_A_PAGE).page(page)
    except (EmptyPage, PageNotAnInteger) as error:
        raise NoSuchMail from error


def still_to_come() -> QuerySet[Message]:
    """Return the messages planned last that are not due yet."""
    return Message.objects.filter(status=Delivery.DUE).order_by("-pk")[:SHOWN_WAITING]


def message_to_come(message_id: int) -> Message:
    """Return a message that is not due yet. Raises NoSuchMail."""
    try:
        return Message.objects.get(pk=message_id, status=Delivery.DUE)
    except Message.DoesNotExist as error:
        raise NoSuchMail from error


def outbox_mail(mail_id: int) -> OutboxMail:
    """Return a mail of the demo outbox. Raises NoSuchMail."""
    try:
        return OutboxMail.objects.get(pk=mail_id)
    except OutboxMail.DoesNotExist as error:
        raise NoSuchMail from error
