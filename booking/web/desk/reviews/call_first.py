"""Requests of which nothing is booked before somebody was called: whom to call, and what can be done then."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import Appointment
from booking.suitability.answers_by_link import is_request, waits_for_answers
from booking.suitability.content import Disposition
from booking.suitability.visits import JudgedVisit
from booking.web.desk.phones import PhoneNumber, phone_numbers


class CallFirstLines(NamedTuple):
    """What to do first, at which numbers, and what can be done then. `bars`: nothing is approved meanwhile."""

    phones: Sequence[PhoneNumber]
    first: str
    then: Sequence[str | Promise]
    bars: bool = True


_STANDS = (
    gettext_lazy("It stands until you say otherwise: write below why, if it can take place all the same."),
    gettext_lazy("If it cannot, the front desk cancels or moves it with them."),
)
_WAITS = (
    gettext_lazy("Nothing can be approved with these answers."),
    gettext_lazy("After the call, if it is as they answered: decline, and let them call us once they are well."),
)


def call_first(visit: Appointment, judged: JudgedVisit | None, *, here: bool = False) -> CallFirstLines | None:
    """Return what to do where somebody is to be called first; None where nobody is. `here`: they are at the door."""
    if judged is None or not judged.found.shows_number:
        return None
    phones = phone_numbers(visit)
    if judged.found.disposition is not Disposition.STOP_AND_CALL:
        unsure = _("They are not sure about something that cannot wait: look at this first, and ask them how they are.")
        return CallFirstLines(phones, unsure, (), bars=False)
    if here:
        return CallFirstLines((), _("They are here and need help now: go to them. If it is urgent, call 911."), _STANDS)
    call = _(
        "Call them now. By what they answered they may need help: ask how they are. If it is urgent, they call 911."
    )
    write = _(
        "No phone number is on file. Write to them now, or ask the front desk how to reach them: they may need help."
    )
    return CallFirstLines(
        phones,
        call if phones else write,
        (*_WAITS, _otherwise(visit)) if is_request(visit) else _STANDS,
    )


def _otherwise(visit: Appointment) -> str:
    """Say what to do where they have answered otherwise than they meant."""
    if not waits_for_answers(visit):
        return _("If they answered otherwise than they meant: ask again below, by link; their time is kept meanwhile.")
    return _("If they answered otherwise than they meant: decline as well. They book again with the right answers.")


def call_first_in_words(visit: Appointment) -> str:
    """Say at the top of the page, in one go, what the card says to whoever has pressed "approve"."""
    numbers = ", ".join(one.words for one in phone_numbers(visit))
    facts = {"name": visit.patient.name, "numbers": numbers}
    if not numbers:
        return (
            _("Nothing was changed: %(name)s may need help, and is to be reached first. Their card says what to do.")
            % facts
        )
    return _("Nothing was changed: call %(name)s first, %(numbers)s. Their card says what can be done then.") % facts
