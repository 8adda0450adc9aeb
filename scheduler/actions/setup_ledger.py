"""Who has set up what, when, and from what to what: each act writes it itself, so that no door can leave it out."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db.models import Model, QuerySet

from core.database.transactions import unit
from core.models import Site
from core.principal import Principal
from core.updates import lock_row
from scheduler.models import Offering, OpeningHours, Practitioner, SetupAct, SetupChange, WorkingHours
from scheduler.sheets.edit_impact import Impact

P = ParamSpec("P")
R = TypeVar("R")
ColumnFacts = dict[str, Any]
States = dict[tuple[str, int], tuple[Model, ColumnFacts]]

NO_FACTS = frozenset({"id", "public_id", "version", "ended_by"})
"""What says nothing of an entry that its row here does not say itself."""
LONGEST_NAME = 200


def _itself(entry: Model) -> QuerySet[Any]:
    rows: QuerySet[Any] = type(entry)._default_manager.filter(pk=entry.pk)
    return rows


def opening_hours_of(site: Site) -> QuerySet[OpeningHours]:
    """Return what an act on a site's opening hours may touch."""
    return OpeningHours.objects.filter(site=site)


def working_hours_of(practitioner: Practitioner) -> QuerySet[WorkingHours]:
    """Return what an act on somebody's hours may touch."""
    return WorkingHours.objects.filter(practitioner=practitioner)


def offers_of(practitioner: Practitioner) -> QuerySet[Offering]:
    """Return what an act on what somebody gives may touch."""
    return Offering.objects.filter(practitioner=practitioner)


def noted(
    touched: Callable[[Any], QuerySet[Any]] = _itself, *, locking: Callable[[Any], None] = lock_row
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let an act note what it does to entries, in one transaction with it; where it is a rehearsal nothing is noted.

    `touched`: the rows that it may change, by its first argument, which is locked first, as the act does.
    """

    def of(act: Callable[P, R]) -> Callable[P, R]:
        @unit
        @wraps(act)
        def whole(*args: P.args, **kwargs: P.kwargs) -> R:
            if kwargs.get("dry_run"):
                return act(*args, **kwargs)
            if args:
                locking(args[0])
            before = _states(touched(args[0])) if args else {}
            result = act(*args, **kwargs)
            after = _states(touched(args[0])) if args else {}
            if isinstance(result, Impact) and _key(result.row) not in before:
                after.setdefault(_key(result.row), (result.row, {}))
            by, at = kwargs["by"], kwargs["at"]
            assert isinstance(by, Principal)  # noqa: S101  (tells the type checker what every act takes)
            assert isinstance(at, datetime)  # noqa: S101  (the same)
            SetupChange.objects.bulk_create(_changes(before, after, by=by, at=at))
            return result

        vars(whole)["notes_set_up"] = True
        return whole

    return of


def added(act: Callable[P, R]) -> Callable[P, R]:
    """Let an act note the entry that it adds, at whatever its first argument is."""
    return noted(_nothing, locking=_no_lock)(act)


def note_change(entry: Model, facts: Mapping[str, tuple[Any, Any]], *, by: Principal, at: datetime) -> None:
    """Note what an act changes of an entry beside its own columns: from what to what."""
    changed = {name: [before, after] for name, (before, after) in facts.items()}
    _row(entry, SetupAct.CHANGE, changed, by=by, at=at).save(force_insert=True)


def _nothing(_owner: object) -> QuerySet[SetupChange]:
    return SetupChange.objects.none()


def _no_lock(_owner: object) -> None:
    """Lock nothing: the act does."""


def _key(row: Model) -> tuple[str, int]:
    return row._meta.model_name or "", row.pk


def _states(rows: QuerySet[Any]) -> States:
    return {_key(one): (one, _facts(one)) for one in rows}


def _facts(row: Model) -> ColumnFacts:
    found: ColumnFacts = {one.name: one.value_from_object(row) for one in row._meta.concrete_fields}
    if isinstance(row, Practitioner):
        found["sites"] = sorted(
            Site.objects.filter(resources__practitioner=row).distinct().values_list("key", flat=True)
        )
    found |= {one.name: _listed(row, one.name) for one in row._meta.many_to_many}
    return {name: value for name, value in found.items() if name not in NO_FACTS}


def _listed(row: Model, column: str) -> list[str]:
    """Return the other entries that an entry has, by what they are called; sites by their keys."""
    entries = getattr(row, column).all()
    return sorted(one.key if isinstance(one, Site) else str(one) for one in entries)


def _changes(before: States, after: States, *, by: Principal, at: datetime) -> Iterable[SetupChange]:
    for key, (row, facts) in before.items():
        if key not in after:
            yield _row(row, SetupAct.REMOVE, {}, by=by, at=at)
            continue
        now = after[key][1]
        changed = {
            name: [_named(row, name, facts[name]), _named(row, name, now[name])]
            for name in now
            if now[name] != facts[name]
        }
        if changed:
            yield _row(after[key][0], SetupAct.CHANGE, changed, by=by, at=at)
    for key in after.keys() - before.keys():
        yield _row(after[key][0], SetupAct.ADD, {}, by=by, at=at)


def _named(row: Model, column: str, value: Any) -> Any:  # noqa: ANN401  (what a column holds)
    """Return what a column holds; of another entry, what that is called."""
    field = None if isinstance(value, list) else row._meta.get_field(column)
    if value is None or field is None or field.related_model is None:
        return value
    assert not isinstance(field.related_model, str)  # noqa: S101  (all models are loaded)
    return str(field.related_model._default_manager.filter(pk=value).first() or value)


def _row(entry: Model, act: SetupAct, facts: ColumnFacts, *, by: Principal, at: datetime) -> SetupChange:
    return SetupChange(
        kind=_key(entry)[0],
        entry=entry.pk,
        called=str(entry)[:LONGEST_NAME],
        site_id=entry.pk if isinstance(entry, Site) else getattr(entry, "site_id", None),
        act=act,
        facts=facts,
        by=by.key,
        at=at,
    )
