"""What happens by the clock, in UTC. Nothing here imports Django: the beat that rings these is small.

Hours and days are told by the clock on the wall, not counted from the beat's start: one that starts often rings too.
Seconds are counted (`local.processes.beat`): whoever sets the clock delays nothing.
"""

from celery.schedules import crontab

SWEEP_SECONDS = 30
REVIEW_SECONDS = 300
BUSY_SECONDS = 30 * 60

SCHEDULE = {
    "send what is due": {
        "task": "notifications.tasks.sweep",
        "schedule": float(SWEEP_SECONDS),
        "options": {"expires": SWEEP_SECONDS},  # the next sweep sends it: those a stopped worker missed do not pile up
    },
    "lay out week sheets": {"task": "scheduler.tasks.extend_sheets", "schedule": crontab(hour="8", minute="10")},
    "compare sheets with claims": {"task": "scheduler.tasks.check_drift", "schedule": crontab(minute="20")},
    "forget old answers, sessions and tokens": {"task": "core.tasks.prune", "schedule": crontab(minute="5-55/10")},
    "call whose time is not open": {
        "task": "booking.tasks.review_uncovered_visits",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": REVIEW_SECONDS},
    },
    "tell whose time is open again": {
        "task": "booking.tasks.review_reopened_visits",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": REVIEW_SECONDS},
    },
    "call whose answers nobody has decided about": {
        "task": "booking.tasks.call_undecided",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": REVIEW_SECONDS},
    },
    "note who may have a second record": {
        "task": "booking.tasks.note_alike_records",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": REVIEW_SECONDS},
    },
    "note what kept time is open by now": {
        "task": "scheduler.tasks.note_block_releases",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": REVIEW_SECONDS},
    },
    "note what nobody has of what is kept for families": {
        "task": "booking.tasks.remind_of_seats",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": REVIEW_SECONDS},
    },
    "propose other times": {
        "task": "booking.tasks.propose_times",
        "schedule": crontab(minute="*"),
        "options": {"expires": 60},
    },
    "offer times to those who wait": {
        "task": "booking.tasks.offer_times",
        "schedule": crontab(minute="*"),
        "options": {"expires": 60},
    },
    "go on with tables that are imported": {
        "task": "booking.tasks.take_over_tables",
        "schedule": crontab(minute="*"),
        "options": {"expires": 60},
    },
    "ask anew about health": {
        "task": "notifications.tasks.ask_anew",
        "schedule": crontab(minute="*/2"),
        "options": {"expires": 2 * 60},
    },
    "forget health answers": {"task": "booking.tasks.forget_screening_answers", "schedule": crontab(minute="40")},
    "tell of family links that end": {"task": "booking.tasks.tidy_family_links", "schedule": crontab(minute="25")},
    "read busy calendars": {
        "task": "scheduler.tasks.read_busy_calendars",
        "schedule": crontab(minute="15,45"),
        "options": {"expires": BUSY_SECONDS},
    },
    "tidy expired holds": {"task": "booking.tasks.tidy", "schedule": crontab(minute="50")},
}
