"""Setting up, in lists: therapies with pictures of how they run, who gives them where, and the places."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.models import Appointment, EditKind
from booking.moving_in.placeless_therapies import placeless
from booking.suitability.therapy_words import technique_in_words
from booking.web.desk.impact.settling_form import edited_rows
from booking.web.desk.moving_in.entry_impact import left_at
from booking.web.desk.moving_in.entry_page import EDITS_SHOWN, edits_shown, entry_of
from booking.web.desk.moving_in.segment_picture import picture_of
from booking.web.desk.shell import Desk, desk_page, sites_of
from booking.web.labels import visit_in_words
from core.accounts.principals import principal_of
from core.models import Site
from core.principal import Principal
from core.rights import Action
from core.text.languages import date_in_words, language_in_words
from scheduler import public as scheduler
from scheduler.public import PlannedVisit, PractitionerInDetail, TherapyInDetail
from scheduler.public import setup_forms as forms


@desk_page(Action.EDIT_CATALOGUE)
def therapies(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """List what can be given, with how long each takes and who gives it here."""
    rows = [_listed(one, desk, at=at) for one in scheduler.therapies_in_detail()]
    context = {"desk": desk, "rows": rows, "back": _back(desk), "entered": _entered(request, desk, at)}
    return render(request, "booking/desk/setup_therapies.html", context)


def _entered(request: HttpRequest, desk: Desk, at: datetime) -> Any:  # noqa: ANN401  (rows of the list)
    """Return what was changed today together with what became of appointments."""
    return edited_rows(desk, EditKind.SET_UP, by=principal_of(request), at=at)


def _listed(one: TherapyInDetail, desk: Desk, *, at: datetime) -> dict[str, Any]:
    here = [name for site, name in one.given_by if site == desk.site.pk]
    holding = [visit for visit in one.visits if visit.valid_from is None or visit.valid_from <= at]
    whole = {(visit.technique, visit.visit): visit.patient_minutes for visit in holding}  # the last of each holds
    lengths = [_length(technique, visit, minutes) for (technique, visit), minutes in whole.items()]
    return {
        "name": one.name,
        "url": f"{reverse('desk-setup-therapy', args=[one.key])}{desk.where}",
        "lengths": _("%(lengths)s minutes") % {"lengths": ", ".join(lengths)} if lengths else "",
        "here": ", ".join(here),
        "active": one.active,
    }


def _length(technique: str, visit: str, minutes: int) -> str:
    named = f"{technique_in_words(technique)}, " if technique else ""
    return f"{named}{visit_in_words(visit)}: {minutes}"


@desk_page(Action.EDIT_CATALOGUE)
def therapy(request: HttpRequest, desk: Desk, at: datetime, key: str) -> HttpResponse:
    """Draw how each kind of visit of a therapy runs; say who gives it where, and what a change of it would touch."""
    found = next(iter(scheduler.therapies_in_detail(key=key)), None)
    if found is None:
        raise Http404
    by, names = principal_of(request), _site_names(principal_of(request))
    change = _texts(request, desk, key)
    context = {
        "desk": desk,
        "therapy": found,
        "visits": [_drawn(one, found, desk, at=at) for one in found.visits],
        "given": [(name, names[site]) for site, name in found.given_by if site in names],
        "touched": _touched(found, by, at=at),
        "change": change,
        "left": _left(request, desk, key, at=at) if change else "",
        "back": f"{reverse('desk-setup-therapies')}{desk.where}",
        "entered": _entered(request, desk, at),
        "edits": edits_shown(forms.edits_of_therapy(found.id, zone=desk.site.tz, most=EDITS_SHOWN), desk.site.tz),
    }
    return render(request, "booking/desk/setup_therapy.html", context)


def _drawn(one: PlannedVisit, therapy: TherapyInDetail, desk: Desk, *, at: datetime) -> dict[str, Any]:
    needs = [name.replace("_", " ") for name in one.features]
    title = visit_in_words(one.visit)
    technique = f", {one.technique.replace('_', ' ')}" if one.technique else ""
    return {
        "title": f"{title[:1].upper()}{title[1:]}{technique}{_from_when(one, desk)}",
        "lengths": f"{reverse('desk-setup-lengths', args=[therapy.key, one.id])}{desk.where}",
        "coming": one.valid_from is not None and one.valid_from > at,
        "picture": picture_of(one),
        "needs": ", ".join(needs),
        "devices": ", ".join(scheduler.kind_in_words(pool) for pool in one.devices),
        "fills_room": one.fills_room,
    }


def _from_when(one: PlannedVisit, desk: Desk) -> str:
    day = date_in_words(one.valid_from.astimezone(desk.site.tz).date()) if one.valid_from else ""
    return _(", from %s on") % day if day else ""


def _to_come(found: TherapyInDetail, by: Principal, *, at: datetime) -> QuerySet[Appointment]:
    seen = Appointment.objects.visible_to(by).taking_time(at=at)
    return seen.filter(therapy=found.id, period__startswith__gt=at)


def _touched(found: TherapyInDetail, by: Principal, *, at: datetime) -> str:
    count = _to_come(found, by, at=at).count()
    said = ngettext(
        "%(count)d appointment to come is booked with it. It keeps its time and its length, whatever is changed.",
        "%(count)d appointments to come are booked with it. They keep their times and lengths, whatever is changed.",
        count,
    )
    return said % {"count": count} if count else _("No appointment to come is booked with it: a change touches nobody.")


@desk_page(Action.EDIT_CATALOGUE)
def practitioners(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """List who treats, what they give where, and in which languages."""
    names = _site_names(principal_of(request))
    people = scheduler.practitioners_in_detail(frozenset({desk.site.pk}), names=scheduler.professions(), on=desk.today)
    context = {
        "desk": desk,
        "rows": [_person(one, names) for one in people],
        "entered": _entered(request, desk, at),
        "table": f"{reverse('desk-import-kind', args=['practitioners'])}{desk.where}",
        "back": _back(desk),
    }
    return render(request, "booking/desk/setup_practitioners.html", context)


def _person(one: PractitionerInDetail, names: dict[int, str]) -> dict[str, Any]:
    gives: dict[str, list[tuple[str, Any]]] = {}
    for site, name, offer in one.gives:
        gives.setdefault(names.get(site, ""), []).append((name, offer))
    return {
        "who": one,
        "languages": ", ".join(language_in_words(tag) for tag in one.languages),
        "sites": ", ".join(names[site] for site in one.sites if site in names),
        "last_day": date_in_words(one.last_on) if one.last_on else "",
        "gives": [(site, what) for site, what in sorted(gives.items()) if site],
    }


@desk_page(Action.EDIT_CATALOGUE)
def places(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """List rooms with their places, what is there, and which therapies can be given nowhere here."""
    rows, scope = scheduler.places_in_detail(desk.site.pk), forms.edit_scope_of(request)
    nowhere = [(one.name, ", ".join(map(_feature_in_words, one.needs))) for one in placeless(desk.site.pk)]
    context = {
        "desk": desk,
        "rows": rows,
        "rooms": forms.RoomForm.rows_in_reach(scope).filter(site=desk.site),
        "devices": forms.DeviceForm.rows_in_reach(scope).filter(site=desk.site).order_by("-active", "pool", "number"),
        "nowhere": nowhere,
        "entered": _entered(request, desk, at),
        "back": _back(desk),
    }
    return render(request, "booking/desk/setup_places.html", context)


def _feature_in_words(feature: str) -> str:
    """Return what a place may have, as people read it."""
    return feature.replace("_", " ")


def _site_names(by: Principal) -> dict[int, str]:
    return {one.pk: str(one) for one in Site.objects.filter(pk__in=sites_of(by, Action.EDIT_CATALOGUE))}


def _texts(request: HttpRequest, desk: Desk, key: str) -> str:
    """Return where the texts of a therapy are changed; empty for whoever changes another one's alone."""
    theirs = forms.TherapyForm.rows_in_reach(forms.edit_scope_of(request)).filter(key=key).exists()
    return f"{reverse('desk-setup-therapy-texts', args=[key])}{desk.where}" if theirs else ""


def _left(request: HttpRequest, desk: Desk, key: str, *, at: datetime) -> str:
    """Return where what a therapy has left over is settled; empty where nothing is left."""
    address = reverse("desk-setup-therapy-texts", args=[key])
    return left_at(entry_of(forms.TherapyForm, request, key=key), desk, address, by=principal_of(request), at=at)


def _back(desk: Desk) -> str:
    return f"{reverse('desk-setup')}{desk.where}"
