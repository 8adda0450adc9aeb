"""Who must not come in by their answers, and has an appointment in those days all the same."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from booking.calls.site_decisions import named
from booking.models import Appointment, CallTask, ScreeningResponse
from booking.screening.queries import PATIENT, screenings
from booking.screening.questionnaire import Outcome
from booking.screening.rights import CALLS_THAT_TELL
from booking.screening.state import DECLINED, ScreeningState
from booking.status import Status
from core.database.compiled import Argument
from core.models import Site
from core.principal import Principal
from core.rights import Action, acting


def may_stay_away(site: Site | Argument, *, by: Principal, at: datetime | Argument) -> QuerySet[Appointment]:
    """Return the appointments ahead whose patients may have to stay away, and of which no call stands."""
    given = ScreeningResponse.objects.filter(appointment__patient=OuterRef("patient"), companion=PATIENT)
    stays = given.filter(Q(outcome=Outcome.REBOOK) | Q(decision=DECLINED))
    # Whoever may come again long before it is nobody's task: of all who were ever ill few are left to be judged.
    stays = stays.filter(Q(earliest_day=None) | Q(earliest_day__gte=OuterRef("period__startswith__date")))
    called = CallTask.objects.filter(appointment=OuterRef("pk"), done_at=None, reason__in=CALLS_THAT_TELL)
    rows = named(site, Action.MOVE, acting(by, Action.SEE_SCREENING))
    rows = rows.filter(status=Status.BOOKED, period__endswith__gt=at)
    return rows.filter(Exists(stays), ~Exists(called))


def staying_away(site: Site, *, by: Principal, at: datetime) -> list[Appointment]:
    """Return the appointments ahead whose patients must not come in then, to whoever finds another time."""
    rows = may_stay_away(site, by=by, at=at).select_related("patient", "practitioner", "site")
    found = list(rows.prefetch_related("patient__contacts").order_by("period", "pk"))
    stand = screenings(found, at=at) if found else {}
    return [one for one in found if stand[one.pk].state is ScreeningState.STAY_AWAY]
