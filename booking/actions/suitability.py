"""Answers to the questions before booking are let go of once none of them counts."""

from datetime import datetime

from booking.models import SuitabilityResponse
from core.database.transactions import unit

FORGOTTEN_AT_ONCE = 1000


@unit
def forget_answers(*, at: datetime) -> int:
    """Let go of answers of which none counts any more; what followed for appointments stays."""
    over = SuitabilityResponse.objects.filter(answers_until__lte=at).exclude(answers="").order_by("answers_until")
    ids = list(over.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
    return SuitabilityResponse.objects.filter(pk__in=ids).update(answers="")
