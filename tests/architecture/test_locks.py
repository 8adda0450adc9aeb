"""Rows are locked by themselves, then read: tests/locks.py looks at the statements of all tests, here at itself."""

import pytest
from django.db import connection, transaction
from django.db.models import F

from booking.models import Appointment
from tests.locks import LockWithJoinError

ROWS = Appointment.objects.order_by()
JOINED = [
    ROWS.select_related("site").select_for_update(of=("self",)),
    ROWS.filter(patient__name="Alice Adams").select_for_update(of=("self",), no_key=True),
    ROWS.filter(pk__in=Appointment.objects.filter(period__startswith__gt=F("created_at"))).select_for_update(),
]


@pytest.mark.django_db
@pytest.mark.parametrize("rows", JOINED)
def test_no_test_passes_when_a_lock_joins_other_rows(rows):
    with pytest.raises(LockWithJoinError), transaction.atomic():
        list(rows)


@pytest.mark.django_db
def test_rows_may_be_locked_by_themselves_and_read_together():
    with transaction.atomic(), connection.cursor() as cursor:
        assert list(ROWS.filter(pk__in=[1, 2]).select_for_update().values_list("pk")) == []
        assert list(ROWS.select_related("site", "patient")) == []
        cursor.execute("SELECT a.id FROM booking_appointment a JOIN unnest(array[1]) AS w(id) USING (id) FOR UPDATE")
