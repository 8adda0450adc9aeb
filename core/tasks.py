"""What is tidied now and then."""

from celery import shared_task
from knox.models import AuthToken

from core import clock, idempotency


@shared_task
def prune() -> None:
    """Forget kept answers after 72 hours, and tokens that have ended."""
    at = clock.now()
    idempotency.prune(at=at)
    AuthToken.objects.filter(expiry__lte=at).delete()
