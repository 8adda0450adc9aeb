"""Where mail goes in a demo clinic: into a table, from which the outbox pages show it."""

from collections.abc import Sequence
from email.utils import parsedate_to_datetime

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from notifications.models import OutboxMail

ADDRESSES_LONGEST = 254
SUBJECT_LONGEST = 200


class DemoOutbox(BaseEmailBackend):
    """Django's e-mail backend that keeps every mail as it would have gone over the wire, and sends nothing."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep the mails; return how many."""
        rows = [_row(mail) for mail in email_messages if mail.recipients()]
        return len(OutboxMail.objects.bulk_create(rows))


def _row(mail: EmailMessage) -> OutboxMail:
    written = mail.message()
    return OutboxMail(
        to=", ".join(mail.recipients())[:ADDRESSES_LONGEST],
        subject=str(mail.subject)[:SUBJECT_LONGEST],
        raw=written.as_bytes(linesep="\r\n"),  # type: ignore[call-arg]  # Django's own, unknown to its stubs
        sent_at=parsedate_to_datetime(str(written["Date"])),
    )
