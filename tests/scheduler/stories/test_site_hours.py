"""A site opens and closes at its own hours: beyond them nothing of it is free, and everybody hears when it is open."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from core.principal import Principal
from scheduler.actions import calendars
from scheduler.audience import CANCER_PROGRAM
from scheduler.calendars.site_day import site_day
from scheduler.errors import ClosedThen
from scheduler.models import OpeningHours
from scheduler.public import Audience, ClaimRequest, SlotKey, claim, explain, slot
from scheduler.search import explanations
from tests.factories.scheduler import AT, chicago, lay_out, make_device, make_places, make_practitioner, make_site

pytestmark = pytest.mark.django_db
LATE = [(day, "12:00", "20:00") for day in range(1, 8)]


@pytest.fixture
def site(catalogue):
    """Riverside: open from eight to six from Monday to Friday."""
    site = make_site("riverside", opens="08:00", closes="18:00")
    OpeningHours.objects.filter(site=site, weekday__in=(6, 7)).delete()
    make_places(site, 2)
    make_device(site)
    return site


@pytest.fixture
def rosa(site):
    """Rosa works until eight in the evening, on every day."""
    rosa = make_practitioner(site, name="Rosa", offers=("acu_manual", "acu_electro", "screening_call"), hours=LATE)
    lay_out()
    return rosa


def at(who, site, day, clock, therapy="acu_manual"):
    key = SlotKey(
        practitioner=who.public_id,
        site=site.key,
        therapy=therapy,
        visit="followup",
        technique="",
        start=chicago(f"2026-10-{day:02}", clock),
    )
    return slot(key.encode())


def reasons(asked, audience=Audience.STAFF):
    return [(one.code, one.detail.replace("\xa0", " ")) for one in explain(asked, at=AT, audience=audience).reasons]


EVENING = "Riverside clinic is closed at this time. On that day it is open 8:00 AM to 6:00 PM."
WEEKEND = "Riverside clinic is closed on Saturday, October 10. It opens again on Monday, October 12, 8:00 AM."
ENDS = "This does not fit before 6:00 PM, when Riverside clinic closes."
AFTERWARDS = "Riverside clinic closes at 6:00 PM, and what is used has to be made ready again before."


@pytest.mark.parametrize("therapy", ["acu_manual", "acu_electro"])
@pytest.mark.parametrize(("begins", "words"), [((6, "18:30"), EVENING), ((10, "13:00"), WEEKEND), ((6, "17:30"), ENDS)])
def test_beyond_a_sites_hours_the_reason_is_that_it_is_closed_and_says_when_it_opens(
    rosa, site, therapy, begins, words
):
    asked = at(rosa, site, *begins, therapy)
    assert reasons(asked) == reasons(asked, Audience.PATIENT) == [("closed-then", words)]
    with pytest.raises(ClosedThen) as refused:
        claim([ClaimRequest(slot=asked, allocation=uuid4(), audience=Audience.STAFF)], at=AT)
    assert str(refused.value.detail).replace("\xa0", " ") == words
    assert len(refused.value.facts["alternatives"]) == 3


def test_a_room_that_cannot_be_made_ready_before_the_site_closes_is_no_other_patients(rosa, site):
    lengths = explain(at(rosa, site, 6, "12:00"), at=AT, audience=Audience.STAFF).slot
    ends_at_six = (chicago("2026-10-06", "18:00") - (lengths.end - lengths.start)).astimezone(site.tz)
    assert reasons(at(rosa, site, 6, f"{ends_at_six:%H:%M}")) == [("closed-then", AFTERWARDS)]


def test_what_needs_no_room_is_free_beyond_the_sites_hours(rosa, site):
    asked = at(rosa, site, 6, "18:30", "screening_call")
    assert explain(asked, at=AT, audience=Audience.STAFF).free


def test_who_is_busy_or_away_as_well_is_named_where_it_only_ends_too_late(rosa, site):
    wanted = at(rosa, site, 6, "16:55")
    claim([ClaimRequest(slot=at(rosa, site, 6, "16:45"), allocation=uuid4(), audience=Audience.STAFF)], at=AT)
    assert [code for code, _words in reasons(wanted)] == ["practitioner-busy", "closed-then"]


def test_hours_that_are_kept_for_others_stay_unsaid_where_the_site_is_closed(rosa, site):
    rosa.working_hours.update(audience=CANCER_PROGRAM)
    lay_out()
    assert reasons(at(rosa, site, 6, "18:30"), Audience.PATIENT) == [("closed-then", EVENING)]


def test_a_site_without_hours_says_so(site):
    OpeningHours.objects.filter(site=site).delete()
    rosa = make_practitioner(site, name="Rosa", hours=LATE)
    lay_out()
    words = "Riverside clinic is closed on Tuesday, October 6, and in the weeks after."
    assert reasons(at(rosa, site, 6, "13:00")) == [("closed-then", words)]


def test_whoever_is_told_until_when_it_is_closed_hears_of_a_day_on_which_it_opens(rosa, site):
    days = {"first_on": date(2026, 10, 8), "last_on": date(2026, 10, 9)}
    calendars.add_closure(site, **days, name="Floor", by=Principal.system("tests"), at=AT)
    again = "We are closed at that time. We are open again from October %s, 2026 on."
    assert reasons(at(rosa, site, 8, "13:00")) == [("closed-then", again % 12)]
    call = at(rosa, site, 8, "13:00", "screening_call")
    assert reasons(call) == [("closed-then", again % 10)], "a call needs no open door"


def test_twin_without_the_look_at_opening_hours_rooms_would_be_blamed(rosa, site, monkeypatch):
    monkeypatch.setattr(explanations, "outside_opening", lambda *_asked: None)
    assert [code for code, _words in reasons(at(rosa, site, 6, "18:30"))] == ["no-suitable-room"]


def test_the_board_counts_working_time_as_free_only_while_the_site_is_open(rosa, site):
    day = date(2026, 10, 6)
    (shown,) = site_day(site, day, day, at=AT).people
    assert shown.open == [(chicago("2026-10-06", "12:00"), chicago("2026-10-06", "18:00"))]
    assert shown.beyond == [(chicago("2026-10-06", "18:00"), chicago("2026-10-06", "20:00"))]
    saturday = day + timedelta(days=4)
    (shown,) = site_day(site, saturday, saturday, at=AT).people
    assert shown.open == []
