"""Records that may be of one person, of whom one comes to a site soon: found by a worker, read by every page."""

from django.db import models

from booking.models.patients import Patient
from core.models import Site


class PossibleDuplicate(models.Model):
    """Two records that may be of one person. `one` comes to the site soon. All of it can be found again at any time."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    one = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(name="two_records_are_named_once", fields=["site", "one", "other"])]

    def __str__(self) -> str:
        return f"{self.one_id} and {self.other_id}"
