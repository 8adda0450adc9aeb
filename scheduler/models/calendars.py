"""When somebody or something can be used: hours as wall time, absences, closures."""

import uuid
from datetime import date, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.models import Site, only
from scheduler.audience import EVERYONE
from scheduler.intervals_in_words import interval_in_words
from scheduler.models.catalogue import Place, Therapy
from scheduler.models.practitioners import Practitioner
from scheduler.wall_time import MIDNIGHT

DAY = timedelta(days=1)


class Weekday(models.IntegerChoices):
    """Numbered as in ISO 8601, Monday first."""

    MONDAY = 1, _("Monday")
    TUESDAY = 2, _("Tuesday")
    WEDNESDAY = 3, _("Wednesday")
    THURSDAY = 4, _("Thursday")
    FRIDAY = 5, _("Friday")
    SATURDAY = 6, _("Saturday")
    SUNDAY = 7, _("Sunday")


class OpeningHours(models.Model):
    """When a site's places can be used, as its wall time; what closes at midnight is open until 24:00.

    Without `valid_from` since ever, without `valid_to` until further notice.
    """

    public_id = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    opens = models.TimeField()
    closes = models.TimeField(help_text=_("End of the day's last use, turnover included; 24:00 is the end of the day."))
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True, help_text=_("First day on which this no longer holds."))

    class Meta:
        verbose_name_plural = "opening hours"
        ordering = ["site", "weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                name="opening_holds_for_some_time",
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
            ),
            models.CheckConstraint(
                # PostgreSQL has a time 24:00, Python has none: midnight as an end is that of the same day.
                name="site_closes_after_it_opens",
                condition=Q(closes=MIDNIGHT) | Q(closes__gt=F("opens")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {interval_in_words(self.opens, self.closes)}"


class WorkingHours(models.Model):
    """An interval that recurs every n-th week, counted from that of `valid_from`, as the site's wall time.

    What ends at midnight lasts until 24:00.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="working_hours")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="working_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    starts = models.TimeField()
    ends = models.TimeField()
    every_weeks = models.PositiveSmallIntegerField(default=1)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text=_("First day on which this no longer holds."))
    audience = models.CharField(
        max_length=50,
        default=EVERYONE,
        db_default=EVERYONE,
        help_text=_("Who may book in these hours. Staff of the site see them in any case."),
    )

    class Meta:
        verbose_name_plural = "working hours"
        ordering = ["practitioner", "weekday", "starts"]
        constraints = [
            models.CheckConstraint(
                name="work_ends_after_it_starts", condition=Q(ends=MIDNIGHT) | Q(ends__gt=F("starts"))
            ),
            models.CheckConstraint(
                # A year at most: whether two rules ever meet is found by walking through the rhythm that they have in
                # common.
                name="work_recurs_every_week_or_more_seldom",
                condition=Q(every_weeks__gte=1, every_weeks__lte=52),
            ),
            models.CheckConstraint(
                name="hours_hold_for_some_time", condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {interval_in_words(self.starts, self.ends)}"


class AbsenceReason(models.TextChoices):
    """Why a practitioner is away, coarse on purpose."""

    # Nobody is asked what they are ill with: colleagues and schedulers read this.
    LEAVE = "leave", _("leave")
    ILLNESS = "illness", _("illness")
    EDUCATION = "education", _("education")
    OTHER = "other", _("other")


class Absence(models.Model):
    """A practitioner is away for a period."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="absences")
    period = DateTimeRangeField()
    reason = models.CharField(max_length=10, choices=AbsenceReason.choices, default=AbsenceReason.LEAVE)
    busy_calendar = models.ForeignKey(
        "scheduler.BusyCalendar", null=True, blank=True, on_delete=models.SET_NULL, related_name="absences",
        editable=False, help_text="The calendar elsewhere that says so.",
    )  # fmt: skip

    class Meta:
        constraints = [
            ExclusionConstraint(
                # Guards what comes beside the actions as well: of two absences at once, taking one back would leave the
                # other.
                name="absence_is_told_once",
                expressions=[
                    (only(F("practitioner_id")), RangeOperators.OVERLAPS),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"absence {self.pk} of {self.practitioner}"


class Closure(models.Model):
    """A site is shut on the days [first_on, last_on], or gives one therapy not meanwhile.

    It is shut from the first day's beginning, or from `starts` on it, until the last day is over, or until `ends` on
    it, by the site's clock; without a last day until it is opened again. A suggested holiday has no effect until
    confirmed.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="closures")
    therapy = models.ForeignKey(
        Therapy,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("What is not given meanwhile; empty: the whole site is shut."),
    )
    first_on = models.DateField()
    last_on = models.DateField(null=True, blank=True, help_text=_("Empty: until further notice."))
    starts = models.TimeField(null=True, blank=True, help_text=_("On the first day; empty: from its beginning."))
    ends = models.TimeField(null=True, blank=True, help_text=_("On the last day; empty: until it is over."))
    name = models.CharField(max_length=120)
    confirmed = models.BooleanField(default=True)

    class Meta:
        ordering = ["site", "first_on"]
        constraints = [
            models.CheckConstraint(
                name="closure_ends_on_or_after_its_first_day",
                condition=Q(last_on=None) | Q(last_on__gte=F("first_on")),
            ),
            models.CheckConstraint(
                name="closure_without_a_last_day_has_no_end", condition=Q(last_on__isnull=False) | Q(ends=None)
            ),
            models.CheckConstraint(
                name="closure_takes_time",
                condition=Q(last_on__gt=F("first_on")) | Q(starts=None) | Q(ends=None) | Q(ends__gt=F("starts")),
            ),
            # With its start: two meetings of one name on one day are two. Without one it counts like any other start.
            models.UniqueConstraint(
                name="closure_is_named_once",
                fields=["site", "therapy", "first_on", "starts", "name"],
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.first_on}"

    @property
    def whole_days(self) -> tuple[date, date]:
        """The first and the last day on which the site is shut all day; the last before the first when on none."""
        last = self.last_on or date.max - DAY
        last = last if self.ends is None else last - DAY
        return (self.first_on if self.starts is None else self.first_on + DAY), last


class PlaceClosure(models.Model):
    """A place cannot be used on the days [first_on, last_on] of its site's zone; without a last day until ended."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="closures")
    first_on = models.DateField()
    last_on = models.DateField(null=True, blank=True, help_text=_("Empty: until further notice."))
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["place", "first_on"]
        constraints = [
            models.CheckConstraint(
                name="place_is_closed_for_a_day_or_longer",
                condition=Q(last_on=None) | Q(last_on__gte=F("first_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.first_on}"


class SuggestedHoliday(models.Model):
    """A holiday on which a site was asked whether it closes. It is asked once: what staff removed stays removed."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(name="holiday_is_suggested_once", fields=["site", "day"])]

    def __str__(self) -> str:
        return f"holiday {self.day}"
