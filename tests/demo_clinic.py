"""The demo clinic, opened once for the tests of the clinic and of proof, and gone after the last of them."""

from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

OPENED_AT = datetime(2026, 10, 26, 14, 0, tzinfo=UTC)  # the clocks go back on the first Sunday

_closing = ExitStack()
_open: list[object] = []


@pytest.fixture
def opened(django_db_setup, django_db_blocker):
    """Open the clinic, unless it is open, in a transaction of its own; each test has a savepoint in it."""
    from django.db import transaction  # noqa: PLC0415  (settings are ready only once a test runs)

    from demo import load  # noqa: PLC0415
    from tests.factories.policies import end_suitability  # noqa: PLC0415

    if not _open:
        _closing.enter_context(django_db_blocker.unblock())
        _closing.enter_context(transaction.atomic())
        _closing.callback(transaction.set_rollback, True)
        _closing.callback(_open.clear)
        end_suitability()  # as any clinic begins
        _open.append(load.load(at=OPENED_AT))
    return _open[0]


@pytest.fixture
def clinic(opened, db):
    """The open clinic, for one test."""
    return opened


def close() -> None:
    """Let the clinic be gone, if a test has opened it."""
    _closing.close()
