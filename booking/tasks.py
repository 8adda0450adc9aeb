"""What the worker does for promises: read the clock, make one call."""

from celery import shared_task

from booking.actions import cover, tidying
from core import clock


@shared_task(name="booking.tasks.tidy")
def tidy() -> None:
    """Clean up what time has ended."""
    tidying.tidy(at=clock.now())


@shared_task(name="booking.tasks.review_cover")
def review_cover() -> None:
    """Let staff call the patients whose time is no longer open."""
    cover.review(at=clock.now())
