"""Reading what was said."""

from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator

from notifications.errors import NoSuchMail
from notifications.models import OutboxMail

MAILS_A_PAGE = 25


def outbox(*, page: str) -> Page[OutboxMail]:
    """Return a page of the demo outbox, the newest mail first, without the mails' bodies. Raises NoSuchMail."""
    try:
        return Paginator(OutboxMail.objects.defer("raw"), MAILS_A_PAGE).page(page)
    except (EmptyPage, PageNotAnInteger) as error:
        raise NoSuchMail from error


def outbox_mail(mail_id: int) -> OutboxMail:
    """Return a mail of the demo outbox. Raises NoSuchMail."""
    try:
        return OutboxMail.objects.get(pk=mail_id)
    except OutboxMail.DoesNotExist as error:
        raise NoSuchMail from error
