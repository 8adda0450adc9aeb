"""The races themselves are watched: a deadlock is seen when there is one, and the unit is tried again."""

import pytest

from booking.models import Patient
from core.database.transactions import unit
from tests.factories.booking import make_patient
from tests.races.together import Gate, at_once, deadlocks

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_deadlock_is_counted_and_both_acts_are_done_in_the_end(lakeside):
    one, two = make_patient(lakeside, "One"), make_patient(lakeside, "Two")
    gate, before = Gate(2), deadlocks()

    @unit
    def lock_in_order(first, second):
        Patient.objects.select_for_update().get(pk=first.pk)
        gate.wait()
        Patient.objects.select_for_update().get(pk=second.pk)
        return "done"

    assert at_once([lambda: lock_in_order(one, two), lambda: lock_in_order(two, one)]) == ["done", "done"]
    assert deadlocks() == before + 1
