"""Free starts: searched, counted by day, or nearest to one that is gone, in few queries however much is asked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from scheduler.audience import Audience
from scheduler.calendars.hours import Period
from scheduler.catalogue import Catalogue, Offer, Plan, SiteCard, catalogue
from scheduler.errors import NotOffered, RangeTooLong, TechniqueNeeded, UnknownPractitioner
from scheduler.search.availability import Availability
from scheduler.search.frames import Frame
from scheduler.search.parts import nearest_of, parts
from scheduler.search.reading import Reading
from scheduler.search.search_query import DayLoad, SearchQuery
from scheduler.search.slot_ids import Slot, SlotKey
from scheduler.search.windows import spans_asked
from scheduler.ticks import TICK, WEEK, midnight, week_of, weeks_between

LONGEST = timedelta(days=92)
ALTERNATIVES = 3
NEAR = (6, 45)
"""How many days away an alternative is looked for: first nearby, then, where there are not enough, farther."""

SOON = timedelta(days=3)
"""Most people take one of the soonest times, so the weeks of these days are read before the others."""


def search(query: SearchQuery, *, at: datetime) -> list[Slot]:
    """Return the soonest starts, at most `query.limit`, by start and then practitioner."""
    found: list[Slot] = []
    for part, known in parts(query):
        found += _search(replace(part, limit=None if query.limit is None else query.limit - len(found)), known, at=at)
    return found


def _search(query: SearchQuery, known: Catalogue, *, at: datetime) -> list[Slot]:
    found: list[Slot] = []
    # Whoever wants all has no use for a first look at what is soon.
    for reading in _readings(query, known, at=at, whole=query.limit is None):
        found = list(reading.slots(query.limit))
        if query.limit is not None and len(found) >= query.limit:
            break
    return found


def each_start(query: SearchQuery, *, at: datetime) -> Iterator[Slot]:
    """Yield all starts, the soonest first, each made when it is asked for: whoever takes few pays for few."""
    for part, known in parts(query):
        for reading in _readings(part, known, at=at, whole=True):
            yield from reading.slots(None)


def first(query: SearchQuery, *, at: datetime) -> Slot | None:
    """Return the soonest start, if there is one."""
    for reading in (one for part, known in parts(query) for one in _readings(part, known, at=at)):
        for slot in reading.slots(1):
            return slot
    return None


def days(query: SearchQuery, *, at: datetime) -> list[DayLoad]:
    """Return the days that have starts, with how many and the first."""
    loads: dict[date, tuple[int, datetime]] = {}
    last = (list(_readings(part, known, at=at, whole=True))[-1:] for part, known in parts(query))
    for reading in (one for some in last for one in some):
        for day, count, start in reading.days():
            known, soonest = loads.get(day, (0, start))
            loads[day] = (known + count, min(soonest, start))
    return [DayLoad(day=day, starts=count, first=start) for day, (count, start) in sorted(loads.items())]


def sites() -> Mapping[int, SiteCard]:
    """Return the sites in use, by id."""
    return catalogue().sites


def audiences() -> Mapping[int, frozenset[str]]:
    """Return by site to whom alone some of the hours there are open; most sites have none."""
    return catalogue().audiences


def is_narrowed() -> bool:
    """Whether it matters anywhere who takes part in which program: for time that is theirs alone, or their rules."""
    known = catalogue()
    return bool(known.audiences or known.blocks) or known.programs_have_rules


def alternatives(
    taken: SlotKey,
    *,
    audience: Audience,
    at: datetime,
    moving: UUID | None = None,
    reviewed: bool = False,
    since: datetime | None = None,
) -> list[Slot]:
    """Return the three starts nearest to one that cannot be had, the nearest first.

    Those of the same day come before others, then those at the same site, then those with the same practitioner.
    `since`: none before, nearest to a start from then on.
    """
    since, known = since or at, catalogue()
    taken = replace(taken, start=max(taken.start, since))
    found = _nearest(taken, audience=audience, since=since, at=at, moving=moving, reviewed=reviewed)
    # Closed for weeks: what can be had is found where it is open again, too.
    if len(found) < ALTERNATIVES and (again := _open_again(taken, known)):
        later = replace(taken, start=again)
        more = _nearest(later, audience=audience, since=since, at=at, moving=moving, reviewed=reviewed)
        found += [slot for slot in more if slot not in found][: ALTERNATIVES - len(found)]
    return found


def _open_again(taken: SlotKey, known: Catalogue) -> datetime | None:
    """Return from when on a start can be had again that is closed; None where it is not, or nobody knows."""
    plan = known.plan(taken.therapy, taken.visit, taken.technique)
    site = next((card.id for card in known.sites.values() if card.key == taken.site), None)
    if plan is None or site is None or known.closed_at(plan, site, taken.start) is None:
        return None
    return known.reopens(plan, site, taken.start)


def _nearest(
    taken: SlotKey, *, audience: Audience, since: datetime, at: datetime, moving: UUID | None, reviewed: bool
) -> list[Slot]:
    found: list[Slot] = []
    for days_apart in NEAR:
        reach = timedelta(days=days_apart + 1)
        query = SearchQuery(
            therapy=taken.therapy,
            visit=taken.visit,
            technique=taken.technique,
            starts_at=max(taken.start - reach, since),
            ends_at=max(taken.start, since) + reach,
            audience=audience,
            moving=moving,
            segments=taken.segments,
            reviewed=reviewed,
            # On whatever grid it lies: the very start with somebody else, or at another site, can be offered too.
            also=taken.start,
        )
        found = []
        for part, known in parts(query):
            near: list[Slot] = []
            for reading in _readings(part, known, at=at, whole=True):
                near = reading.nearest(taken, ALTERNATIVES, days_apart=days_apart)
            found = nearest_of([*found, *near], taken)[:ALTERNATIVES]
        if len(found) == ALTERNATIVES:
            break
    return found


def _readings(query: SearchQuery, known: Catalogue, *, at: datetime, whole: bool = False) -> Iterator[Reading]:
    """Yield readings of what is soon, then one of all: whoever has enough stops. `whole`: the latter only."""
    if query.ends_at - query.starts_at > LONGEST:
        raise RangeTooLong
    plan, offers = plan_and_offers(query, known, at=at)
    sites = {offer.site for offer in offers}
    spans = [span for site in sites for span in spans_asked(query, site, at=at, known=known)]
    if not spans or query.ends_at <= query.starts_at:
        return
    start = max(query.starts_at, min(since for since, _ in spans))
    start, end = open_from(known, [plan], sites, start), min(query.ends_at, max(until for _, until in spans))
    if end <= start:
        return
    longest = max(known.reach(plan, site) for site in sites)
    weeks = weeks_between(start, end + longest * TICK)
    moving = (query.moving,) if query.moving else ()
    available = Availability(known, plan, offers, at, Frame(tuple(weeks)), moving, query.audience)
    if not whole:
        yield from _soon(query, available, (start, end), longest * TICK)
    available.load(weeks[len(available.frame.weeks) :], within=(start, end + longest * TICK))
    yield Reading(query, available)


def open_from(known: Catalogue, plans: Iterable[Plan], sites: Iterable[int], start: datetime) -> datetime:
    """Return `start`, or when the next week begins where nobody can come before: from Friday night on, in most clinics.

    A place is open when its site is; who needs none can be called at any time.
    """
    following = midnight(week_of(start)) + WEEK
    closed = (known.business_days[site].closed_throughout(start, following) for site in sites)
    return following if all(plan.features for plan in plans) and all(closed) else start


def _soon(query: SearchQuery, available: Availability, window: Period, longest: timedelta) -> Iterator[Reading]:
    """Yield readings of what is soon in a window: the week that has begun, where that is not enough the next as well.

    `longest`: how long a visit takes what it needs. Of one that reaches into a week not read yet nobody knows whether
    it can be had.
    """
    start, end = window
    soon = min(end, start + SOON)
    if available.asks_presence:
        yield _among_patients(query, available, (start, soon), longest)
        return
    for week in weeks_between(start, soon + longest):
        if week == available.span.weeks[-1]:
            return
        available.load([week])
        yield Reading(_until(available.frame.end - longest, query), available)


def _among_patients(query: SearchQuery, available: Availability, window: Period, longest: timedelta) -> Reading:
    """Return a reading of those hours of a window alone that will probably do, where practitioners' patients matter."""
    # To find their patients costs more the longer the stretch: first comes what would be free if they had none.
    start, end = window
    begun, *following = weeks_between(start, end + longest)
    available.load([begun], presence=False)
    most = min(end, available.frame.end - longest)
    cut = Reading(_until(most, query), available).enough_by(most)
    if cut < most:
        following = []
    else:
        cut = end
    available.load(following, within=(start, cut + longest))
    return Reading(_until(cut, query), available)


