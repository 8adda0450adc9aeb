"""Whose booking it is, on each page of the way, for whoever came by a link in a mail."""

from typing import Any

from django import template
from django.urls import reverse

from booking.families.errors import FamilyLinkEnded
from booking.web.labels import name_in_short
from booking.web.session_draft import patient_of

register = template.Library()


@register.inclusion_tag("booking/parts/booked_for.html", takes_context=True)
def booked_for(context: dict[str, Any]) -> dict[str, Any]:
    """Say for whom is booked here, with a button that forgets it; nothing of who signed in, and on other pages.

    Raises LinkNotTheirs, AskByPhone.
    """
    request = context["request"]
    if request.user.is_authenticated or not request.path.startswith(reverse("therapy")):
        return {}
    try:
        patient = patient_of(request)
    except FamilyLinkEnded:  # the page that needs to know it says so
        patient = None
    shown = {"csrf_token": context.get("csrf_token"), "request": request}
    return shown | {"name": name_in_short(patient.name)} if patient else {}
