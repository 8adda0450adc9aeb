"""Taking out of use: only what no appointment ahead needs; else it is closed from a day on, which settles them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.models import Site
from scheduler.catalogue.affected_claims import allocations_losing
from scheduler.errors import StillInUse
from scheduler.models import Claim, Place, Practitioner
from scheduler.sheets.edit_impact import Uncovered, named, uncovered

CLOSING_PAGES: dict[str, Callable[[Any], str]] = {}
"""Where each is closed from a day on, by the name of its model; whoever shows such a page enters it here."""

CHOOSING = timedelta(hours=1)
"""Whoever keeps a time for no longer is just choosing it."""

CLOSED_FIRST = (Practitioner, Place, Site)
"""What can be closed from a day on. A device or a therapy is taken out of use by a form that names whom it touches."""


def refuse_while_needed(entry: Model, before: Mapping[str, Any], *, at: datetime) -> None:
    """Refuse to take out of use what appointments or kept times ahead would lose; `before`: its fields as they were.

    Those that were without cover before wait on the list of calls already, and whoever is just choosing a time is told
    that it is gone. Raises StillInUse.
    """
    if not isinstance(entry, CLOSED_FIRST) or not before.get("active") or getattr(entry, "active", True):
        return
    losing = allocations_losing(entry, {"active": True}, at=at)
    if lost := uncovered(_held_longer(losing, at=at), at=at):
        raise _refusal(entry, lost)


def _held_longer(allocations: Collection[UUID], *, at: datetime) -> set[UUID]:
    """Return those of the allocations that nobody is just choosing."""
    rows = Claim.objects.filter(allocation__in=allocations, retired_at=None)
    return set(rows.exclude(expires_at__lte=at + CHOOSING).values_list("allocation", flat=True))


def _refusal(entry: Model, lost: Sequence[Uncovered]) -> StillInUse:
    said = ngettext(
        "%(count)d appointment or kept time lies ahead there: %(visits)s.",
        "%(count)d appointments or kept times lie ahead there, the first: %(visits)s.",
        len(lost),
    ) % {"count": len(lost), "visits": named(lost[:1])}
    leaves = _("Enter their last day first: each appointment is settled there.")
    closes = _("Close it from a day on first: each appointment is settled there.")
    said = f"{said} {leaves if isinstance(entry, Practitioner) else closes}"
    page = CLOSING_PAGES.get(entry._meta.model_name or "")
    return StillInUse(said, uncovered=lost, close_at=page(entry) if page else "")
