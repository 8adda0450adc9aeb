"""When people are reminded is a policy: a clinic changes it from a day on, at one site or all."""

from copy import deepcopy
from datetime import time, timedelta

import pytest

from booking.status import Status
from core.refusals import Invalid
from notifications.actions.relay import relay
from notifications.models import Message
from notifications.reminder_plan import REMINDER_PLAN, reminder_plan
from notifications.status import Delivery, DeliveryReason, MessageKind
from tests.factories.policies import publish_policy
from tests.factories.visits import BOOKED_AT, a_site, a_visit, told

SOON = BOOKED_AT + timedelta(seconds=1)
LATER = BOOKED_AT + timedelta(hours=1)
CHANGES = REMINDER_PLAN.first_content()["changes"]
TWO_DAYS = {"reminders": [{"at": "-2d", "channels": ["email"]}]}

db = pytest.mark.django_db


def reminders(visit, **filters):
    rows = Message.objects.filter(appointment=visit, kind=MessageKind.REMINDER, **filters)
    return sorted(rows.values_list("offset_minutes", "policy_version"))


@db
def test_a_clinic_that_reminds_two_days_before_reminds_alice_two_days_before():
    publish_policy("reminder-plan", TWO_DAYS)
    visit = a_visit()
    relay(at=SOON)
    assert reminders(visit) == [(2 * 1440, 2)]


@db
def test_one_site_has_a_plan_of_its_own():
    publish_policy("reminder-plan", TWO_DAYS, site=a_site())
    visit = a_visit()
    relay(at=SOON)
    assert reminders(visit) == [(2 * 1440, 2)]
    assert reminder_plan(a_site("riverside").pk, at=SOON).version == 1


@db
def test_the_plan_in_force_at_the_asked_time_counts():
    publish_policy("reminder-plan", {"quiet_hours": {"begin": "20:30"}}, at=LATER)
    site = a_site().pk
    assert [reminder_plan(site, at=at).quiet_begins for at in (SOON, LATER)] == [time(21), time(20, 30)]


@db
def test_a_visit_planned_anew_by_a_new_plan_is_not_reminded_of_by_both():
    visit = a_visit()
    relay(at=SOON)
    assert reminders(visit, status=Delivery.DUE) == [(1440, 1), (4320, 1)]
    publish_policy("reminder-plan", TWO_DAYS, at=LATER)
    visit.status = Status.BOOKED
    told(visit, "complete", before="pending", at=LATER)
    relay(at=LATER)
    assert reminders(visit, status=Delivery.DUE) == [(2 * 1440, 2)]
    assert reminders(visit, reason=DeliveryReason.SUPERSEDED) == [(1440, 1), (4320, 1)]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"reminders": [{"at": "-36h", "channels": ["email"]}]}, "/reminders/0/at"),
        ({"reminders": [{"at": "tomorrow", "channels": ["email"]}]}, "/reminders/0/at"),
        ({"reminders": [{"at": "-1d", "channels": ["pigeon"]}]}, "/reminders/0/channels"),
        ({"reminders": [{"at": "-1d", "channels": []}]}, "/reminders/0/channels"),
        (
            {"reminders": [{"at": "-1d", "channels": ["email"]}, {"at": "-24h", "channels": ["email"]}]},
            "/reminders/1/at",
        ),
        ({"reminders": "never"}, "/reminders"),
        ({"quiet_hours": {"begin": "21 o'clock", "end": "09:00", "evening_before": "20:00"}}, "/quiet_hours/begin"),
        ({"quiet_hours": {"begin": "09:00", "end": "21:00", "evening_before": "20:00"}}, "/quiet_hours/evening_before"),
        ({"quiet_hours": {"begin": 1260, "end": "09:00", "evening_before": "20:00"}}, "/quiet_hours/begin"),
        (
            {"quiet_hours": {"begin": "21:00Z", "end": "09:00", "evening_before": "20:00"}},
            "/quiet_hours/begin",
        ),
        ({"changes": CHANGES | {"spacing_minutes": 10**12}}, "/changes/spacing_minutes"),
        ({"changes": CHANGES | {"quiet_minutes": 1441}}, "/changes/quiet_minutes"),
        ({"courtesy": {}}, "/courtesy"),
    ],
)
def test_a_plan_that_would_reach_nobody_or_cannot_be_read_is_refused_with_the_place(changes, pointer):
    content = deepcopy(REMINDER_PLAN.first_content()) | changes
    with pytest.raises(Invalid) as refused:
        REMINDER_PLAN.read(content)
    assert [error["pointer"] for error in refused.value.facts["errors"]] == [pointer]
