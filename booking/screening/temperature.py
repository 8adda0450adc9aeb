"""Temperatures as people read them off: degrees Fahrenheit or Celsius, with a point or a comma."""

import re
from decimal import Decimal

from django.utils.translation import gettext as _

TYPED = re.compile(r"(\d{2,3}(?:[.,]\d{1,2})?) ?°? ?([CF]?)", re.IGNORECASE)
FAHRENHEIT = Decimal(90), Decimal(110)
CELSIUS = Decimal(32), Decimal(43)
"""What somebody who stands at the door can have; no number lies in both, so that the scale need not be typed."""


def read_temperature(typed: str) -> Decimal:
    """Return degrees Fahrenheit, to a tenth. Raises ValueError with words for what is no temperature of a person."""
    found = TYPED.fullmatch(typed.strip())
    if found is None:
        raise ValueError(_("Type the temperature like 98.6"))
    degrees, scale = Decimal(found[1].replace(",", ".")), found[2].upper()
    if scale != "F" and CELSIUS[0] <= degrees <= CELSIUS[1]:
        degrees = degrees * 9 / 5 + 32
    elif scale == "C" or not FAHRENHEIT[0] <= degrees <= FAHRENHEIT[1]:
        raise ValueError(_("Nobody has this temperature. Please take it again"))
    return degrees.quantize(Decimal("0.1"))
