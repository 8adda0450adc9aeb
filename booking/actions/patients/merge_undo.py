"""A merging of two records is undone: whatever it changed is as it was, as long as nothing new hangs on it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from django.db.models import Model

from booking.actions.patients.person_locks import lock_both
from booking.models import Appointment, Patient, PossibleDuplicate, RecordAct, RecordChange, RecordMerge
from booking.patients.record_errors import MergeInUse, NothingMerged
from core.database.row_snapshots import Naming, RowsByTable, RowValues, key_of, rows_naming, write_columns, write_row
from core.database.transactions import unit
from core.principal import Principal

UNDO_FOR = timedelta(days=1)
"""So long a merging can be undone: until then what it changed is kept beside it."""

NOT_KEPT: frozenset[type[Model]] = frozenset({PossibleDuplicate, RecordChange, RecordMerge})
"""The ledger of the records says what was done and stays; what is kept to undo it is no part of it. Records alike are
found again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedRows:
    """What a merging did to rows, by table and key. `changed`: their columns that it changed, before and after."""

    changed: dict[str, dict[str, tuple[RowValues, RowValues]]] = field(default_factory=dict)
    deleted: dict[str, dict[str, RowValues]] = field(default_factory=dict)
    made: dict[str, dict[str, RowValues]] = field(default_factory=dict)
    there: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def between(cls, before: RowsByTable, after: RowsByTable) -> Self:
        """Return what became of rows."""
        found = cls()
        for table, old in before.items():
            new = after[table]
            both = old.keys() & new.keys()
            found.changed[table] = {key: _differing(old[key], new[key]) for key in both if old[key] != new[key]}
            found.deleted[table] = {key: old[key] for key in old.keys() - new.keys()}
            found.made[table] = {key: new[key] for key in new.keys() - old.keys()}
            found.there[table] = sorted(new)
        return found


def rows_of(kept: Patient, given_up: Patient) -> RowsByTable:
    """Return every row that names one of two records, or an appointment of theirs."""
    both = [kept.pk, given_up.pk]
    people = _naming(Patient)
    people.setdefault(Patient, set()).add(key_of(Patient))
    visits = list(Appointment.objects.filter(patient__in=both).order_by("pk").values_list("pk", flat=True))
    found = rows_naming([Naming(table=one, columns=frozenset(columns)) for one, columns in people.items()], both)
    about = {one: columns for one, columns in _naming(Appointment).items() if one is not Appointment}
    for table, rows in rows_naming(
        [Naming(table=one, columns=frozenset(columns)) for one, columns in about.items()], visits
    ).items():
        found[table] = found.get(table, {}) | rows
    return found


def note(kept: Patient, given_up: Patient, before: RowsByTable, *, at: datetime) -> None:
    """Keep what a merging has changed, as long as it can be undone; not where it wrote into a ledger.

    A family link that was taken back with it stays so: who was told is not told otherwise by an undo.
    """
    did, tables = MergedRows.between(before, rows_of(kept, given_up)), _tables()
    if any(rows and hasattr(tables[name], "append_only_except") for name, rows in did.made.items()):
        return
    RecordMerge.objects.create(
        kept=kept, given_up=given_up, changed=asdict(did), merged_at=at, undo_until=at + UNDO_FOR
    )


def undoable(patient: Patient, *, at: datetime) -> RecordMerge | None:
    """Return the last merging into a record, as long as it can be undone."""
    rows = RecordMerge.objects.filter(kept=patient, undo_until__gt=at).select_related("given_up")
    return rows.order_by("-pk").first()


