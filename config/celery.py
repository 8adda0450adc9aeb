"""The Celery app: doorbells and sweeps; rows in PostgreSQL are the truth."""

import os

from celery import Celery

from local.processes.schedule import SCHEDULE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("meridian")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = SCHEDULE
app.conf.worker_consumer = "local.processes.worker:Consumer"
app.steps["worker"].add("local.processes.worker:Heartbeats")
app.steps["worker"].add("local.processes.worker:DatabaseWatch")
