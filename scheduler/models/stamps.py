"""A stamp that changes with the catalogue: whoever keeps a copy compares it."""

import uuid

from django.db import models


class CatalogueStamp(models.Model):
    """One row. Triggers on the catalogue's tables set a new stamp in the transaction that changes them."""

    stamp = models.UUIDField(default=uuid.uuid4)

    def __str__(self) -> str:
        return str(self.stamp)
