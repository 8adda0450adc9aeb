"""What people call the therapies, techniques and groups of therapies that suitability rules name by key."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from booking.suitability.rules import EVERY_THERAPY
from core.text.languages import localized
from scheduler import public as scheduler


def technique_in_words(technique: str) -> str:
    """Return how a technique is said to people who choose it."""
    known = {
        "heat_lamp": _("with a heat lamp"),
        "needle_top_moxa": _("with moxa on the needle"),
    }
    return known.get(technique) or technique.replace("_", " ")


def therapy_words() -> Mapping[str, str]:
    """Return what the therapies of this clinic are called, by key, those out of use as well; in one query."""
    return {key: localized(name) for key, name in scheduler.therapy_names().items()}


def named_in_words(key: str, therapies: Mapping[str, str]) -> str:
    """Return what a key of a rule names, as people call it: a group, a therapy or a technique."""
    groups = {
        EVERY_THERAPY: _("every therapy"),
        "needling": _("all with needles"),
        "pressure": _("all with pressure"),
        "cupping": _("all with cups"),
        "wet": _("wet cupping"),
        "moxa": _("all with moxa"),
        "heat": _("all with warmth"),
        "ea": _("all with current"),
    }
    return groups.get(key) or therapies.get(key) or technique_in_words(key)


def all_named(keys: Iterable[str], therapies: Mapping[str, str]) -> str:
    """Return what keys name, in their order."""
    return ", ".join(named_in_words(key, therapies) for key in keys)
