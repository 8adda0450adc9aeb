"""What the worker does for booking, by the clock."""

from celery import shared_task

from booking.actions import tidying, uncovered_visits
from core import clock


@shared_task(name="booking.tasks.tidy")
def tidy() -> None:
    """Clean up what time has ended."""
    tidying.tidy(at=clock.now())


@shared_task(name="booking.tasks.review_uncovered_visits")
def review_uncovered_visits() -> None:
    """Let staff call the patients whose time is no longer open."""
    uncovered_visits.review(at=clock.now())
