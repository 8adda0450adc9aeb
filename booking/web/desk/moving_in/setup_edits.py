"""What a clinic consists of, added and changed at the desk: sites, rooms with their places, devices, who treats."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.web.desk.moving_in.entry_page import EntryPage, answer, entry_of
from booking.web.desk.shell import Desk, desk_of, navigation, sites_of, staff_page
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.principals import principal_of
from core.models import Site
from core.rights import Action, Subject, may
from core.text.languages import localized
from scheduler.public import setup_forms as forms

SETS_UP = Action.EDIT_CATALOGUE


def _desk(request: HttpRequest) -> Desk:
    return desk_of(request, SETS_UP, at=clock.now())


@staff_page(SETS_UP)
def sites(request: HttpRequest) -> HttpResponse:
    """List the sites that somebody sets up."""
    by, desk = principal_of(request), _desk(request)
    rows = Site.objects.filter(pk__in=sites_of(by, SETS_UP)).order_by("-active", "key")
    context = {"desk": desk, "rows": rows, "adds": may(by, Action.ADD_SITE, Subject())}
    return render(request, "booking/desk/setup_sites.html", context)


@asked_or_sent
@staff_page(SETS_UP)
def site(request: HttpRequest, key: str = "") -> HttpResponse:
    """Add a site with its opening hours, or change one."""
    by = principal_of(request)
    if not key and not may(by, Action.ADD_SITE, Subject()):
        messages.error(request, _("Sites are added by whoever runs the whole installation: please ask them."))
        return redirect("desk-setup")
    # Whoever adds the first one works at no site yet.
    desk: Any = _desk(request) if sites_of(by, SETS_UP) else navigation(request)
    entry = entry_of(forms.SiteForm, request, key=key) if key else None
    page = EntryPage(
        form=forms.SiteForm,
        entry=entry,
        heading=str(entry) if key else _("Add a site"),
        back=(reverse("desk-setup"), _("Setting up")),
    )
    return answer(request, desk, page)


def _of_the_site(desk: Desk, room: str, words: str) -> tuple[str, str]:
    return f"{reverse(room)}{desk.where}", words


@asked_or_sent
@staff_page(SETS_UP)
def room(request: HttpRequest, room: UUID | None = None) -> HttpResponse:
    """Add a room to a site, or change one."""
    desk = _desk(request)
    entry = entry_of(forms.RoomForm, request, public_id=room) if room else None
    page = EntryPage(
        form=forms.RoomForm,
        entry=entry,
        heading=str(entry) if room else _("Add a room"),
        back=_of_the_site(desk, "desk-setup-places", _("Places")),
        settled={"site": desk.site},
    )
    return answer(request, desk, page)


@asked_or_sent
@staff_page(SETS_UP)
def place(request: HttpRequest, place: UUID | None = None) -> HttpResponse:
    """Add a place to a room of a site, or change what is there, or take it out of use."""
    desk = _desk(request)
    entry: Any = entry_of(forms.PlaceForm, request, public_id=place) if place else None
    here = forms.RoomForm.rows_in_reach(forms.edit_scope_of(request)).filter(site=desk.site).select_related("site")
    close = f"{reverse('desk-places')}{desk.where}&place={place}" if place and entry.active else ""
    page = EntryPage(
        form=forms.PlaceForm,
        entry=entry,
        heading=f"{entry.room}, {entry}" if place else _("Add a place"),
        back=_of_the_site(desk, "desk-setup-places", _("Places")),
        settled={"room": entry.room} if place else {},
        within={"room": here},
        beside={"otherwise": [(close, _("Close it from a day on"))] if close else []},
    )
    return answer(request, desk, page)


@asked_or_sent
@staff_page(SETS_UP)
def device(request: HttpRequest, device: UUID | None = None) -> HttpResponse:
    """Add a device to a site, or change one."""
    desk = _desk(request)
    entry = entry_of(forms.DeviceForm, request, public_id=device) if device else None
    page = EntryPage(
        form=forms.DeviceForm,
        entry=entry,
        heading=str(entry) if device else _("Add a device"),
        back=_of_the_site(desk, "desk-setup-places", _("Places")),
        settled=dict.fromkeys(("site", "pool", "number")) if device else {"site": desk.site},
    )
    return answer(request, desk, page)


@asked_or_sent
@staff_page(SETS_UP)
def therapy_texts(request: HttpRequest, key: str) -> HttpResponse:
    """Change what people read of a therapy and who books it, or take it out of use; how long it takes has its page."""
    desk = _desk(request)
    entry = entry_of(forms.TherapyForm, request, key=key)
    page = EntryPage(
        form=forms.TherapyForm,
        entry=entry,
        heading=localized(entry.name),
        back=(f"{reverse('desk-setup-therapy', args=[key])}{desk.where}", localized(entry.name)),
        called=localized(entry.name),
    )
    return answer(request, desk, page)


@asked_or_sent
@staff_page(SETS_UP)
def practitioner(request: HttpRequest, practitioner: UUID | None = None) -> HttpResponse:
    """Add somebody who treats with what they give, or change who they are and where they work."""
    desk = _desk(request)
    entry = entry_of(forms.PractitionerForm, request, public_id=practitioner) if practitioner else None
    page = EntryPage(
        form=forms.PractitionerForm,
        entry=entry,
        heading=str(entry) if practitioner else _("Add somebody who treats"),
        back=_of_the_site(desk, "desk-setup-practitioners", _("Practitioners")),
    )
    return answer(request, desk, page)


@asked_or_sent
@staff_page(SETS_UP)
def gives_more(request: HttpRequest, practitioner: UUID) -> HttpResponse:
    """Let somebody who treats give more at a site."""
    desk = _desk(request)
    who = entry_of(forms.PractitionerForm, request, public_id=practitioner)
    page = EntryPage(
        form=forms.OfferingForm,
        entry=None,
        heading=_("What else %(who)s gives at %(site)s") % {"who": who.name, "site": localized(desk.site.name)},
        back=_of_the_site(desk, "desk-setup-practitioners", _("Practitioners")),
        settled={"practitioner": who, "site": desk.site},
        called=who.name,
    )
    return answer(request, desk, page)


@asked_or_sent
@staff_page(SETS_UP)
def gives(request: HttpRequest, offer: UUID) -> HttpResponse:
    """Change which appointments of a therapy somebody gives at a site."""
    desk = _desk(request)
    entry = entry_of(forms.OfferingForm, request, public_id=offer)
    facts = {"who": entry.practitioner.name, "what": localized(entry.therapy.name), "site": localized(entry.site.name)}
    page = EntryPage(
        form=forms.OfferingForm,
        entry=entry,
        heading=_("%(who)s: %(what)s at %(site)s") % facts,
        back=_of_the_site(desk, "desk-setup-practitioners", _("Practitioners")),
        called=entry.practitioner.name,
    )
    return answer(request, desk, page)
