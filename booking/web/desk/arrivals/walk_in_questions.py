"""What a walk-in is asked before they are booked, as it is read aloud and as it was sent."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from django.http import QueryDict

from booking.actions import walk_ins
from booking.models import Hold
from booking.screening.outcomes import ScreeningAnswers
from booking.screening.policies import ScreeningPolicy
from booking.web.desk.desk_questions import TemperatureForm
from booking.web.screening.screening_forms import ScreeningForm, SentScreening, sent_screening
from core.forms import described, problems


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkInQuestions:
    """The questions for a time that is kept. `ready`: all was said, or nobody asks anything.

    `today`: the time is today's, so that they can be checked in with the same press.
    """

    policy: ScreeningPolicy | None
    today: bool
    sent: SentScreening | None = None
    measured: TemperatureForm | None = None
    answers: ScreeningAnswers | None = None
    ready: bool = False

    @classmethod
    def of(cls, held: Hold, data: QueryDict | None, *, at: datetime) -> Self:
        """Return what is asked for a time, and what was sent (None: nothing yet)."""
        policy, today = walk_ins.policy_of(held, at=at), walk_ins.is_on_the_spot(held, at=at)
        if policy is None or data is None:
            form = ScreeningForm(None, policy=policy) if policy else None
            blank = SentScreening(form=form) if form else None
            return cls(policy=policy, today=today, sent=blank, measured=_measured(policy, None), ready=data is not None)
        sent = sent_screening(data, policy=policy, on=at.astimezone(held.site.tz).date())
        measured = _measured(policy, data)
        asked = cls(policy=policy, today=today, sent=sent, measured=measured)
        urgent = sent.answers is not None and sent.answers.emergency
        if measured is not None and not urgent and not measured.is_valid():
            return replace(asked, sent=SentScreening(form=sent.form))
        if sent.answers is None:
            return asked
        degrees = measured.cleaned_data["temperature"] if measured and not urgent else None
        return replace(asked, answers=replace(sent.answers, temperature_f=degrees), ready=True)

    @property
    def status(self) -> int:
        """The status of the page that asks."""
        return 422 if self._problems() else 200

    def _problems(self) -> list[Any]:
        if self.sent is None:
            return []
        shown = self.sent.days or self.sent.form
        wrong = problems(shown) if shown.is_bound else []
        measures = self.measured is not None and self.measured.is_bound and self.sent.days is None
        return wrong + (problems(self.measured) if measures and self.measured else [])

    def context(self, data: QueryDict) -> dict[str, Any]:
        """Return what the page shows of it."""
        sent = self.sent
        return {
            "asked": self,
            "form": described(sent.days or sent.form) if sent else None,
            "measured": described(self.measured) if self.measured else None,
            "problems": self._problems(),
        } | (sent.carried(data) if sent else {})


def _measured(policy: ScreeningPolicy | None, data: QueryDict | None) -> TemperatureForm | None:
    return TemperatureForm(data) if policy and policy.temperature_at_door else None
