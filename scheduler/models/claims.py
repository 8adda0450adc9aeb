"""What is taken: claims with the constraint that guards them, and the week sheets that make them quick to read."""

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Q

from core.models import Site, only
from scheduler.models.catalogue import VisitPlan
from scheduler.models.resources import Resource

TICKS_A_WEEK = 2016


class WeekBits(models.Field):  # type: ignore[type-arg]  # not subscriptable at run time
    """A bit per five minutes of a UTC week, Monday 00:00 first (the highest bit); an int in Python."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002  (the interface of fields)
        """Return the column type."""
        return f"bit({TICKS_A_WEEK})"

    def from_db_value(self, value: str | None, *_: object) -> int | None:
        """Read the bits as an integer."""
        # As text: psycopg has no type of its own for bits.
        return None if value is None else int(value, 2)

    def get_prep_value(self, value: Any) -> str | None:  # noqa: ANN401  (the interface of fields)
        """Write the integer as a string of bits."""
        return None if value is None else format(value, f"0{TICKS_A_WEEK}b")


class Claim(models.Model):
    """One stretch of one resource that is taken, by an allocation (a hold's or an appointment's claims share one).

    Live while `retired_at` is null. A claim that expires is live to the constraint until a writer retires it,
    and nothing to readers from `expires_at` on.
    """

    allocation = models.UUIDField()
    plan = models.ForeignKey(
        VisitPlan,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,  # asked for together with a resource or an allocation, never alone
        db_constraint=False,  # every booking would lock the plan's row; a plan that is gone is joined to nothing
        help_text="How the appointment runs that this is claimed for.",
    )
    resource = models.ForeignKey(
        Resource,
        on_delete=models.PROTECT,
        related_name="claims",
        db_index=False,  # the index of its ends begins with it
    )
    period = DateTimeRangeField()
    expires_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # The guard of everything: no two live claims of a resource overlap, by whichever path. A claim that has
            # expired is live to it until a writer retires it, since `now()` cannot stand in a predicate.
            ExclusionConstraint(
                name="claim_shares_no_time_with_another",
                expressions=[
                    (only(F("resource_id")), RangeOperators.OVERLAPS),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=Q(retired_at__isnull=True),
            ),
            # An empty range overlaps nothing: it would pass the constraint above, and claim no time.
            models.CheckConstraint(name="claim_takes_time", condition=Q(period__isempty=False)),
        ]
        indexes = [
            models.Index(name="claim_by_allocation", fields=["allocation"]),
            models.Index(F("resource"), F("period__endswith"), name="claim_by_end"),
            models.Index(
                # For the sweep: holds and undo windows are few beside the visits that stand.
                name="claim_that_expires",
                fields=["expires_at"],
                condition=Q(retired_at__isnull=True, expires_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"claim {self.pk}"


class WeekSheet(models.Model):
    """A resource's week at a site: when it is open (hours less absences and closures) and when taken (live claims).

    A resource that serves several sites has a sheet for each; `taken` is the same in all of them. `open` is open to
    everyone. What is open to one audience alone stands in `open_to`, in the order of `audiences`; most have none.
    """

    # No index of its own: sheets are looked for by their week, too, and so by that of `sheet_is_kept_once`.
    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="sheets", db_index=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="sheets")
    week = models.DateField(help_text="The UTC Monday.")
    open = WeekBits()
    taken = WeekBits(default=0)
    audiences = ArrayField(models.CharField(max_length=50), null=True)
    open_to = ArrayField(WeekBits(), null=True)
    # What blocks keep, under whichever name: a search reads it as one row of bits, and knows itself what of it is open
    # to whom.
    kept = models.GeneratedField(
        expression=models.Func(F("audiences"), F("open_to"), function="scheduler_kept_ticks"),
        output_field=WeekBits(null=True),
        db_persist=True,
    )

    class Meta:
        constraints = [
            # The week comes first: a week's sheets lie side by side in its index, however long the past is.
            models.UniqueConstraint(name="sheet_is_kept_once", fields=["week", "resource", "site"]),
            models.CheckConstraint(
                name="sheet_names_each_audience_it_is_open_to",
                condition=Q(audiences=None, open_to=None) | Q(audiences__len=F("open_to__len"), audiences__len__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"sheet {self.pk}"
