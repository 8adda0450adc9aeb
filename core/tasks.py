"""What is tidied now and then."""

from celery import shared_task
from django.contrib.sessions.models import Session
from knox.models import AuthToken

from core import clock, rates
from core.database import deletion
from core.http import idempotency, posted_pages


@shared_task
def prune() -> None:
    """Forget what was typed in sessions that have ended, and answers to it; then tokens, and answers of 72 hours."""
    at = clock.now()
    deletion.delete(Session.objects.filter(expire_date__lte=at))
    posted_pages.prune(at=at)
    deletion.delete(AuthToken.objects.filter(expiry__lte=at))
    idempotency.prune(at=at)
    rates.prune(at=at)
