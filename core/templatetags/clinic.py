"""What every page says of the clinic."""

import re
from dataclasses import dataclass
from email.utils import parseaddr
from functools import lru_cache

from django import template
from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from core.sites_on_pages import SiteOnPages, sites_on_pages
from core.text import phone_numbers
from core.text.languages import localized

register = template.Library()
UNREAD = re.compile(r"\b(no|do[-._]?not)[-._]?(reply|answer)", re.IGNORECASE)  # what a sender nobody reads is called


@dataclass(frozen=True, slots=True)
class Clinic:
    """What the frame of a page or mail tells of the clinic.

    `demo` is whether nothing here is real, `reads_answers` whether somebody may read what is written to the sender,
    `privacy` and `accessibility` where it tells of these, as mails lead there.
    """

    name: str
    phone: str
    demo: bool
    reads_answers: bool
    privacy: str
    accessibility: str


@register.simple_tag
def clinic() -> Clinic:
    """Return the clinic of these pages, without asking the database: error pages need it too."""
    return Clinic(
        name=settings.CLINIC_NAME,
        phone=settings.CLINIC_PHONE,
        demo=settings.DEMO,
        reads_answers=_reads_answers(settings.DEFAULT_FROM_EMAIL),
        privacy=_mailed_address("privacy"),
        accessibility=_mailed_address("accessibility"),
    )


def _mailed_address(name: str) -> str:
    """Return where a page is found from a mail; empty where there is none: a page of a fault must not need another."""
    try:
        return f"{settings.PUBLIC_URL}{reverse(name)}"
    except NoReverseMatch:
        return ""


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """A phone at the foot. `name`: the site's where there are several; `hours`: when it is answered, if known."""

    name: str
    number: str
    hours: str


@dataclass(frozen=True, slots=True)
class Foot:
    """What stands at the foot of pages and mails: the hospitals, and whom to call."""

    hospitals: tuple[str, ...]
    phones: tuple[PhoneLine, ...]


@register.simple_tag
def foot(phone: str = "", *, of_sites: bool = True) -> Foot:
    """Return the foot of a page. `phone`: that of the one site that it is about, or empty: then it tells of all.

    Without `of_sites` it tells of the clinic alone, and asks the database nothing.
    """
    known = sites_on_pages() if of_sites else ()
    here = [one for one in known if one.phone == phone] or ([] if phone else list(known))
    lines = [_phone_line(one, named=len(here) > 1) for one in here]
    return Foot(
        hospitals=tuple(dict.fromkeys(one.hospital for one in here or known if one.hospital)),
        phones=tuple(lines) or (PhoneLine("", phone or settings.CLINIC_PHONE, ""),),
    )


def _phone_line(site: SiteOnPages, *, named: bool) -> PhoneLine:
    return PhoneLine(localized(site.name) if named else "", site.phone, localized(site.phone_hours))


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
