"""What is asked of a walk-in before they are booked, page by page: read aloud, carried sealed, and not read again."""

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from django.http import QueryDict

from booking.models import Hold, Patient
from booking.suitability.answers import SuitabilityAnswers
from booking.suitability.day_questions import AT_DOOR
from booking.suitability.policies import rules_in_force
from booking.suitability.questions import (
    BEFORE_BOOKING,
    ON_THE_SPOT,
    AskedQuestion,
    QuestionPage,
    in_words,
    question_pages,
)
from booking.suitability.records import facts_of
from booking.suitability.rules import RuleSet
from booking.web.suitability.suitability_draft import DraftAnswers
from booking.web.suitability.suitability_forms import PlacesForm, QuestionsForm
from core.forms import described, problems
from scheduler import public as scheduler

GIVEN, ASKED, WHERE = "given", "asked", "where"


@dataclass(frozen=True)
class WalkInSafety:
    """The questions about a therapy for whoever stands at the desk, as far as nothing on record answers them.

    `given`: what they have answered so far, sealed for this hold between the pages; `here`: they come in at once.
    """

    held: Hold
    patient: Patient
    given: DraftAnswers
    form: QuestionsForm | PlacesForm | None
    at: datetime
    here: bool

    @classmethod
    def of(cls, held: Hold, patient: Patient, data: QueryDict, *, here: bool, at: datetime) -> Self:
        """Return what is left to ask, with what a page of it sent taken in where it is whole."""
        given = DraftAnswers.opened(data.get(GIVEN, ""), whose=str(held.public_id))
        asked = cls(held, patient, given, None, at, here)
        form = asked._sent(data)
        if form is None or not form.is_valid():
            return replace(asked, form=form)
        if isinstance(form, PlacesForm):
            return replace(asked, form=form, given=given.located(str(data[WHERE]), form.chosen()))
        return replace(asked, form=form, given=given.answered(form.answers(), born=patient.birth_date, at=at))

    def _sent(self, data: QueryDict) -> QuestionsForm | PlacesForm | None:
        if (question := self._whereabouts.get(data.get(WHERE, ""))) is not None:
            return PlacesForm(data, question=question)
        keys = data.getlist(ASKED)
        questions = tuple(one for page in self._pages for one in page.questions if one.key in keys)
        page = QuestionPage(title="", questions=questions)
        return QuestionsForm(data, page=page, given={}) if questions else None

    @property
    def answers(self) -> SuitabilityAnswers:
        """Those given on these pages so far; what is on record is not among them."""
        return self.given.answers

    @cached_property
    def _rules(self) -> RuleSet | None:
        in_force = rules_in_force(self.held.site_id, at=self.at)
        return in_force[0] if in_force else None

    @cached_property
    def _pages(self) -> tuple[QuestionPage, ...]:
        """What is asked about the therapy, without what is on record already."""
        if self._rules is None:
            return ()
        wanted, zone = scheduler.SlotKey.decode(self.held.slot), self.held.site.tz
        asked = ON_THE_SPOT if self.here else BEFORE_BOOKING
        pages = question_pages([self._rules], wanted.therapy, wanted.technique, age=None, asked=asked)
        if not pages:
            return ()
        day = wanted.start.astimezone(zone).date()
        known = facts_of(self.patient, self._rules, at=self.at, zone=zone, visit_day=day)
        pages = question_pages([self._rules], wanted.therapy, wanted.technique, age=known.age, asked=asked)
        # What is asked on the day is asked today, whatever they answered before it.
        today = {one for one in known.answers if set(asked) & set(AT_DOOR) & set(self._rules.questions[one].asked)}
        return tuple(_without(page, known.answers.keys() - today) for page in pages)

    @cached_property
    def _whereabouts(self) -> dict[str, AskedQuestion]:
        """The questions that they answered with yes, and of which places are named."""
        asked = (one for page in self._pages for one in page.questions if one.places)
        return {one.key: one for one in asked if self.answers.answers.get(one.key) == "yes"}

    @cached_property
    def page(self) -> QuestionPage | None:
        """The next page of questions; None where all of them are answered."""
        left = (_without(page, self.answers.answers) for page in self._pages)
        return next((page for page in left if page.questions), None)

    @cached_property
    def where(self) -> AskedQuestion | None:
        """The next question of which they say which place they mean."""
        return next((one for key, one in self._whereabouts.items() if key not in self.given.places_asked), None)

    @property
    def ready(self) -> bool:
        """Whether nothing is left to ask."""
        return self.page is None and self.where is None

    @property
    def just_sent(self) -> bool:
        """Whether what was sent was a page of these questions, and not what is asked after them."""
        return self.form is not None

    @property
    def status(self) -> int:
        """The status of the page that asks."""
        return 422 if self.form is not None and self.form.errors else 200

    def sealed(self) -> str:
        """Return what they have answered as a page carries it; empty where that is nothing."""
        return self.given.sealed() if self.answers else ""

    def context(self) -> dict[str, Any]:
        """Return what the page shows. Something must be left to ask."""
        form = self.form if self.form is not None and self.form.errors else None
        if form is None and self.page is not None and self.where is None:
            form = QuestionsForm(None, page=self.page, given={})
        elif form is None and self.where is not None:
            form = PlacesForm(None, question=self.where)
        always = self._rules.content.texts.always if self._rules else {}
        return {
            "title": self.page.title if self.page else "",
            "where": self.where,
            "keys": list(form.fields) if isinstance(form, QuestionsForm) else [],
            "form": described(form) if form else None,
            "problems": problems(form) if form is not None and form.is_bound else [],
            "given": self.sealed(),
            "always": in_words(self._rules, always, {"phone": self.held.site.phone}) if self._rules else "",
        }


def _without(page: QuestionPage, answered: Container[str]) -> QuestionPage:
    return replace(page, questions=tuple(one for one in page.questions if one.key not in answered))
