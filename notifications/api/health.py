"""Whether what has to be said is being said."""

from datetime import timedelta

from django.db import Error
from django.db.models import Min

from core import clock
from core.api.readiness import Finding
from notifications.models import Message

LATE = timedelta(minutes=5)


def messages() -> Finding:
    """Find out how long the oldest due message has waited; late ones are told and keep nobody from booking."""
    at = clock.now()
    try:
        oldest = Message.objects.waiting(at=at).order_by().aggregate(oldest=Min("due_at"))["oldest"]
    except Error:
        return Finding(name="messages", code="unknown", needed=False)
    waited = at - oldest if oldest else timedelta()
    code = "late" if waited > LATE else "ok"
    return Finding(name="messages", code=code, needed=False, facts={"oldest_due_seconds": int(waited.total_seconds())})
