"""What the pages of the desk share: who may open them, where they lead, for which site and day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, partial, wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from booking.calls.calls_to_make import due_by_now
from booking.calls.open_tasks import count_open
from booking.seats.seat_queries import count_due
from booking.web.desk.sent_form import opened_form, page_of, sealed_form
from core import clock
from core.accounts.principals import principal_of
from core.accounts.sign_in import DeskSignInForm
from core.database.compiled import Arguments, CompiledQuery
from core.forms import described
from core.http.post_redirect_get import answers_by_redirect
from core.models import Site, User
from core.principal import Principal
from core.refusals import Refusal
from core.rights import MATRIX, Action, Scope, acting, may_ever
from core.text.languages import localized
from core.text.typed_dates import iso_date

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
DeskView = Callable[Concatenate[HttpRequest, "Desk", datetime, P], HttpResponse]
A_DAY = timedelta(days=1)
SITES = CompiledQuery(lambda: Site.objects.filter(pk__in=Arguments("ids"), active=True).order_by("key"))
SIGNED_OUT_WHILE_TYPING = gettext_lazy("You were signed out. Please sign in again: what you sent is not lost.")
NOT_SAVED = gettext_lazy("You were signed out. What you sent is not saved: please sign in, and enter it again.")

CALLS, FAMILIES, TO_DO = "desk-calls", "desk-families", "desk-to-do"
BOARD, MY_DAY = "desk", "desk-my-day"
ROOMS = (
    (MY_DAY, Action.SEE_OWN_DAY, gettext_lazy("My day")),
    (BOARD, Action.SEE_CALENDAR, gettext_lazy("Day board")),
    ("desk-book", Action.ADMIT_WALK_IN, gettext_lazy("Book")),
    ("desk-arrivals", Action.MARK_ATTENDANCE, gettext_lazy("At the door")),
    ("desk-own-screening", Action.SCREEN_SELF, gettext_lazy("How are you today?")),
    ("desk-walk-in", Action.ADMIT_WALK_IN, gettext_lazy("Walk-in")),
    (TO_DO, Action.CALL, gettext_lazy("To do")),
    (CALLS, Action.CALL, gettext_lazy("Calls")),
    ("desk-waiting-list", Action.SEE_WAITING_LIST, gettext_lazy("Waiting list")),
    (FAMILIES, Action.RESERVE_SEATS, gettext_lazy("Family time")),
    ("desk-away", Action.EDIT_CALENDAR, gettext_lazy("Ill today")),
    ("desk-hours", Action.EDIT_CALENDAR, gettext_lazy("Hours")),
    ("desk-busy", Action.EDIT_CALENDAR, gettext_lazy("Busy elsewhere")),
    ("desk-suggested-absences", Action.DECIDE_ABSENCE, gettext_lazy("Suggested absences")),
    ("desk-screening-reviews", Action.REVIEW, gettext_lazy("Health answers to look at")),
    ("desk-closures", Action.SEE_CALENDAR, gettext_lazy("Closures")),
    ("desk-reports", Action.SEE_REPORTS, gettext_lazy("Reports")),
    ("desk-policies", Action.SEE_POLICIES, gettext_lazy("Policies")),
    ("desk-setup", Action.EDIT_CATALOGUE, gettext_lazy("This clinic")),
)
"""The pages of the desk: each with the right that opens it. Whoever signs in comes to the first that is theirs."""


COUNTED = {TO_DO: count_open, CALLS: due_by_now, FAMILIES: count_due}
"""How much is due on a page, as its tab says; of what is to be done, how much there is."""


@dataclass(frozen=True)
class Tab:
    """A page of the desk in the navigation. `here`: "page" on that page, "true" on one that belongs to it.

    `due`: counts what is due there, once the page is written: what only asks whether anything has changed pays nothing.
    `whole`: it counts all that is there, due by now or not.
    """

    url: str
    name: str
    here: str
    due: Callable[[], int] | None = None
    whole: bool = False

    @cached_property
    def counted(self) -> str:
        """How much is due, as it stands beside the name; counted once, though it is said at two places."""
        due = self.due() if self.due else 0
        words = "(%(due)s)" if self.whole else _("(%(due)s due)")
        return words % {"due": due} if due else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Navigation:
    """Who is signed in, and where they can go. `finds`: they look for people."""

    person: str
    tabs: Sequence[Tab]
    finds: bool = False

    @property
    def here(self) -> Tab | None:
        """The page that somebody is on, or to which theirs belongs."""
        return next((tab for tab in self.tabs if tab.here), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk(Navigation):
    """Where somebody works: the site, the day by its clock, and where else they can go. `where`: for addresses.

    `room`: the page that the site is switched on, `parameters`: what of its address stays then.
    """

    site: Site
    sites: Sequence[Site]
    on: date
    today: date
    where: str
    room: str
    parameters: Sequence[tuple[str, str]]

    @property
    def site_name(self) -> str:
        """In the reader's language."""
        return localized(self.site.name)


