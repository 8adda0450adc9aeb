"""Three people are booked as one act, by many at once and by whoever is killed on the way: all of them, or none."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import cycle, islice

import pytest
from django.db import OperationalError, connection, transaction

from booking.actions import appointments, holds, links, proposed_times
from booking.actions.as_seen import mark_of
from booking.actions.families import family_links, linked_moves, linked_visits, meeting_links, meeting_times
from booking.actions.families.linked_visits import PersonBooking
from booking.actions.moves import locked
from booking.cancel_reasons import CancelReason
from booking.models import Appointment, CancelPolicy, Change, LinkedVisits
from booking.status import Move
from scheduler import public as scheduler
from scheduler.models import Claim
from tests.factories.booking import chicago, make_person, make_visit, read_slot, slot_id
from tests.factories.families import invited
from tests.factories.scheduler import AT, lay_out, make_practitioner
from tests.races.together import Gate, at_once, deadlocks, tally, until_somebody_waits
from tests.tables import overlaps, sheet_drift

pytestmark = pytest.mark.django_db(transaction=True)
TEN = chicago(12, 10)
THREE, FAMILIES, ATTEMPTS = 3, 8, 64


@pytest.fixture
def clinic(lakeside, dr_li):
    """Three practitioners, and four places."""
    others = [make_practitioner(lakeside, name=name) for name in ("Dr Kim", "Dr Sol")]
    lay_out()
    return [dr_li, *others]


@pytest.fixture
def families(lakeside):
    """Families of three."""
    return [[make_person(lakeside, f"Person{n} Of{family}").record for n in range(THREE)] for family in range(FAMILIES)]


def slots_at(start, practitioners):
    return [read_slot(slot_id(whose, start, visit="followup")) for whose in practitioners]


def booking(people, practitioners, by, *, policy=CancelPolicy.KEEP, start=TEN):
    """Return what books people with practitioners, all at one start."""
    slots = slots_at(start, practitioners)
    wanted = [PersonBooking(patient=who, slot=slot) for who, slot in zip(people, slots, strict=True)]
    asked = {"relation": scheduler.Relation.SAME_TIME, "within": timedelta(), "cancel_policy": policy}
    return lambda: linked_visits.book(wanted, **asked, by=by.principal, at=AT)


def parts(families):
    """Return of families how many of their people have a time, a row of the ledger, or claims, where not all have."""
    found = []
    for people in families:
        visits = Appointment.objects.filter(patient__in=people)
        rows = Change.objects.filter(appointment__in=visits, move=Move.BOOK)
        claims = Claim.objects.filter(allocation__in=visits.values("allocation"), retired_at=None)
        numbers = {visits.count(), rows.count(), claims.values("allocation").distinct().count()}
        found += [numbers] if numbers not in ({0}, {THREE}) else []
    return found


def nobody_s():
    """Return how many times are taken for nobody."""
    live = Claim.objects.filter(retired_at=None).exclude(allocation__in=Appointment.objects.values("allocation"))
    return live.count()


def test_of_64_who_want_three_times_for_three_people_one_has_them_all_and_nobody_a_part(clinic, families, dana):
    orders = (clinic, clinic[1:] + clinic[:1], clinic[::-1])
    pairs = islice(zip(cycle(families), cycle(orders), strict=False), ATTEMPTS)
    acts = [booking(people, order, dana) for people, order in pairs]
    before = deadlocks()
    results = at_once(acts)
    assert tally(results)["Linked"] == 1
    # The family that has them is there already when it asks again.
    assert set(tally(results)) <= {"Linked", "SetTaken", "PatientBusy", "TooManyThisWeek"}
    assert (parts(families), nobody_s(), LinkedVisits.objects.count()) == ([], 0, 1)
    assert overlaps(at=AT) == sheet_drift() == []
    assert deadlocks() == before


def test_families_whose_times_overlap_each_have_all_of_theirs_or_nothing(clinic, families, dana):
    starts = cycle(TEN + timedelta(minutes=20 * n) for n in range(4))
    results = at_once([booking(who, clinic, dana, start=start) for who, start in zip(families, starts, strict=False)])
    assert tally(results)["Linked"] >= 1
    assert (parts(families), nobody_s()) == ([], 0)
    assert overlaps(at=AT) == sheet_drift() == []


def test_twin_of_families_who_book_one_after_the_other_somebody_has_a_part(clinic, families, dana):
    gate = Gate(2)

    def each_by_themselves(people, practitioners):
        for who, slot in zip(people, slots_at(TEN, practitioners), strict=True):
            appointments.book(patient=who, by=dana.principal, at=AT, slot=slot)
            gate.wait()

    pairs = ((families[0], clinic), (families[1], clinic[::-1]))
    at_once([lambda pair=pair: each_by_themselves(*pair) for pair in pairs])
    assert parts(families)


# -- killed on the way -------------------------------------------------------------------------------------------------


def dying(monkeypatch, after, die):
    """Let whoever books die once so many of the three are written; with none, right after all times are claimed."""
    write, written = appointments.write, []

    def watched(*args, **said):
        if len(written) == after:
            die()
        written.append(write(*args, **said))
        if len(written) == after:
            die()
        return written[-1]

    monkeypatch.setattr(appointments, "write", watched)


def in_a_process_that_is_killed(act):
    """Run an act in a process of its own, and tell whether that was killed."""
    child = os.fork()
    if not child:
        connection.connection = None  # that of the parent: to close it would end its session
        try:
            act()
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def kill_me():
    os.kill(os.getpid(), signal.SIGKILL)


def lose_the_database():
    """Let the server end one's own session, as when it is restarted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def wait_for_the_dead():
    """Return once no other session holds a lock: the server notices within a moment that somebody has gone."""
    ask = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start < now()"
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute("SELECT pg_stat_clear_snapshot(), pg_sleep(0.01)")
            cursor.execute(f"{ask} AND pid <> pg_backend_pid()")
            if cursor.fetchone() == (0,):
                return
    raise AssertionError("somebody is still there")


