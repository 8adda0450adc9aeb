"""The form for a person's record in the admin: who they are and how they are reached."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from booking.actions.patients import patients
from booking.models import Patient
from booking.models.patients import ContactSystem
from core import clock
from core.forms import AddressInput
from core.models import Site
from core.rights import Action, sites_for
from core.staff_pages.account_forms import ActForm
from core.text.phone_numbers import country_of
from core.text.typed_dates import date_typed, what_is_impossible


class PatientRecordForm(ActForm):
    """A record to make or to correct."""

    birth_date = forms.CharField(label=_("Date of birth"), help_text=_("Month, day and year. For example, 3/27/1961"))
    email = forms.CharField(
        label=_("E-mail"),
        required=False,
        widget=AddressInput,
        help_text=_("May be empty where there is a phone number."),
    )
    phone = forms.CharField(
        label=_("Phone"), required=False, help_text=_("In full. From another country: with + and the country's code.")
    )
    another_person = forms.BooleanField(
        label=_("It is another person than those named above: add them"), required=False, widget=forms.HiddenInput
    )

    class Meta:
        model = Patient
        fields: ClassVar[list[str]] = ["name", "birth_date", "email", "phone", "language", "site"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.adding:
            self.fields["site"].queryset = Site.objects.filter(  # type: ignore[attr-defined]
                pk__in=sites_for(self.by, Action.REGISTER_PATIENT), active=True
            )
            return
        del self.fields["site"], self.fields["another_person"]
        # As it is typed here, month first: what comes back unchanged must be read as the same day.
        born: date = self.instance.birth_date
        self.initial.update(reached(self.instance), birth_date=f"{born.month}/{born.day}/{born.year}")

    def clean_birth_date(self) -> date:
        """Return the date, in whatever way it was typed."""
        born = date_typed(self.cleaned_data["birth_date"])
        if born is None:
            wrong = what_is_impossible(self.cleaned_data["birth_date"])
            raise forms.ValidationError(
                wrong or _("Give the date of birth like 3/27/1961, with four digits for the year.")
            )
        return born

    def clean(self) -> dict[str, Any]:
        """Name the records that may be of the same person, once, before another one is made."""
        cleaned: dict[str, Any] = super().clean()
        if self.adding and not self.errors and not cleaned.get("another_person"):
            found = patients.possible_duplicates(by=self.by, **self._facts())
            if found:
                # Shown only now: a box that is always there is ticked unread.
                self.fields["another_person"].widget = forms.CheckboxInput()
                named = "; ".join(f"{one.name}, {date_format(one.birth_date)}, {one.reference}" for one in found)
                self.add_error("another_person", _("There may be a record already: %(named)s") % {"named": named})
        return cleaned

    def act(self) -> Patient:
        """Make or correct the record. Raises Refusal."""
        done: dict[str, Any] = {"by": self.by, "at": clock.now()}
        if self.adding:
            return patients.enter(**self._facts(), another_person=True, **done)
        return patients.change(self.instance, **self.sent("name", "birth_date", "email", "phone", "language"), **done)

    def _facts(self) -> Any:
        return {name: self.cleaned_data[name] for name in ("name", "birth_date", "email", "phone", "language", "site")}


def reached(patient: Patient) -> dict[str, str]:
    """Return how a person is reached first, by kind, as people read it."""
    country = country_of(patient.site.zone)
    points = sorted(patient.contacts.all(), key=lambda point: (-point.rank, -point.pk))
    found = {ContactSystem.EMAIL.value: "", ContactSystem.PHONE.value: ""}
    return found | {point.system: point.readable(country) for point in points}
