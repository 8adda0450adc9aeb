"""How the calendars look over the wire, and what may be sent."""

from typing import Any

from rest_framework import serializers

from core.api import CalendarDate, Instant, LineField, StrictSerializer
from core.api.problem_responses import ProblemSerializer
from scheduler.api.wall_times import EndTime, TimeOfDay
from scheduler.audience import EVERYONE
from scheduler.models import Absence, Closure, WorkingHours
from scheduler.models.calendars import AbsenceReason, Weekday

SHUT_FROM = "From when the site is shut on the first day, by its clock; null: from the beginning of the day."
ONE_THERAPY = "Key of the therapy that is not given meanwhile; null: the whole site is shut."
LAST_DAY = "The last day; null: until further notice."
MAY_BOOK = (
    "Who may book in these hours: `all`, `staff`, or those of a program, by its key; staff of the site see them in any "
    "case. Hours for some alone may lie within hours for everyone of the same person at the same site, and go before "
    "those."
)
SHUT_UNTIL = "Until when it is shut on the last day; null: until the day is over."


class HoursClashSerializer(serializers.Serializer[Any]):
    """Working hours that are in the way, and when they meet first."""

    id = serializers.UUIDField()
    site = serializers.SlugField()
    hours = serializers.CharField(help_text="Weekday and times, in words.")
    first = serializers.DateTimeField()


class HoursProblemSerializer(ProblemSerializer):
    """Why working hours cannot be."""

    clashes = HoursClashSerializer(many=True, required=False, help_text="Hours of the same person in the way.")


class AbsenceClashSerializer(serializers.Serializer[Any]):
    """An absence that overlaps what was sent, so that it can be named or merged."""

    id = serializers.UUIDField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class AbsenceProblemSerializer(ProblemSerializer):
    """Why an absence cannot be."""

    clashes = AbsenceClashSerializer(many=True, required=False, help_text="Absences of the same person in the way.")


class ClosureProblemSerializer(ProblemSerializer):
    """Why a closure cannot be."""

    clashes = serializers.ListField(
        child=serializers.UUIDField(), required=False, help_text="Ids of closures that are the same."
    )


class HoursSerializer(serializers.ModelSerializer[WorkingHours]):
    """Working hours: an interval of wall time that recurs every n-th week."""

    id = serializers.UUIDField(source="public_id")
    practitioner = serializers.UUIDField(source="practitioner.public_id")
    site = serializers.SlugField(source="site.key")
    starts = TimeOfDay()
    ends = EndTime()

    class Meta:
        model = WorkingHours
        fields = [
            "id", "practitioner", "site", "weekday", "starts", "ends", "every_weeks", "valid_from", "valid_to",
            "audience",
        ]  # fmt: skip


class HoursCreateSerializer(StrictSerializer):
    """Working hours as somebody wants them, in the site's wall time."""

    practitioner = serializers.UUIDField(help_text="Id of a practitioner.")
    site = serializers.SlugField()
    weekday = serializers.ChoiceField(Weekday.choices)
    starts = TimeOfDay()
    ends = EndTime()
    every_weeks = serializers.IntegerField(min_value=1, max_value=52, default=1)
    valid_from = CalendarDate()
    valid_to = CalendarDate(allow_null=True, default=None)
    audience = serializers.SlugField(max_length=50, default=EVERYONE, help_text=MAY_BOOK)


class HoursUpdateSerializer(StrictSerializer):
    """What may be changed of working hours."""

    site = serializers.SlugField()
    weekday = serializers.ChoiceField(Weekday.choices)
    starts = TimeOfDay()
    ends = EndTime()
    every_weeks = serializers.IntegerField(min_value=1, max_value=52)
    valid_from = CalendarDate()
    valid_to = CalendarDate(allow_null=True)
    audience = serializers.SlugField(max_length=50, help_text=MAY_BOOK)


class AbsenceSerializer(serializers.ModelSerializer[Absence]):
    """A practitioner is away."""

    id = serializers.UUIDField(source="public_id")
    practitioner = serializers.UUIDField(source="practitioner.public_id")
    starts_at = serializers.DateTimeField(source="period.lower")
    ends_at = serializers.DateTimeField(source="period.upper")

    class Meta:
        model = Absence
        fields = ["id", "practitioner", "starts_at", "ends_at", "reason"]


class AbsenceUpdateSerializer(StrictSerializer):
    """What may be changed of an absence."""

    starts_at = Instant()
    ends_at = Instant()
    reason = serializers.ChoiceField(AbsenceReason.choices)


class AbsenceCreateSerializer(StrictSerializer):
    """An absence to enter."""

    practitioner = serializers.UUIDField(help_text="Id of a practitioner.")
    starts_at = Instant()
    ends_at = Instant()
    reason = serializers.ChoiceField(AbsenceReason.choices, default=AbsenceReason.LEAVE)


class ClosureSerializer(serializers.ModelSerializer[Closure]):
    """A site is shut, or one therapy is not given there, from the first to the last day (null: until further notice).

    `starts` and `ends` are null where these days are whole.
    """

    id = serializers.UUIDField(source="public_id")
    site = serializers.SlugField(source="site.key")
    therapy = serializers.SlugField(source="therapy.key", allow_null=True, default=None, help_text=ONE_THERAPY)
    starts = TimeOfDay(allow_null=True)
    ends = EndTime(allow_null=True)

    class Meta:
        model = Closure
        fields = ["id", "site", "therapy", "first_on", "last_on", "starts", "ends", "name", "confirmed"]


class ClosureUpdateSerializer(StrictSerializer):
    """What may be changed of a closure."""

    first_on = CalendarDate()
    last_on = CalendarDate(allow_null=True, help_text=LAST_DAY)
    starts = TimeOfDay(allow_null=True, help_text=SHUT_FROM)
    ends = EndTime(allow_null=True, help_text=SHUT_UNTIL)
    name = LineField(max_length=120)
    confirmed = serializers.BooleanField()


class ClosureCreateSerializer(StrictSerializer):
    """A closure to enter."""

    site = serializers.SlugField()
    therapy = serializers.SlugField(allow_null=True, default=None, help_text=ONE_THERAPY)
    first_on = CalendarDate()
    last_on = CalendarDate(allow_null=True, help_text=LAST_DAY)
    starts = TimeOfDay(allow_null=True, default=None, help_text=SHUT_FROM)
    ends = EndTime(allow_null=True, default=None, help_text=SHUT_UNTIL)
    name = LineField(max_length=120)
    confirmed = serializers.BooleanField(default=True)
