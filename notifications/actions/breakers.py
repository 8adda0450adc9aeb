"""When a channel's server fails again and again: what is its own waits, and one message tries it now and then."""

import logging
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import F

from core.database.transactions import unit
from notifications.models import Breaker
from notifications.status import Ending

log = logging.getLogger(__name__)

# One failure is an accident, and a second may be; each costs somebody a mail that may be lost.
OPENS_WITH = 3
SHORT_PAUSE = timedelta(seconds=15)
"""After a failure that cost nothing."""

PAUSES = (timedelta(seconds=30), timedelta(seconds=60))
"""After a lost answer: each try may cost somebody their mail; a server that is well again may not wait long."""

# Connecting, and each of a server's answers, has ten seconds.
PROBE_LEASE = timedelta(seconds=60)


class BreakerState(StrEnum):
    """Whether a channel's messages may go out: freely, with care since the last one failed, one to try, or none."""

    FREE = "free"
    UNEASY = "uneasy"
    PROBE = "probe"
    SHUT = "shut"


@unit
def breaker_state(channel: str, *, at: datetime) -> BreakerState:
    """Say whether messages may go out. PROBE is answered to one worker alone: it has a minute to try."""
    breaker = Breaker.objects.filter(channel=channel).first()
    if breaker is None or not breaker.failures:
        return BreakerState.FREE
    if breaker.open_until is None:
        return BreakerState.UNEASY
    if breaker.open_until > at:
        return BreakerState.SHUT
    # Compared and set in one statement: of all workers that find the pause over, one tries.
    mine = Breaker.objects.filter(pk=breaker.pk, open_until=breaker.open_until).update(open_until=at + PROBE_LEASE)
    return BreakerState.PROBE if mine else BreakerState.SHUT


@unit
def give_back(channel: str, *, taken_at: datetime, at: datetime) -> None:
    """Let the next message be the one that tries: what was picked up at `taken_at` never met the server."""
    mine = Breaker.objects.filter(channel=channel, open_until=taken_at + PROBE_LEASE)
    mine.update(open_until=at)


def may_go_on(channel: str, *, at: datetime) -> bool:
    """Say whether a channel's messages do not have to wait."""
    return not Breaker.objects.filter(channel=channel, open_until__gt=at).exists()


@unit
def failed(channel: str, ending: Ending, *, at: datetime) -> None:
    """Note that the server failed; the third time in a row nobody sends for a while."""
    Breaker.objects.bulk_create([Breaker(channel=channel)], ignore_conflicts=True)
    Breaker.objects.filter(channel=channel).update(failures=F("failures") + 1)
    breaker = Breaker.objects.get(channel=channel)
    if breaker.failures < OPENS_WITH:
        return
    breaker.open_until = at + _pause(ending, again=breaker.failures - OPENS_WITH)
    breaker.save(update_fields=["open_until"])
    log.warning("the server of %s failed %d times in a row: its messages wait", channel, breaker.failures)


def _pause(ending: Ending, *, again: int) -> timedelta:
    return PAUSES[min(again, len(PAUSES) - 1)] if ending is Ending.UNKNOWN else SHORT_PAUSE


def answered(channel: str, *, probe: bool) -> None:
    """Note that the server does its work. The message that tries closes an open breaker, no earlier one does."""
    # Mails on their way when it opened still arrive, and say nothing about the server as it is now.
    breaker = Breaker.objects.filter(channel=channel, failures__gt=0)
    if not probe:
        breaker = breaker.filter(open_until=None)
    breaker.update(failures=0, open_until=None)
