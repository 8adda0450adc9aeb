"""Columns of the admin's lists."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext as _

from scheduler.wall_time import MIDNIGHT


def end_column(field: str, words: Any) -> Callable[[Any], Any]:
    """Return a column of a list that shows when an interval of a day ends, midnight as what it is."""

    @admin.display(description=words, ordering=field)
    def shown(row: Any) -> Any:
        ends = getattr(row, field)
        return _("midnight") if ends == MIDNIGHT else ends

    return shown
