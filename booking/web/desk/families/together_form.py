"""From when on, near what, and against which rules times for several people are looked for, as staff type it."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.roles import may_override
from booking.seats.seat_rules import ReservationAnchor
from booking.web.desk.families.family_forms import AFTER, BEFORE, USUAL_MINUTES, WHOLE_DAY, WITHIN
from booking.web.desk.families.program_forms import DayField
from booking.web.desk.shell import Desk
from booking.web.labels import minutes_in_words
from core.form_errors import SaysWhatToDo
from core.forms import TimeOfDayField
from core.principal import Principal

LONGEST_AHEAD = timedelta(days=366)
FROM = "from"


class TogetherForm(SaysWhatToDo, forms.Form):
    """A day, a time of that day that they are near to, and why soft rules are set aside: each may be left empty."""

    side = forms.ChoiceField(
        label=gettext_lazy("When"),
        required=False,
        choices=[(AFTER, gettext_lazy("They begin after")), (BEFORE, gettext_lazy("They end before"))],
    )
    clock = TimeOfDayField(
        label=gettext_lazy("Time of that day"),
        required=False,
        help_text=gettext_lazy("Such as 2 pm; any time where it is empty"),
    )
    near = forms.TypedChoiceField(coerce=int, required=False, label=gettext_lazy("At most so long after or before it"))
    override_reason = forms.CharField(
        label=gettext_lazy("Why rules are set aside, where they are"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("How soon, how far ahead, how many a week. Nothing about health."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Mapping[str, Any] | None, desk: Desk, *, by: Principal) -> None:
        super().__init__(data, initial={"side": AFTER, "near": str(USUAL_MINUTES)})
        self.desk = desk
        near: Any = self.fields["near"]
        near.choices = [(str(n), minutes_in_words(n)) for n in WITHIN] + [(str(WHOLE_DAY), _("Any time of that day"))]
        # The name of the field is a word of the language.
        self.fields[FROM] = DayField(
            label=_("From which day on"),
            required=False,
            max_length=40,
            help_text=_("Month/day/year; from now on where it is empty"),
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )
        if not may_override(by, site_id=desk.site.pk):
            del self.fields["override_reason"]
        self.order_fields([FROM, "side", "clock", "near", "override_reason"])

    def clean(self) -> dict[str, Any]:
        """Ask for the day of a time of day, and for one that is not over."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        day: date | None = said.get(FROM)
        if day is not None and day < self.desk.today:
            self.add_error(FROM, _("This day is over. Choose one that is still to come."))
        if day is not None and day > self.desk.today + LONGEST_AHEAD:
            self.add_error(FROM, _("This day is too far ahead. Is the year right?"))
        if said.get("clock") and day is None and FROM not in self.errors:
            self.add_error(FROM, _("Type the day of that time of day, such as 12/8/2026."))
        return said

    @property
    def typed(self) -> dict[str, Any]:
        """What was said and can be read; nothing where nothing was asked, or something cannot be."""
        return self.cleaned_data if self.is_bound and self.is_valid() else {}

    def since(self, *, at: datetime) -> datetime:
        """Return from when on times are looked for."""
        day = self.typed.get(FROM)
        return max(datetime.combine(day, time(), self.desk.site.tz), at) if day else at

    def anchor(self) -> ReservationAnchor | None:
        """Return what they are near to, where that was said."""
        said = self.typed
        if not said.get("clock"):
            return None
        moment = datetime.combine(said[FROM], said["clock"], self.desk.site.tz)
        return ReservationAnchor(
            at=moment, minutes=said["near"] or USUAL_MINUTES, site=self.desk.site, before=said["side"] == BEFORE
        )

    @property
    def reason(self) -> str:
        """Why soft rules are set aside; empty where they are not."""
        return str(self.typed.get("override_reason", ""))
