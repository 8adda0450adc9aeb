"""What has to be said, to whom and when, and what became of it."""

from collections.abc import Collection
from datetime import datetime

from django.db import models
from django.db.models import Max, Q

from core.principal import Principal
from core.roles import Role
from notifications.status import Delivery, DeliveryReason, MessageKind

RESEND_OF, RESENT_BY = "resend_of", "resent_by"
"""The facts of a message that staff let go out once more: of which one (id), and who did it (Principal.key)."""


class MessageQuerySet(models.QuerySet["Message"]):
    """Messages by who may know of them, and what becomes of many at once."""

    def visible_to(self, principal: Principal) -> "MessageQuerySet":
        """Keep the messages about visits at the sites where `principal` is staff that minds messages."""
        if principal.key.startswith("system:"):
            return self
        return self.filter(appointment__site__in=principal.sites(Role.SCHEDULER, Role.ADMIN, Role.AUDITOR))

    def waiting(self, *, at: datetime) -> "MessageQuerySet":
        """Keep the messages that are due by `at`, the longest waiting first."""
        return self.filter(status=Delivery.DUE, due_at__lte=at).order_by("due_at", "pk")

    def end(self, ids: Collection[int], status: Delivery, *, reason: str = "", at: datetime) -> None:
        """Note how messages ended, and why. The lease stays: by it a worker knows a beginning as its own."""
        if ids:
            self.filter(pk__in=ids).update(status=status, reason=reason, settled_at=at)

    def drop_superseded(self, *, at: datetime) -> None:
        """Drop those of these that wait: a newer one says it."""
        self.filter(status=Delivery.DUE).update(
            status=Delivery.DROPPED, reason=DeliveryReason.SUPERSEDED, settled_at=at
        )

    def next_resend(self, appointment_id: int, *, version: int, kind: MessageKind) -> int:
        """Return the number of the next message of a kind that is said of one version as often as it is asked for."""
        before = self.filter(appointment_id=appointment_id, version=version, kind=kind)
        return (before.aggregate(last=Max("resend"))["last"] or 0) + 1

    def undecided(self) -> "MessageQuerySet":
        """Keep the messages of which no outcome is noted, but that their worker was lost."""
        lost = Q(status=Delivery.UNKNOWN, reason=DeliveryReason.WORKER_LOST)
        return self.filter(lost | Q(status__in=[Delivery.CLAIMED, Delivery.SENDING]))


class Message(models.Model):
    """One thing to say about one version of an appointment, by one channel, at one offset before it (0: at once)."""

    appointment = models.ForeignKey("booking.Appointment", on_delete=models.CASCADE, related_name="messages")
    version = models.PositiveIntegerField()
    # Beside the appointment: what one of a family is told is never told to another, and a merge moves it by its column.
    recipient = models.ForeignKey("booking.Patient", on_delete=models.CASCADE, related_name="messages")
    channel = models.CharField(max_length=8, default="email", help_text="The channel's key.")
    kind = models.CharField(max_length=16, choices=MessageKind.choices)
    offset_minutes = models.PositiveIntegerField(default=0)
    # A part of the key: a reminder by a new plan is another row, and what the old one asked for is dropped and not
    # lost.
    policy_version = models.PositiveIntegerField(default=1)
    resend = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    status = models.CharField(max_length=8, choices=Delivery.choices, default=Delivery.DUE)
    reason = models.CharField(
        max_length=60,
        blank=True,
        default="",
        help_text="Why it was dropped, has failed or has an unknown end, as a code such as `too-late`.",
    )
    facts = models.JSONField(
        default=dict, help_text="What the notice tells beside the appointment as it is: times, ids and codes; no names."
    )
    address = models.CharField(
        max_length=254,
        blank=True,
        default="",
        db_default="",
        help_text="A replaced address, until it has been told; else empty.",
    )
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often a server has answered.")
    begun = models.PositiveIntegerField(
        default=0,
        db_default=0,
        help_text="How often a worker began to hand it over: an outcome belongs to one of them.",
    )
    lease_until = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="message_is_said_once",
                fields=[
                    "appointment",
                    "version",
                    "recipient",
                    "channel",
                    "kind",
                    "offset_minutes",
                    "policy_version",
                    "resend",
                ],
            ),
        ]
        indexes = [
            # Only of what waits: a round asks it again and again, however many mails the years have left.
            models.Index(name="message_due", fields=["due_at"], condition=Q(status="due")),
            models.Index(name="message_to_old_address", fields=["id"], condition=~Q(address="")),
            models.Index(
                name="message_in_hand", fields=["lease_until"], condition=Q(status__in=["claimed", "sending"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
