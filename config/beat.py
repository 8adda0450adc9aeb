"""The beat: it only rings, so it knows the broker and the schedule and nothing of the rest (half the memory)."""

import os

from celery import Celery

from config.schedule import SCHEDULE

app = Celery("meridian-beat", broker=os.environ.get("REDIS_URL"), fixups=[])
app.conf.update(beat_schedule=SCHEDULE, timezone="UTC", broker_connection_retry_on_startup=True)
