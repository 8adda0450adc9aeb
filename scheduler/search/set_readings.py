"""What is free for each of several people who come together: the sheets are read once for those of one audience."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from uuid import UUID

from scheduler.audience import Audience
from scheduler.catalogue import Catalogue, Offer, Plan
from scheduler.errors import NotOffered, TechniqueNeeded, UnknownPractitioner
from scheduler.search import place_access
from scheduler.search.availability import Availability
from scheduler.search.frames import Frame
from scheduler.search.queries import SOON, open_from, plan_and_offers
from scheduler.search.search_query import SearchQuery
from scheduler.search.set_query import PersonQuery, Relation, SetQuery, Side
from scheduler.search.slot_ids import Slot, slot_of
from scheduler.search.windows import spans_asked
from scheduler.ticks import TICK, weeks_between


@dataclass
class PersonTimes:
    """One of those who come together: what they ask for, and what is free for it."""

    query: SearchQuery
    available: Availability

    @property
    def asks_for(self) -> Hashable:
        """What makes the starts of two of them the same."""
        available, query = self.available, self.query
        plan = available.plan
        return (
            plan.id,
            plan.technique,
            plan.own,
            tuple((one.hands, one.site) for one in available.offers),
            query.audience,
            query.reviewed,
        )

    def starts_at(self, site: int) -> list[tuple[Offer, int]]:
        """Return by offer at a site the starts that they could have by themselves."""
        available, rows = self.available, self.available.rows
        offers = available.offers_at(site)
        spans = spans_asked(self.query, site, at=available.at, known=available.catalogue)
        within = (available.frame.between(max(since, self.query.starts_at), until) for since, until in spans)
        allowed = rows.repeated(reduce(or_, within, 0), len(offers))
        found = zip(offers, rows.apart(available.starts(site) & allowed, len(offers)), strict=True)
        return [(offer, starts) for offer, starts in found if starts]

    def slot(self, offer: Offer, tick: int) -> Slot:
        """Return the slot of a start with somebody."""
        available = self.available
        technique = self.query.technique or available.plan.technique
        start = available.frame.at(tick)
        found = slot_of(offer, available.plan, start, available.catalogue, technique=technique)
        only_for = place_access.only_for(available, offer, start) if available.narrowed.says_for_whom else ""
        return replace(found, only_for=only_for) if only_for else found


@dataclass(frozen=True, slots=True)
class SetReading:
    """What was read for people who come together; the first of them begins in [starts_at, ends_at)."""

    people: tuple[PersonTimes, ...]
    sites: tuple[int, ...]
    starts_at: datetime
    ends_at: datetime


def readings(query: SetQuery, known: Catalogue, *, at: datetime) -> Iterator[SetReading]:
    """Yield readings of what is soon, then one of all: whoever has enough stops."""
    asked = [_asked(query, n, one, known, at=at) for n, one in enumerate(query.people)]
    sites = sorted(set.intersection(*({offer.site for offer in offers} for _, _, offers in asked)))
    if not sites:
        return
    reach = _reach(query, [max(known.reach(plan, site) for site in sites) * TICK for _, plan, _ in asked])
    start, end = _bounds(query, reach, at=at)
    start = open_from(known, [plan for _, plan, _ in asked], sites, start)
    if end <= start:
        return
    weeks = weeks_between(start, end + reach)
    people = [_person(one, sites, known, weeks, _moving(query), at=at) for one in asked]
    soon = len(weeks_between(start, min(end, start + SOON) + reach))
    # As in the search for one: first the week that has begun, since most want what is soon.
    for part in filter(None, (weeks[:1], weeks[1:soon], weeks[soon:])):
        _load([one.available for one in people], part)
        there = people[0].available.frame
        until = end if there.weeks == tuple(weeks) else min(end, there.end - reach)
        yield SetReading(tuple(people), tuple(sites), start, until)


def _asked(
    query: SetQuery, number: int, one: PersonQuery, known: Catalogue, *, at: datetime
) -> tuple[SearchQuery, Plan, list[Offer]]:
    alone = SearchQuery(
        therapy=one.therapy,
        visit=one.visit,
        technique=one.technique,
        starts_at=query.starts_at,
        ends_at=query.ends_at,
        sites=query.sites,
        practitioner=one.practitioner,
        gender=one.gender,
        language=one.language,
        audience=one.audience,
        moving=one.moving,
        segments=one.segments,
        reviewed=one.reviewed,
    )
    try:
        return (alone, *plan_and_offers(alone, known, at=at))
    except (NotOffered, TechniqueNeeded, UnknownPractitioner) as refused:
        refused.facts["person"] = number
        raise


def _moving(query: SetQuery) -> tuple[UUID, ...]:
    # What any of them gives back counts as free for all: they may change places with each other.
    return tuple(one.moving for one in query.people if one.moving)


def _person(
    asked: tuple[SearchQuery, Plan, list[Offer]],
    sites: Sequence[int],
    known: Catalogue,
    weeks: Sequence[date],
    moving: tuple[UUID, ...],
    *,
    at: datetime,
) -> PersonTimes:
    query, plan, offers = asked
    here = [offer for offer in offers if offer.site in sites]
    return PersonTimes(query, Availability(known, plan, here, at, Frame(tuple(weeks)), moving, query.audience))


def _reach(query: SetQuery, lengths: Sequence[timedelta]) -> timedelta:
    """Return for how long after the first begins something may still be needed."""
    if query.relation is Relation.SAME_TIME:
        return max(lengths) + query.within
    return sum(lengths, timedelta()) + query.within * (len(lengths) - 1)


def _bounds(query: SetQuery, reach: timedelta, *, at: datetime) -> tuple[datetime, datetime]:
    """Return between when the first of a set begins."""
    start, end = max(query.starts_at, at), query.ends_at
    if anchor := query.anchor:
        after = anchor.side is Side.AFTER
        start = max(start, anchor.moment if after else anchor.moment - anchor.within - reach)
        end = min(end, anchor.moment + (anchor.within + TICK if after else timedelta()))
    return start, end


def _load(all_of_them: Sequence[Availability], weeks: Sequence[date]) -> None:
    """Read further weeks for everybody: once for those of one audience, whatever they look for."""
    groups = defaultdict[tuple[Audience, int], list[Availability]](list)
    for one in all_of_them:
        # What they answered narrows the places and the first day, not which hours are open to them; what they come for
        # does where time is kept for families.
        as_any = replace(one.audience, needs=frozenset(), reviews=frozenset())
        groups[as_any, one.plan.id if one.narrowed.access.sites else 0].append(one)
    for group in groups.values():
        wide = _wide(group)
        wide.load(weeks)
        for one in group:
            one.frame, one.free, one.uncounted = wide.frame, wide.free, wide.uncounted
            one.present, one.stays = wide.present, wide.stays
            if one.plan is wide.plan or one.narrowed.access.sites:
                one.narrowed = wide.narrowed
            else:
                one.narrowed.alone = wide.narrowed.alone


def _wide(group: Sequence[Availability]) -> Availability:
    """Return one that reads what any of a group could use."""
    # Of several plans one that needs a place: with it is read where practitioners are.
    first = next((one for one in group if one.plan.features), group[0])
    offers = {(offer.hands, offer.site): offer for one in group for offer in one.offers}
    wide = replace(first, offers=list(offers.values()))
    wide.resources = reduce(or_, (one.resources for one in group))
    return wide
