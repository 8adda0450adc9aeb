"""Programs in Django's admin: whoever keeps a calendar looks at them, who sets up all their sites changes them."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core import clock
from core.accounts.principals import principal_of
from core.admin import ReadOnly
from core.forms import ChangesForm, CleanText
from core.models import Site
from core.principal import Principal
from core.refusals import Invalid
from core.text.languages import BASE, localized
from core.updates import lock_row
from scheduler.actions.programs import change_program, refuse_beyond
from scheduler.admin.edit_history import ShowsEdits
from scheduler.catalogue.english_texts import english
from scheduler.models import Practitioner, Program, Therapy
from scheduler.setup_forms.catalogue import line
from scheduler.setup_forms.edit_scope import edit_scope_of
from scheduler.setup_forms.fields import LocalizedMultipleChoiceField

COLUMNS = ("key", "name", "families", "referral_required", "active")
HAS = ("sites", "therapies", "practitioners")


class ProgramForm(CleanText, ChangesForm):
    """A program: what it is called, what it has, and what it asks for. Of its name this form knows English alone."""

    name = line(_("Name"), longest=120)
    sites = LocalizedMultipleChoiceField(
        queryset=Site.objects.filter(active=True), required=False, help_text=_("None: all sites.")
    )
    therapies = LocalizedMultipleChoiceField(
        queryset=Therapy.objects.filter(active=True), required=False, help_text=_("None: all therapies.")
    )
    practitioners = LocalizedMultipleChoiceField(
        queryset=Practitioner.objects.filter(active=True), required=False, help_text=_("None: all practitioners.")
    )

    by: ClassVar[Principal]
    """Who edits: each request has a form of its own."""

    class Meta:
        model = Program
        fields = [*COLUMNS, *HAS]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["name"] = localized(self.instance.name, BASE) if self.instance.pk else ""
        self._names = dict(self.instance.name or {})

    def clean_name(self) -> dict[str, str]:
        """Return the name in all the languages that it has."""
        return english(self.cleaned_data["name"], self._names or None)

    def clean_sites(self) -> Any:
        """Return the sites. Raises ValidationError for one that whoever edits does not set up."""
        try:
            refuse_beyond(self.cleaned_data["sites"], by=self.by)
        except Invalid as refusal:
            errors: Any = refusal.facts["errors"]
            raise forms.ValidationError([str(one["detail"]) for one in errors]) from refusal
        return self.cleaned_data["sites"]

    def cleaned(self) -> dict[str, Any]:
        """Return what was typed or changed; a name with the other languages that the row has now."""
        values = self.sent(*COLUMNS, *HAS)
        if "name" in values and not self.adding:
            lock_row(self.instance)  # nobody changes the other languages meanwhile
            values["name"] = english(values["name"][BASE], self.instance.name)
        return values


@admin.register(Program)
class ProgramAdmin(ShowsEdits, ReadOnly):
    """Programs. One goes out of use and is not deleted: enrolments, referrals and policies name it."""

    form = ProgramForm
    list_display = ("__str__", "key", "families", "referral_required", "active")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether they set up every site: a new one is everywhere until its sites are named."""
        return self._sets_up(request, None)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether they set up all sites that have it."""
        return self._sets_up(request, obj if isinstance(obj, Program) else None)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """By its key enrolments, hours and policies name it: it stays."""
        return ("key",) if obj is not None else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write it with what it has."""
        change_program(obj, by=principal_of(request), at=clock.now(), **form.cleaned())

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form, which knows who edits."""
        form = super().get_form(request, obj, change=change, **kwargs)
        return type("ProgramForm", (form,), {"by": principal_of(request)})

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        """Leave what it has as `save_model` wrote it."""

    def _sets_up(self, request: HttpRequest, program: Program | None) -> bool:
        named = frozenset(program.sites.values_list("pk", flat=True)) if program and program.pk else frozenset()
        everywhere = frozenset(Site.objects.filter(active=True).values_list("pk", flat=True))
        mine = frozenset(edit_scope_of(request).catalogue)
        return bool(mine) and (named or everywhere) <= mine
