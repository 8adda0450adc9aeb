"""Changing a row: lock it, see it as it stands, write the fields that were sent and leave the others to others.

Somebody else may have changed the row since it was read. Whoever writes back what they read undoes that.
"""

from django.db.models import Model

from core.refusals import Missing


def lock_row(row: Model) -> None:
    """Keep a row as it is until the transaction ends, but for us, and bring the object up to date. Raises Missing."""
    rows = type(row)._default_manager.select_for_update(no_key=True, of=("self",)).order_by("pk")
    try:
        row.refresh_from_db(from_queryset=rows)
    except type(row).DoesNotExist:  # type: ignore[attr-defined]  # each model has its own
        raise Missing from None


def write(row: Model, **sent: object) -> None:
    """Write these fields of a row that is locked, and no others."""
    for name, value in sent.items():
        setattr(row, name, value)
    row.save(update_fields=list(sent))
