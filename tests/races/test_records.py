"""A record is entered twice at once, or becomes one with another while somebody books for it: none is lost sight of."""

from datetime import date

import pytest

from booking.actions import appointments
from booking.actions.patients import merge_undo, merging, patients
from booking.models import Appointment, Patient
from booking.patients.record_errors import MergedInto, MergeInUse, PossibleDuplicates
from core.roles import Role
from tests.factories.booking import SYSTEM, chicago, make_staff, read_slot, slot_id
from tests.factories.scheduler import AT
from tests.races.together import beside

pytestmark = pytest.mark.django_db(transaction=True)
HOW = {"by": SYSTEM, "at": AT}


@pytest.fixture
def two(lakeside):
    """The record that Zoe has, and the one that she made as a guest."""
    zoe = {"name": "Zoe Brien", "birth_date": date(1961, 3, 27), "site": lakeside}
    kept = patients.register(**zoe, email="zoe@example.test", **HOW)
    return kept, patients.register(**zoe, email="zoe@work.test", guest=True, **HOW)


def booking(two, dr_li):
    def book():
        try:
            return appointments.book(patient=two[1], slot=read_slot(slot_id(dr_li, chicago(8, 10))), **HOW)
        except MergedInto as refusal:
            return refusal

    return book


def merging_of(two):
    return lambda: merging.merge(kept=two[0], given_up=two[1], **HOW)


def test_a_visit_booked_while_the_record_is_merged_is_on_the_kept_record(two, dr_li):
    visit, _ = beside(merging_of(two), while_open=booking(two, dr_li))
    assert Appointment.objects.get(pk=visit.pk).patient == two[0]


def test_whoever_books_for_a_record_that_is_just_merged_waits_and_hears_where_it_went(two, dr_li):
    _, refused = beside(booking(two, dr_li), while_open=merging_of(two))
    assert isinstance(refused, MergedInto)
    assert not Appointment.objects.exists()


def test_twin_a_merging_that_waits_for_nobody_leaves_the_visit_on_the_record_that_nobody_finds(two, dr_li, monkeypatch):
    monkeypatch.setattr(merging, "lock_both", lambda *both: [Patient.objects.get(pk=one.pk) for one in both])
    visit, _ = beside(merging_of(two), while_open=booking(two, dr_li))
    assert Appointment.objects.get(pk=visit.pk).patient.merged_into == two[0]


def undone(two):
    """Undo the merging of the two; return the record that stands by itself again, or why not."""
    try:
        return merge_undo.undo(two[0], **HOW)
    except MergeInUse as refusal:
        return refusal


def booking_for(patient, dr_li):
    return lambda: appointments.book(patient=patient, slot=read_slot(slot_id(dr_li, chicago(8, 10))), **HOW)


def test_a_merging_is_not_undone_beside_a_booking_on_the_record_that_it_left(two, dr_li):
    merging_of(two)()
    visit, refused = beside(lambda: undone(two), while_open=booking_for(two[0], dr_li))
    assert isinstance(refused, MergeInUse)
    assert Appointment.objects.get(pk=visit.pk).patient == two[0]
    assert Patient.objects.get(pk=two[1].pk).merged_into == two[0]


def test_whoever_books_for_a_record_while_its_merging_is_undone_books_on_it(two, dr_li):
    merging_of(two)()
    given_back, visit = beside(booking_for(two[1], dr_li), while_open=lambda: undone(two))
    assert Appointment.objects.get(pk=visit.pk).patient == given_back == two[1]


def test_twin_an_undo_that_waits_for_nobody_does_not_see_who_books_at_this_moment(two, dr_li, monkeypatch):
    merging_of(two)()
    monkeypatch.setattr(merge_undo, "lock_both", lambda *both: [Patient.objects.get(pk=one.pk) for one in both])
    _, given_back = beside(lambda: undone(two), while_open=booking_for(two[0], dr_li))
    assert given_back == two[1]


def entered_twice(site, dana, rita):
    """Let Dana and Rita enter the same person at once, each from her own call; return what the later one hears."""
    zoe = {"name": "Zoe Brien", "birth_date": date(1961, 3, 27), "email": "zoe@example.test", "site": site, "at": AT}

    def enter_too():
        try:
            return patients.enter(**zoe, by=rita.principal)
        except PossibleDuplicates as refusal:
            return refusal

    _, heard = beside(enter_too, while_open=lambda: patients.enter(**zoe, by=dana.principal))
    return type(heard)


def test_of_two_who_enter_one_person_at_once_the_later_is_asked_whether_it_is_another(lakeside, dana):
    assert entered_twice(lakeside, dana, make_staff("rita", Role.SCHEDULER, site=lakeside)) is PossibleDuplicates


def test_twin_without_waiting_for_the_person_each_makes_a_record(lakeside, dana, monkeypatch):
    monkeypatch.setattr(patients, "wait_for_person", lambda **_: None)
    assert entered_twice(lakeside, dana, make_staff("rita", Role.SCHEDULER, site=lakeside)) is Patient
