"""What the pages of the desk share: who may open them, where they lead, for which site and day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from core.accounts.principals import principal_of
from core.models import Site
from core.principal import Principal
from core.rights import MATRIX, Action, Scope, acting, may_ever
from core.text.languages import localized
from core.text.typed_dates import iso_date

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
A_DAY = timedelta(days=1)

ROOMS = (
    ("desk-arrivals", Action.MARK_ATTENDANCE, _("At the door")),
    ("desk-screening-reviews", Action.REVIEW, _("Health answers to look at")),
)
"""The pages of the desk: each with the right that opens it."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of the desk in the navigation."""

    url: str
    name: str
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where somebody works: the site, the day by its clock, and where else they can go. `where`: for addresses."""

    site: Site
    sites: Sequence[Site]
    on: date
    today: date
    tabs: Sequence[Tab]
    where: str

    @property
    def site_name(self) -> str:
        """The name of the site."""
        return localized(self.site.name)


def staff_page(action: Action) -> Callable[[View[P]], View[P]]:
    """Let only those open a page who may do `action` somewhere; whoever is not signed in signs in first."""

    def opened(view: View[P]) -> View[P]:
        @never_cache
        @wraps(view)
        def answered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path() if request.method == "GET" else reverse("desk"))
            if not may_ever(principal_of(request), action):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return answered

    return opened


def desk_of(request: HttpRequest, action: Action, *, at: datetime) -> Desk:
    """Return the desk for the site and day in the address: the first site of theirs, and today, where none is named.

    Raises PermissionDenied for whoever works at no site.
    """
    principal = principal_of(request)
    sites = list(Site.objects.filter(pk__in=sites_of(principal, action), active=True).order_by("key"))
    if not sites:
        raise PermissionDenied
    site = next((one for one in sites if one.key == request.GET.get("site")), sites[0])
    today = at.astimezone(site.tz).date()
    on = _day(request) or today
    where = f"?site={site.key}" + (f"&day={on.isoformat()}" if on != today else "")
    return Desk(site=site, sites=sites, on=on, today=today, tabs=_tabs(request, principal, site), where=where)


def sites_of(principal: Principal, action: Action) -> frozenset[int]:
    """Return the sites where somebody may do `action`, be it in their own calendar alone."""
    roles = [role for role, scope in MATRIX[action].items() if scope is not Scope.PAGES]
    return acting(principal, action).sites(*roles)


def _day(request: HttpRequest) -> date | None:
    typed = request.GET.get("day", "")
    try:
        return iso_date(typed) if typed else None
    except ValueError:
        return None


def _tabs(request: HttpRequest, principal: Principal, site: Site) -> list[Tab]:
    name = request.resolver_match.url_name if request.resolver_match else ""
    tabs = [
        Tab(url=f"{reverse(room)}?site={site.key}", name=str(words), here=room == name)
        for room, action, words in ROOMS
        if may_ever(principal, action)
    ]
    if any(may_ever(principal, action) for action in (Action.EDIT_POLICIES, Action.APPROVE_POLICY)):
        tabs.append(Tab(url=reverse("admin:core_policy_changelist"), name=str(_("Policies")), here=False))
    return [*tabs, Tab(url=reverse("admin:index"), name=str(_("Set-up")), here=False)]
