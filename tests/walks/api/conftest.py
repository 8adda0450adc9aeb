"""The world of the API's own tests, for walks through all of it."""

from tests.api.conftest import clients, known_callers, monday_morning, world

__all__ = ["clients", "known_callers", "monday_morning", "world"]
