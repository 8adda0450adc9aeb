"""A report: measures of a site, told apart, each with its lines and with what they come to together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from booking.reports import visit_counts
from booking.reports.measures import OF_VISITS, Figure, Measure
from booking.reports.periods import ReportDays
from core.models import Site
from core.principal import Principal
from core.text.languages import date_in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """A measure of a part. `key`: as programs call the part; `name`: as people do."""

    key: str
    name: str
    figure: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedMeasure:
    """A measure with its lines, in order, and of all parts together."""

    measure: Measure
    lines: Sequence[ReportLine]
    together: Figure


def visits_report(site: Site, days: ReportDays, *, by: Principal, at: datetime) -> list[ReportedMeasure]:
    """Return the measures of who comes, week by week."""
    rows = visit_counts.counted_visits(site, days, by=by, at=at)
    counts = visit_counts.visit_counts(rows, visit_counts.by_week(days, site))
    parts = [
        (monday.isoformat(), date_in_words(monday), counts.get(number, ()))
        for number, monday in enumerate(days.mondays)
    ]
    everything = list(chain.from_iterable(counts.values()))
    return [
        ReportedMeasure(
            measure=measure,
            lines=[ReportLine(key=key, name=name, figure=of(some)) for key, name, some in parts],
            together=of(everything),
        )
        for measure, of in OF_VISITS
    ]
