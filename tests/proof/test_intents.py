"""Drawn demand looks like the demand that was counted, and is the same for the same seed."""

from collections import Counter

from demo.demand import demand
from proof.replay.intents import Afterwards, intents
from proof.replay.tally import Tally


def test_the_same_seed_wants_the_same_visits():
    assert list(intents(200, seed=7)) == list(intents(200, seed=7))
    assert list(intents(200, seed=7)) != list(intents(200, seed=8))


def test_as_many_visits_are_wanted_as_were_asked_for():
    assert [one.number for one in intents(500, seed=1)] == list(range(1, 501))


def test_a_third_wants_the_very_same_day_as_really_happened():
    wanted = list(intents(5000, seed=1))
    assert 0.25 < sum(one.days == 0 for one in wanted) / 5000 < 0.4
    assert max(one.days for one in wanted) > 40


def test_about_a_tenth_moves_a_tenth_cancels_and_some_think_better_of_it():
    ends = Counter(one.afterwards for one in intents(5000, seed=1))
    assert 0.09 < ends[Afterwards.MOVES] / 5000 < 0.17
    assert 0.09 < (ends[Afterwards.IS_CANCELLED] + ends[Afterwards.IS_UNDONE]) / 5000 < 0.17
    assert ends[Afterwards.IS_UNDONE] > 50


def test_in_a_burst_fourteen_people_want_the_very_same_at_once():
    wanted = [one for one in intents(5000, seed=1) if one.first_come]
    together = Counter((one.days, one.kind, one.seed) for one in wanted)
    assert together.most_common(1)[0][1] == demand().burst == 14
    assert len({one.person for one in wanted}) == len(wanted)


def test_people_come_several_times():
    people = Counter(one.person for one in intents(5000, seed=1))
    assert Counter(people.values())[1] > Counter(people.values())[2] > 50


def test_the_report_says_why_time_that_is_kept_for_others_is_refused():
    tally = Tally()
    for code in ("not-open-yet", "not-open-yet", "slot-taken"):
        tally.refuse("book", code)
    kept, taken = [line for line in tally.lines() if "refused: book" in line]
    assert kept.startswith("  refused: book, not-open-yet: 2 (kept for others")
    assert taken == "  refused: book, slot-taken: 1"
