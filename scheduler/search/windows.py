"""Which starts whoever asks may book at a site: by notice and horizon, by who looks at it first, by a referral.

What holds of a start is what its clinic says of that time: of policies that follow each other, the one in force then.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import product

from scheduler.audience import Audience, lacks_referral, referral_gap, reviewable_from, reviews_of, window_of
from scheduler.calendars.hours import Period
from scheduler.catalogue import Catalogue, catalogue
from scheduler.search.search_query import SearchQuery

READ_WITHIN = timedelta(minutes=10)
"""So long a time that is offered can still be taken: nobody presses the soonest one in the moment it is shown."""


def window(
    site: int, *, audience: Audience, at: datetime, start: datetime | None = None, known: Catalogue | None = None
) -> Period:
    """Return the earliest and the latest start that an audience may book at a site, the latest excluded.

    `start`: by what is in force then; else by what is now.
    """
    bounds = (known or catalogue()).window(site, at=at, programs=audience.programs_at(site), start=start)
    return window_of(audience, bounds, at=at)


def reviewable_start(site: int, visit: str, *, audience: Audience, at: datetime, known: Catalogue) -> datetime:
    """Return the earliest start of a kind of visit that somebody can look at in time, where it is looked at."""
    reviews = reviews_of(visit, known.window(site, at=at).reviews, audience)
    return reviewable_from(reviews, audience, known.business_days[site], at=at)


def programs_asking(site: int, therapy: str, *, audience: Audience) -> list[str]:
    """Return the programs (keys) that ask for a referral before somebody has a therapy at a site."""
    return catalogue().programs_asking(audience, therapy, site)


def no_time_for_referral(
    site: int, therapy: str, *, audience: Audience, start: datetime, at: datetime, known: Catalogue | None = None
) -> bool:
    """Whether a start is too soon for whoever has no referral yet."""
    asking = (known or catalogue()).programs_asking(audience, therapy, site)
    return bool(asking) and start < referral_gap(at) and lacks_referral(audience, site, asking, start=start)


def spans_asked(query: SearchQuery, site: int, *, at: datetime, known: Catalogue) -> list[Period]:
    """Return when the starts lie that are offered to whoever asks at a site, in order; the end of each excluded.

    Offered is what they may book now and `READ_WITHIN` later; whoever sets rules aside is offered the next minutes.
    """
    bookable = _bookable(query, site, at=at, known=known)
    if query.audience.sets_rules_aside:
        return bookable
    later = _bookable(query, site, at=at + READ_WITHIN, known=known)
    both = ((max(one[0], two[0]), min(one[1], two[1])) for one, two in product(bookable, later))
    return [(since, until) for since, until in both if since < until]


def _bookable(query: SearchQuery, site: int, *, at: datetime, known: Catalogue) -> list[Period]:
    spans = list(_spans(query.audience, site, at=at, known=known))
    if not query.reviewed:
        looked_at = reviewable_start(site, query.visit, audience=query.audience, at=at, known=known)
        spans = [(max(since, looked_at), until) for since, until in spans]
    asking = known.programs_asking(query.audience, query.therapy, site)
    if asking:
        spans = list(_with_referral(spans, query.audience, site, asking, at=at))
    return [(since, until) for since, until in spans if since < until]


def _spans(audience: Audience, site: int, *, at: datetime, known: Catalogue) -> Iterator[Period]:
    programs = audience.programs_at(site)
    changes = known.booking_changes(site, after=at, programs=programs)
    if not changes:
        yield window(site, audience=audience, at=at, known=known)
        return
    for since, until in zip((at, *changes), (*changes, None), strict=True):
        earliest, latest = window(site, audience=audience, at=at, start=since, known=known)
        yield max(since, earliest), min(until, latest) if until else latest


def _with_referral(
    spans: Sequence[Period], audience: Audience, site: int, asking: Sequence[str], *, at: datetime
) -> Iterator[Period]:
    """Yield what is left of spans: what a referral covers, and what is late enough for one to come."""
    covered, late = audience.referred_until(site, asking), referral_gap(at)
    for since, until in spans:
        if covered is not None and covered >= late:
            yield since, until
            continue
        if covered is not None:
            yield since, min(until, covered)
        yield max(since, late), until
