"""What the patients of closed visits are told, one row for each piece of news."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from booking.models.appointments import Appointment
from booking.models.holds import Hold


class ClosureNews(models.TextChoices):
    """What there is to tell."""

    CLOSED = "closed", _("their appointment cannot take place at that time")
    OTHER_TIME = "other-time", _("another time is proposed")
    OPEN_AGAIN = "open-again", _("their appointment takes place after all")


class ClosureNotice(models.Model):
    """A patient is told of a closure, as the visit was then (`version`). Staff ask for it; nobody else does.

    `closure` is the key of what closes it. `over`: it is open again since, so that what was told holds no more.
    """

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="closure_notices")
    version = models.PositiveIntegerField(help_text="Of the appointment when the notice was asked for.")
    closure = models.CharField(max_length=80, help_text="The id of a closure, or the key of a policy with its version.")
    news = models.CharField(max_length=16, choices=ClosureNews.choices)
    hold = models.ForeignKey(
        Hold, null=True, on_delete=models.SET_NULL, related_name="+", help_text="What is kept for them meanwhile."
    )
    by = models.CharField(max_length=80, help_text="Principal.key of whoever asked for it.")
    at = models.DateTimeField()
    relayed_at = models.DateTimeField(null=True)
    over = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="closure_is_told_once_for_a_version",
                fields=["appointment", "version", "closure"],
                condition=Q(news="closed", over=False),
            ),
            models.UniqueConstraint(name="kept_time_is_proposed_once", fields=["hold"]),
            models.CheckConstraint(
                name="closure_notice_keeps_a_time_where_it_proposes_one", condition=Q(hold=None) | Q(news="other-time")
            ),
        ]
        indexes = [
            models.Index(name="closure_notice_not_yet_told", fields=["id"], condition=Q(relayed_at__isnull=True)),
            models.Index(name="closure_notice_of_a_closure", fields=["closure"]),
        ]

    def __str__(self) -> str:
        return f"{self.news} of appointment {self.appointment_id}"
