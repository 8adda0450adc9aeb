"""What a place must have by what stands on record, of which a visitor who has not shown who they are learns nothing."""

from booking.actions.booking_checks import BookingCheck
from booking.actions.suitability.suitability_checks import JudgedBooking, laid_over
from booking.models import Patient
from booking.suitability.answers import SuitabilityAnswers
from booking.suitability.facts import BookableTherapy
from booking.suitability.needs import NOTHING, place_needs
from booking.suitability.places import judge_at
from booking.suitability.policies import rules_in_force
from booking.suitability.records import NOTHING_KNOWN, facts_from


def tells_of_record(
    judged: JudgedBooking, check: BookingCheck, patient: Patient, answers: SuitabilityAnswers | None
) -> bool:
    """Whether a place must have something that whoever books, and has not shown who they are, did not name themselves.

    That it has not would tell them that somebody is known here.
    """
    if check.alone is None or not judged.needs:
        return False
    return bool(judged.needs - check.alone.features - _needs_answered(check, patient, answers))


def _needs_answered(check: BookingCheck, patient: Patient, answers: SuitabilityAnswers | None) -> frozenset[str]:
    """Return what a place must have by what is answered now alone."""
    slot, in_force = check.slot, rules_in_force(check.slot.site.id, at=check.at)
    if not answers or in_force is None:
        return NOTHING
    day, rules = slot.start.astimezone(slot.site.tz).date(), in_force[0]
    nobody = facts_from(
        NOTHING_KNOWN, rules, birth_date=patient.birth_date, at=check.at, zone=slot.site.tz, visit_day=day
    )
    known, wanted = laid_over(nobody, answers, rules), BookableTherapy(key=slot.therapy)
    found = judge_at(slot.site.id, rules, known, wanted, visit=slot.visit, technique=slot.technique, at=check.at)
    return place_needs(rules, found)
