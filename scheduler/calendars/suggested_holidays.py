"""Public holidays that are suggested, and that nobody has decided about."""

from datetime import date

from scheduler.models import Closure


def suggested_holidays(site: int, *, since: date, until: date) -> list[tuple[str, date]]:
    """Return name and first day of the holidays of a site (its id) in [since, until] whose time is on sale still."""
    rows = Closure.objects.filter(site=site, confirmed=False, first_on__gte=since, first_on__lte=until)
    return list(rows.order_by("first_on", "pk").values_list("name", "first_on"))
