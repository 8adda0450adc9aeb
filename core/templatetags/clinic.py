"""What every page says of the clinic."""

import re
from dataclasses import dataclass
from email.utils import parseaddr
from functools import lru_cache

from django import template
from django.conf import settings
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from core.text import phone_numbers

register = template.Library()
UNREAD = re.compile(r"\b(no|do[-._]?not)[-._]?(reply|answer)", re.IGNORECASE)  # what a sender nobody reads is called


@dataclass(frozen=True, slots=True)
class Clinic:
    """What the frame of a page or mail tells of the clinic.

    `demo` is whether nothing here is real, `reads_answers` whether somebody may read what is written to the sender.
    """

    name: str
    phone: str
    demo: bool
    reads_answers: bool


@register.simple_tag
def clinic() -> Clinic:
    """Return the clinic of these pages, without asking the database: error pages need it too."""
    return Clinic(
        name=settings.CLINIC_NAME,
        phone=settings.CLINIC_PHONE,
        demo=settings.DEMO,
        reads_answers=_reads_answers(settings.DEFAULT_FROM_EMAIL),
    )


@lru_cache(maxsize=8)
def _reads_answers(sender: str) -> bool:
    return not UNREAD.search(parseaddr(sender)[1].rpartition("@")[0])


@register.filter
def called_at(text: str, number: str) -> SafeString:
    """Return a text of which the number can be called with a tap."""
    words, shown = conditional_escape(text), conditional_escape(number)
    link = format_html('<a class="nowrap" href="tel:{}">{}</a>', telephone(number), number)
    return mark_safe(words.replace(shown, link) if number else words)  # noqa: S308  (all of it is escaped)


@register.filter
def telephone(number: str) -> str:
    """Return a number as a tel: address takes it, such as "+13125550100"."""
    return phone_numbers.dialled(number)
