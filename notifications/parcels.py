"""A message on its way out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from booking.public import VisitFacts
from notifications.status import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One of the visits that a mail lists, with its link."""

    visit: VisitFacts
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What a message is about, to which address it goes, and the link that goes with it; `listed`: all of several."""

    message_id: int
    kind: Kind
    version: int
    facts: Mapping[str, Any]
    attempts: int
    visit: VisitFacts
    address: str
    token: str
    listed: tuple[Listed, ...] = ()
