"""What somebody needs so that they can come, as it looks over the wire."""

from typing import Any

from rest_framework import serializers

from booking.access_needs import asked_with
from booking.models import Appointment, WaitingListEntry


class AskedForSerializer(serializers.Serializer[Any]):
    """What somebody needs so that they can come; never why.

    It stands on their record, for all of their appointments, or with this one alone; so it does of whoever waits.
    """

    needs = serializers.ListField(child=serializers.CharField(), source="names")
    interpreter = serializers.CharField(
        help_text="The language that somebody is to interpret (`und`: nobody has said which); empty: nobody is."
    )

    def to_representation(self, asked: Appointment | WaitingListEntry) -> dict[str, Any]:
        """Return what holds for an appointment, or for one that somebody waits for."""
        return super().to_representation(asked_with(asked, asked.patient))
