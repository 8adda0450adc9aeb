"""Ben has a seat that Frank keeps: he holds it, books it, or leaves it as it was. One at a time."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from booking.actions import appointments, guest_flow, holds, tidying
from booking.actions.families import family_links, reservations, seat_names, seats
from booking.cancel_reasons import CancelReason
from booking.families.errors import FamilyLinkEnded
from booking.models import Hold, Seat, SeatChange
from booking.models.holds import HoldState
from booking.seats.seat_errors import NamedAtOnce, NotForSeats, SeatBooked, SeatGone, SeatHeld
from booking.seats.seat_queries import seats_of_site
from booking.status import Move
from booking.web.desk.families.family_rows import reservation_rows
from booking.web.families.family_seats import booked_by, times_for
from core.refusals import Missing
from core.roles import Role
from scheduler import public as scheduler
from scheduler.actions import calendars
from scheduler.actions.programs import change_program
from scheduler.models import Claim, Program
from tests.factories.blocks import make_block
from tests.factories.booking import DAY, MINUTE, SYSTEM, make_staff, read_slot, slot_id
from tests.factories.families import confirmed, invited
from tests.factories.scheduler import AT, offer
from tests.factories.seats import beside, is_free, names
from tests.tables import changed, dump, live_claims, overlaps, sheet_drift

pytestmark = pytest.mark.django_db
PRESSURE = ("acupressure", "first", "")


@pytest.fixture
def link(alice, ben):
    """Ben, whom Alice has confirmed."""
    made = family_links.claim(invited(alice.record), own=ben.record, by=ben.principal, at=AT)
    return family_links.confirm(made, by=alice.principal, at=AT)


@pytest.fixture
def seat(kept, link, frank):
    """A seat that is for Ben."""
    return seat_names.name(names(kept)[0], link, by=frank.principal, at=AT)


def ends(seat, *, at):
    """Return when the claims of a seat end; each of them at the same moment."""
    (found,) = {
        c.expires_at for c in Claim.objects.filter(allocation=Seat.objects.get(pk=seat.pk).allocation, retired_at=None)
    }
    return found


def test_ben_holds_a_seat_under_its_own_claims_and_books_it_for_good(seat, ben, kept):
    before = sorted(live_claims(at=AT))
    hold = seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT)
    assert (hold.allocation, hold.place_id, hold.expires_at) == (seat.allocation, seat.place_id, AT + 15 * MINUTE)
    visit = appointments.book(patient=ben.record, by=ben.principal, at=AT, hold_id=hold.public_id)
    assert sorted(live_claims(at=AT)) == before
    seat.refresh_from_db()
    assert (visit.status, seat.state, seat.appointment, ends(seat, at=AT)) == ("booked", "booked", visit, None)
    assert [one.act for one in seat.changes.all()] == ["kept", "named", "booked"]
    later = kept.name_by + DAY
    assert not is_free(read_slot(seat.slot), at=later)
    with pytest.raises(SeatBooked):
        seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT)


@pytest.mark.parametrize("how", ["given back", "ran out", "tidied up"])
def test_a_seat_that_ben_does_not_book_stands_as_it_was(how, seat, ben, frank, kept):
    hold = seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT)
    later = AT + 20 * MINUTE
    if how == "given back":
        holds.release(hold.public_id, by=ben.principal, at=AT)
    if how == "tidied up":
        tidying.tidy(at=later)
    assert not is_free(read_slot(seat.slot), at=later)
    assert ends(seat, at=later) == kept.name_by
    again = seats.take(seat.public_id, by=frank.principal, at=later)
    assert again.allocation == seat.allocation
    assert Hold.objects.get(state=HoldState.OPEN) == again
    assert overlaps(at=later) == sheet_drift() == []


def test_whoever_holds_a_seat_at_its_name_by_date_has_the_time_they_were_promised_and_no_more(seat, ben, kept):
    just_before = kept.name_by - 5 * MINUTE
    hold = seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=just_before)
    assert not is_free(read_slot(seat.slot), at=kept.name_by)
    holds.release(hold.public_id, by=ben.principal, at=kept.name_by + MINUTE)
    assert is_free(read_slot(seat.slot), at=kept.name_by + MINUTE)
    with pytest.raises(SeatGone):
        seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=kept.name_by + MINUTE)


def test_a_hold_that_is_kept_for_longer_shortens_no_seat(seat, ben, kept):
    hold = seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT)
    holds.extend(hold.public_id, by=ben.principal, at=AT + 10 * MINUTE)
    assert ends(seat, at=AT) == kept.name_by


def test_pressed_twice_ben_has_one_hold_and_somebody_else_hears_until_when(seat, ben, frank):
    hold = seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT)
    assert seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT) == hold
    before = dump()
    with pytest.raises(SeatHeld, match="8:15"):
        seats.take(seat.public_id, by=frank.principal, at=AT)
    assert changed(before, dump()) == []


def test_ben_has_another_therapy_at_that_time_and_the_seat_is_what_it_was_when_he_does_not_book_it(
    seat, ben, kept, lakeside
):
    offer(seat.practitioner, PRESSURE[0], sites=[lakeside])
    hold = seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT, serving=PRESSURE)
    assert scheduler.SlotKey.decode(hold.slot).therapy == PRESSURE[0]
    assert overlaps(at=AT) == sheet_drift() == []
    holds.release(hold.public_id, by=ben.principal, at=AT + MINUTE)
    seat.refresh_from_db()
    assert (seat.therapy.key, ends(seat, at=AT)) == ("acu_manual", kept.name_by)
    hold = seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT + MINUTE)
    assert (hold.slot, hold.allocation) == (seat.slot, seat.allocation)


def test_ben_has_no_therapy_then_that_the_program_does_not_give(seat, link, ben, lakeside):
    offer(seat.practitioner, PRESSURE[0], sites=[lakeside])
    assert [value for (one,) in [times_for(link, at=AT)] for value, _words in one.others] == ["|".join(PRESSURE)]
    change_program(Program.objects.get(key=scheduler.CANCER_PROGRAM), therapies=[seat.therapy], by=SYSTEM, at=AT)
    assert [one.others for one in times_for(link, at=AT)] == [[]]
    with pytest.raises(scheduler.NotOffered, match="Choose another therapy"):
        seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT, serving=PRESSURE)
    assert seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT).slot == seat.slot


def test_a_seat_given_back_and_kept_again_is_what_it_was_whatever_ran_out_before(seat, ben, frank, lakeside):
    offer(seat.practitioner, PRESSURE[0], sites=[lakeside])
    seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT, serving=PRESSURE)
    late = AT + 20 * MINUTE
    reservations.release([seat.public_id], by=frank.principal, at=late)
    reservations.keep_again([seat.public_id], by=frank.principal, at=late)
    tidying.tidy(at=late)
    assert seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=late).slot == seat.slot
    assert Seat.objects.get(pk=seat.pk).therapy == seat.therapy
    assert overlaps(at=late) == sheet_drift() == []


def test_seats_are_kept_again_by_locks_in_the_order_in_which_one_is_taken(kept, frank):
    reservations.release(names(kept), by=frank.principal, at=AT)
    with CaptureQueriesContext(connection) as asked:
        reservations.keep_again(names(kept), by=frank.principal, at=AT)
    locks = [one["sql"] for one in asked.captured_queries if "advisory" in one["sql"] or "FOR NO KEY" in one["sql"]]
    assert "advisory" in locks[0]
    assert 'FROM "booking_seat"' in locks[2]


def away(seat):
    """Let whoever treats be away at the time of a seat."""
    start, end = seat.period.lower - DAY / 4, seat.period.upper + DAY / 4
    calendars.add_absence(seat.practitioner, starts_at=start, ends_at=end, by=SYSTEM, at=AT)


def test_a_seat_whose_practitioner_is_away_by_now_is_had_by_nobody_and_all_are_told(seat, link, ben, frank, lakeside):
    assert times_for(link, at=AT)
    away(seat)
    for person, who in ((ben, ben.record), (frank, None)):
        with pytest.raises(SeatGone, match="Look for another time"):
            seats.take(seat.public_id, by=person.principal, patient=who, at=AT)
    assert not times_for(link, at=AT)
    shown = reservation_rows(seats_of_site(lakeside.pk, by=frank.principal, at=AT), by=frank.principal, at=AT)
    told = [one.state.startswith("It is not open any more") for one in shown[0].seats]
    assert told == [True, False, False]


def test_twin_without_the_look_at_the_hours_ben_is_booked_with_nobody(seat, ben, monkeypatch):
    away(seat)
    monkeypatch.setattr(seats.scheduler, "uncovered_allocations", lambda *_, **__: frozenset())
    hold = seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT)
    assert appointments.book(patient=ben.record, by=ben.principal, at=AT, hold_id=hold.public_id).status == "booked"


def test_ben_whose_link_ends_while_he_holds_a_seat_does_not_book_it(seat, link, alice, ben):
    hold = seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT)
    family_links.revoke(link, by=alice.principal, at=AT)
    before = dump()
    with pytest.raises(FamilyLinkEnded):
        appointments.book(patient=ben.record, by=ben.principal, at=AT, hold_id=hold.public_id)
    assert changed(before, dump()) == []


def test_a_seat_that_ben_is_booking_is_not_named_for_somebody_else(seat, link, alice, ben, frank):
    seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT)
    other = confirmed(alice.record)
    before = dump()
    seat_names.name(seat.public_id, link, by=frank.principal, at=AT)
    with pytest.raises(SeatHeld):
        seat_names.name(seat.public_id, other, by=frank.principal, at=AT)
    with pytest.raises(SeatHeld):
        seat_names.unname(seat.public_id, by=frank.principal, at=AT)
    assert changed(before, dump()) == []


def test_a_seat_given_back_is_nobody_s_and_is_had_again_while_it_is_free(kept, frank, ben, three, mallory):
    reservations.release(names(kept), by=frank.principal, at=AT)
    assert all(is_free(one, at=AT) for one in beside(three))
    with pytest.raises(SeatGone):
        seats.take(names(kept)[0], by=frank.principal, at=AT)
    before = dump()
    reservations.release(names(kept), by=frank.principal, at=AT)
    assert changed(before, dump()) == []
    reservations.keep_again(names(kept), by=frank.principal, at=AT)
    assert not any(is_free(one, at=AT) for one in beside(three))
    reservations.release(names(kept), by=frank.principal, at=AT)
    appointments.book(patient=mallory.record, by=mallory.principal, at=AT, slot=beside(three)[1])
    before = dump()
    with pytest.raises(scheduler.SlotTaken):
        reservations.keep_again(names(kept), by=frank.principal, at=AT)
    assert changed(before, dump()) == []


def test_what_somebody_books_or_has_booked_is_not_given_back_under_their_hands(seat, frank, ben):
    hold = seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT)
    with pytest.raises(SeatHeld):
        reservations.release([seat.public_id], by=frank.principal, at=AT)
    appointments.book(patient=ben.record, by=ben.principal, at=AT, hold_id=hold.public_id)
    with pytest.raises(SeatBooked):
        reservations.release([seat.public_id], by=frank.principal, at=AT)


def test_the_name_by_date_is_changed_for_what_is_left(kept, frank, ben, seat):
    hold = seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT)
    appointments.book(patient=ben.record, by=ben.principal, at=AT, hold_id=hold.public_id)
    later = kept.name_by + 2 * DAY
    reservations.postpone(kept.public_id, later, by=frank.principal, at=AT)
    assert {ends(one, at=AT) for one in kept.seats.exclude(pk=seat.pk)} == {later}
    assert ends(seat, at=AT) is None
    with pytest.raises(SeatGone):
        reservations.postpone(kept.public_id, later + DAY, by=frank.principal, at=later)


def called_off(visit, _dr_li):
    appointments.move(visit.public_id, Move.CANCEL, by=SYSTEM, at=AT, reason=CancelReason.PATIENT)


def waits_for_a_word(visit, _dr_li):
    appointments.move(visit.public_id, Move.AWAIT, by=SYSTEM, at=AT, until=AT + DAY)


def moved(visit, dr_li):
    later = read_slot(slot_id(dr_li, visit.period.lower + DAY))
    appointments.move(visit.public_id, Move.RESCHEDULE, by=SYSTEM, at=AT, slot=later)


BECAME = {called_off: "called off", waits_for_a_word: "not confirmed in time", moved: "moved to another time"}


@pytest.mark.parametrize("what", BECAME)
def test_of_a_seat_that_was_booked_the_desk_reads_what_became_of_it_since(what, seat, ben, frank, dr_li):
    """No task runs: what waited for a word and got none has run out by the clock alone."""
    hold = seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT)
    visit = appointments.book(patient=ben.record, by=ben.principal, at=AT, hold_id=hold.public_id)
    link, late = seat.named_for, AT + 2 * DAY
    assert (words_at_the_desk(seat, frank, at=AT), len(booked_by(link, at=AT))) == ("Booked", 1)
    what(visit, dr_li)
    assert BECAME[what] in words_at_the_desk(seat, frank, at=late)
    assert is_free(read_slot(seat.slot), at=late)
    with pytest.raises(SeatGone):
        seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=late)


def words_at_the_desk(seat, frank, *, at):
    site = seat.reservation.site_id
    (row,) = reservation_rows(seats_of_site(site, by=frank.principal, at=at), by=frank.principal, at=at)
    return next(one.state for one in row.seats if one.id == str(seat.public_id))


def test_ben_is_not_shown_whom_staff_booked_there_instead(seat, link, frank, mallory):
    hold = seats.take(seat.public_id, by=frank.principal, patient=mallory.record, at=AT)
    appointments.book(patient=mallory.record, by=frank.principal, at=AT, hold_id=hold.public_id)
    assert booked_by(link, at=AT) == []


def test_somebody_of_another_site_finds_no_seat(kept, riverside, frank):
    other = make_staff("olga", Role.PROGRAM, site=riverside)
    with pytest.raises(Missing):
        reservations.release(names(kept), by=other.principal, at=AT)


def test_the_history_of_a_seat_is_not_rewritten(seat):
    for act in (lambda rows: rows.update(by="x"), lambda rows: rows.delete()):
        with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
            act(SeatChange.objects.all())


def test_ben_s_hold_ran_out_and_the_seat_is_still_his_to_book(seat, ben):
    hold = seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT)
    late = AT + 30 * MINUTE
    visit = guest_flow.book(hold.public_id, by=ben.principal, at=late, patient=ben.record, guest=None)
    seat.refresh_from_db()
    assert (seat.state, seat.appointment) == ("booked", visit)


@pytest.mark.parametrize("who", ["mallory", "alice", "ben, no longer", "mallory, once it is booked"])
def test_a_seat_that_is_for_ben_is_not_there_for_anybody_else(who, seat, link, ben, request):
    if who.endswith("booked"):
        hold = seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT)
        appointments.book(patient=ben.record, by=ben.principal, at=AT, hold_id=hold.public_id)
    if who == "ben, no longer":
        family_links.revoke(link, by=request.getfixturevalue("alice").principal, at=AT)
    person = request.getfixturevalue(who.partition(",")[0])
    before = dump()
    with pytest.raises(Missing):
        seats.take(seat.public_id, by=person.principal, patient=person.record, at=AT)
    assert changed(before, dump()) == []


def test_a_seat_that_nobody_is_named_for_is_had_by_nobody_but_staff(seat, ben, frank):
    seat_names.unname(seat.public_id, by=frank.principal, at=AT)
    with pytest.raises(Missing):
        seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT)
    assert seats.take(seat.public_id, by=frank.principal, at=AT)
    assert [one.act for one in seat.changes.all()] == ["kept", "named", "unnamed"]


def test_twin_without_the_look_at_the_name_anybody_has_it(seat, mallory, monkeypatch):
    monkeypatch.setattr(seats.seat_claims, "insist_on_theirs", lambda *_, **__: None)
    assert seats.take(seat.public_id, by=mallory.principal, patient=mallory.record, at=AT)


def test_a_seat_is_named_for_families_of_the_program_whose_link_is_open(kept, frank, alice, mallory, link):
    (first, second, _third) = names(kept)
    family_links.revoke(link, by=alice.principal, at=AT)
    with pytest.raises(NotForSeats):
        seat_names.name(first, link, by=frank.principal, at=AT)
    other = confirmed(alice.record)
    seat = seat_names.name(second, other, by=frank.principal, at=AT)
    before = dump()
    assert seat_names.name(second, other, by=frank.principal, at=AT) == seat
    assert changed(before, dump()) == []
    alice.record.enrolments.all().delete()
    with pytest.raises(NotForSeats):
        seat_names.name(first, other, by=frank.principal, at=AT)


@pytest.mark.parametrize("booked", [False, True])
def test_nobody_is_to_have_two_seats_at_once(booked, kept, frank, seat, ben):
    (_first, second, _third), link = names(kept), seat.named_for
    if booked:
        hold = seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT)
        appointments.book(patient=ben.record, by=ben.principal, at=AT, hold_id=hold.public_id)
    with pytest.raises(NamedAtOnce, match="Choose somebody else"):
        seat_names.name(second, link, by=frank.principal, at=AT)
    if not booked:
        seat_names.unname(seat.public_id, by=frank.principal, at=AT)
        assert seat_names.name(second, link, by=frank.principal, at=AT).named_for == link


def test_twin_without_the_look_at_other_seats_one_is_for_nobody(kept, frank, link, seat, monkeypatch):
    monkeypatch.setattr(seat_names, "_refuse_two_at_once", lambda *_, **__: None)
    assert seat_names.name(names(kept)[1], link, by=frank.principal, at=AT).named_for == seat.named_for


def test_whoever_holds_a_seat_and_chooses_another_time_leaves_the_seat_as_it_was(seat, ben, dr_li, kept):
    hold = seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT)
    later = read_slot(slot_id(dr_li, seat.period.lower + DAY))
    holds.choose(later, by=ben.principal, patient=ben.record, instead_of=hold.public_id, at=AT)
    assert ends(seat, at=AT) == kept.name_by
    assert seats.take(seat.public_id, by=ben.principal, patient=ben.record, at=AT).allocation == seat.allocation


def test_a_seat_within_a_block_is_kept_by_frank_and_had_by_ben_who_is_family(three, link, frank, ben, mallory):
    make_block(three[0], 4, "09:30", "11:30")
    slot = beside(three)[0]
    with pytest.raises(scheduler.NotOpenYet):
        holds.take(slot, by=mallory.principal, patient=mallory.record, at=AT)
    kept = reservations.keep([slot], by=frank.principal, at=AT)
    named = seat_names.name(names(kept)[0], link, by=frank.principal, at=AT)
    assert named.only_for
    hold = seats.take(named.public_id, by=ben.principal, patient=ben.record, at=AT)
    visit = appointments.book(patient=ben.record, by=ben.principal, at=AT, hold_id=hold.public_id)
    assert (visit.status, visit.override_reason) == ("booked", "")
    assert overlaps(at=AT) == sheet_drift() == []
