"""What a report is asked for: of which site and days, told apart by what, and for whom."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from booking.reports.periods import ReportDays
from core.models import Site
from core.principal import Principal
from core.rights import Action, Scope, reaching


class Dimension(StrEnum):
    """By what a report tells its parts apart."""

    WEEK = "week"
    PRACTITIONER = "practitioner"
    THERAPY = "therapy"
    PROGRAM = "program"
    SITE = "site"
    LANGUAGE = "language"
    AGE = "age"
    FAMILY = "family"


OF_PEOPLE = frozenset({Dimension.LANGUAGE, Dimension.AGE, Dimension.FAMILY})
"""What is known of patients: parts of few people are not shown."""

OF_VISITS = frozenset(Dimension)
OF_TIME = frozenset({Dimension.WEEK, Dimension.PRACTITIONER, Dimension.SITE})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportQuery:
    """A report that somebody asks for. `dimension`: None for all together."""

    site: Site
    days: ReportDays
    by: Principal
    at: datetime
    dimension: Dimension | None = None

    @property
    def whole_site(self) -> bool:
        """Whether they report of all of the site, and not of the people of a program alone."""
        return self.site.pk in self.by.sites(*reaching(Action.SEE_REPORTS, Scope.SITE))

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From when until when it looks: not further than now."""
        start, end = self.days.span(self.site.tz)
        return min(start, self.at), min(end, self.at)

    @property
    def weeks(self) -> Sequence[tuple[datetime, datetime]]:
        """The weeks that it touches, as far as they lie within it."""
        start, end = self.span
        edges = [min(end, max(start, one)) for one in self.days.week_edges(self.site.tz)]
        return list(pairwise(edges))

    def together(self) -> "ReportQuery":
        """Return the same of all parts together."""
        return replace(self, dimension=None)

    def of(self, site: Site) -> "ReportQuery":
        """Return the same of another site, all together."""
        return replace(self, site=site, dimension=None)
