"""What is to be told of the review of health answers, and to whom else they matter."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from booking.models import Hold, ReviewNews, ScreeningResponse
from booking.models.holds import HoldState
from booking.screening.queries import PATIENT, news_of, others_in_days_away

AS_DECIDED = """
    EXISTS (
        SELECT FROM booking_screeningresponse AS told
        WHERE told.id = %(answers)s AND told.news = %(about)s
        AND (told.news <> 'asked' OR (told.call_starts_at, told.call_ends_at)
            = (%(call_starts_at)s::timestamptz, %(call_ends_at)s::timestamptz))
        AND told.taken_back_at IS NOT DISTINCT FROM %(taken_back_at)s::timestamptz
        AND NOT EXISTS (
            SELECT FROM booking_screeningresponse AS newer
            WHERE newer.appointment_id = told.appointment_id AND newer.companion = told.companion
            AND (newer.answered_at, newer.id) > (told.answered_at, told.id)
        )
    )
"""
"""What is told of a review is still so, and nobody answered anew: for statements that follow LOCK_VISITS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedAnswers:
    """What somebody is to be told of the review of their health answers.

    `news`: as `VisitFacts.review_news` has it, `about` what it is. `call_starts_at`, `call_ends_at`: the hour of who
    is called first; `earliest_day`: of whoever stays away, `kept` the time (its slot) that is kept for them meanwhile;
    `others`: their other visits (ids) in the days away.
    """

    id: int
    appointment_id: int
    about: str
    news: str
    at: datetime
    companion: int
    masked: bool
    call_starts_at: datetime | None
    call_ends_at: datetime | None
    taken_back_at: datetime | None
    earliest_day: date | None
    kept: str
    others: tuple[int, ...]


def reviewed_answers(*, limit: int, beside: Collection[int] = ()) -> list[ReviewedAnswers]:
    """Lock the answers of whose review there is news until the caller's transaction ends, and return it, oldest first.

    `beside`: those (ids) that are left for later.
    """
    rows = ScreeningResponse.objects.filter(news_at__isnull=False).exclude(pk__in=beside)
    ids = list(rows.select_for_update(skip_locked=True).order_by("news_at", "pk").values_list("pk", flat=True)[:limit])
    if not ids:
        return []
    found = ScreeningResponse.objects.filter(pk__in=ids).select_related("appointment__site").order_by("news_at", "pk")
    kept = _offered_times({row.appointment_id for row in found if row.news == ReviewNews.DECLINED})
    return [_reviewed(row, kept=kept.get(row.appointment_id, "")) for row in found]


def _reviewed(row: ScreeningResponse, *, kept: str) -> ReviewedAnswers:
    """Return what is told of the review of answers: of an hour, a day or a time only what goes with this news."""
    called, declined = row.news == ReviewNews.ASKED, row.news == ReviewNews.DECLINED
    return ReviewedAnswers(
        id=row.pk,
        appointment_id=row.appointment_id,
        about=row.news,
        news=news_of(row),
        at=row.news_at or row.answered_at,
        companion=row.companion,
        masked=row.masked,
        call_starts_at=row.call_starts_at if called else None,
        call_ends_at=row.call_ends_at if called else None,
        taken_back_at=row.taken_back_at,
        earliest_day=row.earliest_day if declined else None,
        kept=kept if declined and row.companion == PATIENT else "",
        others=tuple(others_in_days_away(row)) if declined or row.news == ReviewNews.AWAY else (),
    )


def _offered_times(visits: Collection[int]) -> dict[int, str]:
    """Return the times (slots) that are kept for those who stay away, by their visits' ids."""
    holds = Hold.objects.filter(moving__in=visits, state=HoldState.OPEN, proposed=True) if visits else ()
    return {hold.moving_id: hold.slot for hold in holds if hold.moving_id is not None}


def mark_reviews_planned(ids: Collection[int]) -> None:
    """Note that the news of reviews has been planned."""
    ScreeningResponse.objects.filter(pk__in=ids).update(news_at=None)
