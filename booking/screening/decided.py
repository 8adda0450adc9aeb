"""What was decided today about health answers, and until when it can be taken back."""

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext as _

from booking.models import ScreeningDecision, ScreeningResponse, ScreeningReview
from booking.screening.reviews import newest_ahead
from booking.status import Status
from core.text.typed_dates import iso_date

NOT_IN_YET = frozenset({Status.BOOKED, Status.ARRIVED})
"""Until somebody is checked in it can be taken back that they may come."""

MOMENTS = ("due_at", "asked_at", "call_starts_at", "call_ends_at")


def state_of(row: ScreeningResponse) -> dict[str, object]:
    """Return what a decision changes of answers, beside the decision itself, so that it can be kept as JSON."""
    moments = {name: moment.isoformat() if (moment := getattr(row, name)) else None for name in MOMENTS}
    earliest = row.earliest_day.isoformat() if row.earliest_day else None
    return {"masked": row.masked, "earliest_day": earliest, "asked_by": row.asked_by} | moments


def decision_in_words(row: ScreeningResponse) -> str:
    """Return what was decided about answers, to stand within a sentence, with the mask that belongs to it."""
    decision = ScreeningDecision(row.decision)
    with_mask = decision is ScreeningDecision.APPROVED and row.masked
    return _("may come, with a mask") if with_mask else str(decision.label)


def put_back(row: ScreeningResponse, before: dict[str, str | None]) -> list[str]:
    """Let answers be as they were before a decision (`state_of`); return the names of what was put back."""
    row.masked, row.asked_by = bool(before["masked"]), before["asked_by"] or ""
    row.earliest_day = iso_date(day) if (day := before["earliest_day"]) else None
    for name in MOMENTS:
        setattr(row, name, datetime.fromisoformat(moment) if (moment := before[name]) else None)
    return ["masked", "asked_by", "earliest_day", *MOMENTS]


def why_it_stands(review: ScreeningReview, row: ScreeningResponse, *, at: datetime) -> str:
    """Return why a decision about a visit's newest answers cannot be taken back, and what to do; empty where it can.

    On its day, before the check-in, and only while the visit is as it was. Needs the answers' visit and its site.
    """
    visit, zone = row.appointment, row.appointment.site.tz
    if review.decided_at.astimezone(zone).date() != at.astimezone(zone).date():
        return _("It was decided on another day. Call them, and let them answer again where something has changed.")
    if visit.status == Status.CHECKED_IN:
        return _("They are checked in already. Please talk with whoever is with them.")
    as_it_was = visit.version == row.visit_version and visit.status in NOT_IN_YET and at < visit.period.lower
    return "" if as_it_was else _("Their appointment has begun, or changed since then. Please call them.")


def decided_today(sites: Collection[int] | None, *, at: datetime) -> list[ScreeningReview]:
    """Return the decisions at sites (ids; None: all) that can be taken back, the newest first, one for each person."""
    rows = {row.pk: row for row in newest_ahead(sites, at=at) if row.decision or row.asked_at}
    standing = ScreeningReview.objects.filter(response__in=rows, taken_back_at=None).order_by("response_id", "-pk")
    found = list(standing.distinct("response_id")) if rows else []
    for review in found:
        review.response = rows[review.response_id]
    can_be = [review for review in found if not why_it_stands(review, review.response, at=at)]
    return sorted(can_be, key=lambda one: (one.decided_at, one.pk), reverse=True)