@pytest.mark.parametrize("after", range(THREE + 1))
def test_whoever_is_killed_between_the_people_has_booked_nobody(clinic, families, dana, monkeypatch, after):
    act = booking(families[0], clinic, dana)
    dying(monkeypatch, after, kill_me)
    assert in_a_process_that_is_killed(act)
    wait_for_the_dead()
    assert (Appointment.objects.count(), nobody_s(), LinkedVisits.objects.count()) == (0, 0, 0)
    monkeypatch.undo()
    act()  # and the times are free at once
    assert (parts(families), nobody_s()) == ([], 0)
    assert sheet_drift() == []


@pytest.mark.parametrize("after", range(THREE + 1))
def test_whoever_loses_the_database_between_the_people_has_booked_nobody(clinic, families, dana, monkeypatch, after):
    act = booking(families[0], clinic, dana)
    dying(monkeypatch, after, lose_the_database)
    with pytest.raises(OperationalError):
        act()
    connection.close()
    assert (Appointment.objects.count(), nobody_s(), LinkedVisits.objects.count()) == (0, 0, 0)
    assert sheet_drift() == []


def test_twin_whoever_books_one_after_the_other_and_is_killed_leaves_a_part(clinic, families, dana, monkeypatch):
    dying(monkeypatch, 2, kill_me)

    def each_by_themselves():
        for who, slot in zip(families[0], slots_at(TEN, clinic), strict=True):
            appointments.book(patient=who, by=dana.principal, at=AT, slot=slot)

    assert in_a_process_that_is_killed(each_by_themselves)
    wait_for_the_dead()
    assert parts(families) == [{1}]


# -- changed at once ---------------------------------------------------------------------------------------------------


def test_cancels_and_moves_of_those_who_were_booked_together_wait_for_each_other_in_one_order(clinic, families, dana):
    done = booking(families[0], clinic, dana, policy=CancelPolicy.CANCEL)()
    later = slots_at(TEN + timedelta(hours=2), clinic)
    slots = {visit.public_id: slot for visit, slot in zip(done.visits, later, strict=True)}

    def cancel(visit):
        reason = CancelReason.PATIENT
        return lambda: appointments.move(visit.public_id, Move.CANCEL, by=dana.principal, at=AT, reason=reason)

    before = deadlocks()
    moving = [lambda: linked_moves.move_together(done.link, slots, by=dana.principal, at=AT)] * 3
    at_once([*map(cancel, done.visits), *moving, *map(cancel, done.visits)])
    now = Appointment.objects.filter(linked=done.link)
    assert {one.status for one in now} == {"cancelled"}
    assert len({one.period.lower for one in now}) == 1
    assert deadlocks() == before
    assert overlaps(at=AT) == sheet_drift() == []


