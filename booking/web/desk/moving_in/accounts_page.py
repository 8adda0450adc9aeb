"""Accounts of those who work at a site: added with a link to choose a password, given roles, closed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from booking.web.desk.first_password import link_for
from booking.web.desk.moving_in.account_forms import ActsAsForm, ColleagueForm, NewColleagueForm
from booking.web.desk.shell import Desk, desk_of, staff_page
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.actions import people
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.models import RoleAssignment, User
from core.principal import Principal
from core.refusals import Invalid, Refusal
from core.rights import Action
from core.roles import Role
from core.text.languages import when_in_words

KEEPS = Action.EDIT_ACCOUNTS
LINK, BY_LINK = "link-to-sign-in", "new-link"


def _desk(request: HttpRequest) -> Desk:
    return desk_of(request, KEEPS, at=clock.now())


def _here(desk: Desk, account: User | None = None) -> str:
    room = reverse("desk-account-of", args=[account.public_id]) if account else reverse("desk-accounts")
    return f"{room}{desk.where}"


def _keep_link(request: HttpRequest, account: User) -> None:
    """Let the page of an account show once by which link its password is chosen."""
    request.session[LINK] = request.session.get(LINK, {}) | {str(account.public_id): link_for(request, account)}


def _take_link(request: HttpRequest, account: User) -> str:
    """Return the link that was made for this account and not shown yet, whichever pages are open beside."""
    kept: dict[str, str] = request.session.get(LINK, {})
    found = kept.pop(str(account.public_id), "")
    if found:
        request.session[LINK] = kept
    return found


@staff_page(KEEPS)
def accounts(request: HttpRequest) -> HttpResponse:
    """List who signs in at a site, with what they act as there."""
    at, by, desk = clock.now(), principal_of(request), _desk(request)
    roles = Prefetch("assignments", RoleAssignment.objects.filter(site=desk.site).order_by("role"), to_attr="here")
    found = people.accounts(by).filter(assignments__site=desk.site).distinct().prefetch_related(roles)
    rows = [_listed(one, desk, at=at) for one in found.order_by("-is_active", "last_name", "first_name", "pk")]
    context = {"desk": desk, "rows": rows, "back": f"{reverse('desk-setup')}{desk.where}"}
    return render(request, "booking/desk/accounts.html", context)


def _listed(user: Any, desk: Desk, *, at: datetime) -> dict[str, Any]:  # noqa: ANN401  (with its roles here)
    live = [one for one in user.here if one.ends_at is None or one.ends_at > at]
    return {
        "user": user,
        "url": _here(desk, user),
        "roles": ", ".join(str(Role(one.role).label) for one in live),
        "waits": user.is_active and not user.has_usable_password(),
    }


@asked_or_sent
@staff_page(KEEPS)
def new(request: HttpRequest) -> HttpResponse:
    """Add somebody who signs in, with what they act as; they choose their password by a link."""
    desk, by, at = _desk(request), principal_of(request), clock.now()
    form, status = NewColleagueForm(request.POST if request.method == "POST" else None), 200
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        who = {name: data[name] for name in ("username", "name", "email", "role")}
        user = _tried(
            form, lambda: people.add_staff(**who, site=desk.site, by=by, at=at, ends_at=form.until(desk.site.tz))
        )
        if user is not None:
            _keep_link(request, user)
            messages.success(request, _("%(name)s has an account.") % {"name": user.get_full_name()})
            return redirect(_here(desk, user))
    wrong = problems(form) if form.is_bound else []
    context = {"desk": desk, "form": described(form), "problems": wrong, "back": _here(desk)}
    return render(request, "booking/desk/account_new.html", context, status=422 if wrong else status)


def _tried(form: forms.Form, act: Callable[[], Any]) -> Any:  # noqa: ANN401  (what an act returns)
    """Do an act; None where it is refused, which the form then says beside its fields."""
    try:
        return act()
    except Invalid as refusal:
        for error in cast("list[dict[str, str]]", refusal.facts["errors"]):
            field = error["pointer"].removeprefix("/").replace("ends_at", "ends_on")
            form.add_error(field if field in form.fields else None, error["detail"])
    except Refusal as refusal:
        form.add_error(None, str(refusal.detail or refusal.title))
    return None


def _account(by: Principal, account: UUID) -> User:
    """Return an account of somebody at the sites whose accounts are theirs to keep. Raises Http404."""
    found = people.accounts(by).filter(public_id=account).first()
    if found is None:
        raise Http404
    return found


@asked_or_sent
@staff_page(KEEPS)
def account(request: HttpRequest, account: UUID) -> HttpResponse:
    """Show an account: who it is, what they act as here, and what can be done with it; correct name or address."""
    desk, by, at = _desk(request), principal_of(request), clock.now()
    user = _account(by, account)
    known = {"name": user.get_full_name(), "email": user.email}
    form = ColleagueForm(request.POST if request.method == "POST" else None, initial=known)
    if form.is_bound and form.is_valid() and _tried(form, partial(_correct, user, form, by=by, at=at)) is not None:
        messages.success(request, _("It is saved."))
        return redirect(_here(desk, user))
    return _page(request, desk, user, Tried(colleague=form), at=at)


def _correct(user: User, form: ColleagueForm, *, by: Principal, at: datetime) -> User:
    data = form.cleaned_data
    return people.change_account(user, by=by, at=at, name=data["name"], email=data["email"])


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What somebody tried on the page of an account, and what came of it: forms with what is wrong, or a note."""

    colleague: ColleagueForm | None = None
    role: ActsAsForm | None = None
    note: str = ""
    status: int = 200


