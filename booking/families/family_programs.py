"""Which programs of a site take families, and what of its time each of them gives to them."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Value
from django.utils.translation import gettext as _

from booking.models import Patient
from core.models import Site
from core.refusals import refuse_invalid
from scheduler import public as scheduler


def family_programs(site: int) -> tuple[scheduler.ProgramCard, ...]:
    """Return the programs in use at a site (its id) that take families, the cancer program first."""
    found = (one for one in scheduler.programs_at(site) if one.families)
    return tuple(sorted(found, key=lambda one: (one.key != scheduler.CANCER_PROGRAM, one.key)))


def family_sites(patient: Patient, *, at: datetime) -> dict[int, Site]:
    """Return the sites, by their ids, where a patient takes part in a program that takes families."""
    rows = patient.enrolments.live(at=at).select_related("site").order_by("pk")
    return {
        row.site_id: row.site for row in rows if any(one.key == row.program for one in family_programs(row.site_id))
    }


def has_a_family_page(patient: Patient, *, at: datetime) -> bool:
    """Whether a patient can invite somebody, or take back whom they invited; in one query.

    The second also once they take part no more.
    """
    enrolled = patient.enrolments.live(at=at).order_by().values_list("program", "site_id")
    linked = patient.family_links.live(at=at).order_by().values_list(Value(""), Value(0))
    return any(not key or any(one.key == key for one in family_programs(site)) for key, site in enrolled.union(linked))


def gives(program: scheduler.ProgramCard, slot: scheduler.Slot) -> bool:
    """Whether a time is with one of a program's practitioners, for one of its therapies."""
    return program.has(slot.practitioner.id) and program.gives(slot.therapy)


def may_be_for(program: str, therapy: str, *, site: int) -> bool:
    """Whether what a program keeps for families at a site (its id) may be for a therapy instead of what it is for."""
    return any(one.key == program and one.gives(therapy) for one in family_programs(site))


def refuse_beyond(program: str, slots: Sequence[scheduler.Slot]) -> None:
    """Refuse times that a program does not give to families at their site. Raises Invalid."""
    found = next((one for one in family_programs(slots[0].site.id) if one.key == program), None)
    beyond = found is not None and not all(gives(found, one) for one in slots)
    refuse_invalid(
        [
            ("program", _("This program takes no families here. Choose another one."), found is None),
            ("slots", _("This program does not give some of these. Choose others, or another program."), beyond),
        ]
    )
