"""The ledger: every act on an appointment leaves one row, which is the history, the event and the outbox at once."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from booking.models.appointments import Appointment
from booking.status import Move, Status


class Change(models.Model):
    """One act. Append-only: a trigger lets nobody alter or delete a row, but for `relayed_at`."""

    append_only_except: ClassVar[frozenset[str]] = frozenset({"relayed_at"})

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="changes")
    version = models.PositiveIntegerField()
    move = models.CharField(max_length=16, choices=Move.choices)
    before = models.CharField(max_length=16, choices=Status.choices, blank=True, default="")
    after = models.CharField(max_length=16, choices=Status.choices)
    # A text, since not only people act: links, visitors and tasks do, and the row outlives the account.
    by = models.CharField(max_length=80, help_text="Principal.key of whoever acted.")
    at = models.DateTimeField()
    facts = models.JSONField(default=dict, help_text="Ids, times and codes; no names.")
    relayed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        # The outbox: as small as what waits, however long the history is.
        indexes = [
            models.Index(name="change_not_yet_relayed", fields=["id"], condition=Q(relayed_at__isnull=True)),
            # What has left a calendar lately is asked whenever that calendar is read as a feed.
            models.Index(name="change_moves_by_time", fields=["at"], condition=Q(move=Move.RESCHEDULE)),
        ]

    def __str__(self) -> str:
        return f"{self.move} of appointment {self.appointment_id}"

    @property
    def undoes_a_move(self) -> bool:
        """Whether the visit was put back onto the time that it was moved from."""
        return "undoes" in self.facts
