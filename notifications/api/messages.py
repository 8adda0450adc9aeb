"""What was said and what is still to be said, for staff: no texts, no addresses."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from booking.public import FamilySide, visits
from core.api.filters import ChoicesFilter, InstantFilter
from core.api.views import ApiListView, ApiView
from core.http.idempotency import Answer
from core.refusals import Missing
from core.rights import Action, acting
from notifications.actions.resending import send_again
from notifications.channels import channels
from notifications.models import FamilyMail, FamilyMailKind, Message
from notifications.queries import visible_family_messages, visible_messages
from notifications.status import Delivery, MessageKind

LONGEST_NUMBER = 18
"""Digits of an id, all of which fit into the column."""

SIDES = [(one.value, one.value) for one in FamilySide]


class MessageSerializer(serializers.ModelSerializer[Message]):
    """A message about one version of an appointment."""

    appointment = serializers.UUIDField(source="appointment.public_id")

    class Meta:
        model = Message
        fields = [
            "id", "appointment", "version", "kind", "channel", "offset_minutes", "status", "reason", "due_at",
            "settled_at", "attempts",
        ]  # fmt: skip


class FamilyMessageSerializer(serializers.ModelSerializer[FamilyMail]):
    """A mail about one act on a family link, to one side."""

    family_link = serializers.UUIDField(source="link.public_id")
    side = serializers.ChoiceField(SIDES)

    class Meta:
        model = FamilyMail
        fields = ["id", "family_link", "side", "kind", "status", "reason", "due_at", "settled_at", "attempts"]


class FamilyMessageFilter(django_filters.FilterSet):  # type: ignore[misc]  # comes without types
    """Mails about family links by link, kind, outcome and time."""

    family_link = django_filters.UUIDFilter("link__public_id", help_text="Id of a family link.")
    site = django_filters.CharFilter("link__site__key", help_text="Key of a site.")
    status = ChoicesFilter(choices=Delivery.choices, help_text="One of these, separated by commas.")
    kind = ChoicesFilter(choices=FamilyMailKind.choices, help_text="One of these, separated by commas.")
    to = InstantFilter("due_at", lookup_expr="lt", help_text="Due before this.")

    class Meta:
        model = FamilyMail
        fields = ["status", "kind"]


FamilyMessageFilter.base_filters["from"] = InstantFilter(
    "due_at", lookup_expr="gte", help_text="Due at this time or later."
)


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


class MessageAgain(ApiView):
    """A message that goes out once more."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Send a message again"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.SEND_MESSAGE}
    serializer_class = MessageSerializer
    id_description = "Number of a message."
    idempotent = "honoured"
    conditional = True
    http_method_names: ClassVar[list[str]] = ["post"]  # type: ignore[misc]

    @extend_schema(responses=MessageSerializer)
    def post(self, request: Request, **_: Any) -> Response:
        """Write a message of the same kind from what is so now; while one of it is on its way, that is the answer."""
        return self.once(self.planned)

    def planned(self) -> Answer:
        """Plan the message. Raises Missing, Changed, NotSentAgain."""
        return self.answer_with(send_again(self.to_change().pk, by=self.principal, at=self.at))

    def get_object(self) -> Message:
        """Return the message. Raises Missing."""
        number, minds = str(self.kwargs["id"]), acting(self.principal, self.right)
        is_number = number.isdecimal() and len(number) <= LONGEST_NUMBER
        found = visible_messages(minds).filter(pk=int(number)).first() if is_number else None
        if found is None:
            raise Missing
        return found

    def lock(self, obj: Message) -> None:
        """Lock the appointment and the message, as sending does."""
        visits({obj.appointment_id}, lock=True)
        list(Message.objects.select_for_update().filter(pk=obj.pk).values_list("pk"))


class FamilyMessages(ApiListView):
    """What is said about family links, to which side and when, and what became of it."""

    summaries: ClassVar[dict[str, str]] = {"GET": "List messages about family links"}
    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_MESSAGES}
    serializer_class = FamilyMessageSerializer
    filterset_class = FamilyMessageFilter

    def get_queryset(self) -> QuerySet[FamilyMail]:
        """Return the mails about family links of one's sites, by when they are due."""
        return visible_family_messages(self.principal).select_related("link").order_by("due_at", "pk")
