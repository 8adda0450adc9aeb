"""What tells of edits: whoever keeps a copy of what was edited compares it."""

import uuid

from django.db import models


class CatalogueStamp(models.Model):
    """One row. Triggers on the catalogue's tables set a new stamp in the transaction that changes them."""

    stamp = models.UUIDField(default=uuid.uuid4)

    def __str__(self) -> str:
        return str(self.stamp)


# Read before a mail is composed and again under its lock: any edit in between, seen or not, makes another set of ids.
class CoverEdit(models.Model):
    """An edit that may have left visits without cover; triggers write it in the transaction of the edit.

    Each takes those away that it sees: whoever misses one that was there before finds a later one. A row that all
    edits update would let them wait for one another.
    """

    def __str__(self) -> str:
        return str(self.pk)
