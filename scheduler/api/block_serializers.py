"""How time that is kept for families looks over the wire, and what may be sent."""

from typing import Any

from rest_framework import serializers

from core.api import CalendarDate, Instant, LineField, StrictSerializer
from core.api.problem_responses import ProblemSerializer
from scheduler.api.calendar_serializers import HoursClashSerializer
from scheduler.api.wall_times import EndTime, TimeOfDay
from scheduler.audience import WORDS
from scheduler.models import BlockDecision, FamilyBlock, Place, Therapy
from scheduler.models.blocks import CapacityUnit, DecisionKind
from scheduler.models.calendars import Weekday
from scheduler.search.block_occurrences import BlockOccurrence, DecisionCard

THERAPIES = "Keys of what is given meanwhile; empty: all of the program."
PLACES = "Ids of places that are kept meanwhile as well."
CAPACITY = "How many people, or minutes for all of them, fit into one occurrence; null: as many as there is time."
POLICY = "From when on it is open to whom, from the narrowest to everyone; null: as is usual."
LAST = "First day on which this no longer holds; null: until it is ended."
AT = "`created`, days before the start such as `-7d` (same time of day), or hours such as `-24h`."


class ReleaseStageSerializer(StrictSerializer):
    """A stage of the release: from when on it lets in whom, beside those of the stages before it."""

    at = serializers.RegexField(r"^(created|-\d{1,3}[dh])$", help_text=AT)
    to = serializers.ChoiceField([(word, word) for word in WORDS])


class FamilyBlockSerializer(serializers.ModelSerializer[FamilyBlock]):
    """A practitioner's time that a program keeps for families, every n-th week, or once. It takes no claim."""

    id = serializers.UUIDField(source="public_id")
    program = serializers.SlugField(source="program.key")
    practitioner = serializers.UUIDField(source="practitioner.public_id")
    site = serializers.SlugField(source="site.key")
    starts = TimeOfDay()
    ends = EndTime()
    therapies: "serializers.SlugRelatedField[Therapy]" = serializers.SlugRelatedField(
        slug_field="key", many=True, read_only=True, help_text=THERAPIES
    )
    places: "serializers.SlugRelatedField[Place]" = serializers.SlugRelatedField(
        slug_field="public_id", many=True, read_only=True, help_text=PLACES
    )
    release_policy = ReleaseStageSerializer(many=True)

    class Meta:
        model = FamilyBlock
        fields = [
            "id", "program", "practitioner", "site", "weekday", "starts", "ends", "every_weeks", "valid_from",
            "valid_to", "therapies", "places", "capacity", "capacity_unit", "reason", "release_policy", "owner_team",
            "created_at", "ended_at",
        ]  # fmt: skip


class FamilyBlockUpdateSerializer(StrictSerializer):
    """What may be changed of a block."""

    program = serializers.SlugField()
    weekday = serializers.ChoiceField(Weekday.choices)
    starts = TimeOfDay()
    ends = EndTime()
    every_weeks = serializers.IntegerField(min_value=1, max_value=52)
    valid_from = CalendarDate()
    valid_to = CalendarDate(allow_null=True, help_text=LAST)
    therapies = serializers.ListField(child=serializers.SlugField(), max_length=50, help_text=THERAPIES)
    places = serializers.ListField(child=serializers.UUIDField(), max_length=50, help_text=PLACES)
    capacity = serializers.IntegerField(min_value=1, max_value=1440, allow_null=True, help_text=CAPACITY)
    capacity_unit = serializers.ChoiceField(CapacityUnit.choices)
    reason = LineField(max_length=200)
    release_policy = serializers.ListField(child=ReleaseStageSerializer(), allow_null=True, help_text=POLICY)
    owner_team = LineField(max_length=80, allow_blank=True)


