"""An entry of the set-up as plain values: which of its columns an act changed, who needs it, and how it is set back."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from core.principal import Principal
from core.refusals import Refusal
from scheduler.actions.catalogue_edits import change
from scheduler.catalogue.affected_claims import NEEDS
from scheduler.models import Claim

KINDS = {str(model._meta.model_name): model for model in NEEDS}


class ChangedAgain(Refusal):
    """An entry of the set-up was changed once more since: setting it back would undo that as well."""

    code = "changed-again"
    title = _("It was changed once more since. Open it, and set it as you want it.")


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


def allocations_with(entry: Model) -> QuerySet[Claim, UUID]:
    """Return the allocations, live ones, that need an entry."""
    rows = Claim.objects.filter(NEEDS[type(entry)](entry), retired_at=None)
    return rows.order_by().values_list("allocation", flat=True)


def set_back(
    kind: str, key: int, before: Mapping[str, Any], after: Mapping[str, Any], *, by: Principal, at: datetime
) -> None:
    """Set columns of an entry back as `before`. Raises ChangedAgain where they are not as `after` any more."""
    entry = KINDS[kind]._default_manager.select_for_update(no_key=True, of=("self",)).get(pk=key)
    if columns_of(entry, before) != dict(after):
        raise ChangedAgain
    if before:
        change(entry, by=by, at=at, **before)
