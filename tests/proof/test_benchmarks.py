"""The benchmarks measure what they say: their clinic is sound, and their figures are compared the right way round."""

import pytest
from django.db import connection

from proof.benchmarks import clinic as big
from proof.benchmarks import history, waiting_list
from proof.benchmarks.rounds import Timing, median_of, ratio, table, take_turns
from proof.benchmarks.statements import renamed
from proof.checker import claims, sheets
from scheduler.models import Claim
from tests.demo_clinic import OPENED_AT


@pytest.mark.django_db
def test_the_clinic_written_in_bulk_is_as_sound_as_one_that_was_booked():
    size = big.Size(days=9).scaled(0.02)
    written = big.build(size, at=OPENED_AT)
    assert written == Claim.objects.filter(resource__sites__key="bench").distinct().count() > 50
    assert list(claims.overlaps()) == []
    assert list(sheets.differences()) == []
    history.write(connection, months=2, at=OPENED_AT)
    behind = Claim.objects.filter(period__endswith__lt=OPENED_AT).count()
    assert behind > written
    assert list(claims.overlaps()) == []
    assert list(sheets.differences()) == []


def test_a_goal_is_met_from_above_or_from_below():
    assert ratio("search", 0.4, most=0.5).met
    assert ratio("search", 0.6, most=0.5).met is False
    assert ratio("booking", 0.4, least=0.3).met
    assert ratio("booking", 0.2, least=0.3).met is False
    assert ratio("told only", 0.2).met is None
    told = table("Search", [ratio("search", 0.6, most=0.5, told="6 ms")])
    assert "NOT MET" in told
    assert "0.60  (6 ms)" in told


def test_rivals_take_turns():
    turns = []
    found = take_turns({"a": lambda: turns.append("a"), "b": lambda: turns.append("b")}, rounds=2, each=1)
    assert turns == ["a", "b"] * 4  # two to warm up
    assert len(found["a"].seconds) == 2
    assert Timing((0.001, 0.003, 0.002)).p50 == 2
    assert median_of([3, 1, 2]) == 2


def test_ids_given_out_anew_replace_those_recorded_wherever_they_stand():
    assert renamed({"a": (7, [8, "7"]), "b": True}, {7: 70, 8: 80, 1: 9}) == {"a": (70, [80, "7"]), "b": True}


def test_by_the_shipped_rules_two_of_three_times_that_are_given_back_a_day_ahead_are_used_again():
    found = waiting_list.simulated(waiting_list.shipped_rules())
    assert len(found) > 300
    assert waiting_list.share_used(found) >= waiting_list.GOAL
    assert all(one.used_at is None or one.since < one.used_at < one.start for one in found)
