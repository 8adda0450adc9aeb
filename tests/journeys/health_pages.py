"""Every page that somebody can see who is asked how they are before a visit."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Page

from booking.actions.screening import screening_reviews
from booking.models import Appointment, ManageLink, ScreeningResponse
from core import clock
from core.models import Policy
from core.principal import Principal
from tests.factories.policies import publish_screening
from tests.factories.scheduler import CHICAGO
from tests.journeys.people import choose, follow, press

CLINICIAN = Principal.system("clinician")


def seen(page: Page, name: str, *, whole: bool = True) -> None:
    """Keep a picture where somebody asked for them by the variable SCREENS."""
    if place := os.environ.get("SCREENS"):
        page.screenshot(path=Path(place) / f"{name}.png", full_page=whole)


def tick(page: Page, questions: str, *labels: str) -> None:
    """Say what applies, on the page with the questions."""
    page.goto(f"{questions}{'&' if '?' in questions else '?'}step=tick")
    for label in labels:
        page.get_by_label(label).first.check()
    press(page, "Continue")


def says_positive(page: Page, questions: str, *, days_ago: int = 1, immune: str = "No") -> None:
    """Say that a test was positive, and how ill it made them."""
    tick(page, questions, "A positive test")
    day = clock.now().astimezone(ZoneInfo(CHICAGO)) - timedelta(days=days_ago)  # by the clinic's clock
    page.get_by_label("The day of the test").fill(f"{day:%-m/%-d/%Y}")
    page.get_by_label("Ill, at home").check()
    page.get_by_role("group", name="weak immune").get_by_label(immune, exact=True).check()
    press(page, "Continue")


def pages_of_most(page: Page, visit: str) -> Iterator[str]:
    """Let Alice, with a visit of the coming days, see what most people see, and stop on each page with its name."""
    for part in (asked, well):
        yield from part(page, f"{visit}screening/")


def every_page(page: Page, visit: str) -> Iterator[str]:
    """Let Alice see every page of the questions that there is."""
    yield from pages_of_most(page, visit)
    for part in (ill, in_company, without_questions, gone):
        yield from part(page, f"{visit}screening/")


def asked(page: Page, questions: str) -> Iterator[str]:
    page.goto(questions)
    yield "ask"
    page.goto(f"{questions}?step=tick")
    yield "ticks"
    press(page, "Continue")
    yield "ticks with errors"
    tick(page, questions, "A positive test")
    yield "days"
    press(page, "Continue")
    yield "days with errors"


def well(page: Page, questions: str) -> Iterator[str]:
    page.goto(questions)
    press(page, "No, none of these")
    yield "all clear"
    page.goto(questions.removesuffix("screening/"))
    yield "the visit, answered"
    tick(page, questions, "Somebody you live with")
    yield "masked"
    tick(page, questions, "That is usual for me")
    yield "looked at"
    response = ScreeningResponse.objects.latest("pk")
    screening_reviews.approve(response.public_id, masked=False, by=CLINICIAN, at=clock.now())
    page.goto(questions)
    yield "looked at and approved"
    tick(page, questions, "Very short of breath")
    yield "get help"
    talked_with()  # whatever she answers next, it stays so until then


def talked_with() -> None:
    """Let a clinician talk with Alice, and let her come whatever she said last."""
    last = ScreeningResponse.objects.latest("pk")
    screening_reviews.approve(last.public_id, masked=False, talked=True, by=CLINICIAN, at=clock.now())


def ill(page: Page, questions: str) -> Iterator[str]:
    says_positive(page, questions)
    yield "stay home"
    page.goto(questions.removesuffix("screening/"))
    yield "the visit, ill"
    page.goto(questions)
    choose(page, 0)
    yield "stay home, check the new time"
    press(page, "Move my appointment")
    yield "moved"
    page.goto(questions)
    yield "after the move"
    Appointment.objects.update(period=_sooner())
    says_positive(page, questions)
    press(page, "Give my time back")
    yield "given back"
    page.goto(questions)
    yield "the visit is cancelled"
    Appointment.objects.update(status="booked", cancel_reason="", cancelled_at=None, undo_until=None)


def _sooner() -> tuple[object, object]:
    """Return the first time that Alice had, in two days."""
    period = Appointment.objects.get().period
    start = clock.now().replace(hour=17, minute=0, second=0, microsecond=0) + timedelta(days=2)
    return (start, start + (period.upper - period.lower))


def in_company(page: Page, questions: str) -> Iterator[str]:
    page.goto(f"{questions}?step=again")
    press(page, "No, none of these")
    talked_with()  # she was to stay away still
    page.goto(questions)
    follow(page, "Somebody comes with me")
    yield "companion"
    press(page, "No, none of these")
    yield "companion can come"
    tick(page, f"{questions}?who=1", "A new cough")
    yield "companion cannot come along"
    tick(page, f"{questions}?who=1", "That is usual for me")
    yield "companion is looked at"


def without_questions(page: Page, questions: str) -> Iterator[str]:
    publish_screening({"valid_hours": 1})
    Appointment.objects.update(period=_much_later())
    page.goto(questions)
    yield "not yet"
    Policy.objects.filter(key="screening", state="published").update(state="retired")
    page.goto(questions)
    yield "nothing to answer"


def _much_later() -> tuple[object, object]:
    period = Appointment.objects.get().period
    return (period.lower + timedelta(days=8), period.upper + timedelta(days=8))


def gone(page: Page, questions: str) -> Iterator[str]:
    ManageLink.objects.update(expires_at=clock.now() - timedelta(days=1))
    page.goto(questions)
    yield "the link has ended"
    page.goto("/m/nonsense/screening/")
    yield "unknown link"


def large_letters(page: Page) -> None:
    """Double the letters, as people do in their browser's settings."""
    page.evaluate("document.documentElement.style.fontSize = '200%'")


def usual_letters(page: Page) -> None:
    page.evaluate("document.documentElement.style.fontSize = ''")
