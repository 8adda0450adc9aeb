"""Policies in Django's admin: look at them, draft, see what publishing changes, approve, publish, take back."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.forms import CharField, ChoiceField, DateTimeField, DateTimeInput, Form, ModelChoiceField, Textarea
from django.forms.utils import ErrorList
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.accounts.principals import principal_of
from core.admin.permissions import is_superuser
from core.admin.read_only import ReadOnly
from core.forms import CleanText
from core.models import EVERY_AUDIENCE, Policy, PolicyState, Site
from core.policies.actions import policies
from core.policies.keys import policy_key, values_of, yaml_of, yaml_to_draft_from
from core.policies.yaml_text import read_yaml
from core.refusals import Invalid, Refusal
from core.rights import Action, may_ever
from core.staff_pages.edits import in_words
from core.staff_pages.policy_facts import (
    ACTS,
    NOT_THERE,
    PolicyRights,
    approvals_in_words,
    carry_out,
    ending_of,
    keys_of,
    own_approval,
    people_in_words,
    way_back,
)
from core.staff_pages.site_time import at_site
from core.text.languages import when_in_words, zone_in_words

ROWS = 26


class DraftForm(CleanText, Form):
    """A draft: for which key and whom, with a content that is checked by the key's own dataclass."""

    key = ChoiceField(label=gettext_lazy("Policy"))
    site = ModelChoiceField(Site.objects.none(), label=gettext_lazy("Site"))
    text = CharField(  # YAML means something by the blanks at the beginning of its lines
        label=gettext_lazy("Content, as YAML"),
        strip=False,
        widget=Textarea(attrs={"class": "yaml", "rows": ROWS, "cols": 90}),
    )

    def __init__(self, *args: Any, rights: PolicyRights, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rights = rights
        key: Any = self.fields["key"]
        key.choices = [(one.key, one.key) for one in rights.kinds()]
        site: Any = self.fields["site"]
        site.queryset, site.required = rights.sites(), not rights.for_all
        site.empty_label = _("All sites") if rights.for_all else None

    def clean(self) -> dict[str, Any]:
        """Read the content; each place that is wrong is named beside it."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if {"key", "site"} <= cleaned.keys() and not self.rights.may_publish(
            Policy(key=cleaned["key"], site=cleaned["site"])
        ):
            self.add_error("site", NOT_THERE)
        if "text" in cleaned and "key" in cleaned:
            try:
                cleaned["content"] = read_yaml(cleaned["text"])
                policy_key(cleaned["key"]).read(cleaned["content"])
            except Invalid as refusal:
                errors: Any = refusal.facts["errors"]
                self.add_error("text", ErrorList([f"{one['pointer']}: {one['detail']}" for one in errors]))
        return cleaned


class StartForm(Form):
    """From when a draft is to hold."""

    starts_at = DateTimeField(
        label=gettext_lazy("From"), required=False, widget=DateTimeInput(attrs={"placeholder": "2026-12-01 00:00"})
    )


@admin.register(Policy)
class PolicyAdmin(ReadOnly):
    """All policies with their state and range. What is published stays; what is to be different is a new draft."""

    list_display = ("__str__", "scope", "audience", "state_now", "begins", "ends", "short_hash")
    list_filter = ("key", "state", ("site", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("site",)

    def within(self, sites: frozenset[int]) -> Q:
        """Return the policies for all sites and those of these sites."""
        return Q(site=None) | Q(site__in=sites)

    def sites(self, request: HttpRequest) -> frozenset[int]:
        """Return the sites whose policies somebody sees."""
        return _rights(request).sees

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether somebody sees policies at all."""
        return is_superuser(request) or may_ever(principal_of(request), Action.SEE_POLICIES)

    has_module_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether somebody drafts policies, for a site of theirs or for all."""
        return _rights(request).may_draft()

    def get_urls(self) -> list[URLPattern]:
        """Add a policy's content as a file, and the page on which a draft is changed."""
        pages: list[tuple[str, Callable[..., HttpResponse], str]] = [
            ("<int:pk>/export/", self.export_view, "core_policy_export"),
            ("<int:pk>/revise/", self.revise_view, "core_policy_revise"),
        ]
        mine = [path(route, self.admin_site.admin_view(view), name=name) for route, view, name in pages]
        return [*mine, *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Make a draft, of what another row says (`?of=`) or of nothing."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        row = self._row(request, request.GET["of"]) if request.GET.get("of") else None
        return self._draft_page(request, row, title=_("New draft"), save=self._drafted)

    def revise_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change a draft."""
        row = self._row(request, pk)
        if not _rights(request).may_publish(row):
            raise PermissionDenied
        if row.state not in policies.OPEN:
            return HttpResponseRedirect(_page(row))
        return self._draft_page(request, row, title=_("Change %s") % row, save=self._revised)

    def export_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give a policy's content as a YAML file, as the command reads and writes it."""
        row = self._row(request, pk)
        text = f"# {row}, {row.state}, sha256 {row.content_hash}\n{yaml_of(row)}"
        name = f"{row.key}-v{row.version}.yaml"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(text, content_type="application/yaml; charset=utf-8", headers=headers)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show a policy with what can be done about it, and of a draft what publishing it would change; or do it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method not in {"GET", "HEAD", "POST"}:
            return HttpResponseNotAllowed(["GET", "POST"])
        row = self._row(request, object_id)
        form = StartForm(request.POST if request.method == "POST" else None)
        starts_at = _start_at_site(row, form.cleaned_data["starts_at"]) if form.is_valid() else None
        if form.is_bound and form.is_valid() and request.POST.get("act") in ACTS:
            return self._done(request, row, starts_at)
        context = self.admin_site.each_context(request) | {"opts": self.opts, "title": str(row), "form": form}
        context |= _policy_facts(request, row) | self._look(request, row, starts_at)
        return TemplateResponse(request, "admin/core/policy/policy.html", context)

    def _look(self, request: HttpRequest, row: Policy, starts_at: datetime | None) -> dict[str, Any]:
        """Return what publishing a draft would change; a refusal is said on the page."""
        if row.state not in policies.OPEN:
            return {"found": None}
        try:
            found = policies.publication(row, at=clock.now(), starts_at=starts_at)
        except Refusal as refusal:
            self.message_user(request, in_words(refusal), messages.ERROR)
            return {"found": None}
        readable = _rights(request).reads_answers
        impact = policies.impact(row, found, at=clock.now(), names_at=readable)
        return {"found": found, "impact": impact, "lacking": max(0, found.needed - found.approved)}

    def _done(self, request: HttpRequest, row: Policy, starts_at: datetime | None) -> HttpResponse:
        """Do what was pressed, as the draft was seen. A refusal is said on the page."""
        act = request.POST["act"]
        if not _rights(request).may_do(act, row):
            raise PermissionDenied
        if act == "take-back" and "sure" not in request.POST:
            self.message_user(request, _("Nothing is changed yet. Tick that it is to be taken back."), messages.ERROR)
            return HttpResponseRedirect(_page(row))
        by, seen = principal_of(request), request.POST.get("seen", "")
        try:
            said = carry_out(act, row, by=by, at=clock.now(), seen=seen, starts_at=starts_at)
        except Refusal as refusal:
            self.message_user(request, in_words(refusal), messages.ERROR)
        else:
            self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(_page(row))

    def _draft_page(
        self, request: HttpRequest, row: Policy | None, *, title: str, save: Callable[..., Policy]
    ) -> HttpResponse:
        begins = {"key": row.key, "site": row.site_id, "text": yaml_of(row)} if row else _begins(request)
        given = request.POST if request.method == "POST" else None
        rights = _rights(request)
        form = DraftForm(given, initial=begins, rights=rights)
        if form.is_valid():
            try:
                saved = save(request, row, form.cleaned_data)
            except Refusal as refusal:
                self.message_user(request, in_words(refusal), messages.ERROR)
            else:
                return HttpResponseRedirect(_page(saved))
        context = self.admin_site.each_context(request) | {"form": form, "title": title, "opts": self.opts}
        context["seen"] = request.POST.get("seen") or (row.content_hash if row else "")
        return TemplateResponse(request, "admin/core/policy/draft.html", context, status=422 if form.is_bound else 200)

    def _drafted(self, request: HttpRequest, row: Policy | None, cleaned: dict[str, Any]) -> Policy:
        scope = {"site": cleaned["site"], "audience": EVERY_AUDIENCE, "based_on": row}
        return policies.draft(cleaned["key"], cleaned["content"], by=principal_of(request), at=clock.now(), **scope)

    def _revised(self, request: HttpRequest, row: Policy, cleaned: dict[str, Any]) -> Policy:
        seen = request.POST.get("seen", "")
        return policies.revise(row.pk, cleaned["content"], by=principal_of(request), seen=seen)

    def _row(self, request: HttpRequest, pk: object) -> Policy:
        row: Policy | None = self.get_object(request, str(pk)) if self.has_view_permission(request) else None
        if row is None:
            raise Http404
        return row

    @admin.display(description=gettext_lazy("site"), ordering="site")
    def scope(self, row: Policy) -> str:
        """Say where it holds."""
        return str(row.site) if row.site else _("all sites")

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_now(self, row: Policy) -> str:
        """Say how far it has come; one that held and holds no more has ended."""
        ended = row.state == PolicyState.PUBLISHED and row.effective.upper and row.effective.upper <= clock.now()
        return _("ended") if ended else row.get_state_display()

    @admin.display(description=gettext_lazy("from"), ordering="effective")
    def begins(self, row: Policy) -> str:
        """Say from when it holds; a draft holds at no time yet."""
        return "" if row.state in policies.OPEN else _when(row, row.effective.lower) or _("the start")

    @admin.display(description=gettext_lazy("until"))
    def ends(self, row: Policy) -> str:
        """Say until when it holds."""
        return "" if row.state in policies.OPEN else _when(row, row.effective.upper)

    @admin.display(description=gettext_lazy("hash"))
    def short_hash(self, row: Policy) -> str:
        """Return the beginning of the hash of its content: the same content has the same."""
        return row.content_hash[:12]


def _policy_facts(request: HttpRequest, row: Policy) -> dict[str, Any]:
    """Return what a policy's page shows of it, and what whoever looks may do."""
    rights, open_, zone = _rights(request), row.state in policies.OPEN, _zone(row)
    names, ending = people_in_words(keys_of([row])), ending_of(row)
    ended = f"{people_in_words([ending.ended_by])[ending.ended_by]}, {_when(row, ending.ended_at)}" if ending else ""
    return (
        {
            "policy": row,
            "content": yaml_of(row),
            "values": values_of(row),
            "begins": _when(row, row.effective.lower),
            "ends": _when(row, row.effective.upper),
            "open": open_,
            "approvals": approvals_in_words(row, names, lambda moment: _when(row, moment)),
            "writers": [names[one] for one in row.written_by],
            "zone": zone_in_words(zone),
            "may_edit": rights.may_publish(row),
            "may_draft": rights.may_draft(row.key),
            "ended": ended,
        }
        | own_approval(row, rights)
        | way_back(row, rights, at=clock.now())
    )


def _begins(request: HttpRequest) -> dict[str, str]:
    """Return with what a draft of nothing begins: of a kind with its text, where one comes with the release."""
    key, site = request.GET.get("key", ""), request.GET.get("site", "")
    return {"key": key, "site": site, "text": yaml_to_draft_from(key)}


def _rights(request: HttpRequest) -> PolicyRights:
    return PolicyRights.of(principal_of(request), superuser=is_superuser(request))


def _page(row: Policy) -> str:
    return reverse("admin:core_policy_change", args=[row.pk])


def _start_at_site(row: Policy, typed: datetime | None) -> datetime | None:
    """Return when the clock of a policy's site reads what was typed, as the page says beside the field."""
    return at_site(typed, row.site) if typed and row.site else typed


def _zone(row: Policy) -> Any:
    """Return the site's zone, or that of the site where whoever looks works."""
    return row.site.tz if row.site else timezone.get_current_timezone()


def _when(row: Policy, moment: datetime | None) -> str:
    return when_in_words(moment, _zone(row)) if moment else ""
