"""A report: measures of a site, told apart, each with its lines and with what they come to together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from django.db.models import Count

from booking.reports import access
from booking.reports.groups import GROUPS, NEXT, MeasureGroup, MeasureSource
from booking.reports.measures import Figure, Measure
from booking.reports.parts import PartCounts, ReportPart, counted_by_part, parts_of
from booking.reports.report_query import OF_PEOPLE, Dimension, ReportQuery
from booking.reports.suppression import unshown
from booking.reports.visit_counts import ONCE_BOOKED, reported_visits
from core.models import Site
from core.text.languages import localized
from scheduler import public as scheduler


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """A measure of a part. `figure`: None where it is of so few that it is not shown."""

    part: ReportPart
    figure: Figure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedMeasure:
    """A measure with its lines, in order, and of all parts together, where these come to something.

    `apart`: it can be told apart as was asked; else there is only what it comes to together. `few`: that is of too few.
    """

    measure: Measure
    lines: Sequence[ReportLine]
    together: Figure | None
    apart: bool = True
    few: bool = False


def measured(about: str, query: ReportQuery, *, sites: Sequence[Site]) -> list[ReportedMeasure]:
    """Return the measures of a group by its key, or of the third next available. `sites`: those told apart by site."""
    return access_report(query) if about == NEXT else report(GROUPS[about], query, sites=sites)


def report(group: MeasureGroup, query: ReportQuery, *, sites: Sequence[Site]) -> list[ReportedMeasure]:
    """Return the measures of a group, as far as they are theirs who asks. `sites`: those told apart by site."""
    people = _people(query) if query.dimension in OF_PEOPLE else {}
    found = [_of_source(source, query, sites) for source in group.sources if source.is_for(query)]
    return [_without_few(one, people) if query.dimension in OF_PEOPLE else one for one in chain.from_iterable(found)]


def _of_source(source: MeasureSource, query: ReportQuery, sites: Sequence[Site]) -> list[ReportedMeasure]:
    apart = query.dimension in source.dimensions
    parts, counts = _counted(source, query if apart else query.together(), sites)
    overlap = query.dimension is Dimension.PROGRAM
    together = source.read(query.together()) if overlap and apart else counts
    everything = list(chain.from_iterable(together.values()))
    return [
        ReportedMeasure(
            measure=measure,
            lines=[ReportLine(part=part, figure=of(counts.get(part.found_as, ()))) for part in parts if apart],
            together=of(everything),
            apart=apart,
        )
        for measure, of in source.measures
    ]


def _counted(
    source: MeasureSource, query: ReportQuery, sites: Sequence[Site]
) -> tuple[Sequence[ReportPart], PartCounts[Any]]:
    if query.dimension is Dimension.SITE:
        each = {site: query.of(site) for site in sites}
        found: PartCounts[Any] = {
            site.pk: list(chain.from_iterable(source.read(one).values()))
            for site, one in each.items()
            if source.is_for(one)
        }
        named = [ReportPart(found_as=site.pk, key=site.key, name=localized(site.name) or site.key) for site in sites]
        return [part for part in named if part.found_as in found], found
    found = source.read(query)
    return parts_of(query, found.keys()), found


def _people(query: ReportQuery) -> Mapping[object, int]:
    """Return how many people each part is about."""
    rows = reported_visits(query).filter(ONCE_BOOKED)
    counts = counted_by_part(
        query,
        rows,
        lambda some, key: {
            name: [number]
            for name, number in some.annotate(report_key=key)
            .values_list("report_key")
            .annotate(Count("patient", distinct=True))
        },
    )
    return {name: sum(some) for name, some in counts.items()}


def _without_few(one: ReportedMeasure, people: Mapping[object, int]) -> ReportedMeasure:
    """Return a measure without what is of few people, or could be reckoned from the rest."""
    hidden, together = unshown([_cells(line, people) for line in one.lines])
    lines = [replace(line, figure=None) if place in hidden else line for place, line in enumerate(one.lines)]
    return replace(one, lines=lines, together=None if together else one.together, few=together)


def _cells(line: ReportLine, people: Mapping[object, int]) -> Sequence[int]:
    figure = line.figure or Figure(whole=0)
    if not figure.whole:
        return (0, 0, 0, 0)
    part = figure.part or 0
    return figure.whole, people.get(line.part.found_as, 0), part, figure.whole - part


def access_report(query: ReportQuery) -> list[ReportedMeasure]:
    """Return the third next available of each therapy, for first appointments and for follow-ups."""
    therapies, found = scheduler.therapies(), []
    for visit, measure in access.BY_VISIT.items():
        each = [(one, access.third_next(query, one, visit)) for one in therapies]
        lines = [
            ReportLine(
                part=ReportPart(found_as=one.key, key=one.key, name=localized(one.name) or one.key), figure=figure
            )
            for one, figure in each
            if figure is not None
        ]
        found.append(ReportedMeasure(measure=measure, lines=lines, together=None))
    return found
