"""What lies between the appointments of whoever treats."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.web.desk.my_day.gaps import GapKind, gaps_of_day

DAY = datetime(2026, 10, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
MORNING, AFTERNOON = (9, 12), (13, 17)


def span(*hours):
    return tuple(DAY + timedelta(hours=hour) for hour in hours)


def gaps(working=(MORNING, AFTERNOON), busy=(), away=(), kept=()):
    found = gaps_of_day(*([span(*one) for one in many] for many in (working, busy, away, kept)))
    return [(one.kind.value, *((moment - DAY) / HOUR for moment in (one.start, one.end))) for one in found]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, [("free", 9, 12), ("break", 12, 13), ("free", 13, 17)]),
        ({"busy": [(9, 10), (9.5, 11)]}, [("free", 11, 12), ("break", 12, 13), ("free", 13, 17)]),
        ({"busy": [(9, 12), (12, 13), (13, 17)]}, []),  # somebody comes in the break
        ({"busy": [(9, 11.96), (13, 17)]}, [("break", 12, 13)]),  # less than five minutes are nothing
        ({"working": [MORNING], "away": [(14, 17)]}, [("free", 9, 12), ("break", 12, 14), ("away", 14, 17)]),
        ({"working": [(9, 10), (11, 12)], "away": [(10, 11)]}, [("free", 9, 10), ("away", 10, 11), ("free", 11, 12)]),
        ({"working": [MORNING], "kept": [(10, 11)]}, [("free", 9, 10), ("kept", 10, 11), ("free", 11, 12)]),
        ({"working": [], "busy": [(10, 11)]}, []),
    ],
)
def test_what_is_free_a_break_away_or_kept(facts, expected):
    assert gaps(**facts) == expected
    assert {kind for kind, *_ in expected} <= set(GapKind)
