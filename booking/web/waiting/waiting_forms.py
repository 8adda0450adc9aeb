"""What somebody says of the times for which they wait."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.web.coming_days import coming_day
from booking.web.forms import PARTS_OF_DAY
from core.form_errors import SaysWhatToDo
from core.models import Site
from core.text.languages import language_in_words, localized, weekday_in_words
from scheduler.public import Offered

NOTICE = (
    (0, _("At once is fine")),
    (240, _("Four hours before")),
    (1440, _("A day before")),
    (2880, _("Two days before")),
)
"""How long before a time somebody must know, in minutes."""


class WaitingForm(SaysWhatToDo, forms.Form):
    """Which times suit somebody. Everything is optional but where; `on`: today there."""

    weekdays = forms.MultipleChoiceField(
        label=_("Days that suit you"), required=False, widget=forms.CheckboxSelectMultiple
    )
    part = forms.ChoiceField(
        label=_("Time of day"),
        required=False,
        choices=PARTS_OF_DAY,
    )
    practitioner = forms.ChoiceField(label=_("With"), required=False)
    site = forms.ChoiceField(label=_("Where"))
    language = forms.ChoiceField(label=_("Language they speak"), required=False)
    earliest = forms.CharField(
        label=_("From this day on (optional)"),
        required=False,
        help_text=_("Month and day, such as 12/3"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "short"}),
    )
    latest = forms.CharField(
        label=_("Until this day (optional)"),
        required=False,
        help_text=_("Month and day, such as 12/3"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "short"}),
    )
    notice = forms.ChoiceField(label=_("How long before must you know?"), required=False, choices=NOTICE)

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        offered: Iterable[Offered],
        on: date,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.on, self.offered = on, list(offered)
        monday = on - timedelta(days=on.weekday())
        self.days = [(str(n + 1), weekday_in_words(monday + timedelta(days=n))) for n in range(7)]
        who = {str(one.practitioner.public_id): one.practitioner for one in self.offered}
        named = {one.site.key: localized(one.site.name) for one in self.offered}
        sites = sorted(named.items(), key=lambda one: one[1])
        spoken = sorted({(tag, language_in_words(tag)) for person in who.values() for tag in person.languages})
        self._offer("weekdays", self.days)
        self._offer("practitioner", [("", str(_("Anyone"))), *((key, one.name) for key, one in who.items())])
        self._offer("site", sites)
        self._offer("language", [("", str(_("Any language"))), *spoken])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (tells the type checker)
        field.choices = choices
        if len(choices) == 1 and name == "site":  # one is no choice: it is that one
            field.widget, field.required, field.initial = forms.HiddenInput(), False, choices[0][0]

    def clean_earliest(self) -> date | None:
        """Return the first day. Raises ValidationError."""
        return self._day("earliest")

    def clean_latest(self) -> date | None:
        """Return the last day. Raises ValidationError."""
        latest, earliest = self._day("latest"), self.cleaned_data.get("earliest")
        if latest and earliest and latest < earliest:
            raise forms.ValidationError(_("The last day lies before the first: check both"))
        return latest

    def clean(self) -> dict[str, Any]:
        """Refuse somebody who treats elsewhere alone: nothing would ever open there. Raises ValidationError."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        who, site = cleaned.get("practitioner"), cleaned.get("site") or self.fields["site"].initial
        there = {str(one.practitioner.public_id) for one in self.offered if one.site.key == site}
        if who and site and who not in there:
            self.add_error("practitioner", _("They do not treat there. Choose anyone, or another place."))
        return cleaned

    def preferred(self) -> dict[str, Any]:
        """Return what was said, as `Preferences` has it. The form must be valid."""
        chosen = self.cleaned_data
        return {
            "site": Site.objects.get(key=chosen["site"] or self.fields["site"].initial),
            "practitioner": UUID(chosen["practitioner"]) if chosen["practitioner"] else None,
            "part_of_day": chosen["part"],
            "weekdays": tuple(sorted(int(day) for day in chosen["weekdays"])),
            "language": chosen["language"],
            "earliest_on": chosen["earliest"],
            "latest_on": chosen["latest"],
            "notice_minutes": int(chosen["notice"] or 0),
        }

    def _day(self, name: str) -> date | None:
        return coming_day(self.cleaned_data[name], today=self.on)
