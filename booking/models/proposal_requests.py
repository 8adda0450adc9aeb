"""For which closed visits staff want another time to be proposed, one row for each: a worker looks for the times."""

from django.db import models
from django.db.models import Q

from booking.models.appointments import Appointment


class ProposalRequest(models.Model):
    """Staff want another time to be proposed to the patient of a closed visit. `why` says why none was, if none was."""

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="proposal_requests")
    closure = models.CharField(max_length=80, help_text="The id of a closure, or the key of a policy with its version.")
    by = models.CharField(max_length=80, help_text="Principal.key of whoever asked for it.")
    at = models.DateTimeField(help_text="When it was asked for: one press asks for many.")
    tried_at = models.DateTimeField(null=True, help_text="When a worker took it up last.")
    done_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="visit_waits_for_one_proposal", fields=["appointment"], condition=Q(done_at__isnull=True)
            ),
        ]
        indexes = [models.Index(name="proposal_request_of_a_closure", fields=["closure", "at"])]

    def __str__(self) -> str:
        return f"proposal for appointment {self.appointment_id}"
