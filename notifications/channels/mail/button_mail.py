"""Mails that hang on no appointment: a few lines and a button, the same frame for all of them."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from core.templatetags.clinic import foot
from core.text.mail_addresses import on_the_wire
from notifications.channels.mail.plain import without_empty_lines

TEMPLATE = "notifications/mail/family"


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonMail:
    """What a mail says. `code`: of an invitation; `link`: where its button leads, empty where there is none."""

    title: str
    subject: str
    greeting_name: str
    lines: tuple[str, ...]
    button: str
    link: str
    phone: str
    code: str = ""


def compose_button_mail(words: ButtonMail, *, name: str, address: str, at: datetime) -> EmailMultiAlternatives:
    """Return the mail, in the language in force. `name`: what tells it from all others. Raises NoAddress."""
    shown = {"words": words, "foot": foot(words.phone)}
    text, html = render_to_string(f"{TEMPLATE}.txt", shown), render_to_string(f"{TEMPLATE}.html", shown)
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    headers = {"Date": format_datetime(at), "Message-ID": f"<{name}@{domain}>", "Auto-Submitted": "auto-generated"}
    to = [on_the_wire(address)]
    composed = EmailMultiAlternatives(words.subject, without_empty_lines(text), to=to, headers=headers)
    composed.attach_alternative(html, "text/html")
    return composed
