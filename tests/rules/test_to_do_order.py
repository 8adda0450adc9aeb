"""What is to be done stands in the order in which it is due, and what nobody waits for comes last."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from booking.web.desk.to_do.order import AT_LEISURE, Task, TaskKind, grouped

NOON = datetime(2026, 10, 5, 17, tzinfo=UTC)
HOUR = timedelta(hours=1)


def task(kind, hours, *, first=False):
    return Task(kind=kind, due_at=NOON + hours * HOUR, who="", why="", url="", act="", first=first)


TASKS = st.lists(st.builds(task, st.sampled_from(TaskKind), st.integers(-9, 9), first=st.booleans()))


@given(TASKS, st.integers(1, 4))
def test_nothing_is_lost_and_each_kind_is_in_due_order(tasks, most):
    groups = grouped(tasks, most=most)
    assert {one.kind for one in groups} == {one.kind for one in tasks}
    assert sum(len(one.tasks) + one.beyond for one in groups) == len(tasks)
    for one in groups:
        order = [(not each.first, each.due_at) for each in one.tasks]
        assert order == sorted(order)
        assert len(order) <= most
    tops = [(one.kind in AT_LEISURE, not one.tasks[0].first, one.tasks[0].due_at) for one in groups]
    assert tops == sorted(tops)


def test_who_needs_help_is_above_what_is_overdue_and_what_nobody_waits_for_comes_last():
    late, help_now, twice = task(TaskKind.COVER, -5), task(TaskKind.CALLS, 0, first=True), task(TaskKind.DUPLICATES, -9)
    assert [one.kind for one in grouped([twice, late, help_now])] == ["calls", "without-cover", "duplicates"]


def test_what_is_one_persons_stands_together_where_the_most_urgent_of_it_does():
    quinn = [replace(task(TaskKind.AWAY, hours), person="7") for hours in (5, 1, 3)]
    other, uncovered = replace(task(TaskKind.AWAY, 2), person="8"), replace(task(TaskKind.COVER, 4), person="7")
    (away, cover) = grouped([*quinn, other, uncovered])
    assert [(one.person, one.due_at, len(one.also)) for one in away.tasks] == [
        ("7", NOON + HOUR, 2),
        ("8", NOON + 2 * HOUR, 0),
    ]
    assert [one.due_at for one in away.tasks[0].also] == [NOON + 3 * HOUR, NOON + 5 * HOUR]
    assert [(one.person, one.also) for one in cover.tasks] == [("7", ())], "another kind is another task"
