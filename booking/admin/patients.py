"""People in Django's admin: to find, to add, to correct, and to merge where two records are of one person."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from booking import queries
from booking.actions.patients import merging
from booking.admin.appointments import reader
from booking.admin.patient_forms import PatientRecordForm, reached
from booking.admin.record_history import acts
from booking.models import Patient
from booking.patients import duplicates, patient_search
from booking.patients.search_words import SHORTEST_SEARCH, is_long_enough
from core import clock
from core.accounts.principals import principal_of
from core.principal import Principal
from core.refusals import Refusal
from core.rights import Action, acting, may_ever
from core.staff_pages.edits import EditsAsOne, in_words
from core.text.languages import date_in_words

# No pages: the second one would need what was typed in its address, where logs keep it.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Texts alone, ready for the template; `born` is in words, `reached` the first contact."""

    pk: int
    name: str
    born: str
    reached: str
    reference: str

    @property
    def appointments(self) -> str:
        """The address of the list of their appointments, past ones too."""
        return reverse("admin:booking_appointment_changelist", query={"patient__id__exact": self.pk, "when": "all"})

    @classmethod
    def of(cls, patient: Patient) -> "PersonRow":
        """Return the row of a record; needs its site and contacts."""
        contacts = ", ".join(value for value in reached(patient).values() if value)
        return cls(patient.pk, patient.name, date_in_words(patient.birth_date), contacts, patient.reference)


def searcher(request: HttpRequest) -> Principal:
    """Return who asks, with those roles alone that look for people."""
    return acting(reader(request), Action.SEARCH_PATIENTS)


def corrector(request: HttpRequest) -> Principal:
    """Return who asks, with those roles alone that correct and merge records."""
    return acting(principal_of(request), Action.CORRECT_PATIENT)