class FamilyBlockCreateSerializer(StrictSerializer):
    """Time to keep for families, in the site's wall time."""

    program = serializers.SlugField(help_text="Key of a program.")
    practitioner = serializers.UUIDField(help_text="Id of a practitioner.")
    site = serializers.SlugField()
    weekday = serializers.ChoiceField(Weekday.choices)
    starts = TimeOfDay()
    ends = EndTime()
    every_weeks = serializers.IntegerField(min_value=1, max_value=52, default=1)
    valid_from = CalendarDate()
    valid_to = CalendarDate(allow_null=True, default=None, help_text=LAST)
    therapies = serializers.ListField(child=serializers.SlugField(), max_length=50, default=list, help_text=THERAPIES)
    places = serializers.ListField(child=serializers.UUIDField(), max_length=50, default=list, help_text=PLACES)
    capacity = serializers.IntegerField(min_value=1, max_value=1440, allow_null=True, default=None, help_text=CAPACITY)
    capacity_unit = serializers.ChoiceField(CapacityUnit.choices, default=CapacityUnit.PERSONS)
    reason = LineField(max_length=200, help_text="For staff; nobody else reads it.")
    release_policy = serializers.ListField(
        child=ReleaseStageSerializer(), allow_null=True, default=None, help_text=POLICY
    )
    owner_team = LineField(max_length=80, allow_blank=True, default="")


class FamilyBlockProblemSerializer(ProblemSerializer):
    """Why time cannot be kept."""

    clashes = HoursClashSerializer(many=True, required=False, help_text="Blocks of the same person in the way.")
    day = serializers.DateField(required=False, help_text="A day of which too much would be kept.")
    minutes = serializers.IntegerField(required=False, help_text="How many minutes of that day would be kept.")
    worked = serializers.IntegerField(required=False, help_text="How many minutes the person works that day.")
    most = serializers.IntegerField(required=False, help_text="How many minutes of that day can be kept at most.")


class DecisionSerializer(serializers.Serializer[DecisionCard]):
    """What somebody decided about an occurrence; what was undone counts for nothing."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(DecisionKind.choices)
    reason = serializers.CharField()
    until = serializers.DateTimeField(allow_null=True)
    made_at = serializers.DateTimeField()
    undone_at = serializers.DateTimeField(allow_null=True)


class BlockDecisionSerializer(serializers.ModelSerializer[BlockDecision]):
    """A decision about the occurrence of a block that begins at `starts_at`."""

    id = serializers.UUIDField(source="public_id")
    block = serializers.UUIDField(source="block.public_id")

    class Meta:
        model = BlockDecision
        fields = ["id", "block", "starts_at", "kind", "reason", "until", "made_at", "undone_at"]


class DecidedSerializer(serializers.Serializer[Any]):
    """What was decided, or would be."""

    dry_run = serializers.BooleanField(help_text="Whether this was only tried.")
    row = BlockDecisionSerializer()


class KeepSerializer(StrictSerializer):
    """Let nobody else book in an occurrence before a time than those who may by now."""

    starts_at = Instant(help_text="When the occurrence begins.")
    reason = LineField(max_length=200)
    until = Instant(allow_null=True, default=None, help_text="Null: as late as may be (`keepable_until`).")


class ReleaseSerializer(StrictSerializer):
    """Open an occurrence to everybody now."""

    starts_at = Instant(help_text="When the occurrence begins.")
    reason = LineField(max_length=200, allow_blank=True, default="")


class BlockOccurrenceSerializer(serializers.Serializer[BlockOccurrence]):
    """A block on one day: how far it is open, what is booked in it, what was decided."""

    block = serializers.UUIDField()
    program = serializers.SlugField()
    practitioner = serializers.UUIDField()
    practitioner_name = serializers.CharField()
    site = serializers.SlugField(source="site.key")
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    stage = serializers.CharField(help_text="How far it is open now; empty: to nobody yet.")
    since = serializers.DateTimeField(help_text="Since when.")
    next_stage = serializers.CharField(help_text="The stage that comes next; empty: none.")
    opens_at = serializers.DateTimeField(allow_null=True, help_text="When that begins.")
    everyone_at = serializers.DateTimeField(help_text="When it is open to everyone.")
    released_by_hand = serializers.BooleanField()
    keepable_until = serializers.DateTimeField(allow_null=True, help_text="Until when it can be kept back; null: not.")
    minutes = serializers.IntegerField(help_text="How many minutes of it somebody works.")
    booked_minutes = serializers.IntegerField(help_text="In how many of them somebody is treated.")
    people = serializers.IntegerField(help_text="How many are treated in it.")
    capacity = serializers.IntegerField(allow_null=True)
    capacity_unit = serializers.ChoiceField(CapacityUnit.choices)
    reason = serializers.CharField()
    owner_team = serializers.CharField()
    decisions = DecisionSerializer(many=True)


class BlockOccurrencesSerializer(serializers.Serializer[Any]):
    """What blocks keep, by start."""

    results = BlockOccurrenceSerializer(many=True)
