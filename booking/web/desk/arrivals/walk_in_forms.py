"""What the desk types of somebody new who stands there: e-mail or phone, whichever they have."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.web.forms import PersonForm


class NewPersonForm(PersonForm):
    """Who they are, and how they are reached: one way at least."""

    phone = forms.CharField(
        label=_("Phone"),
        required=False,
        help_text=_("In full. From another country: with + and the country's code."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    field_order = ("name", "birth_date", "phone", "email")
    birth_date_unread: ClassVar = _("Enter their date of birth like 3/27/1961, with four digits for the year")
    birth_year_wrong: ClassVar = _("Check the year of their date of birth")
    mistyped: ClassVar = _("Ask them: is it %(meant)s? If %(typed)s is right, press the button again.")
    another_person = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, on: date, country: str | None = None) -> None:  # noqa: ANN401  (what was posted)
        super().__init__(data, on=on, country=country)
        self.fields["name"].error_messages["required"] = _("Enter their full name")
        self.fields["birth_date"].error_messages["required"] = _("Enter their date of birth")
        self.fields["email"].required = False
        self.fields["email"].help_text = _("May be empty where there is a phone number.")
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"

    def clean_email(self) -> str:
        """Return the address in the one form that is kept, empty where there is none."""
        return super().clean_email() if self.cleaned_data["email"] else ""

    def clean_phone(self) -> str:
        """Return it in the one form that is kept; as typed to whoever reads it by the country of a record's site."""
        return super().clean_phone() if self.country else str(self.cleaned_data["phone"])

    def clean(self) -> dict[str, Any]:
        """Ask for one way to reach them."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        unread = {"email", "phone"} & set(self.errors)
        if not (cleaned.get("email") or cleaned.get("phone")) and not unread:
            self.add_error("phone", _("Enter a phone number or an e-mail address: nobody could reach them"))
        return cleaned
