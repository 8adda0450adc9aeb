"""What is mailed to whoever waits for a time to open."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications.models.single_mails import SingleMail


class WaitingListMailKind(models.TextChoices):
    """What a mail about the waiting list says."""

    CONFIRM = "confirm", _("please confirm that you want to be told")
    JOINED = "joined", _("they are on the waiting list")
    OFFER = "offer", _("a time has opened")
    ANSWERS = "answers", _("the questions are to be answered again")
    ENDED = "ended", _("they are not on the waiting list any more")


class WaitingListMail(SingleMail):
    """One mail about one act on an entry of the waiting list."""

    change = models.OneToOneField("booking.WaitingListChange", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=7, choices=WaitingListMailKind.choices)

    class Meta:
        ordering = ["due_at", "pk"]
        indexes = [models.Index(name="waiting_list_mail_due", fields=["due_at"], condition=Q(status="due"))]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
