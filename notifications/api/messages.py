"""What was said and what is still to be said, for staff: no texts, no addresses."""

from typing import ClassVar

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from core.api.filters import ChoicesFilter, InstantFilter
from core.api.views import ApiListView
from core.rights import Action
from notifications.channels import channels
from notifications.models import Message
from notifications.queries import visible_messages
from notifications.status import Delivery, MessageKind


class MessageSerializer(serializers.ModelSerializer[Message]):
    """A message about one version of an appointment."""

    appointment = serializers.UUIDField(source="appointment.public_id")

    class Meta:
        model = Message
        fields = [
            "id", "appointment", "version", "kind", "channel", "offset_minutes", "status", "reason", "due_at",
            "settled_at", "attempts",
        ]  # fmt: skip


class MessageFilter(django_filters.FilterSet):  # type: ignore[misc]  # comes without types
    """Messages by appointment, kind, outcome and time."""

    appointment = django_filters.UUIDFilter("appointment__public_id", help_text="Id of an appointment.")
    site = django_filters.CharFilter("appointment__site__key", help_text="Key of a site.")
    status = ChoicesFilter(choices=Delivery.choices, help_text="One of these, separated by commas.")
    kind = ChoicesFilter(choices=MessageKind.choices, help_text="One of these, separated by commas.")
    channel = ChoicesFilter(
        choices=[(one.key, one.key) for one in channels()], help_text="One of these, separated by commas."
    )
    to = InstantFilter("due_at", lookup_expr="lt", help_text="Due before this.")

    class Meta:
        model = Message
        fields = ["appointment", "status", "kind", "channel"]


MessageFilter.base_filters["from"] = InstantFilter("due_at", lookup_expr="gte", help_text="Due at this time or later.")


class Messages(ApiListView):
    """What is said to whom and when, and what became of it."""

    summaries: ClassVar[dict[str, str]] = {"GET": "List messages about appointments"}
    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_MESSAGES}
    serializer_class = MessageSerializer
    filterset_class = MessageFilter

    def get_queryset(self) -> QuerySet[Message]:
        """Return the messages about appointments at one's sites, by when they are due."""
        return visible_messages(self.principal).select_related("appointment").order_by("due_at", "pk")
