"""What an address asks of reports: which measures, of which days, told apart by what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from booking.reports.groups import GROUPS, NEXT, dimensions_of
from booking.reports.periods import LAST_WEEKS, ReportDays, ended_quarters, last_weeks, typed_days
from booking.reports.report_query import OF_PEOPLE, Dimension, ReportQuery
from core.models import Site
from core.principal import Principal

QUARTERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAddress:
    """What is asked, as an address says it. `weeks` is 0 where two dates are typed; `quarter`: how many ended since."""

    about: str
    dimension: Dimension
    weeks: int
    quarter: int
    first: str
    last: str

    @property
    def of_people(self) -> bool:
        """Whether groups of people are told apart: then only of whole quarters that are over."""
        return self.dimension in OF_PEOPLE

    def days(self, *, today: date) -> ReportDays:
        """Return the days that are meant. Raises UnusableDates."""
        # Of two stretches that differ by a day, what is not shown could be reckoned.
        if self.of_people:
            return ended_quarters(QUARTERS, today=today)[self.quarter]
        if not self.weeks:
            return typed_days(self.first, self.last, today=today)
        return last_weeks(self.weeks, today=today)

    def query(self, site: Site, *, by: Principal, at: datetime) -> ReportQuery:
        """Return what is asked of a site. Raises UnusableDates."""
        days = self.days(today=at.astimezone(site.tz).date())
        return ReportQuery(site=site, days=days, by=by, at=at, dimension=self.dimension)

    def parameters(self) -> dict[str, str]:
        """Return the same as parameters of an address."""
        days = {"weeks": str(self.weeks)} if self.weeks else {"from": self.first, "until": self.last}
        when = {"quarter": str(self.quarter)} if self.of_people else days
        return {"about": self.about, "by": self.dimension} | when


def address_of(given: Mapping[str, str]) -> ReportAddress:
    """Return what the parameters of an address ask; what they do not say, or wrongly, is as usual."""
    about, told, weeks, quarter = (given.get(name, "") for name in ("about", "by", "weeks", "quarter"))
    first, last = given.get("from", ""), given.get("until", "")
    about = about if about in {*GROUPS, NEXT} else next(iter(GROUPS))
    dimension = Dimension(told) if told in set(Dimension) else Dimension.WEEK
    usual = 0 if first.strip() or last.strip() else LAST_WEEKS[0]
    return ReportAddress(
        about=about,
        dimension=dimension if dimension in dimensions_of(about) else Dimension.WEEK,
        weeks=int(weeks) if weeks in map(str, LAST_WEEKS) and usual else usual,
        quarter=int(quarter) if quarter in map(str, range(QUARTERS)) else 0,
        first=first,
        last=last,
    )
