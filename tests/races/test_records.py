"""A record is entered twice at once, or becomes one with another while somebody books for it: none is lost sight of."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection, transaction

from booking.actions import appointments, links
from booking.actions.patients import address_verification, merge_undo, merging, patients, typed_addresses
from booking.actions.patients.person_locks import wait_for_person
from booking.models import Appointment, ManageLink, Patient
from booking.patients.record_errors import MergedInto, MergeInUse, PossibleDuplicates
from core.roles import Role
from tests.factories.booking import SYSTEM, chicago, make_staff, read_slot, slot_id, visitor
from tests.factories.scheduler import AT
from tests.races.together import beside, until_somebody_waits

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


def test_whoever_corrects_an_address_waits_for_the_first_appointment_and_holds_none_beside_it(lakeside, dr_li):
    assert free_while_corrected(lakeside, dr_li)


def test_twin_who_locks_their_own_first_keeps_it_from_whoever_has_the_first(lakeside, dr_li, monkeypatch):
    monkeypatch.setattr(typed_addresses.patients, "lock_visits", lambda _patient: None)
    assert not free_while_corrected(lakeside, dr_li)


def closing(act):
    """Do something in a thread of its own, with a connection of its own."""
    try:
        return act()
    finally:
        connection.close()


def free_while_corrected(site, dr_li) -> bool:
    """Whether the later of two appointments can be locked while its address is corrected, which waits for the earlier.

    Whoever changes the record locks both, the earlier first.
    """
    by = visitor()
    guest = patients.register(
        name="Zoe Brien", birth_date=date(1961, 3, 27), email="zo@example.test", site=site, guest=True, by=by, at=AT
    )
    first, later = (
        appointments.book(patient=guest, slot=read_slot(slot_id(dr_li, chicago(day, 10))), by=by, at=AT)
        for day in (8, 13)
    )
    link = ManageLink.objects.get(public_id=links.open_link(links.issue(later, at=AT), at=AT).public_id)
    with ThreadPoolExecutor(1) as other, transaction.atomic():
        Appointment.objects.select_for_update(no_key=True).get(pk=first.pk)
        corrected = other.submit(closing, lambda: typed_addresses.correct(link, "zoe@example.test", by=by, at=AT))
        until_somebody_waits(or_else=corrected.done)
        free = Appointment.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=later.pk).exists()
    assert corrected.result().patient == guest
    return free


def test_whoever_shows_who_they_are_waits_for_the_person_and_holds_no_record_beside_them(lakeside, dr_li):
    assert record_free_while_read(lakeside, dr_li)


def test_twin_who_locks_the_record_first_keeps_it_from_whoever_has_the_person(lakeside, dr_li, monkeypatch):
    rows = Patient.objects.select_for_update(no_key=True)
    monkeypatch.setattr(address_verification, "lock_patient", lambda one: rows.get(pk=one.pk))
    assert not record_free_while_read(lakeside, dr_li)


def record_free_while_read(site, dr_li) -> bool:
    """Whether a record can be locked while somebody opens its mail's link, who waits for acts for the person."""
    by, birth_date = visitor(), date(1961, 3, 27)
    guest = patients.register(
        name="Zoe Brien", birth_date=birth_date, email="zoe@example.test", site=site, guest=True, by=by, at=AT
    )
    visit = appointments.book(patient=guest, slot=read_slot(slot_id(dr_li, chicago(8, 10))), by=by, at=AT)
    Appointment.objects.filter(pk=visit.pk).update(asked_needs=["quiet"])
    link = ManageLink.objects.get(public_id=links.open_link(links.issue(visit, at=AT), at=AT).public_id)
    with ThreadPoolExecutor(1) as other, transaction.atomic():
        wait_for_person(name="Zoe Brien", birth_date=birth_date)
        read = other.submit(closing, lambda: address_verification.read_in_mail(link, at=AT))
        until_somebody_waits(or_else=read.done)
        free = Patient.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=guest.pk).exists()
    read.result()
    assert Patient.objects.get(pk=guest.pk).access_needs == ["quiet"]
    return free
