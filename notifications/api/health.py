"""Whether what has to be said is being said: late messages are told, and keep nobody from booking.

Ages are counted as time that passes where that is longer than the clock says: a clock set back hides nothing.
"""

import time
from collections import defaultdict
from datetime import timedelta

from django.db import Error
from django.db.models import F
from django.db.models.functions import Now

from booking import public as booking
from core import clock
from core.api.readiness import Finding
from core.monitoring.elapsed import Unchanged
from notifications import queries
from notifications.models import Sweep

LATE = timedelta(minutes=5)
UNPLANNED_TOO_LONG = 120.0  # seconds: the bell takes one, the sweeps thirty at most
NO_SWEEP_FOR_TOO_LONG = 300.0  # seconds: ten sweeps; a large mailing may keep every thread for three minutes
_oldest, _last_sweep = defaultdict[str, Unchanged](Unchanged), Unchanged()


def messages() -> Finding:
    """Find out how long the oldest due message has waited; late ones are told and keep nobody from booking."""
    at = clock.now()
    try:
        oldest = queries.oldest_due(at=at)
    except Error:
        return Finding(name="messages", code="unknown", needed=False)
    waited = at - oldest if oldest else timedelta()
    code = "late" if waited > LATE else "ok"
    return Finding(name="messages", code=code, needed=False, facts={"oldest_due_seconds": int(waited.total_seconds())})


def changes() -> Finding:
    """Find out how long the oldest change, code or request has waited to be planned: until then no message is due."""
    at = clock.now()
    try:
        oldest = booking.oldest_unrelayed() | {"links": queries.oldest_link_request()}
    except Error:
        return Finding(name="changes", code="unknown", needed=False)
    seen = {kind: _oldest[kind].seconds(first, at=time.monotonic()) for kind, first in oldest.items()}
    waits = [max(seen[kind], (at - first[1]).total_seconds()) for kind, first in oldest.items() if first]
    waited = max(waits, default=0.0)
    code = "late" if waited > UNPLANNED_TOO_LONG else "ok"
    return Finding(name="changes", code=code, needed=False, facts={"oldest_unplanned_seconds": int(waited)})


def sweeps() -> Finding:
    """Find out how long ago a worker last swept by the clock: without that a missed bell is a message never sent."""
    try:
        row = Sweep.objects.annotate(age=Now() - F("begun_at")).values_list("number", "age").first()
    except Error:
        return Finding(name="sweeps", code="unknown", needed=False)
    number, age = row or (None, timedelta())
    waited = _last_sweep.seconds(number, at=time.monotonic())
    if not _last_sweep.changed:
        waited = max(waited, age.total_seconds())
    code = "late" if waited > NO_SWEEP_FOR_TOO_LONG else "ok"
    return Finding(name="sweeps", code=code, needed=False, facts={"last_sweep_seconds": int(waited)})
