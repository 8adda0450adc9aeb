"""What another screening policy would mean, tried on the appointments of the coming 30 days."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking import closures
from booking.models import Appointment, ScreeningResponse
from booking.screening.policies import KEY, ScreeningAudience
from booking.screening.queries import ASKED, PATIENT, response_of, screenings
from booking.screening.state import ScreeningState, outlasts_policy
from core.models import EVERY_AUDIENCE
from core.policies.keys import PolicyChange
from scheduler import public as scheduler

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


def impact(change: PolicyChange) -> list[str]:
    """Return sentences about the appointments of the coming 30 days, and who is asked anew.

    Only of those that begin while the draft would hold: what counts is the policy at the appointment's time.
    """
    ahead = [visit for visit in _ahead(change) if not _has_a_nearer_one(visit, change)]
    if change.audience == ScreeningAudience.PRACTITIONER:
        return []
    answered = _answered(ahead, change)
    lines = [_asked_anew(len(ahead), len(answered.again), change), *_stays(len(answered.stays))]
    if change.audience == ScreeningAudience.COMPANION:
        return lines
    lines += [*_left_out(ahead, change), *_closed_in_words(change)]
    if change.before is None:
        lines.append(_("Nobody was asked before: the others are asked when their time comes."))
    return lines


def _asked_anew(ahead: int, again: int, change: PolicyChange) -> str:
    of_all = ngettext(
        "Of %(all)d appointment in the coming 30 days that begins while it holds, ",
        "Of %(all)d appointments in the coming 30 days that begin while it holds, ",
        ahead,
    )
    if change.audience == ScreeningAudience.COMPANION:
        said = _("companions of %(again)d have answered already and are asked anew.")
    else:
        said = _("patients of %(again)d have answered already and are asked anew.")
    return of_all % {"all": ahead} + said % {"again": again}


def _stays(many: int) -> list[str]:
    """Return of how many what follows from their answers stays, and nobody asks them anew."""
    said = ngettext(
        "Of %(count)d more what follows from the answers stays: they stay away, somebody looks at it, or has decided.",
        "Of %(count)d more what follows from the answers stays: they stay away, somebody looks at it, or has decided.",
        many,
    )
    return [said % {"count": many}] if many else []


def _left_out(ahead: Collection[Appointment], change: PolicyChange) -> list[str]:
    """Return to how many appointments fewer may come along than have answered so; some of them no mail tells."""
    most = change.after.get("companions_max")
    rows = ScreeningResponse.objects.filter(appointment__in=[visit.pk for visit in ahead], companion__gt=PATIENT)
    many = rows.filter(companion__gt=most).values("appointment").distinct().count() if isinstance(most, int) else 0
    said = ngettext(
        "To %(count)d appointment fewer may come along than have answered already. "
        "Only who is asked anew is told so: call the others.",
        "To %(count)d appointments fewer may come along than have answered already. "
        "Only who is asked anew is told so: call the others.",
        many,
    )
    return [said % {"count": many}] if many else []


def _closed_in_words(change: PolicyChange) -> list[str]:
    """Return how many of all coming appointments lie inside what a draft closes, if it closes anything."""
    keys = change.after.get("therapies_closed") or ()
    starts, ends = change.effective.lower, change.effective.upper
    closed = [
        scheduler.ClosedTime(
            key="",
            site=site,
            therapy="" if one == scheduler.EVERY_THERAPY else one,
            starts=max(starts, change.at) if starts else change.at,
            ends=ends,
        )
        for site in change.sites
        for one in keys
    ]
    if not closed:
        return []
    counted = closures.count(closed, Appointment.objects.all(), at=change.at, judged=False)
    return [closures.count_in_words(counted), _("Nothing is cancelled by it: they are listed under Closures.")]


def _ahead(change: PolicyChange) -> list[Appointment]:
    rows = Appointment.objects.filter(
        site__in=change.sites,
        status__in=sorted(ASKED),
        period__startswith__gt=change.at,
        period__startswith__lt=change.at + AHEAD,
    )
    return [visit for visit in rows.select_related("site") if visit.period.lower in change.effective]


def _has_a_nearer_one(visit: Appointment, change: PolicyChange) -> bool:
    """Whether something is in force at a visit's time that comes before the draft: of its site, or its audience."""
    audience = ScreeningAudience.PATIENT if change.audience == EVERY_AUDIENCE else change.audience
    now = scheduler.policy_if_any(KEY, visit.site_id, at=visit.period.lower, audience=audience)
    if now is None:
        return False
    nearness = (now.site_id is not None, now.audience != EVERY_AUDIENCE)
    return nearness > (change.own_of_site, change.audience != EVERY_AUDIENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answered:
    """The visits (ids) of which somebody has answered what holds now: who is asked `again`, and whose outcome stays."""

    again: set[int]
    stays: set[int]


def _answered(ahead: Collection[Appointment], change: PolicyChange) -> _Answered:
    numbers: Collection[int] = (PATIENT,)
    if change.audience == ScreeningAudience.COMPANION:
        rows = ScreeningResponse.objects.filter(appointment__in=[visit.pk for visit in ahead], companion__gt=PATIENT)
        numbers = sorted(set(rows.values_list("companion", flat=True)))
    again, stays, by_id = set[int](), set[int](), {visit.pk: visit for visit in ahead}
    for number in numbers:
        for pk, found in screenings(ahead, at=change.at, companion=number).items():
            if found.state in ANSWERED and found.newest is not None and not found.is_here:
                which = stays if outlasts_policy(response_of(found.newest, by_id[pk])) else again
                which.add(pk)
    return _Answered(again=again, stays=stays - again)
