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
    sites: Iterable[Site] | None = None,
    therapies: Iterable[Therapy] | None = None,
    practitioners: Iterable[Practitioner] | None = None,
    **fields: Any,  # noqa: ANN401  (columns of a program)
) -> Program:
    """Write what is given of a program, new or there already; of what it has, an empty list is all, None as it was.

    What is booked stands.
    """
    if program.pk:
        lock_row(program)
    for name, value in fields.items():
        setattr(program, name, value)
    if program.pk:
        program.save(update_fields=list(fields))
    else:
        program.save(force_insert=True)
    if sites is not None:
        program.sites.set(sites)
    if therapies is not None:
        program.therapies.set(therapies)
    if practitioners is not None:
        program.practitioners.set(practitioners)
    return program
