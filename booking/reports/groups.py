"""What reports there are: groups of measures, each with how its counts are read and by what they can be told apart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking.reports import check_counts, check_measures, time_counts, time_measures, visit_counts, visit_measures
from booking.reports.measures import Figure, Measure
from booking.reports.parts import PartCounts
from booking.reports.report_query import OF_TIME, OF_VISITS, Dimension, ReportQuery
from core.rights import Action, sites_for


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSource:
    """Measures that are worked out from counts of one kind: how these are read, and by what they can be told apart.

    `whole_site`: what is counted is the site's, and not people's; `needs`: what somebody must be allowed besides.
    """

    measures: Sequence[tuple[Measure, Callable[[Sequence[Any]], Figure]]]
    read: Callable[[ReportQuery], PartCounts[Any]]
    dimensions: frozenset[Dimension]
    whole_site: bool = False
    needs: Action | None = None

    def is_for(self, query: ReportQuery) -> bool:
        """Whether whoever asks may have these measures at that site."""
        needed = [Action.SEE_REPORTS, *([self.needs] if self.needs else [])]
        allowed = all(query.site.pk in sites_for(query.by, action) for action in needed)
        return allowed and (query.whole_site or not self.whole_site)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureGroup:
    """Measures that stand on one page."""

    key: str
    name: str | Promise
    sources: list[MeasureSource] = field(default_factory=list)


GROUPS = {
    one.key: one
    for one in (
        MeasureGroup(
            key="visits",
            name=_("Who comes"),
            sources=[
                MeasureSource(measures=visit_measures.OF_VISITS, read=visit_counts.visit_counts, dimensions=OF_VISITS),
                MeasureSource(
                    measures=visit_measures.OF_CANCELS, read=visit_counts.refill_counts, dimensions=OF_VISITS
                ),
            ],
        ),
        MeasureGroup(
            key="time",
            name=_("How time is used"),
            sources=[
                MeasureSource(
                    measures=time_measures.OF_PEOPLE,
                    read=time_counts.time_counts,
                    dimensions=OF_TIME,
                    whole_site=True,
                ),
                MeasureSource(
                    measures=time_measures.OF_PLACES,
                    read=time_counts.place_counts,
                    dimensions=OF_TIME - {Dimension.PRACTITIONER},
                    whole_site=True,
                ),
                MeasureSource(
                    measures=time_measures.OF_FAMILY_TIME,
                    read=time_counts.family_time,
                    dimensions=OF_TIME - {Dimension.PRACTITIONER},
                    needs=Action.RESERVE_SEATS,
                ),
            ],
        ),
        MeasureGroup(
            key="checks",
            name=_("Questions and reminders"),
            sources=[
                MeasureSource(
                    measures=check_measures.OF_SCREENING, read=check_counts.answered_counts, dimensions=OF_VISITS
                ),
                MeasureSource(
                    measures=check_measures.OF_REVIEWS, read=check_counts.decided_counts, dimensions=OF_VISITS
                ),
            ],
        ),
    )
}
"""The groups by their keys, in the order in which they are offered."""


NEXT = "next"
"""The report of the third next available, which is about now and about no days, and is told apart by therapy."""


def dimensions_of(about: str) -> list[Dimension]:
    """Return by what the measures of a group can be told apart, in order."""
    sources = GROUPS[about].sources if about in GROUPS else []
    return [one for one in Dimension if any(one in source.dimensions for source in sources)]


def register(group: str, source: MeasureSource) -> None:
    """Add measures of another app to a group, once, as the service starts."""
    if source not in GROUPS[group].sources:
        GROUPS[group].sources.append(source)
