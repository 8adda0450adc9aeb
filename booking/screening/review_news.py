"""What is to be told of the review of health answers, and to whom else they matter."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from booking.models import ScreeningResponse
from booking.screening.queries import news_of, others_in_days_away

AS_DECIDED = """
    EXISTS (
        SELECT FROM booking_screeningresponse AS told
        WHERE told.id = %(answers)s AND told.news = %(about)s
        AND told.call_starts_at IS NOT DISTINCT FROM %(call_starts_at)s::timestamptz
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

    `news`: as `VisitFacts.review_news` has it, `about` what it is; `others`: other visits (ids) of whoever stays away,
    in the days away.
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
    return [
        ReviewedAnswers(
            id=row.pk,
            appointment_id=row.appointment_id,
            about=row.news,
            news=news_of(row),
            at=row.news_at or row.answered_at,
            companion=row.companion,
            masked=row.masked,
            call_starts_at=row.call_starts_at,
            call_ends_at=row.call_ends_at,
            taken_back_at=row.taken_back_at,
            others=tuple(others_in_days_away(row)),
        )
        for row in found
    ]


def mark_reviews_planned(ids: Collection[int]) -> None:
    """Note that the news of reviews has been planned."""
    ScreeningResponse.objects.filter(pk__in=ids).update(news_at=None)
