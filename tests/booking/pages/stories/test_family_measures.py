"""What became of kept time, by hand: a block of two Thursdays and two times that were kept by themselves."""

import csv
import io
from datetime import timedelta

import pytest

from booking.actions import appointments
from booking.actions.families import reservations, seats
from booking.families.family_measures import held_time, measures
from booking.status import Move
from core.http.csv_download import csv_download
from core.roles import Role
from scheduler import public as scheduler
from scheduler.models import Practitioner
from tests.booking.pages.drafting import staff
from tests.booking.pages.walk import text_of
from tests.factories.blocks import make_block
from tests.factories.booking import (
    DAY,
    HOUR,
    SYSTEM,
    chicago,
    make_enrolled,
    make_patient,
    make_staff,
    make_visit,
    slot_id,
)
from tests.factories.scheduler import AT
from tests.factories.seats import keep_one

PAGE = "/desk/families/measures/"
FIRST, SECOND = chicago(8, 14), chicago(15, 14)
LATER = chicago(19, 9)


@pytest.fixture
def kept_time(site):
    """Two hours of Grace's on two Thursdays, and two times of Boris' by themselves; what became of them is in the past.

    On the first Thursday somebody books an hour on the Monday before, and a stranger the other hour that morning; on
    the second nobody does. Of the two times one is booked a day after it was kept, the other is never.
    """
    grace = Practitioner.objects.get(name="Grace Okoro")
    make_block(grace, 4, "14:00", "16:00")
    reviewed = {"visit": "followup"}
    make_visit(make_enrolled(site, "Fay Family").record, slot_id(grace, FIRST, **reviewed), at=AT + 4 * HOUR)
    make_visit(make_patient(site, "Sam Stranger"), slot_id(grace, FIRST + HOUR, **reviewed), at=FIRST - 5 * HOUR)
    booked, _never = keep_one(site), keep_one(site, later=2 * HOUR)
    who = make_patient(site, "Ben Booked")
    dora = make_staff("dora", Role.SCHEDULER, site=site).principal
    hold = seats.take(booked.public_id, by=dora, patient=who, at=AT + DAY)
    appointments.book(patient=who, by=dora, at=AT + DAY, hold_id=hold.public_id)
    return site


def found(site, by):
    return measures(held_time(site, AT - 7 * DAY, by=SYSTEM, at=LATER, single="single"), by)


def test_the_figures_are_those_worked_out_by_hand(kept_time):
    block, single, everything = found(kept_time, "block")
    # Held: 2 x 120. Claimed: 60, four hours after it was kept. Nobody had the 120 of the second Thursday.
    assert (block.times, block.held, block.claimed, block.wasted) == (2, 240, 60, 120)
    assert (block.claim_rate, block.hold_waste) == (0.25, 0.5)
    assert block.time_to_claim == timedelta(hours=4)
    # Held: 2 x 75. One was booked a day later, of the other nobody had a minute.
    assert (single.name, single.times, single.held, single.claimed, single.wasted) == ("single", 2, 150, 75, 75)
    assert (single.claim_rate, single.hold_waste, single.time_to_claim) == (0.5, 0.5, DAY)
    assert (everything.name, everything.held, everything.wasted) == ("", 390, 195)
    assert everything.time_to_claim == timedelta(hours=14)


def test_what_somebody_had_before_it_was_kept_is_neither_held_nor_claimed_and_a_move_counts_when_it_was_made(site):
    grace = Practitioner.objects.get(name="Grace Okoro")
    sam = make_patient(site, "Sam Stranger")
    make_visit(sam, slot_id(grace, FIRST, visit="followup"), at=AT - HOUR)
    elsewhere = make_visit(sam, slot_id(grace, chicago(9, 9), visit="followup"), at=AT - HOUR)
    make_block(grace, 4, "14:00", "16:00")
    there = scheduler.slot(slot_id(grace, FIRST + HOUR, visit="followup"))
    appointments.move(elsewhere.public_id, Move.RESCHEDULE, by=SYSTEM, at=FIRST - 5 * HOUR, slot=there)
    block, _all = found(site, "block")
    # The first Thursday: an hour was had before, and is not held; the other was booked, after it was open to everybody.
    assert (block.times, block.held, block.claimed, block.wasted, block.time_to_claim) == (2, 180, 0, 120, None)


