"""Phone numbers: kept as "+13125550100" (E.164), shown as people read them, read as they write them."""

import re

import phonenumbers
from babel.core import get_global
from django.utils.translation import gettext as _

from core.text.clean import line

LONGEST = 40
HOME = "US"
"""Whose numbers stand on pages without the code of their country."""

TRUNK = re.compile(r"(?<=\d)\s*\(\s*0\s*\)")
"""What is dialled within a country alone: "+49 (0)30"."""


ABROAD = re.compile(r"00(?=\s*[1-9])")
"""What most of the world dials before the code of a country: "0049 30 902820" is +49 30 902820, wherever it is read."""


class NoNumber(ValueError):  # noqa: N818  (an answer, not an error)
    """Nobody can be called there; the message is for the person who gave it."""


def country_of(zone: str) -> str | None:
    """Return the country ("US") of an IANA time zone, None when it has none."""
    found: str | None = get_global("zone_territories").get(zone)
    return found if found in phonenumbers.SUPPORTED_REGIONS else None


def normal(text: str, country: str | None, *, extension: bool = False) -> str:
    """Return a number in the form that is kept; one without a country code is read as of `country`. Raises NoNumber."""
    typed = TRUNK.sub(" ", line(text))
    if len(typed) > LONGEST:
        raise _none(country)
    try:
        # No country that we know begins a number of its own with two noughts.
        number = phonenumbers.parse(ABROAD.sub("+", typed, count=1) if ABROAD.match(typed) else typed, country)
    except phonenumbers.NumberParseException as error:
        raise _none(country) from error
    if number.extension and not extension:
        raise NoNumber(_("Please give the number without an extension: a number that reaches the person directly."))
    if not phonenumbers.is_valid_number(number):
        raise _none(country)
    kept = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{kept} x{number.extension}" if number.extension else kept


def readable(kept: str, country: str | None) -> str:
    """Return a number as people of `country` read it: "(312) 555-0100" at home, "+49 30 1234567" elsewhere."""
    try:
        number = phonenumbers.parse(kept, country)
    except phonenumbers.NumberParseException:
        return kept
    home = phonenumbers.region_code_for_number(number) == country
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, form.NATIONAL if home else form.INTERNATIONAL)


def dialled(shown: str) -> str:
    """Return a number that people read as a phone dials it: "+13125550100;ext=12" (RFC 3966)."""
    digits = "".join(filter(str.isdigit, shown))
    try:
        number = phonenumbers.parse(shown, HOME)
    except phonenumbers.NumberParseException:
        return digits
    # Of another country, as it is read there: dialled there it is right, with a code put before it, it would be
    # somebody else's.
    if not phonenumbers.is_valid_number(number):
        return digits
    whole = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{whole};ext={number.extension}" if number.extension else whole


def _none(country: str | None) -> NoNumber:
    example = phonenumbers.example_number(country) if country else None
    if example is None:
        return NoNumber(_("Please give the number with its country code, such as +1 312 555 0100."))
    shown = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
    told = _("Please check the number. Give it in full, such as %(national)s, or with + and the code of its country.")
    return NoNumber(told % {"national": shown})
