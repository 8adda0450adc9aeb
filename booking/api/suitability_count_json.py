"""How blood counts are sent over the wire, and what is answered."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from booking.models import LabKind
from core.api import CalendarDate, StrictSerializer


class CountField(serializers.DecimalField):
    """A count in 10⁹/L."""

    def __init__(self, *, help_text: Any) -> None:
        super().__init__(max_digits=8, decimal_places=3, min_value=Decimal(0), required=False, help_text=help_text)


class CountsSerializer(StrictSerializer):
    """Blood counts of whoever an appointment is for, taken on a day."""

    appointment = serializers.UUIDField(help_text=_("Id of an appointment."))
    platelets = CountField(help_text=_("In 10⁹/L, such as 150; or give neutrophils, or both."))
    neutrophils = CountField(help_text=_("In 10⁹/L, such as 1.5."))
    taken_on = CalendarDate(help_text=_("The day of the blood test: within the last year."))


class EnteredCountSerializer(serializers.Serializer[Any]):
    """A count that is written down; its address shows it."""

    id = serializers.UUIDField(source="public_id")
    kind = serializers.ChoiceField(LabKind.choices)
    taken_on = CalendarDate()


class EnteredCountsSerializer(serializers.Serializer[Any]):
    """What was written down. The numbers are not in it: what is kept of writes outlives a right to read them."""

    appointment = serializers.UUIDField()
    counts = EnteredCountSerializer(many=True)
