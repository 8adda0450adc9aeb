"""What the pages say of things that the catalogue knows by a code."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.text.languages import localized
from scheduler.public import TherapyCard, VisitType


def technique_in_words(technique: str) -> str:
    """Return how a technique is said to people who choose it."""
    known = {
        "heat_lamp": _("with a heat lamp"),
        "needle_top_moxa": _("with moxa on the needle"),
    }
    return known.get(technique) or technique.replace("_", " ")


def therapy_in_words(name: Mapping[str, str], technique: str = "") -> str:
    """Return a therapy's name, with its technique where it has one."""
    return f"{localized(name)}, {technique_in_words(technique)}" if technique else localized(name)


def name_with_credentials(name: str, credentials: str) -> str:
    """Return a name with its credentials, such as "Grace Okoro, LAc"."""
    return f"{name}, {credentials}" if credentials else name


def visit_in_words(visit: str) -> str:
    """Return which visit of a course it is."""
    return _("first appointment") if visit == VisitType.FIRST else _("follow-up appointment")


def minutes_in_words(minutes: int) -> str:
    """Return a length of time."""
    return ngettext("%(count)d\u00a0minute", "%(count)d\u00a0minutes", minutes) % {"count": minutes}


def lengths_in_words(card: TherapyCard, technique: str) -> str:
    """Return how long the visits of a therapy take, such as "First appointment 75 minutes, later 60"."""
    first, later = (card.minutes.get((visit, technique)) for visit in (VisitType.FIRST, VisitType.FOLLOWUP))
    if first and later and first != later:
        return _("First appointment %(first)d minutes, later %(later)d") % {"first": first, "later": later}
    if first and later:
        return minutes_in_words(first)
    if first:
        return _("%(first)s, first appointments only") % {"first": minutes_in_words(first)}
    return _("%(later)s, follow-up appointments only") % {"later": minutes_in_words(later or 0)}


def masked_email(email: str) -> str:
    """Return an e-mail address that its owner knows again and others do not learn."""
    # One letter: the owner knows the address again, and who looks over their shoulder does not learn it.
    name, _at, domain = email.rpartition("@")
    return f"{name[:1]}…@{domain}"
