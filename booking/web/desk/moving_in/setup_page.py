"""Setting up: what a clinic needs before its first patient, each step one click from where it is done."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from booking.moving_in.checklist import ChecklistStep, checklist
from booking.web.desk.shell import ROOMS, desk_of, navigation, sites_of, staff_page
from core import clock
from core.accounts.principals import principal_of
from core.principal import Principal
from core.rights import Action, may_ever

OF_THE_ADMIN, FOR_PATIENTS = "admin:", "start"


@require_safe
@staff_page(Action.EDIT_CATALOGUE)
def setup(request: HttpRequest) -> HttpResponse:
    """Show how far a site is set up; where there is none yet, that one is to be added."""
    at, by = clock.now(), principal_of(request)
    here = bool(sites_of(by, Action.EDIT_CATALOGUE))
    desk: Any = desk_of(request, Action.EDIT_CATALOGUE, at=at) if here else navigation(request)
    site = desk.site if here else None
    steps = checklist(site, by=by, at=at)
    needed = [one for one in steps if not one.optional]
    context = {
        "desk": desk,
        "site": site,
        "steps": [_shown(request, one, desk.where if here else "", by) for one in steps],
        "done": sum(one.done for one in needed),
        "needed": len(needed),
        "complete": site is not None and all(one.done for one in needed),
    }
    return render(request, "booking/desk/setup.html", context)


def _shown(request: HttpRequest, step: ChecklistStep, where: str, by: Principal) -> dict[str, Any]:
    links = [(_address(name, where), words) for name, words in step.where if _theirs(request, name, by)]
    booked = reverse("desk-appointment", args=[step.appointment.public_id]) if step.appointment else ""
    return {"step": step, "links": links, "booked": booked}


def _address(name: str, where: str) -> str:
    page, *of_it = name.split()
    return reverse(page, args=of_it) + ("" if name.startswith(OF_THE_ADMIN) or name == FOR_PATIENTS else where)


def _theirs(request: HttpRequest, name: str, by: Principal) -> bool:
    """Whether a page opens to whoever looks: no step leads to a door that stays shut."""
    if name.startswith(OF_THE_ADMIN):
        return admin.site.has_permission(request)
    rights = {room: action for room, action, _words in ROOMS}
    room = "desk-import" if name.startswith("desk-import") else name
    return may_ever(by, rights[room]) if room in rights else True
