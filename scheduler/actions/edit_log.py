"""Noting who has set up what, in one transaction with the edit, where the admin notes its own."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from core.database.transactions import unit
from scheduler.sheets.edit_impact import Impact

LONGEST_NAME = 200


@unit
def act_and_log(act: Callable[[], Impact[Any]], *, changes: str, adding: bool, user_id: int) -> Impact[Any]:
    """Do an edit, and note who did, with what it changes in words. Raises Refusal."""
    impact = act()
    if adding or changes:
        LogEntry.objects.create(
            user_id=user_id,
            content_type=ContentType.objects.get_for_model(impact.row, for_concrete_model=False),
            object_id=str(impact.row.pk),
            object_repr=str(impact.row)[:LONGEST_NAME],
            action_flag=ADDITION if adding else CHANGE,
            change_message="" if adding else changes,
        )
    return impact
