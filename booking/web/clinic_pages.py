"""What the foot of every page leads to: what is stored about people, and how everybody can use them."""

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from booking import policies
from core import clock
from core.accounts.sessions import VISITOR_IDLE
from core.http.posted_pages import LASTS
from core.models import Site
from core.text.languages import localized

A_MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteNotice:
    """What a site says itself; `name` and `note` in the reader's language."""

    name: str
    address: str
    phone: str
    note: str


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is stored, for how long, and who reads it."""
    sites, at = _sites(), clock.now()
    lives = [policies.booking_policy(site.pk, at=at).link_life for site in sites]
    context = {
        "idle_minutes": VISITOR_IDLE // A_MINUTE,
        "page_minutes": LASTS // A_MINUTE,
        "link_days": max(lives, default=timedelta()) // A_DAY,
        "notices": _notices(sites, "privacy_notice"),
    }
    return render(request, "booking/privacy.html", context)


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Say who can use these pages and how, what does not work yet, and how somebody comes in at each site."""
    return render(request, "booking/accessibility.html", {"notices": _notices(_sites(), "accessibility_note")})


def _sites() -> list[Site]:
    return list(Site.objects.filter(active=True))


def _notices(sites: list[Site], column: str) -> list[SiteNotice]:
    """Return what each site says; what several say alike stands once, under all their names."""
    alike: dict[str, list[Site]] = {}
    for site in sites:
        if note := localized(getattr(site, column)):
            alike.setdefault(note, []).append(site)
    return [
        SiteNotice(
            name=", ".join(map(str, same)),
            address=same[0].address if len(same) == 1 else "",
            phone=same[0].phone if len(same) == 1 else "",
            note=note,
        )
        for note, same in alike.items()
    ]
