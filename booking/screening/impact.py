"""What another screening policy would mean, tried on the appointments of the coming 30 days."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from booking.models import Appointment
from booking.screening.queries import ASKED, screenings
from booking.screening.state import ScreeningState

AHEAD = timedelta(days=30)
ANSWERED = frozenset(
    {
        ScreeningState.CLEAR,
        ScreeningState.BY_CALL,
        ScreeningState.IN_REVIEW,
        ScreeningState.STAY_AWAY,
        ScreeningState.SEEK_CARE,
    }
)


def impact(_before: object, _after: object, sites: Collection[int], at: datetime) -> list[str]:
    """Return sentences about the appointments of the coming 30 days at these sites (ids), and who is asked anew."""
    rows = Appointment.objects.filter(
        site__in=sites, status__in=sorted(ASKED), period__startswith__gt=at, period__startswith__lt=at + AHEAD
    )
    ahead = list(rows.select_related("site"))
    known = screenings(ahead, at=at).values()
    again = sum(found.state in ANSWERED for found in known)
    return [
        _("Of %(all)d appointments in the coming 30 days, %(again)d have answered already and are asked anew.")
        % {"all": len(ahead), "again": again}
    ]
