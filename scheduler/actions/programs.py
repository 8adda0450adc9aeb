"""Programs of the hospital: set up by whoever sets up the sites that have them."""

from collections.abc import Iterable
from typing import Any

from core.database.transactions import unit
from core.models import Site
from core.updates import lock_row
from scheduler.models import Practitioner, Program, Therapy


@unit
def change_program(
    program: Program,
    *,
    sites: Iterable[Site],
    therapies: Iterable[Therapy],
    practitioners: Iterable[Practitioner],
    **fields: Any,  # noqa: ANN401  (columns of a program)
) -> Program:
    """Write a program, new or there already, with what it has; without any it has all. What is booked stands."""
    if program.pk:
        lock_row(program)
    for name, value in fields.items():
        setattr(program, name, value)
    if program.pk:
        program.save(update_fields=list(fields))
    else:
        program.save(force_insert=True)
    program.sites.set(sites)
    program.therapies.set(therapies)
    program.practitioners.set(practitioners)
    return program
