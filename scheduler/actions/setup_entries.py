"""An entry of the set-up as plain values: which of its columns an act changed, what that cost, how it is set back."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from core.principal import Principal
from core.refusals import Missing, Refusal
from core.updates import lock_row
from scheduler.actions.catalogue_edits import change
from scheduler.actions.practitioners import change_offering, change_practitioner
from scheduler.catalogue.affected_claims import NEEDS, allocations_losing
from scheduler.models import Offering, Practitioner
from scheduler.sheets.edit_impact import Impact, uncovered

KINDS = {str(model._meta.model_name): model for model in NEEDS}
ACTS: Mapping[type[Model], Callable[..., Impact[Any]]] = MappingProxyType(
    {Practitioner: change_practitioner, Offering: change_offering}
)
"""What changes an entry of a kind and checks what that must keep to; `change` does all others."""


class ChangedAgain(Refusal):
    """An entry of the set-up was changed once more since, or is gone: setting it back would undo that as well."""

    code = "changed-again"
    title = _("It was changed once more, or removed, since. Look at how it stands, and set it as you want it.")


def kind_of(entry: Model) -> str:
    """Return the kind of an entry that appointments may need, by which it is found again; empty for any other."""
    name = str(entry._meta.model_name)
    return name if name in KINDS else ""


def has_columns(entry: Model, names: Iterable[str]) -> bool:
    """Whether all of these are columns of an entry's own row."""
    return set(names) <= {one.name for one in entry._meta.concrete_fields}


def columns_of(entry: Model, names: Iterable[str]) -> dict[str, Any]:
    """Return these columns of an entry as they stand in the database."""
    rows = type(entry)._default_manager.filter(pk=entry.pk)
    found: dict[str, Any] = rows.values(*sorted(names)).get() if names else {}
    return found


def impact_since(entry: Model, before: Mapping[str, Any], *, at: datetime) -> Impact[Any]:
    """Return what an entry leaves without cover ahead, that it would not if it were as `before`."""
    return Impact(row=entry, uncovered=uncovered(allocations_losing(entry, before, at=at), at=at))


def set_back(
    kind: str, key: int, before: Mapping[str, Any], after: Mapping[str, Any], *, by: Principal, at: datetime
) -> None:
    """Set columns of an entry back as `before`, as its own page does.

    Raises ChangedAgain where they are not as `after` any more, or it is gone; and what that act refuses.
    """
    entry = KINDS[kind](pk=key)
    try:
        lock_row(entry)
    except Missing:
        raise ChangedAgain from None
    if columns_of(entry, before) != dict(after):
        raise ChangedAgain
    if before:
        fields = {name: _value(entry, name, value) for name, value in before.items()}
        act: Callable[..., Impact[Any]] = ACTS.get(type(entry)) or change
        act(entry, by=by, at=at, **fields)


def _value(entry: Model, name: str, value: Any) -> Any:  # noqa: ANN401  (what a column holds)
    """Return what a field takes for what its column held: the row, where it names one. Raises ChangedAgain."""
    named: Any = entry._meta.get_field(name).related_model
    if named is None or value is None:
        return value
    found = named._default_manager.filter(pk=value).first()
    if found is None:
        raise ChangedAgain
    return found
