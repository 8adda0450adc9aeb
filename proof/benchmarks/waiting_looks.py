"""What a look at the waiting list costs that a worker takes each minute: thousands wait for nothing, or anything."""

import time
from datetime import datetime, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking.actions.waiting import looks, offers
from booking.models import WaitingListEntry, WaitingListOffer
from core.models import Site
from proof.benchmarks.rounds import Result, median_of, ratio
from proof.benchmarks.waiting_people import THERAPIES, people, waiting, working_morning

FEW, MANY = 1_000, 5_000
SUNDAY = 7
AT_MOST_S, GROWS = 20, 5
"""A look ends within the minute; five times the people cost five times as much at most."""


def run(*, rounds: int) -> list[Result]:
    """Look where nothing suits anybody, with 1,000 and with 5,000 people; then where times suit all of them."""
    site = Site.objects.get(key="bench")
    at = working_morning(site.tz)
    everybody = people(MANY, site, at=at)
    lines, took = list[Result](), dict[int, float]()
    for count in (FEW, MANY):
        WaitingListEntry.objects.all().delete()
        waiting(everybody[:count], site, weekdays=[SUNDAY], therapies=THERAPIES, at=at)
        took[count] = median_of([look(at)[0] for _round in range(min(rounds, 3))])
        asked = queries(at)
        told = f"{took[count]:.1f} s, {asked} queries"
        lines.append(Result(f"{count:,} wait, nothing suits them", told, f"≤ {AT_MOST_S} s", took[count] <= AT_MOST_S))
    told = f"{took[MANY]:.1f} s of {took[FEW]:.1f} s"
    lines.append(ratio(f"  {MANY:,} ÷ {FEW:,}", took[MANY] / took[FEW], most=GROWS, told=told))
    WaitingListEntry.objects.all().delete()
    waiting(everybody, site, therapies=THERAPIES, at=at)
    seconds, made = look(at)
    people_asked = WaitingListOffer.objects.values("entry__patient").distinct().count()
    most = AT_MOST_S + looks.LASTS.total_seconds()
    told = f"{seconds:.1f} s, {made} offers to {people_asked} people, {made / seconds:.0f}/s"
    return [
        *lines,
        Result(f"{MANY:,} wait, anything suits them: the first look", told, f"≤ {most:.0f} s", seconds <= most),
    ]


def look(at: datetime) -> tuple[float, int]:
    """Look once, as if it were `at`; return how many seconds it took, and how many offers were made."""
    begun = time.perf_counter()

    # The clock of the clinic goes on as ours does.
    made = offers.offer_times(now=lambda: at + timedelta(seconds=time.perf_counter() - begun))
    return time.perf_counter() - begun, made


def queries(at: datetime) -> int:
    """Count the queries of a look."""
    with CaptureQueriesContext(connection) as seen:
        look(at)
    return len(seen)
