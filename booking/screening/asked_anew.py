"""Whom another policy asks once more, who has answered already."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from booking.models import Appointment, Change, ScreeningResponse
from booking.screening.policies import screening_policy_since
from booking.screening.queries import PATIENT, Screening, screenings
from booking.screening.state import ScreeningState, answers_count_from
from booking.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAnew:
    """A policy by its version, and since when it has been settled that it holds: mails sent since then asked by it."""

    policy_version: int
    since: datetime


def asked_anew(*, at: datetime) -> dict[int, AskedAnew]:
    """Return the visits ahead whose patients answered, and are asked by a policy settled since they could, by id.

    In a few queries, however many. Whoever has not answered at all, or comes later than they thought, has the questions
    in their reminders. A visit whose last change is still to be told is left out: that mail leads to them.
    """
    rows = ScreeningResponse.objects.filter(companion=PATIENT, appointment__period__startswith__gt=at)
    answered = set(rows.filter(appointment__status=Status.BOOKED).values_list("appointment", flat=True))
    if not answered:
        return {}
    untold = Change.objects.filter(appointment=OuterRef("pk"), relayed_at=None)
    visits = list(Appointment.objects.filter(~Exists(untold), pk__in=answered).select_related("site"))
    known = screenings(visits, at=at)
    found = {visit.pk: _asked_anew(visit, known[visit.pk], at=at) for visit in visits}
    return {pk: asked for pk, asked in found.items() if asked}


def _asked_anew(visit: Appointment, known: Screening, *, at: datetime) -> AskedAnew | None:
    if known.policy is None or known.state is not ScreeningState.UNANSWERED:
        return None
    start = visit.period.lower
    since = screening_policy_since(visit.site_id, starts_at=start, at=at)
    if since is None or since <= answers_count_from(known.policy, start, visit.site.tz):
        return None
    return AskedAnew(policy_version=known.policy.version, since=since)
