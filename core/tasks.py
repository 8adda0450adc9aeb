"""What is tidied now and then."""

from celery import shared_task
from django.contrib.sessions.models import Session
from knox.models import AuthToken

from core import clock, rates
from core.database import deletion
from core.http import idempotency


@shared_task
def prune() -> None:
    """Forget sessions that have ended, with what was typed in them, and tokens; then answers kept for 72 hours."""
    at = clock.now()
    deletion.delete(Session.objects.filter(expire_date__lte=at))
    deletion.delete(AuthToken.objects.filter(expiry__lte=at))
    idempotency.prune(at=at)
    rates.prune(at=at)
