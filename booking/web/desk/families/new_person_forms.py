"""What staff type of somebody new: a patient of a program, or a member of a patient's family."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.actions.families.family_links import Invitation
from booking.actions.patients.patients import Facts
from booking.families.status import FamilyRelation
from booking.web.desk.arrivals.walk_in_forms import NewPersonForm
from booking.web.desk.families.program_forms import DayField, program_choices
from booking.web.families.family_forms import LANGUAGES
from booking.web.labels import written_in_english
from core.models import Site
from core.text.languages import BASE, language_in_words
from core.text.phone_numbers import country_of


class NewAtSiteForm(NewPersonForm):
    """Who they are, how they are reached, and in which language."""

    language = forms.ChoiceField(label=_("Language in which we write to them"))

    def __init__(self, data: Mapping[str, Any] | None, *, on: date, country: str | None = None) -> None:
        super().__init__(data, on=on, country=country)
        language: Any = self.fields["language"]
        language.choices = [(tag, language_in_words(tag)) for tag in LANGUAGES]
        if any(written_in_english(tag) for tag in LANGUAGES):
            language.help_text = _("So far mails are in English. Whoever treats them sees what they read.")

    def facts(self, site: Site) -> Facts:
        """Return what was said of the person. The form must be valid."""
        said = self.cleaned_data
        return {
            "name": said["name"],
            "birth_date": said["birth_date"],
            "email": said["email"],
            "phone": said["phone"],
            "language": said["language"] or BASE,
            "site": site,
        }


class NewPatientForm(NewAtSiteForm):
    """Somebody new, and in which program they take part until when."""

    program = forms.ChoiceField(label=_("Program"), error_messages={"required": _("Choose the program")})
    ends_on = DayField(
        label=_("Takes part until"),
        required=False,
        max_length=40,
        help_text=_("Month/day/year: from this day on it counts for nothing. Leave it empty for no end."),
    )

    def __init__(self, data: Mapping[str, Any] | None, site: Site, *, on: date) -> None:
        super().__init__(data, on=on, country=country_of(site.zone))
        program: Any = self.fields["program"]
        choices = program_choices(site)
        # One program is no choice; of several nobody guesses.
        program.choices = choices if len(choices) == 1 else [("", _("Please choose")), *choices]


class NewRelativeForm(NewAtSiteForm):
    """Somebody of a patient's family, and why staff stand for them. `link`: so that sent twice it is done once."""

    link = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    relation = forms.ChoiceField(
        label=_("Who are they to the patient?"),
        choices=[("", _("Please choose")), *FamilyRelation.choices],
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose who they are")),
    )
    reason = forms.CharField(
        label=_("Why you stand for them"),
        max_length=200,
        help_text=_("Such as: we know them both. Nothing about health."),
        error_messages={"required": _("Say why you stand for them, in a few words")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def invitation(self) -> Invitation:
        """Return whom the link is for. The form must be valid."""
        said = self.cleaned_data
        return Invitation(public_id=said["link"], relation=FamilyRelation(said["relation"]), reason=said["reason"])
