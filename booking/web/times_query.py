"""What somebody looks for on a page of times: the visit, as whom, and what narrows it down."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Self
from uuid import UUID

from booking.audiences import as_patient, audience_of_visit
from booking.models import Appointment, Patient
from booking.queries import was_reviewed
from scheduler import public as scheduler
from scheduler.public import Offered, SearchQuery

# As far as one search reaches: how far people may book is for the site's policy to say, not for a page.
AHEAD = timedelta(days=92)


def audience_of_patient(
    patient: Patient | None,
    *,
    at: datetime,
    reviews: frozenset[scheduler.ReviewReason] = frozenset(),
    needs: frozenset[str] = frozenset(),
) -> scheduler.Audience:
    """Return who looks for times on a page: a patient whom we know, or a visitor.

    Because of what they answered: `reviews`, why somebody looks at what they book first; `needs`, what the place must
    have.
    """
    return replace(as_patient(patient, at=at), reviews=reviews, needs=needs)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesQuery:
    """What somebody looks for: the visit, and what narrows it down.

    `moving`: claims that do not count; `visit_now`: a visit that was booked already and only moves; `audience`: who
    looks; `from_day`: the first day on which its patient may come, who is to stay away until then; `only_sites`: where
    alone they can book (ids); `by_site`: as whom they look there (ids), where that is not the same at all sites.
    """

    therapy: str
    technique: str
    visit: str
    moving: UUID | None = None
    visit_now: Appointment | None = None
    audience: scheduler.Audience = scheduler.Audience.PATIENT
    from_day: date | None = None
    only_sites: frozenset[int] | None = None
    by_site: Mapping[int, scheduler.Audience] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)

    @property
    def segments(self) -> scheduler.lengths.Segments | None:
        """How an appointment runs that moves, where that is its own."""
        return self.visit_now.lengths_for(self.therapy, self.visit, self.technique) if self.visit_now else None

    def narrowed(self, chosen: dict[str, str]) -> "TimesQuery":
        """Return the same question, narrowed down by filters."""
        return replace(self, chosen=chosen)

    def offered(self) -> list[Offered]:
        """Return who offers it, and where, of those with whom they can book it."""
        offered = scheduler.offered(self.therapy, self.visit)
        return [one for one in offered if self.only_sites is None or one.site.id in self.only_sites]

    @classmethod
    def for_moving(cls, visit: Appointment, *, at: datetime, from_day: date | None = None) -> Self:
        """Return the question for a visit that stands: its own claims do not count."""
        return cls(
            therapy=visit.therapy.key,
            technique=visit.technique,
            visit=visit.visit,
            moving=visit.allocation,
            visit_now=visit,
            audience=audience_of_visit(visit, at=at),
            from_day=from_day,
        )

    def search_query(self, offered: Iterable[Offered], *, at: datetime) -> SearchQuery:
        """Return the search for all the days ahead."""
        practitioner = self.chosen.get("practitioner")
        sites = {o.site.id for o in offered if o.site.key == self.chosen.get("site")}
        begins = at
        if self.from_day and self.visit_now:
            begins = max(at, datetime.combine(self.from_day, time(), self.visit_now.site.tz))
        return SearchQuery(
            therapy=self.therapy,
            technique=self.technique,
            visit=self.visit,
            starts_at=begins,
            ends_at=at + AHEAD,
            practitioner=UUID(practitioner) if practitioner else None,
            sites=frozenset(sites) or self.only_sites,
            language=self.chosen.get("language"),
            part_of_day=self.chosen.get("part"),
            moving=self.moving,
            segments=self.segments,
            reviewed=was_reviewed(self.visit_now),
            audience=self.audience,
            limit=None,
        )

    def search_queries(self, offered: Iterable[Offered], *, at: datetime) -> list[SearchQuery]:
        """Return the searches for all the days ahead: one for all sites at which they look as the same audience."""
        query = self.search_query(offered, at=at)
        asked = {site: who for site, who in self.by_site.items() if query.sites is None or site in query.sites}
        alike = {who: frozenset(site for site, one in asked.items() if one == who) for who in asked.values()}
        return [replace(query, audience=who, sites=sites) for who, sites in alike.items()] or [query]
