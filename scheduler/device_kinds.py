"""What people call the devices that are counted, by the keys of their pools."""

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

NAMES: dict[str, str | Promise] = {
    "estim_unit": _("E-stim unit"),
    "cup_set": _("Set of cups"),
    "heat_lamp": _("Heat lamp"),
    "hi_lo_table": _("Height-adjustable table"),
    "mobile_cart": _("Mobile cart"),
}


def kind_in_words(pool: str) -> str:
    """Return what people call the units of a pool; of one that somebody added, its key as it reads."""
    return str(NAMES.get(pool) or capfirst(pool.replace("_", " ")))
