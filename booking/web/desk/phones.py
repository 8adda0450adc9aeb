"""At which numbers people are called, as a phone dials them and as people read them."""

from typing import NamedTuple

from booking.models import Appointment, Patient
from booking.models.patients import ContactSystem
from core.text.phone_numbers import country_of, readable


class PhoneNumber(NamedTuple):
    """A number as a phone dials it, and as people read it. `typed`: by a visitor, who showed nothing."""

    dialled: str
    words: str
    typed: bool = False


def phone_numbers(visit: Appointment) -> list[PhoneNumber]:
    """Return the numbers of whoever comes. Needs the site, and the patient with their contacts."""
    return numbers_of(visit.patient, country_of(visit.site.zone))


def numbers_of(patient: Patient, country: str | None) -> list[PhoneNumber]:
    """Return the numbers of somebody, as people of a country read them. Needs their contacts."""
    found = (one for one in patient.contacts.all() if one.system == ContactSystem.PHONE)
    return [PhoneNumber(one.value, readable(one.value, country), one.typed_at is not None) for one in found]
