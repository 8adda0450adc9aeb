"""Times of day over the wire, as the clock of a site reads them."""

import re
from datetime import time
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from scheduler.wall_time import MIDNIGHT

CLOCK = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?"
TIME = {"type": "string", "pattern": f"^{CLOCK}$"}
END = {
    "type": "string",
    "pattern": f"^({CLOCK}|24:00(:00)?)$",
    "description": "When it ends, by the clock of the site. At 24:00 the day is over; 00:00 is taken for the same.",
}


@extend_schema_field(TIME)
class TimeOfDay(serializers.TimeField):
    """A time of day without an offset: it is the site's."""

    def to_internal_value(self, value: Any) -> time:
        """Return the time. Raises ValidationError for anything but hours, minutes and perhaps seconds."""
        if not isinstance(value, str) or not re.fullmatch(CLOCK, value, re.ASCII):
            self.fail("invalid", format="hh:mm[:ss]")
        return super().to_internal_value(value)


@extend_schema_field(END)
class EndTime(TimeOfDay):
    """When an interval of a day ends: 24:00 at the latest."""

    def to_internal_value(self, value: Any) -> time:
        """Return the time. Raises ValidationError."""
        # Python's `time` refuses 24:00, which is how clinics write the end of the day.
        return MIDNIGHT if value in ("24:00", "24:00:00") else super().to_internal_value(value)

    def to_representation(self, value: Any) -> Any:
        """Return the time as it is sent."""
        return "24:00:00" if value == MIDNIGHT else super().to_representation(value)
