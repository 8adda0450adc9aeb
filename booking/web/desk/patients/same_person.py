"""Whoever has a second record: named with why it may be theirs, to be made one, or noted as somebody else's."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking import queries
from booking.actions.patients import merge_undo
from booking.models import Patient
from booking.patients import duplicates
from core.principal import Principal
from core.rights import Action, acting
from core.text.languages import date_in_words, when_in_words
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


def other_records(patient: Patient, apart: Collection[int], *, by: Principal) -> list[OtherRecord]:
    """Return the records that may be of the same person, as far as somebody may merge them.

    `apart`: those (ids) of which staff said that they are not.
    """
    found = duplicates.likely_same(patient, among=queries.patients(by), apart=apart)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoableMerge:
    """The record that was merged into this one last, and until when that can be undone."""

    name: str
    reference: str
    until: str


def second_records(patient: Patient, *, by: Principal, at: datetime) -> dict[str, Any]:
    """Return what a page says of second records, as far as somebody may merge them.

    Which may be the same person's, which are somebody else's, and which was merged and can be had back.
    """
    corrects = acting(by, Action.CORRECT_PATIENT)
    if not corrects.roles:
        return {}
    apart = duplicates.apart_from(patient)
    rows = queries.patients(corrects).filter(pk__in=apart).order_by("pk") if apart else []
    return {
        "others": other_records(patient, apart, by=corrects),
        "apart": [record_of(one) for one in rows],
        "merged": _merged_lately(patient, at=at),
    }


def _merged_lately(patient: Patient, *, at: datetime) -> UndoableMerge | None:
    found = merge_undo.undoable(patient, at=at)
    if found is None:
        return None
    until = when_in_words(found.undo_until, patient.site.tz)
    return UndoableMerge(name=found.given_up.name, reference=found.given_up.reference, until=until)
