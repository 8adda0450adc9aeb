"""The demo's today has somebody in every state, also before the clinic opens, after it has closed, and on a Sunday."""

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.models import Appointment, ScreeningResponse, ScreeningReview
from booking.status import Status
from core.models import Site, User
from core.principal import Principal
from demo import clinic as demo_clinic
from demo import people
from demo.on_call import on_call
from demo.today import Today
from scheduler.actions import sheets
from scheduler.models import Closure, Practitioner
from scheduler.ticks import week_of
from tests.factories.policies import end_suitability

pytestmark = pytest.mark.usefixtures("clinic")
CHICAGO = ZoneInfo("America/Chicago")
WHO = {"okafor": "Grace Okafor", "li": "Mei Li", "ramirez": "Elena Ramirez"}


def lead_the_day(at):
    """Let the day be led as where the demo is opened at this hour; return how its appointments stand."""
    end_suitability()  # as while the clinic is loaded: nobody has answered anything yet
    ScreeningReview.objects.all().delete()
    ScreeningResponse.objects.all().delete()
    site, dana = Site.objects.get(key="lakeside"), User.objects.get(username="scheduler")
    by = Principal.of(dana, at=at)
    newcomers = people.others(random.Random(1), site, by=by, at=at)
    staff = {key: Practitioner.objects.get(name=name) for key, name in WHO.items()}
    for one in on_call(site, staff, at=at):
        one.work()
        one.fill(newcomers, by=by)
    today = Today(site, by, at)
    today.lead()
    today.ask_for_one(next(newcomers))
    midnight = at.replace(hour=0, minute=0)
    day = Appointment.objects.filter(
        site=site, period__startswith__gte=midnight, period__startswith__lt=midnight + timedelta(days=1)
    )
    return set(day.values_list("status", flat=True))


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 10, 27, 0, 22, tzinfo=CHICAGO),
        datetime(2026, 10, 28, 0, 51, tzinfo=CHICAGO),
        datetime(2026, 10, 27, 1, 5, tzinfo=CHICAGO),
        datetime(2026, 10, 28, 22, 20, tzinfo=CHICAGO),
        datetime(2026, 10, 28, 22, 41, tzinfo=CHICAGO),
        datetime(2026, 10, 29, 23, 3, tzinfo=CHICAGO),
        datetime(2026, 10, 29, 23, 17, tzinfo=CHICAGO),
        datetime(2026, 11, 1, 23, 29, tzinfo=CHICAGO),
        datetime(2026, 10, 30, 17, 2, tzinfo=CHICAGO),
        datetime(2026, 10, 31, 5, 33, tzinfo=CHICAGO),
        datetime(2026, 11, 8, 12, 0, tzinfo=CHICAGO),
    ],
    ids=lambda at: at.strftime("%A-%H%M"),
)
def test_somebody_stands_in_every_state_whichever_hour_it_is(at):
    assert lead_the_day(at) >= set(Status) - {Status.ENTERED_IN_ERROR}


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 11, 26, 11, 0, tzinfo=CHICAGO),
        datetime(2026, 12, 24, 22, 41, tzinfo=CHICAGO),
        datetime(2026, 12, 25, 8, 0, tzinfo=CHICAGO),
        datetime(2027, 1, 1, 0, 40, tzinfo=CHICAGO),
    ],
    ids=lambda at: at.strftime("%B-%d-%H%M"),
)
def test_opened_on_a_holiday_the_demo_has_its_day_as_well_and_to_do_asks_whether_it_is_open(at):
    for site in Site.objects.all():
        Closure.objects.filter(site=site).delete()
        sheets.reopen(sites=[site.pk], first=week_of(at - timedelta(days=7)))
        demo_clinic.close_on_holidays(site, at=at)
    closed = Closure.objects.filter(confirmed=True, site__key="lakeside")
    assert closed.exists()
    assert not closed.filter(first_on=at.date()).exists()
    assert lead_the_day(at) >= set(Status) - {Status.ENTERED_IN_ERROR}
