"""What staff type of who takes part in a program, and of a referral that has come."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.models.referrals import MOST_VISITS
from booking.web.labels import wrong_day
from core.form_errors import SaysWhatToDo
from core.models import Site
from core.text.languages import localized
from core.text.typed_dates import date_typed
from scheduler import public as scheduler


def program_choices(site: Site) -> list[tuple[str, str]]:
    """Return (key, name in the reader's language) pairs."""
    return [(one.key, localized(one.name)) for one in scheduler.programs_at(site.pk)]


class DayField(forms.CharField):
    """A day as people write it; None where it is left empty."""

    def clean(self, value: Any) -> Any:  # noqa: ANN401  (as Django has it)
        """Return the day. Raises ValidationError."""
        text = super().clean(value)
        if not text:
            return None
        day = date_typed(text)
        if day is None:
            raise forms.ValidationError(wrong_day(text))
        return day


class EndForm(SaysWhatToDo, forms.Form):
    """On which day an enrolment ends."""

    ends_on = DayField(
        label=_("Ends on"), required=False, max_length=40, help_text=_("Month/day/year. Leave it empty for no end.")
    )


class EnrolForm(EndForm):
    """In which program somebody takes part, and until when."""

    program = forms.ChoiceField(label=_("Program"))
    field_order = ("program", "ends_on")

    def __init__(self, data: Any, site: Site, *, auto_id: str = "enrol-%s") -> None:  # noqa: ANN401
        super().__init__(data, auto_id=auto_id)
        program: Any = self.fields["program"]
        program.choices = program_choices(site)


class ReferralForm(SaysWhatToDo, forms.Form):
    """What stands on a referral."""

    program = forms.ChoiceField(label=_("For which program"))
    referred_by = forms.CharField(
        label=_("Who sends them"), max_length=120, help_text=_("As it stands on the paper, such as Dr. Moore.")
    )
    visits_allowed = forms.IntegerField(
        label=_("For how many appointments"),
        min_value=1,
        max_value=MOST_VISITS,
        initial=6,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    expires_on = DayField(
        label=_("Not valid from"),
        max_length=40,
        help_text=_("Month/day/year: from this day on it is not valid."),
    )

    def __init__(self, data: Any, site: Site) -> None:  # noqa: ANN401  (what was posted)
        super().__init__(data, auto_id="referral-%s")
        program: Any = self.fields["program"]
        program.choices = program_choices(site)
        asking = [one.key for one in scheduler.programs_at(site.pk) if one.referral_required]
        program.initial = asking[0] if asking else None


def add_to_field(form: forms.Form, pointer: str, detail: str) -> None:
    """Put a refusal beside the field that it is about, or on top."""
    name = pointer.strip("/")
    form.add_error(name if name in form.fields else None, detail)
