"""How times to meet look over the wire: when and where, and to the patient who offers them what became of it."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from booking.models import CancelPolicy, MeetingTime
from core.api import StrictSerializer

POLICY = _(
    "What becomes of whoever comes beside it when it is called off: they `keep` their time, are cancelled, or asked."
)


class MeetingTimeSerializer(serializers.ModelSerializer[MeetingTime]):
    """An appointment that its patient offers to their family as a time to meet.

    Whoever it is offered to is told when and where it is, and what follows a cancel: nothing else.
    """

    id = serializers.UUIDField(source="public_id")
    start = serializers.SerializerMethodField(help_text=_("When it begins, by the clock of the site."))
    site = serializers.SlugField(source="appointment.site.key")
    appointment = serializers.SerializerMethodField(help_text=_("Id of the appointment; null unless it is yours."))
    offered_at = serializers.SerializerMethodField(help_text=_("Null unless it is your appointment."))
    withdrawn_at = serializers.SerializerMethodField(help_text=_("When you took it back; null while it is offered."))

    class Meta:
        model = MeetingTime
        fields = ["id", "start", "site", "cancel_policy", "appointment", "offered_at", "withdrawn_at"]

    def get_start(self, one: MeetingTime) -> datetime:
        """Return when it begins."""
        start: datetime = one.appointment.period.lower
        return start.astimezone(one.appointment.site.tz)

    def get_appointment(self, one: MeetingTime) -> str | None:
        """Return its id, to its patient."""
        return str(one.appointment.public_id) if self._is_own(one) else None

    def get_offered_at(self, one: MeetingTime) -> datetime | None:
        """Return when it was offered, to its patient."""
        return one.offered_at if self._is_own(one) else None

    def get_withdrawn_at(self, one: MeetingTime) -> datetime | None:
        """Return when it was taken back, to its patient."""
        return one.withdrawn_at if self._is_own(one) else None

    def _is_own(self, one: MeetingTime) -> bool:
        user: Any = self.context["view"].principal.user_id
        return user is not None and one.appointment.patient.user_id == user


class MeetingTimeCreateSerializer(StrictSerializer):
    """Which of one's appointments is offered."""

    appointment = serializers.UUIDField(help_text=_("Id of an appointment of yours that is still to come."))
    cancel_policy = serializers.ChoiceField(CancelPolicy.choices, default=CancelPolicy.ASK.value, help_text=POLICY)