@admin.register(Patient)
class PatientAdmin(EditsAsOne):
    """The people of one's sites. Names are sent in a body: addresses are kept by logs and browsers."""

    form = PatientRecordForm

    def get_urls(self) -> list[Any]:
        """Add the page of possible duplicates."""
        view = self.admin_site.admin_view(self.duplicates_view)
        return [path("duplicates/", view, name="booking_patient_duplicates"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the records that somebody may look for."""
        return queries.patients(searcher(request))

    def has_view_permission(self, request: HttpRequest, obj: Patient | None = None) -> bool:
        """Whether somebody looks for people at all; whom, `get_queryset` says."""
        return bool(searcher(request).roles)

    has_module_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether somebody makes records, and sees whose there are."""
        return self.has_view_permission(request) and may_ever(principal_of(request), Action.REGISTER_PATIENT)

    def has_change_permission(self, request: HttpRequest, obj: Patient | None = None) -> bool:
        """Whether they correct this record."""
        mine = corrector(request)
        return (
            self.has_view_permission(request)
            and bool(mine.roles)
            and (obj is None or queries.patients(mine).filter(pk=obj.pk).exists())
        )

    def has_delete_permission(self, request: HttpRequest, obj: Patient | None = None) -> bool:
        """Nobody deletes a record."""
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form, which knows who acts."""
        if obj and not self.has_change_permission(request, obj):
            return super().get_form(request, obj, change=change, **kwargs)
        return type("PatientRecordForm", (PatientRecordForm,), {"by": principal_of(request)})

    def get_fields(self, request: HttpRequest, obj: Patient | None = None) -> Any:
        """Ask who they are and how they are reached; where the record was made stays."""
        fields = ["name", "birth_date", "email", "phone", "language"]
        if obj and not self.has_change_permission(request, obj):
            return ["name", "birth_date", "language"]
        return fields if obj else [*fields, "site", "another_person"]

    def save_model(self, request: HttpRequest, obj: Patient, form: Any, change: bool) -> None:
        """Save by the form's action, which locks and writes its own rows. Raises Refusal, said on a page."""
        # The admin goes on with `obj` (its log, its message): it must be what was saved, under the same identity.
        vars(obj).update(vars(form.act()))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the field for finding people, and whom it found."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        # Posted, although nothing is changed: what is typed here is a name, and addresses are logged.
        typed = request.POST.get("q", "")[:100]
        context = self._context(request, _("People")) | {"typed": typed, "found": None}
        if request.method == "POST" and is_long_enough(typed, shortest=SHORTEST_SEARCH):
            rows = list(patient_search.search(self.get_queryset(request), typed)[: SHOWN + 1])
            context |= {"found": [PersonRow.of(row) for row in rows[:SHOWN]], "more": len(rows) > SHOWN}
        elif request.method == "POST":
            context["too_short"] = _("Please give at least %(count)d letters or digits.") % {"count": SHORTEST_SEARCH}
        return TemplateResponse(request, "admin/booking/patient/change_list.html", context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what was done to a record, on these pages or elsewhere."""
        row = self.get_object(request, object_id)
        found = acts(row, contacts=self.has_change_permission(request, row)) if row else []
        return super().history_view(request, object_id, {**(extra_context or {}), "acts": found})

    def duplicates_view(self, request: HttpRequest) -> HttpResponse:
        """List the records that may be of one person, or merge or part two of them."""
        if not corrector(request).roles or not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._decided(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "POST"])
        found = duplicates.pairs(queries.patients(corrector(request)))
        pairs = [(PersonRow.of(one), PersonRow.of(other)) for one, other in found]
        context = self._context(request, _("Possible duplicates")) | {"pairs": pairs}
        return TemplateResponse(request, "admin/booking/patient/duplicates.html", context)

    def _decided(self, request: HttpRequest) -> HttpResponse:
        """Merge the two into the one to keep, or note that they are two people."""
        rows = queries.patients(corrector(request))
        named = [_number(request.POST.get(name)) for name in ("one", "other")]
        # Pressed twice, or two of the desk at once: the row of one of them is given up, and nobody did anything wrong.
        if Patient.objects.filter(pk__in=named, merged_into__in=rows.order_by().values("pk")).exists():
            self.message_user(request, _("These two have one record already."))
            return HttpResponseRedirect(reverse("admin:booking_patient_duplicates"))
        one, other = (get_object_or_404(rows, pk=pk) for pk in named)
        kept, given_up = (other, one) if request.POST.get("keep") == str(other.pk) else (one, other)
        done: dict[str, Any] = {"by": principal_of(request), "at": clock.now()}
        confirmed = bool(request.POST.get("confirmed"))
        try:
            if not request.POST.get("keep"):
                merging.keep_apart(one, other, **done)
                self.message_user(request, _("Noted: these are two people."))
                return HttpResponseRedirect(reverse("admin:booking_patient_duplicates"))
            merging.merge_or_try(kept=kept, given_up=given_up, confirmed=confirmed, **done)
        except Refusal as refusal:
            self.message_user(request, _with_facts(refusal), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:booking_patient_duplicates"))
        return self._merged(request, kept) if confirmed else self._asked(request, kept, given_up)

    def _merged(self, request: HttpRequest, kept: Patient) -> HttpResponse:
        message = _("%(name)s has one record now: %(reference)s.")
        self.message_user(request, message % {"name": kept.name, "reference": kept.reference})
        return HttpResponseRedirect(reverse("admin:booking_patient_duplicates"))

    def _asked(self, request: HttpRequest, kept: Patient, given_up: Patient) -> HttpResponse:
        """Show both records once more, and what becomes of each: nobody can take a merging back."""
        both = {"kept": PersonRow.of(kept), "given_up": PersonRow.of(given_up)}
        context = self._context(request, _("Are these one person?")) | both
        return TemplateResponse(request, "admin/booking/patient/merge_confirmation.html", context)

    def _context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        may = {"may_add": self.has_add_permission(request), "may_merge": bool(corrector(request).roles)}
        return self.admin_site.each_context(request) | may | {"title": title, "opts": self.opts}


def _with_facts(refusal: Refusal) -> str:
    """Return a refusal in words, with the visits that it names."""
    named = refusal.facts.get("appointments")
    return f"{in_words(refusal)} ({', '.join(map(str, named))})" if isinstance(named, list) else in_words(refusal)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and text.isascii() and len(text) < 19 else 0  # noqa: PLR2004  (a bigint)
