"""What somebody asked for so that they can come, as those read it who prepare it."""

from booking.access_needs import asked_with, other_language
from booking.models import Appointment
from booking.subjects import of_appointment
from core.principal import Principal
from core.rights import Action, may


def asked_in_words(visit: Appointment, by: Principal) -> str:
    """Return what is asked for with an appointment, each with what is to be done, to staff who read its details.

    Needs its place, who treats, its patient.
    """
    asked = asked_with(visit, visit.patient)
    if not asked or not may(by, Action.SEE_DETAILS, of_appointment(visit, by)):
        return ""
    place = visit.place.features if visit.place else None
    other = other_language(visit, visit.patient)
    return "; ".join(asked.for_the_desk(features=place, speaks=visit.practitioner.languages, other=other))
