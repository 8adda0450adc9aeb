"""What a booking policy may not say: that patients have no time to book, or one reason twice."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest

from booking.policies import longest_review
from core.models import Policy
from core.policies.actions import policies as actions
from core.principal import Principal
from core.refusals import Invalid
from scheduler.public import BusinessDays, ReviewTime

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


def review(days, hours, times=1):
    return {"review": [{"reason": "first-visit", "business_days": days, "until_hours_before": hours}] * times}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        (review(1, 2000), ["/review/0"]),
        (review(1, 38 * 24), ["/review/0"]),  # what comes on a Friday is looked at by the end of Monday
        (review(28, 24), ["/review/0"]),
        (review(1, 38 * 24 - 1), []),
        (review(28, 23), []),
        (review(1, 24, times=2), ["/review/1/reason"]),
        ({"booking": {"min_notice_hours": 42 * 24}}, ["/booking/min_notice_hours"]),
        ({"booking": {"min_notice_hours": 42 * 24 - 1}}, []),
        ({"booking": {"horizon_days_patient": 0}}, []),
    ],
)
def test_a_policy_that_leaves_patients_no_time_to_book_is_refused_where_it_says_so(changes, pointers, catalogue):
    content = deepcopy(Policy.objects.get(key="booking").content)
    for group, values in changes.items():
        content[group] = content[group] | values if isinstance(values, dict) else values
    found = []
    try:
        actions.draft("booking", content, by=Principal.system("dana"), at=NOON)
    except Invalid as refused:
        found = [error["pointer"] for error in refused.facts["errors"]]
    assert found == pointers


@pytest.mark.parametrize("days", [1, 4, 5, 6, 29])
def test_the_longest_that_a_review_takes_is_that_of_the_day_before_a_weekend(days):
    takes, site = ReviewTime(business_days=days, until_before=timedelta()), BusinessDays(zone_name="UTC")
    begins = [datetime(2026, 6, day, hour, tzinfo=UTC) for day in range(1, 15) for hour in (0, 12)]
    assert max(takes.earliest(site, at=at) - at for at in begins) == longest_review(days)
