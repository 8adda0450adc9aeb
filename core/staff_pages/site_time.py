"""Staff pages show and take times as the clock on the clinic's wall reads them."""

import json
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.forms import Widget
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from core.accounts.principals import principal_of
from core.models import Site
from core.principal import Principal

UTC = ZoneInfo("UTC")
SCRIPT = "core/site_time.js"
ADMIN = "/admin/"


class SiteTimeMiddleware:
    """Let every time in Django's admin be the wall time of the site of whoever works there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the site's zone in force."""
        if not request.path_info.startswith(ADMIN) or not request.user.is_authenticated:
            return self.get_response(request)
        # For this request alone: the thread serves somebody else's site next.
        with timezone.override(zone_of(principal_of(request))):
            return self.get_response(request)


def zone_of(principal: Principal) -> ZoneInfo:
    """Return the zone of the first site where somebody has a role, or of the first site there is."""
    held = [site for _, site in principal.roles if site is not None]
    sites = Site.objects.filter(Q(pk__in=held) if held else Q(active=True)).order_by("key")
    found = sites.values_list("zone", flat=True).first()
    return ZoneInfo(found) if found else UTC


def put_zones(widget: Widget, sites: QuerySet[Site]) -> None:
    """Let "Today" and "Now" on a page be those of the site that is chosen in a list."""
    inner: Widget = getattr(widget, "widget", widget)  # the admin wraps lists
    inner.attrs["data-zones"] = json.dumps(dict(sites.values_list("pk", "zone")))


def at_site(instant: datetime, site: Site) -> datetime:
    """Return when a site's clock reads what the clock of the zone in force reads at `instant`."""
    # The form read the digits by the zone of whoever typed; they meant the clock on that site's wall.
    return timezone.make_naive(instant).replace(tzinfo=site.tz)


def put_zone(widget: Widget, zone: ZoneInfo) -> None:
    """Let "Today" and "Now" beside a field be those of `zone`."""
    widget.attrs["data-zone"] = zone.key
