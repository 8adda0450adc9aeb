"""Ten thousand press "Book this time": each time is offered to fifty people, who all accept at the same moment."""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import close_old_connections, connection
from django.db.models import Count

from booking.actions.waiting import answering, offers
from booking.models import Appointment, WaitingListEntry, WaitingListOffer
from booking.waiting.policies import offer_rules
from booking.waiting.status import OfferStatus
from core.models import Site
from core.refusals import Refusal
from proof.benchmarks.bookings import deadlocks
from proof.benchmarks.race import since
from proof.benchmarks.rounds import Result
from proof.benchmarks.waiting_people import people, waiting, working_morning
from proof.checker import claims
from scheduler import public as scheduler

ACCEPTS, EACH, AT_ONCE = 10_000, 50, 16
THERAPY = "acu_manual"


def run(*, rounds: int) -> list[Result]:  # noqa: ARG001  (one race is as good as several: it is counted, not timed)
    """Let ten thousand accept, sixteen at once, and count who has a time twice."""
    site = Site.objects.get(key="bench")
    at = working_morning(site.tz)
    made = offered(ACCEPTS, EACH, site, at=at)
    before, begun = deadlocks(), time.perf_counter()
    said = race(made, lambda pk: answering.accept(pk, at=at), together=AT_ONCE)
    took = time.perf_counter() - begun
    return report(said, times=len(made) // EACH, took=took, deadlocked=since(before))


def offered(accepts: int, each: int, site: Site, *, at: datetime) -> list[int]:
    """Offer as many times as it takes, each to so many people of its own; return all offers."""
    rules, times = replace(offer_rules(site.pk, at=at), at_once=1), accepts // each
    crowd = waiting(people(times * each, site, at=at), site, therapies=[THERAPY], at=at)
    groups = [crowd[number * each : (number + 1) * each] for number in range(times)]
    for slot in apart(2 * times, site, at=at):
        # The first is offered it as the service offers it; that all others are asked as well is written at once.
        if groups and offers.offer(slot, [groups[-1][0].pk], rules, at=at).entries:
            first = WaitingListOffer.objects.get(entry=groups[-1][0])
            WaitingListOffer.objects.bulk_create(_beside(first, one) for one in groups.pop()[1:])
    if groups:
        raise LookupError("Not as many times could be offered.")
    return list(WaitingListOffer.objects.filter(entry__in=crowd).values_list("pk", flat=True))


def _beside(first: WaitingListOffer, entry: WaitingListEntry) -> WaitingListOffer:
    return WaitingListOffer(
        entry=entry,
        hold=first.hold,
        starts_at=first.starts_at,
        offered_at=first.offered_at,
        expires_at=first.expires_at,
    )


def apart(count: int, site: Site, *, at: datetime) -> list[scheduler.Slot]:
    """Return so many free times that do not get into each other's way: one of each practitioner on a day."""
    found: dict[tuple[object, object], scheduler.Slot] = {}
    for ahead in range(3, 60):
        query = scheduler.SearchQuery(
            therapy=THERAPY,
            visit=scheduler.VisitType.FIRST,
            starts_at=at + timedelta(days=ahead),
            ends_at=at + timedelta(days=ahead + 1),
            sites=frozenset({site.pk}),
            limit=None,
        )
        crowd = Counter[datetime]()
        for slot in scheduler.search(query, at=at):
            if crowd[slot.start] < 3:  # noqa: PLR2004  (so that places do not run out)
                crowd[slot.start] += 1
                found.setdefault((slot.practitioner.id, slot.start.date()), slot)
            if len(found) == count:
                return list(found.values())
    raise LookupError("Not as many times are free.")


def race(made: Sequence[int], accept: Callable[[int], object], *, together: int) -> Counter[str]:
    """Let all offers be accepted in no order, so many at once; return how often it ended how."""
    order = list(made)
    random.Random(1).shuffle(order)

    def press(pk: int) -> str:
        try:
            return type(accept(pk)).__name__
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(together, initializer=close_old_connections) as team:
        said = Counter(team.map(press, order))
        list(team.map(lambda _: connection.close(), range(together * 4)))
    return said


def doubles() -> int:
    """Count the times that more than one person has: by accepted offers, appointments and claims."""
    accepted = WaitingListOffer.objects.filter(status=OfferStatus.ACCEPTED)
    twice = accepted.order_by().values("hold").annotate(count=Count("pk")).filter(count__gt=1)
    booked = Appointment.objects.filter(status="booked", pk__in=accepted.values("appointment"))
    same = booked.order_by().values("practitioner", "period").annotate(count=Count("pk")).filter(count__gt=1)
    return len(twice) + len(same) + len(list(claims.overlaps()))


def report(said: Counter[str], *, times: int, took: float, deadlocked: int) -> list[Result]:
    """Return who had a time, what everybody else heard, and doubles."""
    winners, others = said["Appointment"], {what: n for what, n in said.items() if what != "Appointment"}
    count, twice = sum(said.values()), doubles()
    return [
        Result(
            f"{count:,} accept {times} times, {AT_ONCE} at once: winners", str(winners), str(times), winners == times
        ),
        Result("  everybody else", str(others), "just-taken", set(others) == {"just-taken"}),
        Result("  times that two people have", str(twice), "0", twice == 0),
        Result("  deadlocks", str(deadlocked), "0", deadlocked == 0),
        Result("  accepts a second", f"{count / took:.0f}"),
    ]
