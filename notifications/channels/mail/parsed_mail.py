"""A kept mail, taken apart for reading."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

SHOWN_HEADERS = ("From", "To", "Date", "Message-ID", "Auto-Submitted")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedMail:
    """The parts of a mail as a person reads them; a part that is not there is empty."""

    subject: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    calendar: str


def parse_mail(raw: bytes) -> ParsedMail:
    """Take a mail apart."""
    mail = message_from_bytes(raw, policy=policy.default)
    return ParsedMail(
        subject=str(mail["Subject"]),
        headers=tuple((name, str(mail[name])) for name in SHOWN_HEADERS if name in mail),
        text=_part(mail, "text/plain"),
        html=_part(mail, "text/html"),
        calendar=_part(mail, "text/calendar"),
    )


def _part(mail: EmailMessage, kind: str) -> str:
    """Return the first part of a kind, decoded."""
    return next((str(part.get_content()) for part in mail.walk() if part.get_content_type() == kind), "")
