"""What staff are told of: somebody who reaches a limit that honest people rarely meet."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.limit_kinds import LimitKind
from core.models import Site


class UnusualBooking(models.Model):
    """A limit that was reached on a day (UTC): by whom, as a keyed hash, and how often it was met since.

    `slowed`: a code was asked for first, or a time kept for a shorter while, in place of a refusal.
    """

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    whose = models.CharField(_("who"), max_length=8, choices=LimitKind.choices)
    digest = models.CharField(max_length=64, editable=False)
    on = models.DateField()
    first_at = models.DateTimeField(_("since"))
    last_at = models.DateTimeField(_("last"))
    refused = models.PositiveIntegerField(_("times refused"), default=1)
    slowed = models.PositiveIntegerField(_("times slowed down"), default=0, db_default=0)

    class Meta:
        ordering = ["-last_at"]
        verbose_name = _("unusual booking")
        verbose_name_plural = _("unusual bookings")
        constraints = [
            models.UniqueConstraint(
                name="unusual_booking_is_noted_once_a_day", fields=["site", "whose", "digest", "on"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.whose} {self.digest[:8]}"
