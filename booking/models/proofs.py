"""Visits that wait until somebody has shown that the e-mail address they gave is theirs."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from booking.limit_kinds import VerificationReason
from booking.models.appointments import Appointment


class Proof(models.Model):
    """A visit asked for with an unverified address. The mailed code is not stored: it is made again from the issue."""

    # One for each visit, sent anew by a higher issue: codes of before are thereby void, and tries are counted in one
    # row.
    appointment = models.OneToOneField(Appointment, on_delete=models.CASCADE, related_name="proof")
    made_by = models.CharField(max_length=80, help_text="Principal.key of the visitor who may type the code.")
    why = models.CharField(
        max_length=8,
        choices=VerificationReason.choices,
        default=VerificationReason.AHEAD,
        db_default=VerificationReason.AHEAD,
    )
    address = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="Keyed hash of the visitor's network, for limits.",
    )
    issue = models.PositiveSmallIntegerField(default=1, help_text="Which code: one more each time it is sent again.")
    issued_at = models.DateTimeField()
    codes_at = ArrayField(
        models.DateTimeField(), default=list, db_default=[], help_text="When each of its codes was issued: all count."
    )
    tries = models.PositiveSmallIntegerField(default=0, help_text="Wrong codes typed for this issue.")
    relayed_at = models.DateTimeField(null=True, help_text="When the mail with this issue was planned.")
    proven_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(name="proof_not_yet_relayed", fields=["id"], condition=Q(relayed_at__isnull=True)),
            models.Index(
                name="proof_awaited_from", fields=["address"], condition=Q(proven_at__isnull=True) & ~Q(address="")
            ),
        ]

    def __str__(self) -> str:
        return f"proof for appointment {self.appointment_id}"
