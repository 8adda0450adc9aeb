"""What is tidied now and then."""

from celery import shared_task
from django.contrib.sessions.models import Session
from knox.models import AuthToken

from core import clock, idempotency, rates


@shared_task
def prune() -> None:
    """Forget kept answers after 72 hours, and the tokens and sessions that have ended, with what was typed in them."""
    at = clock.now()
    idempotency.prune(at=at)
    rates.prune(at=at)
    AuthToken.objects.filter(expiry__lte=at).delete()
    Session.objects.filter(expire_date__lte=at).delete()