# -- beside a time that is offered -------------------------------------------------------------------------------------


@pytest.fixture
def offering(clinic, lakeside, alice, ben):
    """Alice's appointment, beside which Ben may come; when it is cancelled, his is."""
    alice.record.enrolments.get_or_create(site=lakeside, program=scheduler.CANCER_PROGRAM)
    link = family_links.claim(invited(alice.record), own=ben.record, by=ben.principal, at=AT)
    family_links.confirm(link, by=alice.principal, at=AT)
    visit = make_visit(alice.record, slot_id(clinic[0], TEN, visit="followup"))
    meeting_times.offer(visit, by=alice.principal, at=AT, cancel_policy=CancelPolicy.CANCEL)
    return visit


def his_and_hers(visit, clinic, alice, ben):
    """Return what books Ben beside Alice, and what cancels hers."""
    slot = read_slot(slot_id(clinic[1], TEN))
    said = {"by": alice.principal, "at": AT, "reason": CancelReason.PATIENT}
    return (
        lambda: appointments.book(patient=ben.record, by=ben.principal, at=AT, slot=slot),
        lambda: appointments.move(visit.public_id, Move.CANCEL, **said),
    )


def his(ben):
    """Return how Ben's appointment stands, and whether it is linked."""
    return [(one.status, one.linked_id is not None) for one in Appointment.objects.filter(patient=ben.record)]


def comes(offering, clinic, alice, ben, *, moving):
    """Return what lets Ben come beside Alice, by booking or by moving there from hours later, and what cancels hers."""
    book, cancel = his_and_hers(offering, clinic, alice, ben)
    if not moving:
        return book, cancel
    later, slot = make_visit(ben.record, slot_id(clinic[1], chicago(12, 14))), read_slot(slot_id(clinic[1], TEN))
    return lambda: appointments.move(later.public_id, Move.RESCHEDULE, by=ben.principal, at=AT, slot=slot), cancel


@pytest.mark.parametrize("turn", range(8))
def test_whoever_comes_beside_a_time_that_is_just_cancelled_is_cancelled_with_it_or_linked_with_nothing(
    offering, clinic, alice, ben, turn
):
    before, acts = deadlocks(), comes(offering, clinic, alice, ben, moving=turn > 3)
    at_once(acts if turn % 2 else acts[::-1])
    assert his(ben) in ([("cancelled", True)], [("booked", False)])
    assert deadlocks() == before
    assert overlaps(at=AT) == sheet_drift() == []


def test_twin_without_the_lock_on_what_is_offered_somebody_comes_beside_what_is_cancelled(
    offering, clinic, alice, ben, monkeypatch
):
    book, cancel = his_and_hers(offering, clinic, alice, ben)
    real = meeting_links.nearest_offer
    monkeypatch.setattr(meeting_links, "lock_offered", lambda patient, slot, *, at: real(patient, slot, at=at))
    prepare = appointments.prepare

    def slow(*args, **said):
        """Let Alice cancel once Ben has looked what is offered, and before he has written."""
        at_once([cancel])
        return prepare(*args, **said)

    monkeypatch.setattr(appointments, "prepare", slow)
    at_once([book])
    assert his(ben) == [("booked", True)]


def test_staff_who_take_a_proposed_time_for_ben_lock_in_the_one_order(offering, clinic, alice, ben, dana):
    """Else whoever cancels what Alice offers, and with it Ben's, and they would wait for each other."""
    later, slot = make_visit(ben.record, slot_id(clinic[1], chicago(12, 14))), read_slot(slot_id(clinic[1], TEN))
    link = links.live_link(later, at=AT)
    held = holds.choose_for(later, slot, by=links.principal_of(link), at=AT, proposed_by=dana.principal)
    holds.keep_until(held, TEN, at=AT)
    before = deadlocks()

    def take():
        try:
            return proposed_times.take(
                later.public_id, held.public_id, by=dana.principal, at=AT, as_seen=mark_of(later)
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        locked(offering.public_id)
        taken = pool.submit(take)
        until_somebody_waits()
        locked(later.public_id)
    assert taken.result().slot == held.slot
    assert deadlocks() == before
