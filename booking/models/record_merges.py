"""What a merging of two records changed: kept as long as it can be undone, and forgotten then."""

from django.db import models

from booking.models.patients import Patient


class RecordMerge(models.Model):
    """A merging that can still be undone. `changed` holds rows of people: it goes once the time is over."""

    kept = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="+")
    given_up = models.OneToOneField(Patient, on_delete=models.CASCADE, related_name="+")
    changed = models.JSONField(help_text="What every row that names one of the two was before it, and after it.")
    merged_at = models.DateTimeField()
    undo_until = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"merging of patient {self.given_up_id} into {self.kept_id}"
