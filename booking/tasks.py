"""What the worker does for booking, by the clock."""

from celery import shared_task

from booking.actions import call_requests, closures, proposals, tidying, uncovered_visits
from booking.actions.families import family_links, seat_reminders
from booking.actions.patients import alike_records
from booking.actions.screening import practitioner_screening, screening, screening_reviews
from booking.actions.suitability import suitability
from booking.actions.waiting import answering, offers
from booking.moving_in.actions import long_imports
from core import clock


@shared_task(name="booking.tasks.tidy")
def tidy() -> None:
    """Clean up what time has ended."""
    tidying.tidy(at=clock.now())
    call_requests.forget(at=clock.now())
    long_imports.forget(at=clock.now())
    answering.tidy(at=clock.now())


@shared_task(name="booking.tasks.tidy_family_links")
def tidy_family_links() -> None:
    """Tell both of links that end soon, and note which have ended."""
    family_links.tidy(at=clock.now())


@shared_task(name="booking.tasks.note_alike_records")
def note_alike_records() -> None:
    """Note who of those who come soon may have a second record."""
    alike_records.note_alike(at=clock.now())


@shared_task(name="booking.tasks.review_uncovered_visits")
def review_uncovered_visits() -> None:
    """Let staff call those whose time is no longer open."""
    uncovered_visits.review(at=clock.now())


@shared_task(name="booking.tasks.review_reopened_visits")
def review_reopened_visits() -> None:
    """Let those be told whose time is open again."""
    closures.review_reopened(at=clock.now())


@shared_task(name="booking.tasks.call_undecided")
def call_undecided() -> None:
    """Let staff call those whose health answers nobody has decided about, and whose visit is near."""
    screening_reviews.call_undecided(at=clock.now())


@shared_task(name="booking.tasks.take_over_tables")
def take_over_tables() -> None:
    """Go on with the tables that people have let be imported."""
    long_imports.go_on_with_all(now=clock.now)


@shared_task(name="booking.tasks.propose_times")
def propose_times() -> None:
    """Look for the times that staff want to be proposed to the patients of closed visits."""
    proposals.look_for_times(now=clock.now)


@shared_task(name="booking.tasks.offer_times")
def offer_times() -> None:
    """Offer the times that are free to those who wait for one."""
    offers.offer_times(now=clock.now)


@shared_task(name="booking.tasks.remind_of_seats")
def remind_of_seats() -> None:
    """Note that nobody has some of the times that are kept for families, a day before they are free for others."""
    seat_reminders.remind(at=clock.now())


@shared_task(name="booking.tasks.forget_screening_answers")
def forget_screening_answers() -> None:
    """Let go of health answers that have been kept long enough, of all that there are."""
    forgets = (screening.forget_answers, practitioner_screening.forget_answers, suitability.forget_answers)
    while any(forget(at=clock.now()) for forget in forgets):
        pass
