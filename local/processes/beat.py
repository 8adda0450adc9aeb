"""The beat: it only rings, so it knows the broker and the schedule and nothing of the rest (half the memory)."""

import os
import time
from typing import Any

from celery import Celery
from celery.beat import Scheduler
from celery.schedules import crontab
from kombu.exceptions import KombuError
from kombu.log import get_logger
from redis import RedisError

from core.broker import try_once
from local.processes.heartbeat import EVERY, Heartbeat
from local.processes.schedule import SCHEDULE

log = get_logger(__name__)
SILENT = (KombuError, RedisError, OSError)  # the broker is away, or takes nothing
ONCE = try_once(patience=2.0)


class Beat(Scheduler):
    """Celery's scheduler without what can make it silent.

    Intervals are counted in elapsed time, so that a clock set back delays nothing; every entry is looked at each time,
    so that none waits behind another; a broker that is away is not waited for, and what could not be rung stays due;
    nothing is kept in a file. Intervals begin with a ring: a beat that is started again and again is heard as well.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401  (Celery's own)
        self.heartbeat = Heartbeat.of_this_process()
        self.elapsed = time.monotonic
        self._rung: dict[str, float] = {}
        super().__init__(*arguments, **options)

    def tick(self, *_: object, **__: object) -> float:
        """Ring what is due; return the seconds until the next look."""
        if self.heartbeat:
            self.heartbeat.give()
        left = [self._ring(entry) if self.left(entry) <= 0 else self.left(entry) for entry in self.schedule.values()]
        return min(EVERY, *left)

    def left(self, entry: Any) -> float:  # noqa: ANN401  (Celery's own, untyped)
        """Return the seconds until an entry is due."""
        if not isinstance(entry.schedule, crontab):
            since = self.elapsed() - self._rung.get(entry.name, float("-inf"))
            return float(entry.schedule.seconds) - since
        entry.last_run_at = min(entry.last_run_at, entry.default_now())  # the clock on the wall was set back
        due, left = entry.is_due()
        return 0.0 if due else float(left)

    def _ring(self, entry: Any) -> float:  # noqa: ANN401
        try:
            with self.app.connection_for_write(transport_options=ONCE) as line:
                self.app.send_task(entry.task, connection=line, retry=False, ignore_result=True, **entry.options)
        except SILENT as error:
            log.warning("%s could not be rung, and stays due: %s", entry.task, error)
            return EVERY
        self._rung[entry.name] = self.elapsed()
        self.reserve(entry)
        return EVERY


app = Celery("meridian-beat", broker=os.environ.get("REDIS_URL"), fixups=[])
app.conf.update(
    beat_schedule=SCHEDULE,
    beat_scheduler=Beat,
    timezone="UTC",
    broker_connection_retry_on_startup=True,
)
