"""The demo clinic, opened once for all tests of this folder and gone afterwards."""

from datetime import UTC, datetime

import pytest

OPENED_AT = datetime(2026, 10, 26, 14, 0, tzinfo=UTC)  # the clocks go back on the first Sunday


@pytest.fixture(scope="package")
def opened(django_db_setup, django_db_blocker):
    """Open the clinic in a transaction that is rolled back after the last test; each test has a savepoint in it."""
    from django.db import transaction  # noqa: PLC0415  (settings are ready only once a test runs)

    from demo import load  # noqa: PLC0415

    with django_db_blocker.unblock(), transaction.atomic():
        yield load.load(at=OPENED_AT)
        transaction.set_rollback(True)


@pytest.fixture
def clinic(opened, db):
    """The open clinic, for one test."""
    return opened
