"""What would be otherwise if something were done: it is done, looked at, and undone."""

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction

T = TypeVar("T")


def before_and_after(look: Callable[[], T], act: Callable[[], object]) -> tuple[T, T]:
    """Return what is seen before an act and after it; nothing of it stays. Raises what the act raises."""
    before = look()
    with transaction.atomic():
        act()
        after = look()
        transaction.set_rollback(True)
    return before, after
