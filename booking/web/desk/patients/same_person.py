"""Whoever has a second record: named with why it may be theirs, to be made one, or noted as somebody else's."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking import queries
from booking.models import Patient
from booking.patients import duplicates
from core.principal import Principal
from core.rights import Action, acting
from core.text.languages import date_in_words
from core.text.phone_numbers import country_of

WHY: dict[str, Promise] = {
    duplicates.NAME: _("the same name, or one with a name more"),
    duplicates.BORN: _("the same date of birth"),
    duplicates.CONTACT: _("reached in the same way"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherRecord:
    """A record that may be of the same person. `why`: what both have in common."""

    id: UUID
    name: str
    born: str
    reference: str
    reached: str
    guest: bool
    why: Sequence[str]


def other_records(patient: Patient, *, by: Principal) -> list[OtherRecord]:
    """Return the records that may be of the same person, as far as somebody may merge them."""
    corrects = acting(by, Action.CORRECT_PATIENT)
    if not corrects.roles:
        return []
    found = duplicates.likely_same(patient, among=queries.patients(corrects))
    return [record_of(one, common) for one, common in found]


def record_of(one: Patient, common: frozenset[str] = frozenset()) -> OtherRecord:
    """Return a record as a page shows it; needs its site and contacts."""
    country = country_of(one.site.zone)
    return OtherRecord(
        id=one.public_id,
        name=one.name,
        born=date_in_words(one.birth_date),
        reference=one.reference,
        reached=", ".join(point.readable(country) for point in one.contacts.all()),
        guest=one.guest,
        why=[str(words) for what, words in WHY.items() if what in common],
    )
