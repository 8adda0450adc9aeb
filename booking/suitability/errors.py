"""The refusals of a booking that somebody's answers stand against, or that lacks them."""

from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.refusals import Forbidden, Refusal


class AnswersNeeded(Refusal):
    """What is asked before booking lacks answers. Facts: `questions`, where they stand; `errors` name each of them."""

    code = "answers-needed"
    status = 422
    title = _("Please answer the questions before booking.")

    def __init__(self, unanswered: Collection[str], *, about: Mapping[str, str]) -> None:
        detail = _("There are some questions to answer before this can be booked. They help us book safely.")
        super().__init__(
            detail,
            questions=f"{reverse('api-suitability-questions')}?{urlencode(about)}",
            errors=[{"pointer": f"/answers/{key}", "detail": str(_("Not answered yet."))} for key in unanswered],
        )


class CallFirst(Refusal):
    """With these answers nothing is booked before somebody was called, at once. Facts: `phone`, `emergency`."""

    code = "call-first"
    title = _("Please call before you book.")
    emergency: ClassVar[str] = "911"

    def __init__(self, words: str, *, phone: str) -> None:
        without_number = _("Please call your care team now. In an emergency, call 911.")
        super().__init__(words if phone else without_number, phone=phone, emergency=self.emergency)


class NotBookableWithAnswers(Refusal):
    """With these answers this is not booked online. Facts: `therapies`, what can be instead, and `phone` to call.

    Each of them says whether somebody looks at it first, and whether more is asked.
    """

    code = "not-bookable-with-answers"
    title = _("This one cannot be booked online.")

    def __init__(self, words: str, *, therapies: Sequence[Mapping[str, object]], phone: str) -> None:
        super().__init__(words or self.title, therapies=list(therapies), phone=phone)


class AnswersOfClinicians(Forbidden):
    """Only a clinician of the site sets aside what answers stand against, with a reason, and never for themselves."""

    code = "clinician-only"
    title = _("Only a clinician of this site can set this aside.")


class LookedAtFirst(Refusal):
    """An appointment that stands is not moved to what somebody looks at first: that is booked as one of its own."""

    code = "looked-at-first"
    title = _("Somebody looks at this before it is booked. Book it as a new appointment, then cancel this one.")


class WaitsForAnswers(Refusal):
    """An appointment waits for what its patient answers by link: nobody books it before, nor asks them more."""

    code = "waits-for-answers"
    title = _("Its patient has not answered yet what they were asked. Once they have, it is booked, or looked at.")


class TalkFirst(Refusal):
    """By what its patient answered by link an appointment is not booked as it is: somebody talks with them."""

    code = "talk-first"
    title = _("By what was answered this is not booked. Talk with them, and book something else.")


class AnsweredAnew(Refusal):
    """What is known of somebody is not what a clinician looked at: they answered since, or a count or rules are new."""

    code = "answered-anew"
    title = _("More is known by now than was looked at. Nothing was changed: please look at the answers again.")


class DayQuestionsNeeded(Refusal):
    """Nobody is checked in before they were asked today what the rules ask on the day of their therapy.

    Facts: `questions`, where they stand.
    """

    code = "day-questions-needed"
    title = _("Please ask today's questions about the therapy first. They stand at the door beside their name.")

    def __init__(self, appointment: UUID) -> None:
        super().__init__(questions=_of_the_day(appointment))


class ClinicianFirst(Refusal):
    """What somebody said on the day is looked at by a clinician of the site before they are checked in.

    Facts: `questions`, where they stand.
    """

    code = "clinician-first"
    title = _("Please ask a clinician of this site first.")

    def __init__(self, appointment: UUID) -> None:
        super().__init__(
            _("What was answered is noted. A clinician decides at the door, beside their name, if they come in today."),
            questions=_of_the_day(appointment),
        )


class HelpFirst(Refusal):
    """Who says this on the day is not treated: they are helped at once. Facts: `phone`, `emergency`, `questions`."""

    code = "help-first"
    title = _("They need help now, and are not treated today.")
    emergency: ClassVar[str] = "911"

    def __init__(self, appointment: UUID, *, phone: str) -> None:
        whom = _("Call a clinician, or %s, and 911 if it is urgent.") % phone
        unknown = _("Call a clinician, and 911 if it is urgent.")
        where = _of_the_day(appointment)
        super().__init__(whom if phone else unknown, phone=phone, emergency=self.emergency, questions=where)


def _of_the_day(appointment: UUID) -> str:
    return f"{reverse('api-day-questions')}?{urlencode({'appointment': appointment})}"
