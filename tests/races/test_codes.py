"""Showing that an address is one's own, while the other button about the same visit is pressed."""

from datetime import date
from functools import cache

import pytest

from booking.actions import guest_flow, holds, links
from booking.actions.guest_flow import Guest
from booking.actions.patients import address_verification, patients
from booking.actions.patients.address_verification import CodeResult
from booking.errors import LinkMoved
from booking.models import Appointment, ContactPoint, Proof
from tests.factories.booking import SYSTEM, chicago, read_slot, slot_id, visitor
from tests.factories.scheduler import AT
from tests.races.together import Gate, at_once, beside

pytestmark = pytest.mark.django_db(transaction=True)
ZOE = Guest(name="Zoe Brien", email="zoe@example.test", birth_date=date(1961, 3, 27))
BY = visitor("zoe")
CROWD = 8
TRIES = 5


def book(slot):
    kept = holds.choose(read_slot(slot), by=BY, at=AT)
    return guest_flow.book(kept.public_id, by=BY, at=AT, patient=None, guest=ZOE)


def wrong_address_beside_the_mailed_button(dr_li):
    """Press "the address is wrong" while the mailed button books; return whether it was given up, and how it stands."""
    book(slot_id(dr_li, chicago(12, 10)))
    visit = book(slot_id(dr_li, chicago(13, 10)))
    token = links.issue(visit, at=AT)
    _, gave_up = beside(
        lambda: address_verification.give_up(visit.public_id, by=BY, at=AT),
        while_open=lambda: address_verification.prove_by_link(token, at=AT),
    )
    visit.refresh_from_db()
    return gave_up, visit.status


def test_a_visit_that_the_mailed_button_books_meanwhile_is_not_given_up(dr_li):
    assert wrong_address_beside_the_mailed_button(dr_li) == (False, "booked")


def test_twin_looked_at_without_a_lock_the_booked_visit_is_cancelled(dr_li, monkeypatch):
    def look(public_id):
        visit = Appointment.objects.get(public_id=public_id)
        return visit, Proof.objects.get(appointment=visit)

    book_by_link = address_verification.prove_by_link
    monkeypatch.setattr(
        address_verification,
        "prove_by_link",
        with_the_locks(book_by_link, address_verification._wait_for, monkeypatch, look),
    )
    assert wrong_address_beside_the_mailed_button(dr_li) == (True, "cancelled")


def with_the_locks(act, locks, monkeypatch, look):
    """Let `act` lock as it does; whoever comes later only looks."""

    def acted(*args, **facts):
        monkeypatch.setattr(address_verification, "_wait_for", locks)
        done = act(*args, **facts)
        monkeypatch.setattr(address_verification, "_wait_for", look)
        return done

    return acted


def mailed_button_beside_a_corrected_address(dr_li):
    """Press the button in the mail to Zoe's old address while the desk corrects it; return what came of it."""
    book(slot_id(dr_li, chicago(12, 10)))
    visit = book(slot_id(dr_li, chicago(13, 10)))
    token = links.issue(visit, at=AT)

    def press():
        try:
            return address_verification.prove_by_link(token, at=AT)
        except LinkMoved as refusal:
            return refusal

    beside(press, while_open=lambda: patients.change(visit.patient, by=SYSTEM, at=AT, email="new@example.test"))
    visit.refresh_from_db()
    return visit.status, ContactPoint.objects.get().verified_at


def test_the_button_in_the_mail_to_an_old_address_does_not_verify_the_new_one(dr_li):
    assert mailed_button_beside_a_corrected_address(dr_li) == ("proposed", None)


def test_twin_if_the_link_were_looked_at_before_the_lock_alone_it_would(dr_li, monkeypatch):
    monkeypatch.setattr(links, "open_link", cache(links.open_link))
    assert mailed_button_beside_a_corrected_address(dr_li) == ("booked", AT)


def codes_looked_at(dr_li, monkeypatch):
    """Let a crowd of guesses meet one mailed code at once; return how many were compared with it."""
    book(slot_id(dr_li, chicago(12, 10)))
    visit, compared = book(slot_id(dr_li, chicago(13, 10))), []
    compare = address_verification.constant_time_compare
    monkeypatch.setattr(
        address_verification, "constant_time_compare", lambda *two: compared.append(two) or compare(*two)
    )
    answers = at_once([lambda: address_verification.type_code(visit.public_id, "no code", by=BY, at=AT)] * CROWD)
    assert set(answers) <= {CodeResult.WRONG, CodeResult.SPENT}
    return len(compared)


def test_of_a_crowd_of_guesses_at_a_mailed_code_five_are_looked_at(dr_li, monkeypatch):
    assert codes_looked_at(dr_li, monkeypatch) == TRIES


def test_twin_guesses_that_are_counted_without_a_lock_are_all_looked_at(dr_li, monkeypatch):
    gate = Gate(CROWD)

    def look(public_id):
        visit = Appointment.objects.get(public_id=public_id)
        proof = Proof.objects.get(appointment=visit)
        gate.wait()
        return visit, proof

    monkeypatch.setattr(address_verification, "_wait_for", look)
    assert codes_looked_at(dr_li, monkeypatch) == CROWD > TRIES
