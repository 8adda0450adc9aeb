"""Drafting a policy: from the one that holds, from a file or from nothing; and changing a draft."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.web.desk.policies.page import PolicyVisit, rights_of, visited
from booking.web.desk.shell import Desk, desk_of, staff_page
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.principals import principal_of
from core.form_errors import SaysWhatToDo
from core.forms import CleanText, described, problems
from core.models import EVERY_AUDIENCE, Policy, Site
from core.policies.actions import policies
from core.policies.keys import policy_key, title_of, yaml_of, yaml_to_draft_from
from core.policies.yaml_text import lines_of, read_yaml
from core.refusals import Invalid, Refusal
from core.rights import Action
from core.staff_pages.edits import in_words
from core.staff_pages.policy_facts import NOT_THERE, PolicyRights

ROWS = 24
MOST_DIGITS = 20


class PolicyDraftForm(SaysWhatToDo, CleanText, forms.Form):
    """A draft: of which kind and for whom, where, and what it says."""

    kind = forms.ChoiceField(label=gettext_lazy("What it is about"))
    place = forms.ModelChoiceField(
        Site.objects.none(), label=gettext_lazy("Where it holds"), to_field_name="key", empty_label=None
    )
    text = forms.CharField(  # YAML means something by the blanks at the beginning of its lines
        label=gettext_lazy("What it says, as YAML"),
        strip=False,
        widget=forms.Textarea(
            attrs={
                "class": "yaml",
                "rows": ROWS,
                "spellcheck": "false",
                "data-file": ".yaml,.yml",
                "data-file-label": gettext_lazy("Or take it from a file"),
            }
        ),
    )

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        rights: PolicyRights,
        row: Policy | None = None,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.choices = _kinds(rights)
        place: Any = self.fields["place"]
        place.queryset, place.required = rights.sites(), not rights.for_all
        place.empty_label = _("All sites") if rights.for_all else None
        self.rights, self.row = rights, row
        if row is not None:
            del self.fields["kind"], self.fields["place"]

    def clean(self) -> dict[str, Any]:
        """Read the content; what is wrong is named with its line."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        kind = f"{self.row.key}:{self.row.audience}" if self.row else cleaned.get("kind", "")
        cleaned["key"], _colon, cleaned["audience"] = kind.partition(":")
        if (
            self.row is None
            and kind
            and "place" in cleaned
            and not self.rights.may_publish(Policy(key=cleaned["key"], site=cleaned["place"]))
        ):
            self.add_error("place", NOT_THERE)
        if kind and "text" in cleaned:
            try:
                cleaned["content"] = read_yaml(cleaned["text"])
                policy_key(cleaned["key"]).of(cleaned["audience"]).read(cleaned["content"])
            except Invalid as refusal:
                self.show(refusal, cleaned["text"])
        return cleaned

    def show(self, refusal: Refusal, text: str) -> None:
        """Put a refusal beside the text, each place of it with its line, in the order of the lines."""
        errors: Any = refusal.facts.get("errors") or [{"pointer": "", "detail": str(refusal)}]
        lines = lines_of(text)
        errors = sorted(errors, key=lambda one: lines.get(_place(one["pointer"], lines), 0))
        self.add_error("text", [_with_line(one["pointer"], one["detail"], lines) for one in errors])


def _with_line(pointer: str, detail: str, lines: dict[str, int]) -> str:
    """Return what is wrong with the line in which it stands, or in which what holds it stands.

    What holds all of it stands nowhere: of what is missing there, or left as it is where nothing is said, no line is
    named.
    """
    at = _place(pointer, lines)
    name = pointer.strip("/").replace("/", ", ")
    if at and at in lines:
        where = _("Line %d") % lines[at]
        return f"{where} ({name}): {detail}" if name else f"{where}: {detail}"
    return f"{name}: {detail}" if name else detail


def _place(pointer: str, lines: dict[str, int]) -> str:
    """Return what has a line of its own: what a pointer names, or else what holds it."""
    return pointer if pointer in lines else pointer.rpartition("/")[0]


def _kinds(rights: PolicyRights) -> list[tuple[str, str]]:
    found = [
        (key.key, audience) for key in rights.kinds() for audience in dict.fromkeys((*key.kinds(), EVERY_AUDIENCE))
    ]
    return [(f"{key}:{audience}", title_of(Policy(key=key, audience=audience))) for key, audience in found]


@asked_or_sent
@staff_page(Action.DRAFT_SIGNED_POLICIES)
def policy_new(request: HttpRequest) -> HttpResponse:
    """Make a draft of what another one says (`?of=`), of what is shipped to draft from (`?kind=`), or of nothing."""
    at, of = clock.now(), request.GET.get("of", "")
    desk, rights = desk_of(request, Action.DRAFT_SIGNED_POLICIES, at=at), rights_of(request)
    base = visited(request, int(of), at=at).row if of.isdecimal() and len(of) < MOST_DIGITS else None
    given = request.POST if request.method == "POST" else None
    form = PolicyDraftForm(given, initial=_begins(request, desk, base), rights=rights)
    if form.is_valid():
        what = form.cleaned_data
        where = {"site": what["place"], "audience": what["audience"]}
        try:
            by = principal_of(request)
            made = policies.draft(what["key"], what["content"], by=by, at=at, based_on=base, **where)
        except Refusal as refusal:
            form.show(refusal, what["text"])
        else:
            return redirect(reverse("desk-policy", args=[made.pk]) + desk.where)
    return _page(request, desk, form, back=reverse("desk-policies") + desk.where)


@asked_or_sent
@staff_page(Action.DRAFT_SIGNED_POLICIES)
def policy_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a draft says; approvals of what it said before do not count then."""
    found = visited(request, pk, at=clock.now())
    if not found.rights.may_publish(found.row):
        raise PermissionDenied
    if found.row.state not in policies.OPEN:
        return redirect(found.url)
    return _change(request, found)


def _change(request: HttpRequest, found: PolicyVisit) -> HttpResponse:
    row, given = found.row, request.POST if request.method == "POST" else None
    form = PolicyDraftForm(given, initial={"text": yaml_of(row)}, rights=found.rights, row=row)
    seen = request.POST.get("seen") or row.content_hash
    if form.is_valid():
        try:
            policies.revise(row.pk, form.cleaned_data["content"], by=principal_of(request), seen=seen)
        except Refusal as refusal:
            form.add_error(None, in_words(refusal))
        else:
            return redirect(found.url)
    return _page(request, found.desk, form, back=found.url, row=row, seen=seen)


def _begins(request: HttpRequest, desk: Desk, base: Policy | None) -> dict[str, Any]:
    """Return with what the form of a new draft begins."""
    if base is not None:
        place = base.site.key if base.site else desk.site.key
        return {"kind": f"{base.key}:{base.audience}", "place": place, "text": yaml_of(base)}
    kind = request.GET.get("kind", "")
    return {"kind": kind, "place": desk.site.key, "text": yaml_to_draft_from(kind.partition(":")[0])}


def _page(
    request: HttpRequest, desk: Desk, form: PolicyDraftForm, *, back: str, row: Policy | None = None, seen: str = ""
) -> HttpResponse:
    context = {
        "desk": desk,
        "form": described(form),
        "problems": problems(form) if form.is_bound else [],
        "back": back,
        "policy": row,
        "title": title_of(row) if row else "",
        "seen": seen,
    }
    return render(request, "booking/desk/policy_draft.html", context, status=422 if form.errors else 200)
