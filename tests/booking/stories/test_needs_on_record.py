"""What somebody needs is said once: it is prepared for all that lies ahead of them, and written down with what was."""

from datetime import date

import pytest

from booking.access_needs import AskedFor, asked_with, other_language
from booking.actions import access_needs
from booking.actions.as_seen import mark_of
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


def asks_alone(visit, needs=(), language=""):
    """Let somebody ask for this with an appointment who has not shown who they are."""
    access_needs.keep_alone(visit, AskedFor.of(needs, language))
    visit.save(update_fields=access_needs.ALONE)
    return visit


def test_of_two_languages_the_one_that_was_asked_for_with_the_appointment_counts_for_it(alice, dr_li):
    asks(alice.record, AskedFor.of(["quiet"], "pl"))
    visit, other = (make_visit(alice.record, slot_id(dr_li, chicago(day, 10))) for day in (13, 14))
    asks_alone(visit, ["oxygen"], "fr")
    record = Patient.objects.get(pk=alice.record.pk)
    assert asked_with(visit, record) == AskedFor.of(["quiet", "oxygen"], "fr")
    assert (other_language(visit, record), other_language(other, record)) == ("Polish", "")
    assert asked_with(other, record).interpreter == "pl"


def test_another_language_stays_with_its_appointment_as_somebody_shows_who_they_are(alice, dr_li):
    asks(alice.record, AskedFor.of([], "pl"))
    visit = asks_alone(make_visit(alice.record, slot_id(dr_li, chicago(13, 10))), ["oxygen"], "fr")
    access_needs.let_hold_for_all(visit, **HOW)
    visit.refresh_from_db()
    assert (visit.asked_needs, visit.asked_interpreter) == ([], "fr")
    record = Patient.objects.get(pk=alice.record.pk)
    assert (record.access_needs, record.interpreter) == (["oxygen"], "pl")


def test_a_language_that_is_new_on_record_holds_for_each_appointment_to_come(alice, dr_li):
    visit = asks_alone(make_visit(alice.record, slot_id(dr_li, chicago(13, 10))), ["oxygen"], "fr")
    asks(alice.record, AskedFor.of(["quiet"], ""))
    visit.refresh_from_db()
    assert visit.asked_interpreter == "fr"
    asks(alice.record, AskedFor.of(["quiet"], "es"), adds=False)
    visit.refresh_from_db()
    assert (visit.asked_needs, visit.asked_interpreter) == (["oxygen"], "")


def test_a_language_that_is_said_once_more_holds_for_each_appointment_to_come(alice, dr_li):
    said, other = (asks_alone(make_visit(alice.record, slot_id(dr_li, chicago(day, 10))), [], "fr") for day in (9, 14))
    record = asks(alice.record, AskedFor.of([], "pl"))
    said.refresh_from_db()
    access_needs.note(said.public_id, AskedFor.of([], "pl"), as_seen=mark_of(said), **HOW)
    other.refresh_from_db()
    assert asked_with(other, record).interpreter == "pl"


def test_twin_where_it_does_not_a_language_of_before_is_planned_for(alice, dr_li, monkeypatch):
    monkeypatch.setattr(access_needs, "_let_hold_everywhere", lambda _record, **_at: None)
    visit = asks_alone(make_visit(alice.record, slot_id(dr_li, chicago(13, 10))), [], "fr")
    record = asks(alice.record, AskedFor.of([], "es"), adds=False)
    visit.refresh_from_db()
    assert asked_with(visit, record).interpreter == "fr"