def _page(request: HttpRequest, desk: Desk, user: User, tried: Tried, *, at: datetime) -> HttpResponse:
    user.refresh_from_db()
    by = principal_of(request)
    form = tried.colleague or ColleagueForm(initial={"name": user.get_full_name(), "email": user.email})
    role = tried.role or ActsAsForm()
    wrong = [line for one in (form, role) if one.is_bound for line in problems(one)]
    rows = RoleAssignment.objects.filter(user=user, site=desk.site).order_by("-starts_at", "-pk")
    context = {
        "desk": desk,
        "shown": user,
        "changeable": people.may_change(user, by, at=at),
        "own": user.pk == by.user_id,
        "form": described(form),
        "role_form": described(role),
        "roles": [_role(one, by, desk, at=at) for one in rows],
        "link": _take_link(request, user) if request.method == "GET" else "",
        "problems": wrong,
        "note": tried.note,
        "back": _here(desk),
    }
    return render(request, "booking/desk/account_of.html", context, status=422 if wrong else tried.status)


def _role(one: RoleAssignment, by: Principal, desk: Desk, *, at: datetime) -> dict[str, Any]:
    live = one.ends_at is None or one.ends_at > at
    ends = when_in_words(one.ends_at, desk.site.tz) if one.ends_at else ""
    return {
        "name": Role(one.role).label,
        "ends": ends,
        "live": live,
        "end": reverse("desk-account-role", args=[one.public_id]) + desk.where
        if live and people.may_change_role(one, by)
        else "",
    }


ACTS: Mapping[str, tuple[Callable[..., User], Mapping[str, Any], Promise]] = {
    BY_LINK: (people.end_password, {}, gettext_lazy("Their password opens nothing any more.")),
    "close": (
        people.change_account,
        {"is_active": False},
        gettext_lazy("The account is closed: they are signed out everywhere."),
    ),
    "open": (people.change_account, {"is_active": True}, gettext_lazy("They can sign in again.")),
}
"""What one press does to an account, and what is said of it."""


@require_POST
@staff_page(KEEPS)
def act(request: HttpRequest, account: UUID, act: str) -> HttpResponse:
    """Give a role, make a new link to choose a password, close an account or open it again."""
    desk, by, at = _desk(request), principal_of(request), clock.now()
    user = _account(by, account)
    if act == "role":
        return _give(request, desk, user, by=by, at=at)
    if act not in ACTS:
        raise Http404
    do, how, said = ACTS[act]
    try:
        changed = do(user, by=by, at=at, **how)
    except Refusal as refusal:
        return _page(request, desk, user, _refused(refusal), at=at)
    if act == BY_LINK:
        _keep_link(request, changed)
    messages.success(request, str(said))
    return redirect(_here(desk, user))


def _refused(refusal: Refusal) -> Tried:
    return Tried(note=str(refusal.detail or refusal.title), status=refusal.status)


def _give(request: HttpRequest, desk: Desk, user: User, *, by: Principal, at: datetime) -> HttpResponse:
    form = ActsAsForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        given = _tried(
            form,
            lambda: people.give_role(
                user, role=data["role"], site=desk.site, by=by, at=at, ends_at=form.until(desk.site.tz)
            ),
        )
        if given is not None:
            messages.success(request, _("It is given, and counts from the next page that they open."))
            return redirect(_here(desk, user))
    return _page(request, desk, user, Tried(role=form), at=at)


@require_POST
@staff_page(KEEPS)
def end_role(request: HttpRequest, role: UUID) -> HttpResponse:
    """End a role now: from the next page that they open it counts no more."""
    desk, by, at = _desk(request), principal_of(request), clock.now()
    found = people.roles(by).filter(public_id=role).first()
    if found is None:
        raise Http404
    try:
        people.end_role(found, ends_at=at, by=by, at=at)
    except Refusal as refusal:
        return _page(request, desk, found.user, _refused(refusal), at=at)
    messages.success(request, _("It has ended, and counts no more from the next page that they open."))
    return redirect(_here(desk, found.user))
