"""Changing entries of the catalogue: names, texts, and whether they are in use."""

import logging
from typing import TypeVar

from django.db.models import Model

from core.principal import Principal
from core.transactions import unit
from scheduler.actions.editing import as_stored, write

Row = TypeVar("Row", bound=Model)

log = logging.getLogger(__name__)


@unit
def change(entry: Row, *, by: Principal, **fields: object) -> Row:
    """Change these fields of an entry and leave the rest. What is no longer in use keeps its visits. Raises Missing."""
    as_stored(entry)
    write(entry, **fields)
    log.info("%s %s changed by %s", entry._meta.model_name, entry.pk, by.key)
    return entry
