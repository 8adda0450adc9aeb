"""The links in mails that let a guest see, move and cancel a visit without signing in."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from booking.models.appointments import Appointment


class ManageLink(models.Model):
    """A link to an appointment, until its patient's address changes. Only the digest is stored.

    Id and server key make the token again.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="links")
    # Who reads a backup has no key of the server, and so no link that opens.
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    wrong_birth_dates = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How often whoever has the link typed another birth date than the patient's."
    )

    codes_at = ArrayField(
        models.DateTimeField(),
        default=list,
        db_default=[],
        help_text="When each code was mailed by which whoever has it shows as well who they are: the last one counts.",
    )
    code_tries = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Wrong codes typed since the last one was mailed."
    )

    mailed = False
    """Whether it was opened by the token that is mailed alone, and no page ever shows."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="appointment_has_one_live_link",
                fields=["appointment"],
                condition=models.Q(revoked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"link {self.pk}"
