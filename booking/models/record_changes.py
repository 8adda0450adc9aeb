"""What was done to the records of people: who corrected what and when, and which records were merged."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.models.patients import Patient


class RecordAct(models.TextChoices):
    """What was done to a record."""

    CHANGED = "changed", _("changed")
    MERGED = "merged", _("merged into another record")
    TOOK_OVER = "took-over", _("took another record over")
    UNMERGED = "unmerged", _("merging undone: stands by itself again, not merged into")
    GAVE_BACK = "gave-back", _("merging undone: gave back")
    APART = "apart", _("is not the same person as")
    NOT_APART = "not-apart", _("taken back: is not the same person as")
    ENROLLED = "enrolled", _("enrolled")
    END_CHANGED = "end", _("end of the enrolment changed")
    ENDED = "ended", _("enrolment ended")


class RecordChange(models.Model):
    """One act on a record. Append-only: nobody alters or deletes a row."""

    append_only_except: ClassVar[frozenset[str]] = frozenset()

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="record_changes")
    act = models.CharField(max_length=10, choices=RecordAct.choices)
    other = models.ForeignKey(
        Patient, null=True, on_delete=models.PROTECT, related_name="+", help_text="The other record of the two."
    )
    # Names stand here, unlike in the ledger of visits: a wrong correction can be undone only by who knows what was
    # there.
    was = models.JSONField(default=dict, help_text="What was changed, as it was before.")
    by = models.CharField(max_length=80, help_text="Principal.key of whoever acted.")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.act} of patient {self.patient_id}"
