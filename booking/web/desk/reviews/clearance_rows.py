"""Clearances in force, in words for clinicians of the site: of what, for what, until when, and who gave them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from booking.actions.suitability import clearances
from booking.models import Clearance
from booking.suitability.policies import rules_in_force
from booking.suitability.questions import in_words
from booking.suitability.rules import RuleSet
from booking.web.labels import therapy_in_words
from core.accounts.names import names_of
from core.models import Site
from core.text.languages import date_in_words
from scheduler import public as scheduler


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearanceRow:
    """What a clinician need not look at again. `appointment`: with which it is withdrawn; `patient`: whose (id)."""

    id: str
    appointment: str
    patient: int
    person: str
    words: str
    scope: str
    until: str
    given: str


def clearance_rows(site: Site, *, at: datetime, patients: Iterable[int] = ()) -> list[ClearanceRow]:
    """Return what is in force of a site and of some patients (ids), by their names."""
    found, rules = list(clearances.in_force(site, at=at, patients=patients)), rules_in_force(site.pk, at=at)
    names = names_of(one.given_by for one in found)
    therapies = {card.key: therapy_in_words(card.name) for card in scheduler.therapies()} if found else {}
    return [_row(one, rules[0] if rules else None, names.get(one.given_by, ""), therapies, site) for one in found]


def _row(one: Clearance, rules: RuleSet | None, who: str, therapies: dict[str, str], site: Site) -> ClearanceRow:
    given = date_in_words(one.given_at.astimezone(site.tz).date())
    return ClearanceRow(
        id=str(one.public_id),
        appointment=str(one.appointment.public_id) if one.appointment else "",
        patient=one.patient_id,
        person=one.patient.name,
        words=_words(one.rule, rules),
        scope=therapies.get(one.therapy, one.therapy) if one.therapy else _("every kind of appointment"),
        until=date_in_words(one.ends_on),
        given=_("%(name)s, %(when)s") % {"name": who, "when": given} if who else given,
    )


def _words(key: str, rules: RuleSet | None) -> str:
    """Return what was answered, as it is asked."""
    asked = next((one.ask for one in rules.rules if one.key == key), "") if rules else ""
    question = rules.questions.get(asked) if rules else None
    return (
        in_words(rules, question.words)
        if rules and question and question.words
        else _("Something that is asked no more")
    )
