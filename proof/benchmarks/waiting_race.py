"""Ten thousand press "Book this time": each time is offered to fifty people, who all accept at the same moment."""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import close_old_connections, connection
from django.db.models import Count

from booking.actions import appointments
from booking.actions.waiting import answering, offers
from booking.models import Appointment, WaitingListEntry, WaitingListOffer
from booking.status import Move, Status
from booking.waiting.policies import offer_rules
from booking.waiting.status import OfferStatus
from core.models import Site
from core.principal import Principal
from core.refusals import Refusal
from proof.benchmarks.bookings import deadlocks
from proof.benchmarks.race import since
from proof.benchmarks.rounds import Result
from proof.benchmarks.waiting_people import people, waiting, working_morning
from proof.checker import claims
from scheduler import public as scheduler

ACCEPTS, TIMES, EACH, AT_ONCE = 10_000, 200, 50, 16
THERAPY = "acu_manual"


def run(*, rounds: int) -> list[Result]:  # noqa: ARG001  (as many races as it takes: they are counted, not timed)
    """Let ten thousand accept, sixteen at once, and count who has a time twice.

    Where a small clinic has not as many times free, the same ones are given back and offered to others, race by race.
    """
    site = Site.objects.get(key="bench")
    at, before, all_of_them = working_morning(site.tz), deadlocks(), AcceptCounts()
    slots = apart(TIMES, site, at=at)
    while left := ACCEPTS - sum(all_of_them.said.values()):
        made, slots = offered(slots[: -(-left // EACH)], EACH, site, at=at)
        begun = time.perf_counter()
        said = race(made, lambda pk: answering.accept(pk, at=at), together=AT_ONCE)
        all_of_them.add(said, times=len(made) // EACH, took=time.perf_counter() - begun, twice=doubles())
        give_back(made, at=at)
    return report(all_of_them, deadlocked=since(before))


@dataclass(slots=True)
class AcceptCounts:
    """How often accepting ended how, in so many races; `twice`: times that two people had."""

    said: Counter[str] = field(default_factory=Counter)
    races: int = 0
    times: int = 0
    took: float = 0
    twice: int = 0

    def add(self, said: Counter[str], *, times: int, took: float, twice: int) -> None:
        """Count one more race."""
        self.said.update(said)
        self.races += 1
        self.times += times
        self.took += took
        self.twice += twice


def offered(
    slots: Sequence[scheduler.Slot], each: int, site: Site, *, at: datetime
) -> tuple[list[int], list[scheduler.Slot]]:
    """Offer times, each to so many people of its own; return all offers, and the times that somebody could have."""
    rules = replace(offer_rules(site.pk, at=at), at_once=1)
    crowd = waiting(people(len(slots) * each, site, at=at), site, therapies=[THERAPY], at=at)
    groups = [crowd[number * each : (number + 1) * each] for number in range(len(slots))]
    able = list[scheduler.Slot]()
    for slot in slots:
        # The first is offered it as the service offers it; that all others are asked as well is written at once.
        if offers.offer(slot, [groups[-1][0].pk], rules, at=at).entries:
            able.append(slot)
            first = WaitingListOffer.objects.get(entry=groups[-1][0])
            WaitingListOffer.objects.bulk_create(_beside(first, one) for one in groups.pop()[1:])
    if not able:
        raise LookupError("No time could be offered.")
    return list(WaitingListOffer.objects.filter(entry__in=crowd).values_list("pk", flat=True)), able


def give_back(made: Sequence[int], *, at: datetime) -> None:
    """Take back what was booked by these offers, so that the times are free."""
    by = Principal.system("bench")
    booked = Appointment.objects.filter(pk__in=WaitingListOffer.objects.filter(pk__in=made).values("appointment"))
    for visit in booked.filter(status=Status.BOOKED):
        appointments.move(visit.public_id, Move.ENTER_IN_ERROR, by=by, at=at)


def _beside(first: WaitingListOffer, entry: WaitingListEntry) -> WaitingListOffer:
    return WaitingListOffer(
        entry=entry,
        hold=first.hold,
        starts_at=first.starts_at,
        offered_at=first.offered_at,
        expires_at=first.expires_at,
    )


def apart(count: int, site: Site, *, at: datetime) -> list[scheduler.Slot]:
    """Return free times, so many at most, that do not get into each other's way: one of each practitioner on a day."""
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
            theirs = slot.practitioner.id, slot.start.date()
            if theirs not in found and crowd[slot.start] < 3:  # noqa: PLR2004  (so that places do not run out)
                crowd[slot.start] += 1
                found[theirs] = slot
            if len(found) == count:
                return list(found.values())
    return list(found.values())


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


def report(all_of_them: AcceptCounts, *, deadlocked: int) -> list[Result]:
    """Return who had a time, what everybody else heard, and doubles."""
    winners = all_of_them.said["Appointment"]
    others = {what: n for what, n in all_of_them.said.items() if what != "Appointment"}
    count, times = sum(all_of_them.said.values()), all_of_them.times
    told = f"{count:,} accept {times} times in {all_of_them.races} races, {AT_ONCE} at once: winners"
    return [
        Result(told, str(winners), str(times), winners == times),
        Result("  everybody else", str(others), "just-taken", set(others) == {"just-taken"}),
        Result("  times that two people have", str(all_of_them.twice), "0", all_of_them.twice == 0),
        Result("  deadlocks", str(deadlocked), "0", deadlocked == 0),
        Result("  accepts a second", f"{count / all_of_them.took:.0f}"),
    ]
