"""Choosing what to book: first a family of therapies, then one of them and which appointment it is."""

from collections.abc import Iterable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from booking.errors import NotBookableOnline
from booking.web.choices import (
    FamilyCard,
    TherapyChoice,
    therapy_choices,
    therapy_radios,
    visit_links,
    visit_radios,
    where_closed,
)
from booking.web.forms import ChooseTherapyForm
from booking.web.link_language import LANG, LANGUAGE, notes_language
from booking.web.responses import asked_or_sent, refusals_as_pages
from booking.web.times_list import address
from core import clock
from core.forms import problems
from core.refusals import Refusal
from core.text.languages import localized
from scheduler import public as scheduler
from scheduler.public import NotOffered, TherapyCard, TherapyFamily


@never_cache
@asked_or_sent
@refusals_as_pages
@notes_language(LANG, LANGUAGE)
def families(request: HttpRequest) -> HttpResponse:
    """Show the families of therapies of which something can be booked."""
    at = clock.now()
    known = scheduler.therapies(at=at)
    offered = _choices(known, at=at)
    if request.method == "POST":  # from a page that was open since all therapies stood on one
        form = ChooseTherapyForm(request.POST, choosable=offered)
        return redirect(_chosen(form) if form.is_valid() else "therapy")
    if (named := request.GET.get("therapy", "")) in scheduler.known_therapies():
        asked = {name: str(value) for name, value in request.GET.dict().items() if name != "therapy"}
        return redirect(address(reverse("times", args=[named]), asked))
    cards = [_card(family, those) for family in scheduler.families() if (those := _of(family.key, offered))]
    by_phone = [localized(card.name) for card in _by_phone(known)]
    return render(request, "booking/families.html", {"families": cards, "by_phone": by_phone})


@never_cache
@asked_or_sent
@refusals_as_pages
@notes_language(LANG, LANGUAGE)
def family(request: HttpRequest, family: str) -> HttpResponse:
    """Ask which therapy of a family and which appointment it shall be."""
    at = clock.now()
    known = scheduler.therapies(at=at)
    offered = _of(family, _choices(known, at=at))
    if not offered:
        raise _not_online(one.family == family for one in _by_phone(known))
    if len(offered) == 1:
        return redirect(_where_begun(offered[0]))
    sent = request.POST if request.method == "POST" else None
    form = ChooseTherapyForm(sent, choosable=offered, initial=request.GET.dict())
    if form.is_valid():
        return redirect(_chosen(form))
    context = {
        "family": next(localized(one.name) for one in scheduler.families() if one.key == family),
        "form": form,
        "problems": problems(form) if form.is_bound else [],
        "visits": visit_radios(chosen=str(form["visit"].value() or "")),
        "therapies": therapy_radios(offered, chosen=str(form["therapy"].value() or "")),
    }
    return render(request, "booking/therapy.html", context, status=422 if form.is_bound else 200)


def which_visit(request: HttpRequest, therapy: str, technique: str) -> HttpResponse:
    """Ask which appointment of a therapy it shall be; among others, it is asked where they are. Raises NotOffered."""
    at = clock.now()
    known = scheduler.therapies(at=at)
    offered = _choices(known, at=at)
    ways = [one for one in offered if one.therapy == therapy and technique in {"", one.technique}]
    if not ways:
        raise _not_online(one.key == therapy for one in _by_phone(known))
    if len(_of(ways[0].family, offered)) > 1:
        return redirect(where_chosen(therapy, technique=technique))
    links = visit_links(ways[0], lambda visit: _times(ways[0], visit))
    return render(request, "booking/visit.html", {"therapy": ways[0], "visits": links})


def where_chosen(therapy: str, *, visit: str = "", technique: str = "") -> str:
    """Return where a therapy is chosen among its family, with what was chosen."""
    if therapy not in scheduler.known_therapies():
        return reverse("therapy")
    value = f"{therapy}:{technique}" if technique else therapy
    place = reverse("family", args=[scheduler.booking_terms(therapy).family])
    return address(place, {"visit": visit, "therapy": value})


def _choices(cards: list[TherapyCard], *, at: datetime) -> list[TherapyChoice]:
    return therapy_choices(cards, where_closed(cards, at=at))


def _by_phone(cards: list[TherapyCard]) -> list[TherapyCard]:
    """Return what people would book themselves if any site had rules for it: until then they call."""
    return [card for card in cards if card.lacks_rules]


def _not_online(by_phone: Iterable[bool]) -> Refusal:
    return NotBookableOnline() if any(by_phone) else NotOffered()


def _of(family: str, offered: list[TherapyChoice]) -> list[TherapyChoice]:
    return [one for one in offered if one.family == family]


def _card(family: TherapyFamily, therapies: list[TherapyChoice]) -> FamilyCard:
    alone = therapies[0] if len(therapies) == 1 else None
    return FamilyCard(
        name=localized(family.name),
        summary=localized(family.summary),
        drawing=f"booking/parts/families/{family.key}.html",
        # Among one there is nothing to choose.
        url=_where_begun(alone) if alone else reverse("family", args=[family.key]),
        closed=" ".join(dict.fromkeys(one.closed for one in therapies)) if all(one.closed for one in therapies) else "",
    )


def _where_begun(therapy: TherapyChoice) -> str:
    """Return where is asked which appointment of the only therapy of its family it shall be."""
    return _times(therapy, "")


def _chosen(form: ChooseTherapyForm) -> str:
    return _times(form.cleaned_data["therapy"], form.cleaned_data["visit"])


def _times(therapy: TherapyChoice, visit: str) -> str:
    place, query = reverse("times", args=[therapy.therapy]), {"visit": visit, "technique": therapy.technique}
    return address(place, query) if any(query.values()) else place
