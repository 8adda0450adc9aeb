"""What the data say of kept time: how it usually opens, how much may be kept, how long one occurrence may be."""

from datetime import datetime

from scheduler.calendars.block_checks import BlockLimits, limits_of
from scheduler.catalogue.block_cards import Occurrence
from scheduler.catalogue.fixture_files import fixture
from scheduler.release import next_stage

DATA = "family-holds"


def usual_policy() -> list[dict[str, str]]:
    """Return how kept time opens where nobody says otherwise."""
    return [dict(one) for one in fixture(DATA)["release_policy_default"]]


def block_limits() -> BlockLimits:
    """Return how much may be kept and how long."""
    return limits_of(fixture(DATA))


def keepable_until(one: Occurrence, *, keeps: int, at: datetime) -> datetime | None:
    """Return until when an occurrence that was kept back so often can be kept back; None where it cannot be."""
    limits, coming = block_limits(), next_stage(one.opens, at)
    latest = one.start - limits.keep_until
    if not one.token or coming is None or keeps >= limits.keeps or latest <= coming[1]:
        return None
    return latest
