"""Who comes to a site soon, and when first."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from booking.models import Appointment, Patient
from booking.status import OCCUPYING
from core.models import Site

AHEAD, MOST = timedelta(days=14), 200
"""How far is looked ahead, and for how many appointments at most: the next ones first."""


def coming_soon(site: Site, among: QuerySet[Patient], *, at: datetime) -> dict[int, datetime]:
    """Return who of these (ids) comes soon, and when first."""
    ahead = Appointment.objects.filter(site=site, status__in=sorted(OCCUPYING), patient__in=among.order_by())
    ahead = ahead.filter(period__startswith__gt=at, period__startswith__lt=at + AHEAD)
    # By where they begin, as an index has them: the first few of a site are found without reading all of a fortnight.
    rows = ahead.order_by("period__startswith", "pk").values_list("patient_id", "period")[:MOST]
    return dict(reversed([(patient, period.lower) for patient, period in rows]))
