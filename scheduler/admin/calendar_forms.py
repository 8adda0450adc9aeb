"""The forms of the calendars. Each tries its edit before saving, so that a refusal stands beside the field."""

from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.text.languages import zone_in_words
from scheduler.actions import calendars
from scheduler.actions.calendars import Impact, Shift
from scheduler.audience import EVERYONE
from scheduler.calendars.checks import YEARS, far_away
from scheduler.calendars.clinic_zones import zone_of, zones_of
from scheduler.calendars.hours import wall_instant
from scheduler.calendars.hours_audiences import hours_audiences
from scheduler.models import Absence, Closure, Practitioner, WorkingHours
from scheduler.setup_forms.edit_form import EditForm, merged
from scheduler.setup_forms.fields import EndTimeField, WeekdaysField


class HoursForm(EditForm):
    """Working hours, in the clinic's own time; several days at once when they are new."""

    class Meta:
        model = WorkingHours
        fields = [
            "practitioner", "site", "weekday", "starts", "ends", "every_weeks", "valid_from", "valid_to", "audience",
        ]  # fmt: skip
        field_classes: ClassVar[dict[str, Any]] = {"ends": EndTimeField}
        labels: ClassVar[dict[str, Any]] = {
            "every_weeks": gettext_lazy("Every … weeks"),
            "audience": gettext_lazy("Who may book"),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "ends": gettext_lazy("24:00 is the end of the day."),
            "audience": gettext_lazy(
                "Who may book in these hours. Staff of the site see them in any case. Hours for some alone may lie "
                "within hours for everyone: they go before those."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "audience" in self.fields:
            given = self.fields["audience"]
            self.fields["audience"] = forms.ChoiceField(
                choices=hours_audiences, initial=EVERYONE, label=given.label, help_text=given.help_text
            )
        if self.adding and "weekday" in self.fields:
            self.fields["weekday"] = WeekdaysField(label=gettext_lazy("Weekdays"))

    def in_reach(self) -> bool:
        """Whether this person's calendar at this site is theirs to edit."""
        practitioner, site = self.given("practitioner"), self.given("site")
        reached = self.scope.may_edit(practitioner, site=site)
        if not reached:
            self.add_error("site", _("You may not edit the hours of this person at this site."))
        return reached

    def act(self, *, dry_run: bool = False) -> Impact[WorkingHours]:
        wanted = ("site", "weekday", "starts", "ends", "every_weeks", "valid_from", "valid_to", "audience")
        sent = self.sent(*wanted)
        how: dict[str, Any] = {"by": self.scope.by, "at": clock.now(), "dry_run": dry_run}
        if self.adding:
            shifts = [Shift(**sent | {"weekday": day}) for day in sent["weekday"]]
            return merged(calendars.add_hours(self.given("practitioner"), shift, **how) for shift in shifts)
        return calendars.change_hours(self.instance, **sent, **how)


class WallTimeField(forms.SplitDateTimeField):
    """A day and a time as the clinic's clock reads them: a datetime without a zone, since the person gives the zone."""

    widget = AdminSplitDateTime

    def compress(self, data_list: Any) -> datetime | None:
        """Put day and time together; both are needed."""
        if not data_list:
            return None
        for part, error in zip(data_list, ("invalid_date", "invalid_time"), strict=True):
            if part in self.empty_values:
                raise forms.ValidationError(self.error_messages[error], code=error)
        if data_list[0].year not in YEARS:
            raise forms.ValidationError(far_away())
        return datetime.combine(*data_list)


class AbsenceForm(EditForm):
    """When somebody is away, in the time of their clinic."""

    starts_at = WallTimeField(label=gettext_lazy("Away from"))
    ends_at = WallTimeField(label=gettext_lazy("Away until"))

    class Meta:
        model = Absence
        fields = ["practitioner", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, instant in zip(("starts_at", "ends_at"), self._stands(), strict=True):
            if name in self.fields:
                self.fields[name].help_text = self._zone_text()
                if instant is not None:
                    self.initial[name] = instant

    def _stands(self) -> tuple[datetime | None, datetime | None]:
        if self.adding:
            return None, None
        zone, period = zone_of(self.instance.practitioner), self.instance.period
        return period.lower.astimezone(zone).replace(tzinfo=None), period.upper.astimezone(zone).replace(tzinfo=None)

    def _zone_text(self) -> str:
        if not self.adding:
            return zone_in_words(zone_of(self.instance.practitioner))
        zones = set(zones_of(self.scope.practitioners()).values())
        return zone_in_words(ZoneInfo(zones.pop())) if len(zones) == 1 else _("The time of this person’s clinic")

    def act(self, *, dry_run: bool = False) -> Impact[Absence]:
        practitioner: Practitioner = self.given("practitioner")
        zone = zone_of(practitioner)
        what: dict[str, Any] = {
            name: wall_instant(told.date(), told.time(), zone=zone)
            for name, told in self.sent("starts_at", "ends_at").items()
        }
        what |= self.sent("reason") | {"by": self.scope.by, "at": clock.now(), "dry_run": dry_run}
        if self.adding:
            return calendars.add_absence(practitioner, **what)
        return calendars.change_absence(self.instance, **what)


class ClosureForm(EditForm):
    """Days, or part of a day, on which a site is shut, or one therapy is not given there."""

    class Meta:
        model = Closure
        fields = ["site", "therapy", "first_on", "starts", "last_on", "ends", "name", "confirmed"]
        field_classes: ClassVar[dict[str, Any]] = {"ends": EndTimeField}
        labels: ClassVar[dict[str, Any]] = {
            "therapy": gettext_lazy("Therapy"),
            "first_on": gettext_lazy("First day"),
            "starts": gettext_lazy("From"),
            "last_on": gettext_lazy("Last day"),
            "ends": gettext_lazy("Until"),
        }

    def act(self, *, dry_run: bool = False) -> Impact[Closure]:
        what = self.sent("therapy", "first_on", "starts", "last_on", "ends", "name", "confirmed")
        what |= {"by": self.scope.by, "at": clock.now(), "dry_run": dry_run}
        if self.adding:
            return calendars.add_closure(self.given("site"), **what)
        return calendars.change_closure(self.instance, **what)
