"""A page with one form of set-up: something is added or changed, by the form and the action that the admin has too."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.actions.impact.choices import ChangedSince
from booking.actions.impact.setting_up import EntryChange
from booking.web.desk.impact.looking import says_what_it_looks_for
from booking.web.desk.impact.settling_form import impact_context, why_refused
from booking.web.desk.moving_in.entry_impact import (
    REST,
    SETTLE,
    SURE,
    answer_left,
    left_at,
    planned_change,
    settled,
)
from booking.web.desk.shell import Desk
from core import clock
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.refusals import Refusal
from core.text.languages import when_in_words
from core.text.sentences import as_sentence
from scheduler.public import Impact, setup_forms

EDITS_SHOWN = 12
CHANGE = "change"
"""What a press sends that leads back from what a change would do to the form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPage:
    """What a page adds or changes. `entry`: the row, None for a new one; `settled`: by field what nobody is asked here.

    `back`: the list to which it belongs, with its name; `within`: what can be chosen here, by field; `beside`: what
    else the page shows; `called`: what it is called once it is saved, where that is not its name.
    """

    form: type[setup_forms.CatalogueForm]
    entry: Any
    heading: str
    back: tuple[str, str]
    settled: dict[str, Any] = field(default_factory=dict)
    within: dict[str, Any] = field(default_factory=dict)
    beside: dict[str, Any] = field(default_factory=dict)
    called: str = ""

    @property
    def name(self) -> str:
        """What it is called, once it is there."""
        return self.called or str(self.entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormQuestion:
    """A field as it is drawn. `how`: "line", "choices" (each with a box) or "tick"; `shown`: what it showed before.

    `sent`: what was typed there, for a page that shows what that does.
    """

    bound: forms.BoundField
    how: str
    shown: str
    sent: str


def entry_of(form: type[setup_forms.CatalogueForm], request: HttpRequest, **named: Any) -> Any:  # noqa: ANN401  (a row of the scheduler's)
    """Return an entry at one of the sites that somebody sets up. Raises Http404."""
    found = form.rows_in_reach(setup_forms.edit_scope_of(request)).filter(**named).first()
    if found is None:
        raise Http404
    return found


@says_what_it_looks_for
def answer(request: HttpRequest, desk: Any, page: EntryPage) -> HttpResponse:  # noqa: ANN401  (a desk, or none yet)
    """Show the form; save what was sent, once whoever is left without cover was settled, or at least named."""
    if page.entry is not None and REST in request.GET:
        return answer_left(request, desk, page.entry, heading=page.heading, name=page.name, back=page.back)
    form = _form(request, page)
    edit = planned_change(form, page.entry, desk, page.name, at=clock.now()) if form.is_bound else None
    if edit:
        form.settles_each()
    valid = form.is_bound and form.is_valid()
    question = form.question if list(form.errors) == ["anyway"] else ""
    if question:
        form.errors.pop("anyway")  # what is only to be confirmed is no error, and does not look like one
    if CHANGE in request.POST:
        return _drawn(request, desk, page, form, {})
    if edit and question:
        return _settling(request, desk, page, form, edit)
    if not valid:
        return _drawn(request, desk, page, form, {"question": question})
    try:
        _tell(request, form.act(), page.called)
    except Refusal as refusal:
        return _refused(request, desk, page, form, refusal)
    return redirect(page.back[0])


def _settling(request: HttpRequest, desk: Desk, page: EntryPage, form: Any, edit: EntryChange) -> HttpResponse:  # noqa: ANN401  (a form of whichever kind)
    """Show what becomes of each appointment; save it with the change, once it was seen."""
    context, status = dict[str, Any](), HTTPStatus.OK
    try:
        if request.POST.get(SURE) == SETTLE:
            said = as_sentence(_("Saved: %(what)s") % {"what": page.name})
            return settled(request, desk, edit, said, page.back[0])
    except ChangedSince as changed:
        context["note"], status = why_refused(changed), HTTPStatus(changed.status)
    except Refusal as refusal:
        return _refused(request, desk, page, form, refusal)
    try:
        context |= impact_context(edit, request, desk, by=principal_of(request), at=clock.now())
    except Refusal as refusal:
        return _refused(request, desk, page, form, refusal)
    return _drawn(request, desk, page, form, context | {"settles": True}, status=status)


def _refused(request: HttpRequest, desk: Any, page: EntryPage, form: Any, refusal: Refusal) -> HttpResponse:  # noqa: ANN401  (as above)
    """Show the form as it was sent, with what is refused."""
    form.show(refusal)
    return _drawn(request, desk, page, form, {}, status=HTTPStatus(refusal.status))


def _drawn(
    request: HttpRequest,
    desk: Any,  # noqa: ANN401  (a desk, or none yet)
    page: EntryPage,
    form: Any,  # noqa: ANN401  (a form of whichever kind)
    context: dict[str, Any],
    *,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    wrong = problems(form) if form.is_bound else []
    if wrong and status == HTTPStatus.OK:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    context |= {"desk": desk, "page": page, "form": form, "problems": wrong, **page.beside}
    if page.entry:
        edits = setup_forms.edits_of(page.entry, zone=desk.site.tz, most=EDITS_SHOWN)
        context["edits"] = edits_shown(edits, desk.site.tz)
        if not form.is_bound:
            context["left"] = left_at(page.entry, desk, request.path, by=principal_of(request), at=clock.now())
    described(form)
    context |= {"fields": [_shown(one) for one in form.visible_fields()], "hidden": form.hidden_fields()}
    return render(request, "booking/desk/setup_entry.html", context, status=status)


def edits_shown(edits: Iterable[Any], zone: ZoneInfo) -> list[dict[str, str]]:
    """Return who changed something, when by the clock of the clinic, and how, as pages show it."""
    return [{"when": when_in_words(one.at, zone), "who": one.who, "what": one.what} for one in edits]


def _form(request: HttpRequest, page: EntryPage) -> Any:  # noqa: ANN401  (a form of whichever kind)
    scoped = type(page.form.__name__, (page.form,), {"scope": setup_forms.edit_scope_of(request)})
    form: Any = scoped(request.POST if request.method == "POST" else None, instance=page.entry)
    for name, value in page.settled.items():
        form.fields.pop(name, None)
        if form.adding:
            setattr(form.instance, name, value)
    for name, rows in page.within.items():
        if name in form.fields:
            form.fields[name].queryset = rows
            if len(rows) == 1 and form.adding:
                form.initial.setdefault(name, rows[0].pk)
    return _as_at_the_desk(form)


def _as_at_the_desk(form: Any) -> Any:  # noqa: ANN401  (as above)
    """Let a form look and read as all of the desk do."""
    for one in form.fields.values():
        if isinstance(one.widget, forms.NumberInput):
            one.widget.input_type = "text"
            one.widget.attrs["inputmode"] = "numeric"
        if isinstance(one, forms.ModelChoiceField) and one.empty_label:
            one.empty_label = _("Choose one")
        if _may_stay_empty(one):
            one.label = _("%(label)s (optional)") % {"label": one.label}
    if "active" in form.fields:
        form.fields["active"].label = _("In use")
    return form


def _may_stay_empty(field: forms.Field) -> bool:
    """Whether a field is left empty by whoever has nothing to say there; what is ticked, or filled in, asks nothing."""
    asks = not isinstance(field, forms.BooleanField | forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
    return asks and not field.required and field.initial in {None, ""} and not field.widget.is_hidden


def _shown(bound: forms.BoundField) -> FormQuestion:
    widget = bound.field.widget
    how = "choices" if bound.use_fieldset else "tick" if isinstance(widget, forms.CheckboxInput) else "line"
    shown = bound.as_hidden(only_initial=True) if bound.field.show_hidden_initial else ""
    sent = bound.field.hidden_widget().render(bound.html_name, bound.value())
    return FormQuestion(bound=bound, how=how, shown=shown, sent=sent)


def _tell(request: HttpRequest, impact: Impact[Any], called: str) -> None:
    """Say that it is saved, whom it leaves without cover, and what else is to be known."""
    messages.success(request, as_sentence(_("Saved: %(what)s") % {"what": called or impact.row}))
    for one in dict.fromkeys(one.detail for one in impact.warnings):
        messages.warning(request, one)
    if left := len(impact.uncovered):
        said = ngettext(
            "%(count)d appointment or kept time is without cover: it stands under To do.",
            "%(count)d appointments or kept times are without cover: they stand under To do.",
            left,
        )
        messages.warning(request, said % {"count": left})
