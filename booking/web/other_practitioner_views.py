"""Behind a mail's link: whether somebody would rather not come to whom the clinic has put in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt

from booking.actions import practitioner_changes
from booking.models.patients import ContactSystem
from booking.status import Move
from booking.web.link_context import LinkAccess
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from booking.web.visit_card import VisitCard
from core import clock


@csrf_exempt
@private_page
@asked_or_sent
@refusals_as_pages
def other_practitioner(request: HttpRequest, token: str) -> HttpResponse:
    """Say who treats them now, and what they can do where they would rather not; note that they would."""
    at = clock.now()
    access = LinkAccess.of(token, at=at)
    if request.method == "POST":
        if request.POST.get("act") == "take-back":
            practitioner_changes.take_back(access.visit, at=at)
        else:
            practitioner_changes.decline(access.visit, practitioner=request.POST.get("practitioner", ""), at=at)
        return redirect("manage-other-practitioner", token)
    context = {
        "visit": VisitCard.of(access.visit),
        "practitioner": access.visit.practitioner.public_id,
        "asked": practitioner_changes.may_decline(access.visit, at=at),
        "said": practitioner_changes.has_declined(access.visit),
        "callable": access.visit.patient.contacts.filter(system=ContactSystem.PHONE).exists(),
        "movable": access.may(Move.RESCHEDULE, at=at),
        "cancellable": access.may(Move.CANCEL, at=at),
        "urls": access.urls,
        "phone": access.visit.site.phone,
    }
    return render(request, "booking/other_practitioner.html", context)