def staff_page(action: Action) -> Callable[[View[P]], View[P]]:
    """Let only those open a page who may do `action` somewhere; whoever is not signed in signs in first.

    What is refused there is said on a page of the desk.
    """

    def opened(view: View[P]) -> View[P]:
        @never_cache
        @wraps(view)
        def answered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                signs_in = redirect_to_login(request.get_full_path())
                return sign_in_again(request, sealed_form(request)) if request.method == "POST" else signs_in
            if not may_ever(principal_of(request), action):
                raise PermissionDenied
            request.POST = opened_form(request) or request.POST  # type: ignore[assignment]  # sent before signing in
            try:
                return view(request, *args, **kwargs)
            except Refusal as refusal:
                return refused(request, refusal)

        answered.opened_by = action  # type: ignore[attr-defined]  # asked by whoever walks all pages
        return answers_by_redirect(answered)

    return opened


def desk_page(action: Action) -> Callable[[DeskView[P]], View[P]]:
    """Show a page to those who may do `action` somewhere, as it is now, at the desk where they work."""

    def shown(page: DeskView[P]) -> View[P]:
        @require_safe
        @staff_page(action)
        @wraps(page)
        def view(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            at = clock.now()
            return page(request, desk_of(request, action, at=at), at, *args, **kwargs)

        return view

    return shown


def polled(view: View[P]) -> View[P]:
    """Let nobody stay signed in by what a page asks by itself, as its script says (`X-Poll`): that is no click."""

    @wraps(view)
    def answered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if "X-Poll" in request.headers:
            request.session.modified = False
        return response

    return answered


def sign_in_again(request: HttpRequest, sent: str) -> HttpResponse:
    """Return the sign-in with what was sent, so that nothing of it is lost. `sent`: sealed, empty where it is not."""
    context: dict[str, Any] = {
        "form": described(DeskSignInForm(request)),
        "said": SIGNED_OUT_WHILE_TYPING if sent else NOT_SAVED,
        "sent": sent,
        "next": page_of(request),
    }
    return render(request, "booking/desk/sign_in.html", context, status=HTTPStatus.UNAUTHORIZED)


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return the page of a refusal: what is wrong, and the way back."""
    found = navigation(request)
    context: dict[str, Any] = {
        "desk": found,
        "back": next((tab.url for tab in found.tabs if tab.here), reverse("desk")),
        "heading": refusal.title,
        "detail": refusal.detail if refusal.detail != refusal.title else "",
    }
    page = render(request, "booking/desk/refused.html", context, status=refusal.status)
    if wait := refusal.facts.get("retry_after"):
        page.headers["Retry-After"] = str(wait)
    return page


def desk_of(request: HttpRequest, action: Action, *, at: datetime, site: Site | None = None) -> Desk:
    """Return the desk for the site and day in the address: the first site of theirs, and today, where none is named.

    `site`: where something belongs that is looked at, whatever the address says. Raises PermissionDenied for whoever
    works at no site.
    """
    principal = principal_of(request)
    sites = SITES.rows(ids=list(sites_of(principal, action)))
    if not sites:
        raise PermissionDenied
    wanted = site.key if site else request.GET.get("site")
    site = next((one for one in sites if one.key == wanted), sites[0])
    today = at.astimezone(site.tz).date()
    on = _day(request) or today
    where = f"?site={site.key}" + (f"&day={on.isoformat()}" if on != today else "")
    found = navigation(request, site)
    room = _room(request, found)
    who: Any = {"person": found.person, "tabs": found.tabs, "finds": found.finds}
    who |= {"room": room, "parameters": _other_parameters(request, room)}
    return Desk(site=site, sites=sites, on=on, today=today, where=where, **who)


def _room(request: HttpRequest, found: Navigation) -> str:
    """Return the page on which the site is switched: this one, and its room where this one is about one thing alone."""
    if request.resolver_match and not request.resolver_match.kwargs:
        return request.path
    return next((tab.url for tab in found.tabs if tab.here), request.path).partition("?")[0]


def _other_parameters(request: HttpRequest, room: str) -> list[tuple[str, str]]:
    """Return what of an address stays at another site; beside a room it is about something at this one."""
    return [(n, str(v)) for n, v in request.GET.items() if n != "site" and (room == request.path or n == "day")]


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


def navigation(request: HttpRequest, site: Site | None = None) -> Navigation:
    """Return who is signed in and which pages are theirs, at a site where one is chosen; of a visitor, nothing."""
    if not isinstance(request.user, User):
        return Navigation(person="", tabs=())
    return Navigation(
        person=request.user.get_full_name() or request.user.get_username(),
        tabs=_tabs(request, site),
        finds=may_ever(principal_of(request), Action.SEARCH_PATIENTS),
    )


def _tabs(request: HttpRequest, site: Site | None) -> list[Tab]:
    principal, where = principal_of(request), f"?site={site.key}" if site else ""
    counts = not request.path.startswith(reverse("desk-policies"))  # who reads those does not work at the door
    rooms = [(room, reverse(room), words) for room, action, words in ROOMS if may_ever(principal, action)]
    tabs = [
        Tab(
            url=url + where,
            name=str(words),
            here=_here(request, url),
            due=partial(COUNTED[room], site, by=principal, at=clock.now())
            if site and room in COUNTED and counts
            else None,
            whole=room == TO_DO,
        )
        for room, url, words in rooms
    ]
    if admin.site.has_permission(request):
        tabs.append(Tab(url=reverse("admin:index"), name=_("Set-up"), here=""))
    return tabs


def _here(request: HttpRequest, room: str) -> str:
    if request.path == room:
        return "page"
    under = room != reverse(BOARD) and request.path.startswith(room)  # all pages of the desk lie below the board
    return "true" if under else ""
