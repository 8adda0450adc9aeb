"""The policies of a site: what is in force, what is coming, and one of them with what can be done about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from booking.web.desk.policies.policy_rows import day_in_zone, policy_groups, state_in_words
from booking.web.desk.policies.policy_start import PolicyStartForm, read_start
from booking.web.desk.shell import Desk, desk_of, staff_page
from core import clock
from core.accounts.administrators import administrators
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.models import Policy
from core.policies.actions import policies
from core.policies.keys import changes_in_words, title_of, values_of, yaml_of
from core.refusals import Refusal
from core.rights import Action
from core.staff_pages.edits import in_words
from core.staff_pages.policy_facts import (
    ACTS,
    PolicyRights,
    approvals_in_words,
    carry_out,
    ending_of,
    keys_of,
    others_who_approve,
    own_approval,
    people_in_words,
    way_back,
)
from core.text.languages import when_in_words, zone_in_words
from scheduler.public import policy_if_any


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVisit:
    """A policy that somebody looks at, from a desk."""

    row: Policy
    desk: Desk
    rights: PolicyRights
    at: datetime

    @property
    def url(self) -> str:
        """Where its page is."""
        return reverse("desk-policy", args=[self.row.pk]) + self.desk.where


@require_safe
@staff_page(Action.SEE_POLICIES)
def policy_list(request: HttpRequest) -> HttpResponse:
    """Show what is in force at a site, and when."""
    at = clock.now()
    desk = desk_of(request, Action.SEE_POLICIES, at=at)
    groups = policy_groups(desk.site.pk, desk.site.tz, rights_of(request), where=desk.where, at=at)
    apart = [one for one in groups if one.apart]
    context = {"desk": desk, "groups": groups, "apart": apart, "zone": _zone(desk)}
    return render(request, "booking/desk/policies.html", context)


@require_safe
@staff_page(Action.SEE_POLICIES)
def policy_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a policy, what it says, and of a draft what publishing it would change."""
    return _page(request, visited(request, pk, at=clock.now()))


