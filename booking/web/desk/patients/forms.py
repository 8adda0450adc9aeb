"""What is corrected of a record at the desk: who somebody is, and how they are reached."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.actions.patients.patients import Given
from booking.models import Patient
from booking.models.patients import ContactSystem
from booking.web.desk.families.new_person_forms import NewAtSiteForm
from core.principal import Principal
from core.rights import Action, Subject, may
from core.text.languages import language_in_words
from core.text.phone_numbers import country_of

WHO_THEY_ARE, HOW_REACHED = ("name", "birth_date"), ("email", "phone", "language")
ASIDE = frozenset({"seen", "email_asked", "birth_date_asked"})
"""What goes along with a page, and is no part of a record."""


class CorrectionForm(NewAtSiteForm):
    """A record as it stands, to be corrected as far as somebody may. `seen`: as which it was looked at."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any, patient: Patient, *, fields: frozenset[str], seen: int, on: date) -> None:  # noqa: ANN401
        super().__init__(data, on=on, country=country_of(patient.site.zone))
        for name in set(self.fields) - fields - ASIDE:
            del self.fields[name]
        born = patient.birth_date
        self.initial = {
            "name": patient.name,
            "birth_date": f"{born.month}/{born.day}/{born.year}",
            "email": _first(patient, ContactSystem.EMAIL),
            "phone": _first(patient, ContactSystem.PHONE),
            "language": patient.language,
            "seen": seen,
        }
        self.known_address = str(self.initial["email"])
        if "language" in self.fields:
            self._offer_language(patient.language)
        if "email" in self.fields:
            self.fields["email"].help_text = _("Another address ends the links that the old one holds. Both are told.")

    def _offer_language(self, tag: str) -> None:
        """Offer the one that they read as well, where it is not among those that are offered to everybody."""
        field: Any = self.fields["language"]
        if tag not in dict(field.choices):
            field.choices = [*field.choices, (tag, language_in_words(tag))]

    def clean(self) -> dict[str, Any]:
        """Ask for one way to reach them, where those are corrected."""
        return super().clean() if "phone" in self.fields else self.cleaned_data

    def given(self) -> Given:
        """Return what was changed; the rest stays, as others may have changed it. The form must be valid."""
        changed = set(self.changed_data) - ASIDE
        given: Any = {name: value for name, value in self.cleaned_data.items() if name in changed}
        return given  # type: ignore[no-any-return]


def correctable(by: Principal, subject: Subject) -> frozenset[str]:
    """Return what somebody may correct of a record."""
    who = WHO_THEY_ARE if may(by, Action.CORRECT_PATIENT, subject) else ()
    return frozenset({*who, *(HOW_REACHED if may(by, Action.EDIT_PATIENT, subject) else ())})


def _first(patient: Patient, system: str) -> str:
    """Return how somebody is reached first, as people write it. Needs the site and the contacts."""
    points = sorted((one for one in patient.contacts.all() if one.system == system), key=lambda one: (one.rank, one.pk))
    return points[0].readable(country_of(patient.site.zone)) if points else ""
