"""Programs of the hospital: set up by whoever sets up the sites that have them."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from core.models import Site
from core.principal import Principal
from core.refusals import refuse_invalid
from core.rights import Action, sites_for
from core.updates import lock_row
from scheduler.actions.setup_ledger import noted
from scheduler.models import Practitioner, Program, Therapy


def _lock(program: Program) -> None:
    """Lock a program that there is already."""
    if program.pk:
        lock_row(program)


@noted(locking=_lock)
def change_program(
    program: Program,
    *,
    by: Principal,
    at: datetime,  # noqa: ARG001  (the ledger reads it)
    sites: Iterable[Site] | None = None,
    therapies: Iterable[Therapy] | None = None,
    practitioners: Iterable[Practitioner] | None = None,
    **fields: Any,  # noqa: ANN401  (columns of a program)
) -> Program:
    """Write what is given of a program, new or there already; of what it has, an empty list is all, None as it was.

    What is booked stands. Raises Invalid for sites that whoever changes it does not set up.
    """
    if sites is not None:
        sites = list(sites)
        refuse_beyond(sites, by=by)
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


def refuse_beyond(sites: Collection[Site], *, by: Principal) -> None:
    """Refuse sites that `by` does not set up; where none are named all are meant. Raises Invalid."""
    everywhere = Site.objects.filter(active=True).values_list("pk", flat=True)
    named = {one.pk for one in sites} or set(everywhere)
    beyond = _("Name sites that you set up. None means all of them: then whoever sets up all of them changes it.")
    refuse_invalid([("sites", beyond, not named <= sites_for(by, Action.EDIT_CATALOGUE))])