@require_safe
@staff_page(Action.SEE_POLICIES)
def policy_yaml(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a policy's content as a YAML file, as the command reads and writes it."""
    row = visited(request, pk, at=clock.now()).row
    text = f"# {row}, {row.state}, sha256 {row.content_hash}\n{yaml_of(row)}"
    headers = {"Content-Disposition": f'attachment; filename="{row.key}-v{row.version}.yaml"'}
    return HttpResponse(text, content_type="application/yaml; charset=utf-8", headers=headers)


@require_POST
@staff_page(Action.SEE_POLICIES)
def policy_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Do what was pressed, as the policy was seen; a refusal is said on its page."""
    found = visited(request, pk, at=clock.now())
    if act not in ACTS:
        raise Http404
    if not found.rights.may_do(act, found.row):
        raise PermissionDenied
    if act == "take-back" and "sure" not in request.POST:
        return _page(request, found, note=_("Nothing is changed yet. Please tick that it is to be taken back."))
    start = PolicyStartForm(request.POST)
    starts_at = read_start(start, found.desk.site.tz)
    if start.errors:
        return _page(request, found, start=start)
    by, seen = principal_of(request), request.POST.get("seen", "")
    try:
        carry_out(act, found.row, by=by, at=found.at, seen=seen, starts_at=starts_at)
    except Refusal as refusal:
        return _page(request, found, note=in_words(refusal), status=refusal.status)
    messages.success(request, str(ACTS[act]) % _("Version %d") % found.row.version)
    return redirect(found.url)


def rights_of(request: HttpRequest) -> PolicyRights:
    """Return what somebody may do about policies."""
    return PolicyRights.of(principal_of(request))


def visited(request: HttpRequest, pk: int, *, at: datetime) -> PolicyVisit:
    """Return a policy to whoever may see it, at a desk of its site. Raises Http404."""
    rights, desk = rights_of(request), desk_of(request, Action.SEE_POLICIES, at=at)
    row = Policy.objects.filter(rights.seen(), pk=pk).select_related("site").first()
    if row is None:
        raise Http404
    if row.site_id not in (None, desk.site.pk):
        desk = desk_of(request, Action.SEE_POLICIES, at=at, site=row.site)
    return PolicyVisit(row=row, desk=desk, rights=rights, at=at)


def _page(
    request: HttpRequest, found: PolicyVisit, *, note: str = "", status: int = 200, start: PolicyStartForm | None = None
) -> HttpResponse:
    start = start or PolicyStartForm(request.GET if "from_day" in request.GET else None)
    context = {"desk": found.desk, "note": note, "start": described(start)}
    context |= _facts(found) | _next(found, start) | way_back(found.row, found.rights, at=found.at)
    wrong = problems(start) if start.is_bound else []
    context["problems"] = wrong
    return render(request, "booking/desk/policy.html", context, status=422 if wrong else status)


def _facts(found: PolicyVisit) -> dict[str, Any]:
    """Return what a policy's page shows of it, whoever looks."""
    row, zone, ending = found.row, found.desk.site.tz, ending_of(found.row)
    names = people_in_words(keys_of([row]) | ({ending.ended_by} if ending else set()))
    now = policy_if_any(row.key, found.desk.site.pk, at=found.at, audience=row.audience)
    return {
        "policy": row,
        "title": title_of(row),
        "state": state_in_words(row, held=now is not None and now.pk == row.pk, at=found.at)[0],
        "begins": day_in_zone(row.effective.lower, zone),
        "ends": day_in_zone(row.effective.upper, zone),
        "zone": _zone(found.desk),
        "writers": [names[one] for one in row.written_by],
        "approvals": approvals_in_words(row, names, lambda moment: when_in_words(moment, zone)),
        "ended": f"{names[ending.ended_by]}, {when_in_words(ending.ended_at, zone)}"
        if ending and ending.ended_at
        else "",
        "values": values_of(row),
        "yaml": yaml_of(row),
    }


def _next(found: PolicyVisit, start: PolicyStartForm) -> dict[str, Any]:
    """Return what can be done about a policy now, by whoever looks and by others."""
    row, rights = found.row, found.rights
    open_ = row.state in policies.OPEN
    sites = frozenset({row.site_id}) if row.site_id else frozenset()
    context = {
        "open": open_,
        "may_edit": rights.may_publish(row),
        "may_draft": rights.may_draft(row.key),
        "publishers": administrators(sites, at=found.at),
    }
    return context | own_approval(row, rights) | (_dry_run(found, start) if open_ else {})


def _dry_run(found: PolicyVisit, start: PolicyStartForm) -> dict[str, Any]:
    """Return what publishing a draft would change from the typed moment on; a refusal is said beside it."""
    row, starts_at = found.row, read_start(start, found.desk.site.tz)
    if start.errors:
        return {}
    try:
        plan = policies.publication(row, at=found.at, starts_at=starts_at)
        impact = policies.impact(row, plan, at=found.at, names_at=found.rights.reads_answers)
    except Refusal as refusal:
        start.add_error("from_day", in_words(refusal))
        return {}
    before = plan.instead_of
    return {
        "plan": plan,
        "starts": when_in_words(starts_at, found.desk.site.tz) if starts_at else "",
        "plan_ends": day_in_zone(plan.effective.upper, found.desk.site.tz),
        "changes": changes_in_words(row, before.content if before else None),
        "impact": impact,
        "lacking": max(0, plan.needed - plan.approved),
        "others": others_who_approve(row, at=found.at) if plan.needed else 0,
        "before_url": reverse("desk-policy", args=[before.pk]) + found.desk.where if before else "",
    }


def _zone(desk: Desk) -> str:
    return zone_in_words(desk.site.tz)
