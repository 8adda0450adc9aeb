"""A clinic without suitability rules of its own: what goes through the skin, or warms it, is booked by its staff."""

import pytest

from booking.actions import appointments, holds
from booking.actions.moves import move
from booking.errors import NotBookableOnline
from booking.models import Appointment
from booking.status import Move
from booking.suitability.shipped import asks_nothing
from scheduler import public as scheduler
from scheduler.catalogue.values import Catalogue
from scheduler.models import Therapy
from tests.factories.booking import chicago, make_visit, read_slot, slot_id
from tests.factories.policies import adopt_suitability, end_suitability
from tests.factories.scheduler import AT

TEN = chicago(8, 10)
SLOTS, HOLDS = "/api/v1/slots/", "/api/v1/holds/"
GUARDED = {"acu_manual", "acu_heated", "acu_electro", "acu_auricular", "acu_group", "pmr_acu", "moxa_indirect"}
FREE = {"acupressure", "cup_dry", "cup_moving", "screening_call"}


@pytest.fixture(autouse=True)
def _no_rules(catalogue):
    end_suitability()


def online(site):
    return {key for key in scheduler.known_therapies() if scheduler.self_bookable(key, site, at=AT)}


def test_patients_book_by_themselves_what_could_harm_nobody_of_whom_nothing_was_asked(lakeside):
    assert online(lakeside.pk) == FREE
    adopt_suitability(content=asks_nothing())
    assert online(lakeside.pk) == FREE | GUARDED


def test_a_therapy_of_a_clinic_s_own_that_goes_through_the_skin_or_warms_it_needs_rules_too(lakeside):
    Therapy.objects.filter(key="acupressure").update(skin_penetrating=True)
    Therapy.objects.filter(key="cup_dry").update(warms_skin=True)
    assert online(lakeside.pk) == FREE - {"acupressure", "cup_dry"}


def test_where_a_therapy_stands_for_people_to_choose_opens_nothing(lakeside):
    Therapy.objects.update(family="other")
    assert online(lakeside.pk) == FREE


def test_rules_of_one_site_let_nobody_book_at_another(lakeside, riverside):
    adopt_suitability(site=lakeside)
    assert "acu_manual" in online(lakeside.pk)
    assert "acu_manual" not in online(riverside.pk)


def kept_by_alice(alice, dr_li):
    return holds.take(read_slot(slot_id(dr_li, TEN)), by=alice.principal, at=AT)


def booked_by_alice(alice, dr_li):
    slot = read_slot(slot_id(dr_li, TEN))
    return appointments.book(slot=slot, patient=alice.record, by=alice.principal, at=AT)


def confirmed_by_alice(alice, dr_li):
    """She kept the time while there were rules."""
    adopt_suitability(content=asks_nothing())
    hold = kept_by_alice(alice, dr_li)
    end_suitability()
    return appointments.book(hold_id=hold.public_id, patient=alice.record, by=alice.principal, at=AT)


DOORS = [kept_by_alice, booked_by_alice, confirmed_by_alice]


@pytest.mark.parametrize("door", DOORS)
def test_alice_is_asked_to_call_where_nobody_says_what_is_safe_for_her(alice, dr_li, door):
    with pytest.raises(NotBookableOnline):
        door(alice, dr_li)
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("door", DOORS)
def test_without_the_guard_alice_books_needles_though_nobody_asked_her_anything(alice, dr_li, door, monkeypatch):
    def as_the_catalogue_says(self, therapy, site, *, at):
        return self.booking_terms[therapy].self_bookable

    monkeypatch.setattr(Catalogue, "self_bookable", as_the_catalogue_says)
    assert door(alice, dr_li)


def test_staff_book_it_for_her_and_she_moves_what_they_booked(alice, dana, dr_li):
    slot = read_slot(slot_id(dr_li, TEN))
    visit = appointments.book(slot=slot, patient=alice.record, by=dana.principal, at=AT)
    later = slot_id(dr_li, chicago(9, 10))
    assert scheduler.explain(read_slot(later), at=AT, moving=visit.allocation).free
    move(visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=read_slot(later))
    visit.refresh_from_db()
    assert visit.period.lower == chicago(9, 10)


def test_no_time_is_shown_that_could_not_be_kept(alice, dana, dr_li):
    slot = read_slot(slot_id(dr_li, TEN))
    told = scheduler.explain(slot, at=AT)
    assert [reason.code for reason in told.reasons] == ["not-bookable-online"]
    query = scheduler.SearchQuery(
        therapy="acu_manual", visit="first", starts_at=AT, ends_at=chicago(20, 10), audience=scheduler.Audience.PATIENT
    )
    assert scheduler.search(query, at=AT) == []
    adopt_suitability(content=asks_nothing())
    assert scheduler.search(query, at=AT)


def test_what_was_booked_before_stays_booked(alice, dr_li):
    adopt_suitability(content=asks_nothing())
    visit = make_visit(alice.record, slot_id(dr_li, TEN))
    end_suitability()
    visit.refresh_from_db()
    assert visit.status == "booked"
