"""What every page says of the clinic."""

from dataclasses import dataclass

from django import template
from django.conf import settings

register = template.Library()


@dataclass(frozen=True, slots=True)
class Clinic:
    """What a page's frame tells of the clinic; `demo` is whether nothing here is real."""

    name: str
    phone: str
    demo: bool


@register.simple_tag
def clinic() -> Clinic:
    """Return the clinic of these pages, without asking the database: error pages need it too."""
    return Clinic(name=settings.CLINIC_NAME, phone=settings.CLINIC_PHONE, demo=settings.DEMO)


@register.filter
def telephone(number: str) -> str:
    """Return a number as a tel: address takes it, such as "+13125550100"."""
    digits = "".join(filter(str.isdigit, number))
    return f"+1{digits}" if len(digits) == 10 else f"+{digits}"  # noqa: PLR2004  (digits of a national number)
