"""What happens by the clock. Nothing here imports Django: the beat that rings these is small."""

SCHEDULE = {
    "send what is due": {"task": "notifications.tasks.sweep", "schedule": 30.0},
    "lay out week sheets": {"task": "scheduler.tasks.extend_sheets", "schedule": 24 * 3600.0},
    "compare sheets with claims": {"task": "scheduler.tasks.check_drift", "schedule": 3600.0},
    "forget old answers and tokens": {"task": "core.tasks.prune", "schedule": 3600.0},
    "tidy expired holds": {"task": "booking.tasks.tidy", "schedule": 3600.0},
}