def _until(latest: datetime, query: SearchQuery) -> SearchQuery:
    return replace(query, ends_at=min(query.ends_at, latest))


def plan_and_offers(query: SearchQuery, known: Catalogue, *, at: datetime) -> tuple[Plan, list[Offer]]:
    """Return how a visit runs, and who offers it. Raises TechniqueNeeded, NotOffered, UnknownPractitioner."""
    plan = known.plan(query.therapy, query.visit, query.technique)
    if plan is None:
        techniques = sorted(
            t for therapy, visit, t in known.plans if (therapy, visit) == (query.therapy, query.visit) and t
        )
        if techniques and not query.technique:
            raise TechniqueNeeded(techniques=techniques)
        raise NotOffered
    plan = plan.at(query.starts_at).lasting(query.segments)
    everybody = (offer.practitioner.public_id for offers in known.offers.values() for offer in offers)
    if query.practitioner and query.practitioner not in everybody:
        raise UnknownPractitioner
    suiting = [o for o in known.offers_of(query.therapy, query.visit) if _suits(o, query)]
    # What staff booked for somebody, that person may move, though nobody books it online.
    if query.moving is not None:
        return plan, suiting
    sites = {o.site for o in suiting}
    online = {site for site in sites if known.bookable_by(query.audience, query.therapy, site, at=at)}
    return plan, [o for o in suiting if o.site in online]


def _suits(offer: Offer, query: SearchQuery) -> bool:
    who = offer.practitioner
    return (
        (query.sites is None or offer.site in query.sites)
        and (query.practitioner is None or who.public_id == query.practitioner)
        and (query.gender is None or who.gender == query.gender)
        and (query.language is None or query.language in who.languages)
    )
