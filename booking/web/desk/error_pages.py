"""Pages of the desk for those who are in the wrong place: what they act as, where they can go, and whom to ask."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views import csrf, defaults

from booking.web.desk.sent_form import is_own_form, sealed_form, typed_texts, writer_of
from booking.web.desk.shell import navigation, sign_in_again
from core import clock
from core.accounts.administrators import administrators
from core.accounts.principals import principal_of
from core.models import Site
from core.rights import Action, Subject, may
from core.roles import STAFF, Role


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 403 (Django's handler403)."""
    if not _at_the_desk(request):
        return defaults.permission_denied(request, exception)
    context = own_roles(request) | {"site_first": _a_site_comes_first(request)}
    return _page(request, "booking/desk/forbidden.html", HTTPStatus.FORBIDDEN, context)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 404 (Django's handler404)."""
    if not _at_the_desk(request):
        return defaults.page_not_found(request, exception)
    return _page(request, "booking/desk/not_found.html", HTTPStatus.NOT_FOUND)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that was sent from a page of before (Django's CSRF_FAILURE_VIEW)."""
    if not _at_the_desk(request):
        return csrf.csrf_failure(request, reason)
    if not is_own_form(request):
        return _page(request, "booking/desk/too_old.html", HTTPStatus.FORBIDDEN)
    by = writer_of(request)
    sent = sealed_form(request, filled_in_by=by)
    if sent and not request.user.is_authenticated:
        response = sign_in_again(request, sent)
        response.headers["Cache-Control"] = "no-store"
        return response
    context = {"sent": sent, "to": request.get_full_path(), "typed": [] if sent else typed_texts(request)}
    return _page(request, "booking/desk/too_old.html", HTTPStatus.FORBIDDEN, context)


def own_roles(request: HttpRequest) -> dict[str, Any]:
    """Return what somebody acts as, in words, and who can give them another role."""
    principal = principal_of(request)
    held = [(Role(role), site) for role, site in principal.roles if role in STAFF]
    sites = {site.pk: str(site) for site in Site.objects.filter(pk__in={site for _role, site in held})}
    acts = {f"{role.label}, {sites[site]}" if site in sites else str(role.label) for role, site in held}
    return {"acts_as": sorted(acts), "ask": administrators(sites, at=clock.now(), besides=principal.user_id)}


def _a_site_comes_first(request: HttpRequest) -> bool:
    """Whether a page stays shut only because nothing is there yet, to whoever can add the first site."""
    return may(principal_of(request), Action.ADD_SITE, Subject()) and not Site.objects.exists()


def _at_the_desk(request: HttpRequest) -> bool:
    return request.path_info.startswith(reverse("desk"))


def _page(request: HttpRequest, template: str, status: int, context: dict[str, Any] | None = None) -> HttpResponse:
    response = render(request, template, (context or {}) | {"desk": navigation(request)}, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
