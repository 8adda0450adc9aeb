"""Public holidays that are suggested, and that nobody has decided about."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from core.database.compiled import Argument, CompiledQuery
from scheduler.models import Closure


def suggested_holidays(site: int, *, since: date, until: date) -> list[tuple[str, date]]:
    """Return name and first day of the holidays of a site (its id) in [since, until] whose time is on sale still."""
    return SUGGESTED.tuples(site=site, since=since, until=until)


def _suggested() -> QuerySet[Closure, Any]:
    ahead = Q(first_on__gte=Argument("since"), first_on__lte=Argument("until"))
    rows = Closure.objects.filter(ahead, site=Argument("site"), confirmed=False)
    return rows.order_by("first_on", "pk").values_list("name", "first_on")


SUGGESTED = CompiledQuery(_suggested)
