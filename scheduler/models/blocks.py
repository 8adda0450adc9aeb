"""Time that programs keep for families: blocks, what was decided about an occurrence, which stages were reached."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from core.models import Site, only
from scheduler.intervals_in_words import interval_in_words
from scheduler.models.calendars import Weekday
from scheduler.models.catalogue import Place, Therapy
from scheduler.models.practitioners import Practitioner
from scheduler.models.programs import Program
from scheduler.wall_time import MIDNIGHT


def _minutes(wall: str) -> Func:
    """Return the minute of the day that a wall time is, as a whole number."""
    field = models.IntegerField()
    hour = Func(Value("hour"), F(wall), function="date_part", output_field=models.FloatField())
    minute = Func(Value("minute"), F(wall), function="date_part", output_field=models.FloatField())
    return Func(hour * 60 + minute, function="", template="(%(expressions)s)::int", output_field=field)


def _days() -> Func:
    return Func(F("valid_from"), F("valid_to"), Value("[)"), function="daterange")


# Midnight as an end is that of the same day: minute 1440.
_WALL_TIME = Func(
    _minutes("starts"),
    models.Case(models.When(ends=MIDNIGHT, then=Value(24 * 60)), default=_minutes("ends")),
    Value("[)"),
    function="int4range",
)


class CapacityUnit(models.TextChoices):
    """Named as in the policy `family-holds`."""

    PERSONS = "persons", _("people")
    MINUTES = "minutes", _("minutes")


class FamilyBlock(models.Model):
    """A practitioner's time that a program keeps for families, in wall time of the site, every n-th week or once.

    It takes no claim: it narrows who may book, stage by stage until everybody may. Once: `valid_to` is the day after.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="blocks")
    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="family_blocks")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="family_blocks")
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    starts = models.TimeField()
    ends = models.TimeField()
    every_weeks = models.PositiveSmallIntegerField(default=1)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text=_("First day on which this no longer holds."))
    therapies = models.ManyToManyField(
        Therapy, blank=True, related_name="+", help_text=_("What is given meanwhile; none: all of the program.")
    )
    places = models.ManyToManyField(
        Place,
        blank=True,
        related_name="blocks",
        help_text=_("What is kept meanwhile as well; none: no place."),
    )
    capacity = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("Empty: as many as there is time."))
    capacity_unit = models.CharField(max_length=7, choices=CapacityUnit.choices, default=CapacityUnit.PERSONS)
    reason = models.CharField(max_length=200, help_text=_("For staff; nobody else reads it."))
    release_policy = models.JSONField(help_text=_("From when on it is open to whom."))
    owner_team = models.CharField(max_length=80, blank=True)
    # Its name on the week sheets: whoever read an older state of it holds an older name, and takes nothing by it.
    version = models.PositiveIntegerField(default=1)
    created_by = models.CharField(max_length=80, help_text="Principal.key of whoever made it.")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, help_text=_("What starts from then on is not kept."))
    ended_by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["practitioner", "weekday", "starts"]
        constraints = [
            models.CheckConstraint(
                name="block_ends_after_it_starts", condition=Q(ends=MIDNIGHT) | Q(ends__gt=F("starts"))
            ),
            models.CheckConstraint(
                name="block_recurs_every_week_or_more_seldom", condition=Q(every_weeks__gte=1, every_weeks__lte=52)
            ),
            models.CheckConstraint(
                name="block_holds_for_some_time", condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from"))
            ),
            models.CheckConstraint(
                name="block_has_room_for_somebody", condition=Q(capacity__isnull=True) | Q(capacity__gt=0)
            ),
            models.CheckConstraint(
                name="block_was_ended_by_somebody",
                condition=Q(ended_at__isnull=True, ended_by="") | ~Q(ended_at__isnull=True) & ~Q(ended_by=""),
            ),
            # Of those that recur every week, or take place once: two rhythms of several weeks may never meet, which
            # the action works out.
            ExclusionConstraint(
                name="blocks_of_one_person_share_no_time",
                expressions=[
                    (only(F("practitioner_id")), RangeOperators.OVERLAPS),
                    (only(F("site_id")), RangeOperators.OVERLAPS),
                    (only(F("weekday")), RangeOperators.OVERLAPS),
                    (_days(), RangeOperators.OVERLAPS),
                    (_WALL_TIME, RangeOperators.OVERLAPS),
                ],
                condition=Q(every_weeks=1, ended_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {interval_in_words(self.starts, self.ends)}"


class DecisionKind(models.TextChoices):
    """What staff decide about one occurrence of a block."""

    KEEP = "keep", _("kept longer")
    RELEASE = "release", _("opened to everybody")


class BlockDecision(models.Model):
    """What somebody decided about one occurrence of a block: open it to nobody else before `until`, or to all at once.

    It holds until it is taken back. `booked_before`: who was in that time when it was opened, as allocations.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    block = models.ForeignKey(FamilyBlock, on_delete=models.CASCADE, related_name="decisions")
    starts_at = models.DateTimeField(help_text="When the occurrence begins.")
    kind = models.CharField(max_length=7, choices=DecisionKind.choices)
    reason = models.CharField(max_length=200, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    booked_before = models.JSONField(default=list, blank=True)
    made_by = models.CharField(max_length=80, help_text="Principal.key of whoever decided.")
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["starts_at", "made_at"]
        constraints = [
            models.CheckConstraint(
                name="time_is_kept_longer_for_a_reason",
                condition=~Q(kind=DecisionKind.KEEP) | ~Q(reason="") & Q(until__isnull=False),
            ),
            models.CheckConstraint(
                name="decision_is_taken_back_by_somebody",
                condition=Q(undone_at__isnull=True, undone_by="") | ~Q(undone_at__isnull=True) & ~Q(undone_by=""),
            ),
            models.UniqueConstraint(
                name="occurrence_is_released_once",
                fields=["block", "starts_at"],
                condition=Q(kind=DecisionKind.RELEASE, undone_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.starts_at}"


class BlockRelease(models.Model):
    """A stage that an occurrence of a block has reached, as it was noted: nothing waits for it, it is for counting.

    `minutes` of the occurrence, of which `booked_minutes` were booked by then.
    """

    block = models.ForeignKey(FamilyBlock, on_delete=models.CASCADE, related_name="releases")
    starts_at = models.DateTimeField()
    stage = models.CharField(max_length=40)
    reached_at = models.DateTimeField()
    noted_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    booked_minutes = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["starts_at", "reached_at"]
        constraints = [
            models.UniqueConstraint(name="stage_is_noted_once", fields=["block", "starts_at", "stage"]),
            models.CheckConstraint(
                name="no_more_is_booked_than_there_is", condition=Q(booked_minutes__lte=F("minutes"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.starts_at}"
