"""What is asked of a colleague who signs in: who it is, what they act as, until when."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.form_errors import SaysWhatToDo
from core.forms import AddressInput, CleanText
from core.roles import GIVEN, Role
from core.text.typed_dates import date_typed, what_is_impossible

A_DAY = timedelta(days=1)
ROLES = [("", gettext_lazy("Choose")), *((role.value, role.label) for role in GIVEN if role is not Role.CLIENT)]
"""What somebody acts as who signs in at the desk; programs that act by themselves are set up in the admin."""


class LastDayField(forms.CharField):
    """The last day of a role, as people write it; None where it goes on."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Last day"),
            required=False,
            max_length=40,
            help_text=_("Such as 6/30/2027. Leave it empty, and it goes on until somebody ends it."),
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )

    def clean(self, value: Any) -> date | None:  # noqa: ANN401  (as Django has it)
        """Return the day. Raises ValidationError."""
        text = super().clean(value)
        found = date_typed(text) if text else None
        if text and found is None:
            wrong = what_is_impossible(text)
            raise forms.ValidationError(wrong or _("Please type a day such as 6/30/2027, or leave it empty."))
        return found


class ActsAsForm(SaysWhatToDo, CleanText, forms.Form):
    """What somebody acts as, and until when."""

    role = forms.ChoiceField(label=gettext_lazy("Acts as"), choices=ROLES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  (as Django has it)
        super().__init__(*args, **kwargs)
        self.fields["ends_on"] = LastDayField()

    def until(self, zone: ZoneInfo) -> datetime | None:
        """Return when it ends: with the last day, by the clock of the site."""
        last: date | None = self.cleaned_data["ends_on"]
        return datetime.combine(last + A_DAY, time(), zone) if last else None


class ColleagueForm(SaysWhatToDo, CleanText, forms.Form):
    """Who signs in, and how to write to them."""

    name = forms.CharField(label=gettext_lazy("First and last name"), max_length=150)
    email = forms.CharField(label=gettext_lazy("E-mail address"), max_length=254, widget=AddressInput)


class NewColleagueForm(ColleagueForm, ActsAsForm):
    """Somebody new, with what they act as first."""

    username = forms.CharField(
        label=gettext_lazy("Username"),
        max_length=150,
        help_text=gettext_lazy("They sign in with it. It stays."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    field_order = ("name", "username", "email", "role", "ends_on")
