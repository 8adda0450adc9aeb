"""What is mailed about family links: to a patient, to their relative, or to whoever is invited."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications.models.single_mails import SingleMail


class FamilyMailKind(models.TextChoices):
    """What a mail about a family link says."""

    INVITATION = "invitation", _("a code and a link for whoever is invited")
    CLAIMED = "claimed", _("the code was used: please confirm who did")
    CONFIRMED = "confirmed", _("times can be chosen now")
    VOUCHED = "vouched", _("staff stand for who used the code")
    TIME_KEPT = "time-kept", _("a time is kept for them")
    ENDS_SOON = "ends-soon", _("it ends soon")
    ENDED = "ended", _("it has ended")
    REVOKED = "revoked", _("it was taken back")


class FamilyMail(SingleMail):
    """One mail about one act on a family link, to one side. Whom it goes to is read when it is sent."""

    change = models.ForeignKey("booking.FamilyLinkChange", on_delete=models.PROTECT, related_name="+")
    link = models.ForeignKey("booking.FamilyLink", on_delete=models.CASCADE, related_name="+")
    side = models.CharField(max_length=8, help_text="Who is told: patient, relative or invited.")
    kind = models.CharField(max_length=10, choices=FamilyMailKind.choices)

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(name="family_act_is_told_once_to_a_side", fields=["change", "side"]),
        ]
        indexes = [models.Index(name="family_mail_due", fields=["due_at"], condition=Q(status="due"))]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
