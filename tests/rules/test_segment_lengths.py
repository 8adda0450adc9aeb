"""How long the parts of one appointment may be: sixty percent of each at least; only hands and rest change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.public import lengths

FOLLOWUP = (
    ("intake", 10, "hands"),
    ("needling", 10, "hands"),
    ("retention", 30, "nearby"),
    ("removal", 5, "hands"),
    ("dress_advice", 5, "free"),
    ("turnover", 10, "none"),
)
EARS = (("intake", 5, "hands"), ("needling", 5, "hands"), ("retention", 25, "nearby"), ("removal", 3, "hands"))


def minutes(segments):
    return [length for _name, length, _who in segments]


def test_alice_rests_for_twenty_minutes_and_the_rest_stays_as_it_is():
    found = lengths.with_lengths(FOLLOWUP, [10, 10, 20, 5], percent=60)
    assert minutes(found) == [10, 10, 20, 5, 5, 10]
    assert lengths.minutes_taken(found) == 50


@pytest.mark.parametrize("given", [[5, 10, 30, 5], [10, 10, 17, 5], [10, 10, 30, 2], [10, 10, 241, 5], [10, 10, 30]])
def test_no_part_is_under_sixty_percent_of_what_it_takes_or_beyond_four_hours(given):
    with pytest.raises(lengths.BeyondLimitsError):
        lengths.with_lengths(FOLLOWUP, given, percent=60)


def test_rest_gives_way_first_and_then_whatever_takes_longest():
    assert minutes(lengths.lasting(FOLLOWUP, FOLLOWUP, 55, percent=60)) == [10, 10, 25, 5, 5, 10]
    assert minutes(lengths.lasting(FOLLOWUP, FOLLOWUP, 75, percent=60)) == [10, 10, 45, 5, 5, 10]
    assert minutes(lengths.lasting(EARS, EARS, 30, percent=60)) == [5, 5, 15, 3]
    assert lengths.shortest(FOLLOWUP, percent=60) == 50
    with pytest.raises(lengths.BeyondLimitsError):
        lengths.lasting(FOLLOWUP, FOLLOWUP, 45, percent=60)
    with pytest.raises(lengths.BeyondLimitsError):  # claims lie on five minutes
        lengths.lasting(FOLLOWUP, FOLLOWUP, 52, percent=60)


PARTS = st.lists(st.tuples(st.integers(1, 40), st.sampled_from(["hands", "nearby", "free"])), min_size=1, max_size=6)


@given(parts=PARTS, by=st.integers(-12, 12), percent=st.integers(30, 100))
def test_what_lasts_so_long_lasts_so_long_within_the_rule_and_can_be_typed_as_well(parts, by, percent):
    planned = tuple((f"s{n}", length, who) for n, (length, who) in enumerate(parts))
    wanted = lengths.minutes_taken(planned) + 5 * by
    try:
        found = lengths.lasting(planned, planned, wanted, percent=percent)
    except lengths.BeyondLimitsError:
        changing = any(who in lengths.CONTACT for _length, who in parts)
        assert wanted < lengths.shortest(planned, percent=percent) or (by > 0 and not changing)
        return
    assert lengths.minutes_taken(found) == wanted
    typed = [length for _name, length, who in found if who in lengths.CONTACT]
    assert lengths.with_lengths(planned, typed, percent=percent) == found
