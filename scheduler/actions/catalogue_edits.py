"""Changing entries of the catalogue: names, texts, whether they are in use. Each edit tells which visits lose cover.

Visits stay as they are. With `dry_run` everything is done, told, and undone.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model

from core.database.transactions import rehearsal
from core.models import Site
from core.principal import Principal
from core.updates import lock_row, write
from scheduler.actions.calendar_edits import impact_on_visits
from scheduler.actions.retiring import refuse_while_needed
from scheduler.actions.setup_ledger import noted
from scheduler.catalogue.affected_claims import allocations_losing
from scheduler.catalogue.checks import check_family, check_features, check_minutes, phone_of_site
from scheduler.catalogue.english_texts import english as in_english
from scheduler.models import Room
from scheduler.search.parted_patients import parted_patients
from scheduler.sheets.edit_impact import EditWarning, Impact, Row


@noted()
def change(
    entry: Row,
    *,
    english: Mapping[str, str] | None = None,
    by: Principal,
    at: datetime,
    dry_run: bool = False,
    **fields: Any,  # noqa: ANN401  (what an entry has)
) -> Impact[Row]:
    """Change these fields of an entry and leave the rest. A device or a therapy that goes out of use keeps its visits.

    `english`: texts of which the other languages stay. Raises Missing, Invalid, StillInUse.
    """
    with rehearsal(only=dry_run):
        lock_row(entry)
        fields |= {name: in_english(text, getattr(entry, name)) for name, text in (english or {}).items()}
        check_minutes(fields)
        if "features" in fields:
            check_features(fields["features"])
        if "family" in fields:
            check_family(fields["family"])
        if isinstance(entry, Site) and fields.get("phone", entry.phone) != entry.phone:
            fields["phone"] = phone_of_site(fields["phone"], entry.zone)
        # After the lock: what it has lost is told from how it stood when this edit came to write.
        before = {name: getattr(entry, name) for name in fields}
        write(entry, **fields)
        refuse_while_needed(entry, before, at=at)
        parted = _parted(entry, before, at=at)
        return impact_on_visits(entry, allocations_losing(entry, before, at=at), by=by, at=at, warnings=parted)


def _parted(entry: Model, before: Mapping[str, Any], *, at: datetime) -> tuple[EditWarning, ...]:
    """Return whose patients a room that lies in another suite now leaves out of call."""
    if not isinstance(entry, Room) or before.get("suite", entry.suite) == entry.suite:
        return ()
    return parted_patients(entry.site, at=at)
