"""Tables that a worker takes over, part by part: what they hold is sealed, and goes soon after the last part."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q

from core.models import Site, User


class TableImport(models.Model):
    """A table on its way in. `content`: the file, `left_out`: the rows of which nothing was made, both sealed."""

    public_id = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", help_text="Who pressed.")
    kind = models.CharField(max_length=40)
    content = models.TextField(blank=True)
    order = models.CharField(max_length=8, blank=True, help_text="What comes first in dates of three numbers.")
    tell = models.BooleanField(default=False, help_text="Whether people are written to.")
    rows = models.PositiveIntegerField()
    rows_done = models.PositiveIntegerField(default=0)
    rows_written = models.PositiveIntegerField(default=0)
    left_out = models.TextField(blank=True, default="")
    begun_at = models.DateTimeField()
    worked_at = models.DateTimeField(help_text="When its last part was taken over.")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="site_takes_one_table_of_a_kind_at_once", fields=["site", "kind"], condition=Q(ended_at=None)
            ),
            models.CheckConstraint(name="no_more_rows_are_done_than_there_are", condition=Q(rows_done__lte=F("rows"))),
        ]

    def __str__(self) -> str:
        return f"table import {self.pk}"
