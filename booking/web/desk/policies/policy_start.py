"""From when a draft is to hold: a day and a time by the clock of the site, as they are typed."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.form_errors import SaysWhatToDo
from core.forms import CleanText
from core.text.typed_dates import date_typed, what_is_impossible


class PolicyStartForm(SaysWhatToDo, CleanText, forms.Form):
    """From when a draft is to hold; without a day, from now on."""

    from_day = forms.CharField(
        label=gettext_lazy("From this day on"),
        help_text=gettext_lazy("Such as 1/4/2027. Left empty: from now on."),
        required=False,
        widget=forms.TextInput(attrs={"class": "short", "autocomplete": "off"}),
    )
    from_time = forms.CharField(
        label=gettext_lazy("At this time"),
        help_text=gettext_lazy("Such as 14:30. Left empty: from the beginning of the day."),
        required=False,
        widget=forms.TextInput(attrs={"class": "short", "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        """Read both. A time without a day is none."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        day, at = cleaned.get("from_day", ""), cleaned.get("from_time", "")
        cleaned["day"], cleaned["time"] = date_typed(day) if day else None, _time(at)
        if day and cleaned["day"] is None:
            self.add_error("from_day", what_is_impossible(day) or _("Please write a day such as 1/4/2027."))
        if at and not day:
            self.add_error("from_day", _("Please say on which day."))
        if at and cleaned["time"] is None:
            self.add_error("from_time", _("Please write a time such as 14:30."))
        return cleaned


def _time(typed: str) -> time | None:
    try:
        read = time.fromisoformat(typed.zfill(len("09:00"))) if typed else time()
    except ValueError:
        return None
    return read if read.tzinfo is None else None


def read_start(form: PolicyStartForm, zone: ZoneInfo) -> datetime | None:
    """Return the moment that was typed, by the clock of a site; None for now, or where it cannot be read."""
    if not form.is_bound or not form.is_valid() or form.cleaned_data["day"] is None:
        return None
    return datetime.combine(form.cleaned_data["day"], form.cleaned_data["time"], zone)
