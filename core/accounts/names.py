"""Who acted, by name: ledgers and tables know people by `Principal.key` alone."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from core.models import User


def names_of(keys: Iterable[str]) -> dict[str, str]:
    """Return by key who acted: whoever signs in by their name, and nobody by a number; in one query at most."""
    numbers = {key: int(key.partition(":")[2]) for key in keys if key.startswith("user:")}
    users = User.objects.in_bulk(numbers.values()) if numbers else {}
    return {key: _name(users.get(number)) for key, number in numbers.items()}


def name_of(key: str) -> str:
    """Return who acted; nothing where it was nobody who signs in."""
    return names_of([key]).get(key, "")


def _name(user: User | None) -> str:
    return (user.get_full_name() or user.get_username()) if user else _("somebody whose account is gone")
