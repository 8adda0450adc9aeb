"""What the pages say of things that the catalogue knows by a code."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from booking.models import Appointment, Patient
from booking.models.patients import ContactSystem
from booking.suitability.therapy_words import technique_in_words
from core.text.languages import localized, near_day_in_words, released_language
from core.text.typed_dates import what_is_impossible
from scheduler import public as scheduler
from scheduler.public import ClosedTherapy, TherapyCard, VisitType

TYPE_A_DAY = gettext_lazy("Please type a day such as 12/31/2026.")


def wrong_day(typed: str) -> str:
    """Say which part of a day that was typed is wrong, or how a day is typed."""
    return what_is_impossible(typed) or str(TYPE_A_DAY)


def therapy_in_words(name: Mapping[str, str], technique: str = "") -> str:
    """Return a therapy's name, with its technique where it has one."""
    return f"{localized(name)}, {technique_in_words(technique)}" if technique else localized(name)


def name_with_credentials(name: str, credentials: str) -> str:
    """Return a name with its credentials, such as "Grace Okoro, LAc"."""
    return f"{name}, {credentials}" if credentials else name


def visit_in_words(visit: str) -> str:
    """Return which visit of a course it is."""
    return _("first appointment") if visit == VisitType.FIRST else _("follow-up appointment")


CLOSED_WITHIN = timedelta(weeks=6)
"""How far ahead pages say that something is closed."""


def closed_lines(therapy: str, visit: str, *, at: datetime) -> list[str]:
    """Return where a visit is closed within the next weeks, in words."""
    return [
        closed_in_words(one, at=at) for one in scheduler.closed_ahead(therapy, visit, at=at, until=at + CLOSED_WITHIN)
    ]


def closed_in_words(one: ClosedTherapy, *, at: datetime) -> str:
    """Return from when until when a site, or a therapy there, is closed."""
    zone = one.site.tz
    day = near_day_in_words(one.since.astimezone(zone).date())
    again = near_day_in_words(one.reopens_at.astimezone(zone).date()) if one.reopens_at else ""
    sentences = {
        (True, True): _("%(site)s is closed. It opens again on %(again)s."),
        (True, False): _("%(site)s is closed until further notice."),
        (False, True): _("%(site)s is closed from %(day)s on. It opens again on %(again)s."),
        (False, False): _("%(site)s is closed from %(day)s on until further notice."),
    }
    of_therapy = {
        (True, True): _("%(site)s does not give this now, but again from %(again)s on."),
        (True, False): _("%(site)s does not give this until further notice."),
        (False, True): _("%(site)s does not give this from %(day)s on, but again from %(again)s on."),
        (False, False): _("%(site)s does not give this from %(day)s on until further notice."),
    }
    said = (sentences if one.whole else of_therapy)[one.since <= at, bool(again)]
    return said % {"site": localized(one.site.name), "day": day, "again": again}


def minutes_in_words(minutes: int) -> str:
    """Return a length of time."""
    return ngettext("%(count)d\u00a0minute", "%(count)d\u00a0minutes", minutes) % {"count": minutes}


def lengths_in_words(card: TherapyCard, technique: str) -> str:
    """Return how long the visits of a therapy take, such as "First 75 minutes, later 60"."""
    first, later = (card.minutes.get((visit, technique)) for visit in (VisitType.FIRST, VisitType.FOLLOWUP))
    if first and later and first != later:
        return _("First %(first)d minutes, later %(later)d") % {"first": first, "later": later}
    if first and later:
        return minutes_in_words(first)
    if first:
        return _("%(first)s, first appointments only") % {"first": minutes_in_words(first)}
    return _("%(later)s, follow-up appointments only") % {"later": minutes_in_words(later or 0)}


def how_they_are_asked(patient: Patient, country: str | None) -> str:
    """Say to staff how a patient is asked what they have not answered: by e-mail, or by whoever calls them."""
    if any(contact.system == ContactSystem.EMAIL for contact in patient.contacts.all()):
        return _("They get the questions by e-mail.")
    return how_they_hear(patient, country)


def how_they_hear(patient: Patient, country: str | None) -> str:
    """Say to staff how a patient hears of what was done just now: by e-mail, or from whoever calls them.

    `country`: whose people read the phone number.
    """
    kept = {system: [c for c in patient.contacts.all() if c.system == system] for system in ContactSystem}
    if kept[ContactSystem.EMAIL]:
        return _("They hear so by e-mail.")
    if phones := kept[ContactSystem.PHONE]:
        first = min(phones, key=lambda one: (one.rank, one.pk))
        return _("%(name)s has no e-mail: call them, %(phone)s.") % {
            "name": patient.name,
            "phone": first.readable(country),
        }
    return _("%(name)s has no e-mail and no phone number on file: tell them when you see them.") % {
        "name": patient.name
    }


def written_in_english(language: str) -> str:
    """Say of somebody who reads another language that mails to them are in English so far; empty where they are not."""
    if released_language(language).partition("-")[0] == language.partition("-")[0]:
        return ""
    return _("Mails to them are in English until they can be written in their language.")


def is_heard(was: Appointment, made: Appointment) -> bool:
    """Whether a patient is written to about a move: of the place within a site they are told when they come."""
    told = ("period", "practitioner_id", "site_id")
    return any(getattr(was, name) != getattr(made, name) for name in told)


def has_phone(patient: Patient) -> bool:
    """Whether a patient can be called."""
    return any(contact.system == ContactSystem.PHONE for contact in patient.contacts.all())


def name_in_short(name: str) -> str:
    """Return a name that its owner knows again where others may read along: the first, and a letter of the last."""
    first, *rest = name.split()
    return f"{first} {rest[-1][:1]}…" if rest else first


def masked_email(email: str) -> str:
    """Return an e-mail address that its owner knows again and others do not learn."""
    # One letter: the owner knows the address again, and who looks over their shoulder does not learn it.
    name, _at, domain = email.rpartition("@")
    return f"{name[:1]}…@{domain}"
