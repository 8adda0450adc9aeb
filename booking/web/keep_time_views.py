"""Behind a mail's link: whether somebody keeps their time though what they wanted to come together with has changed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt

from booking.actions.families import linked_questions
from booking.families.meeting_times import TimesBeside, times_beside
from booking.status import OCCUPYING, Move
from booking.web.families.family_meetings import meeting_in_words
from booking.web.link_context import LinkAccess
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from booking.web.slot_ids import sealed
from booking.web.visit_card import VisitCard
from core import clock
from core.text.languages import time_in_words


@csrf_exempt
@private_page
@asked_or_sent
@refusals_as_pages
def keep_time(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether they keep their time; note that they do. To move or to cancel is an answer as well."""
    at = clock.now()
    access = LinkAccess.of(token, at=at)
    if request.method == "POST":
        linked_questions.keep(access.visit, by=access.principal, at=at)
        return redirect("manage-together", token)
    asked = linked_questions.question_about(access.visit, at=at) is not None
    movable = asked and access.may(Move.RESCHEDULE, at=at)
    context = {
        "visit": VisitCard.of(access.visit),
        "asked": asked,
        "stands": access.visit.status in OCCUPYING,
        "movable": movable,
        "cancellable": asked and access.may(Move.CANCEL, at=at),
        "meetings": [_times(one) for one in times_beside(access.visit, at=at)] if movable else [],
        "urls": access.urls,
        "phone": access.visit.site.phone,
    }
    return render(request, "booking/keep_time.html", context)


def _times(one: TimesBeside) -> dict[str, object]:
    in_order = sorted(one.slots, key=lambda slot: slot.start)
    return {
        "words": meeting_in_words(one.meeting),
        "times": [
            (sealed(slot.key.without_therapy), time_in_words(slot.start, slot.site.tz), slot.practitioner.name)
            for slot in in_order
        ],
    }
