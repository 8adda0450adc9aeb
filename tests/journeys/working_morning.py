"""The demo clinic on a working morning, when it has somebody in every state and everything can still be done."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import time_machine

from core import clock
from demo import load
from tests.factories.policies import end_suitability
from tests.factories.scheduler import CHICAGO

MORNING, FRIDAY = time(10, 40), 5


@contextmanager
def working_morning() -> Iterator[None]:
    """Load the demo clinic as it is at 10:40 on the next working day, and stay there."""
    day = clock.now().astimezone(ZoneInfo(CHICAGO)).date() + timedelta(days=1)
    while day.isoweekday() > FRIDAY:
        day += timedelta(days=1)
    with time_machine.travel(datetime.combine(day, MORNING, ZoneInfo(CHICAGO)), tick=True):
        end_suitability()
        load.load(at=clock.now())
        yield
