"""Who stands at the desk, or calls: found by what is typed, or entered as somebody new."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from django.http import HttpRequest

from booking import queries
from booking.actions.patients import patients
from booking.models import Patient
from booking.patients.patient_search import search
from booking.patients.record_errors import PossibleDuplicates
from booking.web.desk.families.new_person_forms import NewAtSiteForm
from booking.web.desk.shell import Desk
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.refusals import Invalid
from core.rights import Action, acting
from core.text.languages import date_in_words
from core.text.phone_numbers import country_of
from core.text.typed_dates import iso_date, no_such_day

MOST_FOUND = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChoice:
    """Somebody who may be meant. `url`: where it goes on with them."""

    name: str
    born: str
    reference: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSearch:
    """Whoever is looked for. `alike`: who may have a record already; `entered`: somebody new, who is entered now."""

    typed: str
    people: Sequence[PersonChoice]
    form: NewAtSiteForm
    alike: Sequence[PersonChoice] = ()
    entered: Patient | None = None

    @classmethod
    def of(cls, request: HttpRequest, desk: Desk, url: Callable[[object], str], *, at: datetime) -> Self:
        """Return who is found, or enter whoever was typed. `url`: where it goes on with somebody, by their id."""
        form = NewAtSiteForm(request.POST or None, on=desk.today, country=country_of(desk.site.zone))
        form.fields["language"].required = False  # English is written to whoever was not asked
        typed = request.GET.get("find", "").strip()
        by = acting(principal_of(request), Action.SEARCH_PATIENTS)
        found = search(queries.patients(by), typed).order_by("folded_name", "pk")[:MOST_FOUND] if typed else ()
        people = [
            PersonChoice(
                name=one.name, born=date_in_words(one.birth_date), reference=one.reference, url=url(one.public_id)
            )
            for one in found
        ]
        if typed and not people:
            _begin_with(form, typed)
        asked = cls(typed=typed, people=people, form=form)
        return asked._entering(request, desk, url, at=at) if request.method == "POST" and form.is_valid() else asked

    def _entering(self, request: HttpRequest, desk: Desk, url: Callable[[object], str], *, at: datetime) -> Self:
        try:
            return replace(self, entered=_entered(request, desk, self.form, at=at))
        except PossibleDuplicates as refusal:
            alike: Any = refusal.facts["candidates"]
            return replace(self, alike=[_choice(one, url) for one in alike])
        except Invalid as refusal:
            errors: Any = refusal.facts.get("errors", ())
            for error in errors:
                self.form.add_error(error["pointer"].strip("/"), error["detail"])
        return self

    @property
    def status(self) -> int:
        """The status of the page that asks."""
        if self.form.is_bound and self.form.errors:
            return 422
        return PossibleDuplicates.status if self.alike else 200

    def context(self) -> dict[str, Any]:
        """Return what the page shows of it."""
        return {
            "find": self.typed,
            "people": self.people,
            "no_such_day": no_such_day(self.typed),
            "form": described(self.form),
            "problems": problems(self.form) if self.form.is_bound else [],
            "alike": self.alike,
        }


def _begin_with(form: NewAtSiteForm, typed: str) -> None:
    """Let whoever is not found be entered where the typing stopped."""
    named = not any(one.isdigit() or one == "@" for one in typed)
    form.initial = {"name": typed} if named else {}
    form.fields["birth_date" if named else "name"].widget.attrs["autofocus"] = True


def _choice(one: dict[str, str], url: Callable[[object], str]) -> PersonChoice:
    born = date_in_words(iso_date(one["birth_date"]))
    return PersonChoice(name=one["name"], born=born, reference=one["reference"], url=url(one["id"]))


def _entered(request: HttpRequest, desk: Desk, form: NewAtSiteForm, *, at: datetime) -> Patient:
    another = form.cleaned_data["another_person"]
    return patients.enter(another_person=another, by=principal_of(request), at=at, **form.facts(desk.site))
