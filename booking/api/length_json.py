"""How long one appointment is, as the API tells and takes it."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api import StrictSerializer
from core.api.strict import Either
from scheduler.public import lengths

A_DAY = 24 * 60


class SegmentSerializer(serializers.Serializer[Any]):
    """A part of an appointment: what it is, how long, and whether hands are needed, or somebody near."""

    name = serializers.CharField()
    minutes = serializers.IntegerField()
    presence = serializers.ChoiceField(choices=["hands", "nearby", "free", "none"])


@extend_schema_field(SegmentSerializer(many=True))
class SegmentsField(serializers.Field[Any, Any, Any, Any]):
    """The segments of an appointment's own."""

    def to_representation(self, value: Any) -> Any:
        """Return each with its names."""
        return [{"name": name, "minutes": minutes, "presence": who} for name, minutes, who in value]


class ResizeSerializer(StrictSerializer):
    """How long an appointment is: each part, or all of it."""

    lengths = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=lengths.LONGEST),
        required=False,
        max_length=20,
        help_text="Minutes of each segment of hands or rest, in their order; or give `minutes`.",
    )
    minutes = serializers.IntegerField(
        required=False,
        min_value=5,
        max_value=A_DAY,
        help_text="For how long the patient is there, a multiple of five: rest gives way first. Or give `lengths`.",
    )
    late_minutes = serializers.IntegerField(
        required=False, min_value=0, max_value=A_DAY, help_text="How much later it begins, rounded up to five."
    )

    either = Either("lengths", "minutes", _("Give either lengths or minutes."))
