"""How long the parts of one appointment may be: hands keep their share, and so does hands and rest together."""

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
PRESSURE = (("intake", 15, "hands"), ("pressure", 30, "hands"), ("dress_advice", 5, "free"))


def minutes(segments):
    return [length for _name, length, _who in segments]


def test_alice_rests_for_twenty_minutes_and_the_rest_stays_as_it_is():
    found = lengths.with_lengths(FOLLOWUP, [10, 10, 20, 5], percent=60)
    assert minutes(found) == [10, 10, 20, 5, 5, 10]
    assert lengths.minutes_taken(found) == 50


@pytest.mark.parametrize("given", [[10, 10, 8, 5], [6, 10, 30, 5], [6, 6, 18, 3], [20, 20, 5, 5]])
def test_rest_gives_way_to_one_step_while_enough_of_hands_and_rest_is_left_together(given):
    assert minutes(lengths.with_lengths(FOLLOWUP, given, percent=60))[:4] == given


HANDS_TOO_SHORT = [[5, 10, 30, 5], [10, 10, 30, 2]]
TOO_LITTLE_TOGETHER = [[10, 10, 7, 5], [6, 6, 17, 3]]
REST_UNDER_A_STEP = [[20, 20, 4, 5]]


@pytest.mark.parametrize(
    "given",
    [*HANDS_TOO_SHORT, *TOO_LITTLE_TOGETHER, *REST_UNDER_A_STEP, [10, 10, 241, 5], [10, 10, 30]],
)
def test_hands_keep_their_share_each_and_all_of_it_together_and_nothing_takes_more_than_four_hours(given):
    with pytest.raises(lengths.BeyondLimitsError):
        lengths.with_lengths(FOLLOWUP, given, percent=60)


@pytest.mark.parametrize(
    ("guard", "let_through"),
    [
        ("least", [*HANDS_TOO_SHORT, *REST_UNDER_A_STEP]),
        ("least_contact", TOO_LITTLE_TOGETHER),
    ],
)
def test_twin_without_one_bound_what_that_alone_refuses_is_taken(guard, let_through, monkeypatch):
    monkeypatch.setattr(lengths, guard, lambda *_parts, **_percent: 1)
    for one in let_through:
        assert minutes(lengths.with_lengths(FOLLOWUP, one, percent=60))[:4] == one


def test_rest_gives_way_first_and_then_whatever_takes_longest():
    assert minutes(lengths.lasting(FOLLOWUP, FOLLOWUP, 55, percent=60)) == [10, 10, 25, 5, 5, 10]
    assert minutes(lengths.lasting(FOLLOWUP, FOLLOWUP, 40, percent=60)) == [10, 10, 10, 5, 5, 10]
    assert minutes(lengths.lasting(FOLLOWUP, FOLLOWUP, 75, percent=60)) == [10, 10, 45, 5, 5, 10]
    assert minutes(lengths.lasting(EARS, EARS, 30, percent=60)) == [5, 5, 15, 3]
    assert minutes(lengths.lasting(PRESSURE, PRESSURE, 40, percent=60)) == [15, 20, 5]
    with pytest.raises(lengths.BeyondLimitsError):
        lengths.lasting(FOLLOWUP, FOLLOWUP, 35, percent=60)
    with pytest.raises(lengths.BeyondLimitsError):  # claims lie on five minutes
        lengths.lasting(FOLLOWUP, FOLLOWUP, 52, percent=60)


@pytest.mark.parametrize(("planned", "least"), [(FOLLOWUP, 40), (EARS, 25), (PRESSURE, 35)])
def test_the_least_that_it_takes_is_what_it_can_be_made_and_no_less(planned, least):
    assert lengths.shortest(planned, percent=60) == least
    assert lengths.minutes_taken(lengths.lasting(planned, planned, least, percent=60)) == least
    with pytest.raises(lengths.BeyondLimitsError):
        lengths.lasting(planned, planned, least - 5, percent=60)


def test_of_an_hour_contact_is_hands_and_rest_and_three_fifths_of_it_are_thirty_three_minutes():
    assert lengths.contact(FOLLOWUP) == 55
    assert lengths.least_contact(FOLLOWUP, percent=60) == 33


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
    assert lengths.minutes_taken(found) == wanted >= lengths.shortest(planned, percent=percent)
    assert lengths.contact(found) * 100 >= lengths.contact(planned) * percent
    for (_name, was, who), (_same, now, _who) in zip(planned, found, strict=True):
        assert now * 100 >= was * percent or who == "nearby"
        assert now >= min(was, lengths.TICK_MINUTES)
    typed = [length for _name, length, who in found if who in lengths.CONTACT]
    assert lengths.with_lengths(planned, typed, percent=percent) == found
