"""What one visit's rows make fail is noted, and holds nobody else's messages back."""

import logging
from collections.abc import Callable
from typing import TypeVar

from babel import UnknownLocaleError
from django.db import DataError, IntegrityError, transaction
from django.template import TemplateDoesNotExist, TemplateSyntaxError, VariableDoesNotExist

log = logging.getLogger(__name__)
R = TypeVar("R")

ROW_FAULTS = (
    UnknownLocaleError,
    TemplateDoesNotExist,
    TemplateSyntaxError,
    VariableDoesNotExist,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    DataError,
    IntegrityError,
)
"""What planning, reading, judging and writing can fail with, by what one visit's rows say.

A zone that the time zone data no longer know is one, a state that a newer release wrote another.
"""


def unless_faulty(act: Callable[[], R], *, failing: str) -> R | None:
    """Return what `act` gives, or None where it fails by what one visit's rows say.

    The log names the kind of fault and what was tried (`failing`, with an id): what the fault says may hold a name.
    """
    try:
        return act()
    except ROW_FAULTS as fault:
        log.error("%s: %s", failing, type(fault).__name__)  # noqa: TRY400
        return None


def written_unless_faulty(act: Callable[[], R], *, failing: str) -> R | None:
    """Return what `act` gives, or None where it fails: what it wrote does not stand then, the caller's work does."""

    def apart() -> R:
        with transaction.atomic():
            return act()

    return unless_faulty(apart, failing=failing)
