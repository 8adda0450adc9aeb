"""What members of a family type: their code, and who they are."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.actions.families.relatives import RelativeDetails
from booking.patients import contacts
from booking.web.forms import PersonForm, usable
from core.form_errors import SaysWhatToDo
from core.text.languages import language_in_words

LANGUAGES = ("en", "es", "zh-Hans", "pl", "ar", "fr", "de", "it", "pt", "ru")
"""In what people of the hospital's city are asked to be written to."""


class FamilyCodeForm(SaysWhatToDo, forms.Form):
    """The code of an invitation, as it is typed."""

    code = forms.CharField(
        label=_("Your code"),
        help_text=_("Eight letters and digits, such as K7M4-Q2Z9. Capital or small letters, with or without the dash."),
        max_length=60,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "short"}
        ),
        error_messages={"required": _("Type the code"), "max_length": _("This is longer than a code")},
    )


class RelativeForm(PersonForm):
    """Who comes: as when anybody books, and the language in which we write to them."""

    language = forms.ChoiceField(label=_("Language in which we write to you"))

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        on: date,
        country: str | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, on=on, country=country, initial=initial)
        field = self.fields["language"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (tells the type checker)
        field.choices = [(tag, language_in_words(tag)) for tag in LANGUAGES]

    def clean_language(self) -> str:
        """Return the language's tag."""
        return usable(contacts.language, str(self.cleaned_data["language"]))

    def details(self) -> RelativeDetails:
        """Return what was said. The form must be valid."""
        return RelativeDetails(**self.person(), language=self.cleaned_data["language"])
