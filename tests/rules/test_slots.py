"""When a visit can start: the known answers, and properties of the arithmetic."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.slots import TickPlan, minutes_of, on_grid, tick_plan, with_any, with_hands, with_lanes, with_rooms
from scheduler.ticks import Rows, counted, each, erode, mask, ticks, total

FOUR_HOURS = ticks(240)
DAY = ticks(24 * 60)
FOLLOWUP = tick_plan([(10, "hands"), (10, "hands"), (30, "nearby"), (5, "hands"), (5, "free"), (10, "none")])


class Clinic:
    """One practitioner with lanes and rooms, as bare integers; turnover may follow the last patient."""

    def __init__(self, *, rooms: int, lanes: int = 3) -> None:
        self.hands = mask(0, FOUR_HOURS, total=DAY)
        self.lanes = [(1 << DAY) - 1] * lanes
        self.rooms = [(1 << DAY) - 1] * rooms

    def starts(self) -> int:
        last = mask(0, FOUR_HOURS - FOLLOWUP.patient + 1, total=DAY)
        found = with_hands(self.hands, FOLLOWUP) & with_lanes(self.lanes, FOLLOWUP)
        return found & with_any(self.rooms, FOLLOWUP.place) & last

    def takes(self, start: int) -> bool:
        if not self.starts() & (1 << (DAY - 1 - start)):
            return False
        for first, length in FOLLOWUP.hands:
            self.hands &= ~mask(start + first, start + first + length, total=DAY)
        for first, length in FOLLOWUP.nearby:
            self._use(self.lanes, start + first, length)
        self._use(self.rooms, start, FOLLOWUP.place)
        return True

    @staticmethod
    def _use(many: list[int], start: int, length: int) -> None:
        bits = mask(start, start + length, total=DAY)
        index = next(i for i, one in enumerate(many) if one & bits == bits)
        many[index] &= ~bits


def fits(rooms: int, minutes: list[int]) -> int:
    clinic = Clinic(rooms=rooms)
    return sum(clinic.takes(ticks(minute)) for minute in minutes)


def filled_from_the_front(rooms: int, *, grid: int = 5) -> list[int]:
    clinic = Clinic(rooms=rooms)
    return [minute for minute in range(0, 240, grid) if clinic.takes(ticks(minute))]


def test_a_followup_takes_hands_at_both_ends_and_the_room_throughout():
    assert TickPlan(((0, 4), (10, 1)), ((4, 6),), 12, 14) == FOLLOWUP


def test_one_room_treats_three_patients_in_four_hours():
    assert filled_from_the_front(1) == [0, 70, 140]


def test_two_rooms_treat_six():
    assert fits(2, [0, 20, 75, 95, 150, 170]) == 6


def test_three_rooms_with_a_start_every_half_hour_treat_seven():
    assert fits(3, list(range(0, 181, 30))) == 7


def test_a_greedy_filler_finds_six_with_three_rooms():
    assert len(filled_from_the_front(3)) == 6


def test_the_shown_grid_of_fifteen_minutes_gives_five_with_two_rooms():
    assert len(filled_from_the_front(2, grid=15)) == 5


@pytest.mark.parametrize("rhythm", [35, 40, 45, 50])
def test_a_fixed_rhythm_that_makes_a_removal_meet_the_next_intake_is_impossible(rhythm):
    assert fits(3, [0, rhythm]) == 1


@pytest.mark.parametrize("rhythm", [30, 55, 60])
def test_a_rhythm_that_lets_the_hands_alternate_is_possible(rhythm):
    starts = list(range(0, 181, rhythm))
    assert fits(3, starts) == len(starts)


def test_a_segment_shorter_than_a_tick_takes_the_whole_tick():
    assert tick_plan([(5, "hands"), (3, "hands"), (5, "none")]) == TickPlan(((0, 2),), (), 2, 3)


def test_a_patient_is_told_the_minutes_after_which_they_leave():
    ears = tick_plan([(10, "hands"), (8, "hands"), (20, "nearby"), (3, "hands"), (2, "free"), (5, "none")])
    assert minutes_of(ears) == 50


@given(st.lists(st.booleans(), min_size=1, max_size=200), st.integers(1, 12))
def test_the_shown_starts_are_counted_from_where_each_row_of_them_begins(free, step):
    shown, before = set(), 0
    for tick, one in enumerate(free):
        before = before + 1 if one else 0
        if one and (before - 1) % step == 0:
            shown.add(tick)
    bits = sum(1 << (len(free) - 1 - tick) for tick, one in enumerate(free) if one)
    assert set(each(on_grid(bits, step), total=len(free))) == shown


def test_smoke_needs_every_place_of_one_room():
    free, full = 0b1111, 0b0000
    assert with_rooms({1: [free, full], 2: [free, free]}, 2) == 0b1110
    assert with_rooms({1: [free, full]}, 2) == 0


def test_a_second_stretch_nearby_may_use_another_lane():
    visit = TickPlan(((0, 1), (2, 1)), ((1, 1), (3, 1)), 4, 4)
    assert with_lanes([0b0100, 0b0001], visit) & 0b1000


def slowly(free: list[bool], length: int) -> set[int]:
    return {t for t in range(len(free)) if t + length <= len(free) and all(free[t : t + length])}


@given(st.lists(st.booleans(), min_size=1, max_size=120), st.integers(1, 30))
def test_erosion_finds_exactly_the_starts_of_long_enough_runs(free, length):
    total = len(free)
    bits = sum(1 << (total - 1 - t) for t, one in enumerate(free) if one)
    assert set(each(erode(bits, length), total=total)) == slowly(free, length)


@given(st.integers(-10, 130), st.integers(-10, 130), st.integers(1, 120))
def test_a_mask_holds_the_ticks_between_its_ends_and_no_others(first, last, total):
    assert set(each(mask(first, last, total=total), total=total)) == {t for t in range(total) if first <= t < last}


@given(st.lists(st.tuples(st.integers(1, 90), st.sampled_from(["hands", "nearby", "free", "none"])), max_size=8))
def test_no_tick_of_a_visit_is_lost_or_counted_twice(segments):
    visit, at = tick_plan(segments), count()
    hands = [t for minutes, presence in segments for t in _next(at, ticks(minutes)) if presence == "hands"]
    assert [t for first, length in visit.hands for t in range(first, first + length)] == hands
    assert visit.place == sum(ticks(minutes) for minutes, _ in segments)


def _next(numbers, many):
    return [next(numbers) for _ in range(many)]


SEVERAL = st.lists(st.integers(0, (1 << DAY) - 1), min_size=1, max_size=9)


@given(SEVERAL, st.booleans())
def test_many_practitioners_at_once_have_the_starts_that_each_has_alone(days, resting):
    plan = TickPlan(((0, 3), (7, 1)), ((3, 4),), 8, 8) if resting else TickPlan((), ((5, 2),), 8, 8)
    rows = Rows(DAY, plan.contact)
    whole, stack = rows.repeated(-1, len(days)), rows.stacked(days)

    def starts(free):
        return with_hands(free, plan) & with_lanes([free], plan)

    assert rows.apart(on_grid(whole & starts(stack), 3), len(days)) == [
        on_grid(starts(one) & ((1 << DAY) - 1), 3) for one in days
    ]
    assert rows.any(erode(stack, 8), len(days)) == with_any(days, 8)


def test_twin_without_a_gap_the_first_ticks_of_one_practitioner_are_taken_for_the_last_of_another():
    days, plan = [1, 1 << (DAY - 1)], TickPlan(((0, 2),), (), 2, 2)
    alone = [with_hands(one, plan) for one in days]
    for gap, same in ((plan.contact, True), (0, False)):
        rows = Rows(DAY, gap)
        assert (rows.apart(with_hands(rows.stacked(days), plan), 2) == alone) is same


@given(SEVERAL, st.integers(0, DAY), st.integers(0, DAY))
def test_the_starts_of_a_day_are_counted_as_one_counts_them_by_hand(days, first, last):
    among = mask(first, last, total=DAY)
    assert total(counted(days), among) == sum((one & among).bit_count() for one in days)
