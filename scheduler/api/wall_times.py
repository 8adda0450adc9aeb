"""Times of day over the wire, as the clock of a site reads them."""

from datetime import time
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from scheduler.wall_time import MIDNIGHT

END = {
    "type": "string",
    "pattern": r"^(([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?|24:00(:00)?)$",
    "description": "When it ends, by the clock of the site. At 24:00 the day is over; 00:00 is taken for the same.",
}


@extend_schema_field(END)
class EndTime(serializers.TimeField):
    """When an interval of a day ends: 24:00 at the latest."""

    def to_internal_value(self, value: Any) -> time:
        """Return the time. Raises ValidationError."""
        return MIDNIGHT if value in ("24:00", "24:00:00") else super().to_internal_value(value)

    def to_representation(self, value: Any) -> Any:
        """Return the time as it is sent."""
        return "24:00:00" if value == MIDNIGHT else super().to_representation(value)