@unit
def undo(patient: Patient, *, by: Principal, at: datetime) -> Patient:
    """Let the record that was last merged into one stand by itself again, with all that was its own; return it.

    Raises NothingMerged, MergeInUse.
    """
    merged = undoable(patient, at=at)
    if merged is None:
        raise NothingMerged
    kept, given_up = lock_both(patient, merged.given_up)
    merged = RecordMerge.objects.select_for_update().filter(pk=merged.pk).first()
    if merged is None or given_up.merged_into_id != kept.pk:  # pressed twice
        raise NothingMerged
    did = MergedRows(**merged.changed)
    now = rows_of(kept, given_up)
    _refuse(kept, given_up, did, now, since=merged.merged_at)
    _write(did, now, given_up)
    merged.delete()
    done: dict[str, Any] = {"by": by.key, "at": at}
    RecordChange.objects.create(patient=given_up, act=RecordAct.UNMERGED, other=kept, **done)
    RecordChange.objects.create(patient=kept, act=RecordAct.GAVE_BACK, other=given_up, **done)
    return Patient.objects.get(pk=given_up.pk)


def forget(*, at: datetime) -> int:
    """Delete what is kept of mergings that cannot be undone any more; return of how many."""
    return RecordMerge.objects.filter(undo_until__lte=at).delete()[0]


def _refuse(kept: Patient, given_up: Patient, did: MergedRows, now: RowsByTable, *, since: datetime) -> None:
    """Refuse where something was done to the record since that may be of either of the two. Raises MergeInUse."""
    both = [kept.pk, given_up.pk]
    later = RecordChange.objects.filter(patient__in=both, at__gt=since)
    if later.exists():
        raise MergeInUse
    for table, rows in did.changed.items():
        for key, (_before, after) in rows.items():
            here = now[table].get(key)
            if here is None or any(here[column] != value for column, value in after.items()):
                raise MergeInUse
    visits = set(did.there[Appointment._meta.db_table])
    for table, here_now in now.items():
        for key in here_now.keys() - set(did.there[table]):
            if str(here_now[key].get("appointment_id", "")) not in visits:
                raise MergeInUse


def _write(did: MergedRows, now: RowsByTable, given_up: Patient) -> None:
    tables = _tables()
    # People first: an account belongs to one record, so it leaves the one before it comes to the other.
    ordered = sorted(did.changed.items(), key=lambda pair: pair[0] != Patient._meta.db_table)
    for table, rows in ordered:
        for key, (before, _after) in sorted(rows.items(), key=lambda pair: pair[0] == str(given_up.pk)):
            write_columns(tables[table], key, before)
    for table, made in did.made.items():
        for key, row in made.items():
            if now[table].get(key) == row:  # what somebody has taken up since stays, as a call that was made
                tables[table]._default_manager.filter(pk=key).delete()
    for table, deleted in did.deleted.items():
        for row in deleted.values():
            write_row(tables[table], row)
    _follow(did, now, tables)


def _follow(did: MergedRows, now: RowsByTable, tables: Mapping[str, type[Model]]) -> None:
    """Let what was written about appointments since, such as reminders, be of the record that has them again."""
    naming = _naming(Patient)
    for table, rows in now.items():
        columns = naming.get(tables[table], set())
        for key in rows.keys() - set(did.there[table]):
            visit = Appointment.objects.get(pk=rows[key]["appointment_id"])
            for column in columns:
                write_columns(tables[table], key, {column: visit.patient_id})


def _differing(old: RowValues, new: RowValues) -> tuple[RowValues, RowValues]:
    columns = [column for column in old if old[column] != new.get(column)]
    return {column: old[column] for column in columns}, {column: new[column] for column in columns}


def _naming(named: type[Model]) -> dict[type[Model], set[str]]:
    """Return the tables with columns that name rows of one, but for those that are not kept."""
    found: dict[type[Model], set[str]] = {}
    for one in _relations(named):
        if one.related_model not in NOT_KEPT:
            found.setdefault(one.related_model, set()).add(one.field.column)
    return found


def _relations(named: type[Model]) -> Iterable[Any]:
    reverse: list[Any] = [one for one in named._meta.get_fields(include_hidden=True) if one.auto_created]
    return [one for one in reverse if not one.concrete and getattr(one.field, "column", None)]


def _tables() -> dict[str, type[Model]]:
    found: set[type[Model]] = {Patient, Appointment, *_naming(Patient), *_naming(Appointment)}
    return {one._meta.db_table: one for one in found}
