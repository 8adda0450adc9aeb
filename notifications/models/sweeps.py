"""How often what is due was looked for by the clock: the sign that beat, queue, worker and database work together."""

from django.db import models
from django.db.models import F
from django.db.models.functions import Now


class SweepQuerySet(models.QuerySet["Sweep"]):
    """The one row, counted up."""

    def count_one(self) -> None:
        """Note that a sweep begins now, by the database's clock."""
        if not self.filter(pk=1).update(number=F("number") + 1, begun_at=Now()):
            # Two first sweeps at once: one writes the row, the other finds it there.
            self.bulk_create([Sweep(pk=1, begun_at=Now())], ignore_conflicts=True)


class Sweep(models.Model):
    """The last sweep: its number, which tells by counting that there was another, and when it began."""

    # Counted as well as timed: a clock that was set back still shows that there was another sweep.
    number = models.PositiveBigIntegerField(default=1)
    begun_at = models.DateTimeField()

    objects = SweepQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(name="there_is_one_row_of_sweeps", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return f"sweep {self.number}"