def test_they_are_told_apart_by_practitioner_and_by_week(kept_time):
    assert [(one.held, one.wasted) for one in found(kept_time, "practitioner")] == [(150, 75), (240, 120), (390, 195)]
    assert [(one.name, one.held) for one in found(kept_time, "week")] == [
        ("2026-10-05", 120), ("2026-10-12", 270), ("", 390),
    ]  # fmt: skip


def test_where_nothing_was_kept_there_is_no_rate():
    (nothing,) = measures([], "week")
    assert (nothing.held, nothing.claim_rate, nothing.hold_waste, nothing.time_to_claim) == (0, None, None, None)


def test_a_time_within_a_block_counts_once(kept_time, django_assert_max_num_queries):
    grace = Practitioner.objects.get(name="Grace Okoro")
    within = [scheduler.slot(slot_id(grace, SECOND))]
    reservations.keep(within, by=make_staff("dora", Role.SCHEDULER, site=kept_time).principal, at=AT)
    with django_assert_max_num_queries(13):
        assert found(kept_time, "block")[-1].times == 4


def test_the_page_says_them_in_words_with_what_they_mean(kept_time, clock):
    clock.move_to(LATER)
    shown = text_of(staff("frank", Role.PROGRAM, kept_time).get(PAGE))
    assert "Grace Okoro, L.Ac., Thursday 2:00 PM 2 4 h 00 min 1 h 00 min 25 % 2 h 00 min 50 % 4 hours" in shown
    assert "All 4 6 h 30 min 2 h 15 min 35 % 3 h 15 min 50 % 14 hours" in shown
    assert "Minutes released and never booked ÷ held minutes." in shown


def test_the_same_table_is_taken_along_as_csv(kept_time, clock):
    clock.move_to(LATER)
    done = staff("frank", Role.PROGRAM, kept_time).get("/desk/families/measures.csv", {"by": "practitioner"})
    assert done.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="family-time-lakeside-practitioner-2026-10-19.csv"' in done.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(done.content.decode("utf-8-sig"))))
    assert rows[0][0], rows[0][6] == ("Practitioner", "Hold waste")
    assert rows[-1] == ["All", "4", "390", "135", "0.3462", "195", "0.5", "14.0"]


@pytest.mark.parametrize("odd", [{"by": "x", "weeks": "9999"}, {"by": "", "weeks": "-1"}])
def test_what_an_address_says_wrongly_is_left_aside(odd, site, clock):
    assert staff("frank", Role.PROGRAM, site).get(PAGE, odd).status_code == 200


@pytest.mark.parametrize("name", [
    "=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1", "  =1", "\u200b=1",
])  # fmt: skip
def test_no_cell_is_a_formula(name):
    (row,) = list(csv.reader(io.StringIO(csv_download("x.csv", ["a"], [[name]]).content.decode("utf-8-sig"))))[1:]
    assert row[0].startswith("'")


def test_numbers_stay_numbers_and_words_stay_words():
    answer = csv_download("x.csv", ["name", "held", "rate", "none"], [["Grace, Okoro", -5, 0.25, None]])
    assert answer.content.decode("utf-8-sig") == 'name,held,rate,none\r\n"Grace, Okoro",-5,0.25,\r\n'


def test_twin_without_the_mark_a_name_would_be_a_formula(monkeypatch):
    monkeypatch.setattr("core.http.csv_download._safe", lambda cell: cell)
    assert b"\r\n=1\r\n" in csv_download("x.csv", ["a"], [["=1"]]).content
