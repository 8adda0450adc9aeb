"""What somebody needs is said once: it is prepared for all that lies ahead of them, and written down with what was."""

from datetime import date

import pytest

from booking.access_needs import AskedFor
from booking.actions import access_needs
from booking.actions.patients import merging, patients
from booking.models import CallReason, CallTask, Patient, RecordChange
from tests.factories.booking import SYSTEM, chicago, make_visit, slot_id
from tests.factories.scheduler import AT

pytestmark = pytest.mark.usefixtures("dr_li", "alice")
HOW = {"by": SYSTEM, "at": AT}
SIGNS = AskedFor.of(["sign-language"], "")


def prepared():
    """Return for which appointments (ids) staff are to prepare something."""
    return set(CallTask.objects.filter(reason=CallReason.ACCESS, done_at=None).values_list("appointment", flat=True))


def asks(patient, asked=SIGNS, *, adds=True):
    return access_needs.put_on_record(patient, asked, adds=adds, **HOW)


def test_what_is_said_with_a_later_booking_is_prepared_for_the_earlier_one_as_well(alice, dr_li):
    ahead = make_visit(alice.record, slot_id(dr_li, chicago(13, 10)))
    assert prepared() == set()
    asks(alice.record)
    assert prepared() == {ahead.pk}
    asks(alice.record, AskedFor.of([], ""), adds=False)
    assert prepared() == set()


def test_twin_without_it_nobody_prepares_the_earlier_one(alice, dr_li, monkeypatch):
    make_visit(alice.record, slot_id(dr_li, chicago(13, 10)))
    monkeypatch.setattr(access_needs, "prepare_all", lambda _patient, **_at: None)
    asks(alice.record)
    assert prepared() == set()


def test_what_was_there_before_is_written_down_wherever_it_was_said_and_nothing_where_it_stays(alice):
    asks(alice.record)
    asks(alice.record, AskedFor.of(["oxygen"], "es"))
    asks(alice.record)
    was = list(RecordChange.objects.order_by("pk").values_list("was", flat=True))
    assert was == [{"asked_for": ""}, {"asked_for": "A sign language interpreter"}]


def test_when_two_records_become_one_it_is_prepared_for_what_was_booked_under_either(lakeside, dr_li):
    zoe = {"name": "Zoe Brien", "birth_date": date(1961, 3, 27), "site": lakeside}
    kept = patients.register(**zoe, email="zoe@example.test", **HOW)
    other = patients.register(**zoe, email="zoe@work.test", guest=True, **HOW)
    visits = [make_visit(one, slot_id(dr_li, chicago(day, 10))) for one, day in ((kept, 8), (other, 13))]
    asks(other)
    assert prepared() == {visits[1].pk}
    merging.merge(kept=kept, given_up=other, **HOW)
    assert prepared() == {visit.pk for visit in visits}
    assert Patient.objects.get(pk=kept.pk).access_needs == ["sign-language"]
