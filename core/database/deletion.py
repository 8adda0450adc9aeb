"""Deletes many rows by slices: each is soon done, so that a flood of rows is got through however long it takes."""

from typing import Any

from django.db.models import QuerySet

AT_ONCE = 5_000
"""Rows that one statement deletes well within the time that the server gives it."""


def delete(rows: QuerySet[Any]) -> int:
    """Delete the rows, each slice for good before the next; return how many. What stops midway has done its part."""
    count = 0
    # Keys first: a DELETE with a LIMIT is no SQL, and one of a subquery may choose other rows each time.
    while keys := list(rows.values_list("pk", flat=True)[:AT_ONCE]):
        # Asked anew with the condition: what was saved from deletion since its key was read stays.
        _all, by_kind = rows.filter(pk__in=keys).delete()
        count += by_kind.get(rows.model._meta.label, 0)
    return count
