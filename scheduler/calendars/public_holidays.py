"""Public holidays of a state, as the calendar of the United States has them."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import holidays

from scheduler.calendars.hours import days_between

COUNTRY = "US"


def public_holidays(state: str, first_on: date, last_on: date) -> dict[date, str]:
    """Return the public holidays of a state from `first_on` to `last_on`; the national ones for an unknown state."""
    years = [_holidays_of(state, year) for year in range(first_on.year, last_on.year + 1)]
    return {day: of[day] for day in days_between(first_on, last_on) for of in years if day in of}


@lru_cache(maxsize=64)
def _holidays_of(state: str, year: int) -> Mapping[date, str]:
    known = state if state in holidays.list_supported_countries()[COUNTRY] else None
    # The calendar adds a year whenever it is asked for a day of another one: what is stored is a plain copy.
    return dict(holidays.country_holidays(COUNTRY, subdiv=known, years=year))
