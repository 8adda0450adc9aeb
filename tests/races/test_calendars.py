"""Two people edit at once. Each lock is shown with its twin: switched off, the fault appears."""

from dataclasses import replace
from datetime import time
from uuid import uuid4

import pytest
from django.db.models import QuerySet

from core.principal import Principal
from scheduler.actions import calendars, claims, drift, sheets
from scheduler.actions.calendars import Shift
from scheduler.actions.claims import ClaimRequest
from scheduler.audience import Audience
from scheduler.errors import HoursClash
from scheduler.models import WeekSheet, WorkingHours
from scheduler.search.slot_ids import slot
from scheduler.sheets import free_time, sheet_rows
from scheduler.ticks import week_of
from tests.factories.booking import slot_id
from tests.factories.scheduler import (
    AT,
    SINCE,
    chicago,
    hands,
    lay_out,
    make_claim,
    make_places,
    make_practitioner,
    make_site,
)
from tests.races.together import beside

pytestmark = pytest.mark.django_db(transaction=True)
HOW = {"by": Principal.system("test"), "at": AT}
MONDAY = week_of(AT)


@pytest.fixture
def li(catalogue):
    return make_practitioner(make_site(), hours=[(1, "09:00", "17:00"), (2, "09:00", "17:00")])


def unlocked(monkeypatch, name):
    """Let a statement of the sheets read without locking."""
    monkeypatch.setattr(sheet_rows, name, getattr(sheet_rows, name).replace("FOR UPDATE OF s", ""))


def drifted():
    return {found.column for found in drift.check(at=AT)}


def enter_twice(li):
    """Dana and Eve enter overlapping hours of Dr Li at the same moment."""
    shift = Shift(site=li.working_hours.first().site, weekday=3, starts=time(9), ends=time(12), valid_from=SINCE)

    def enter_too():
        try:
            calendars.add_hours(li, replace(shift, starts=time(11), ends=time(14)), **HOW)
        except HoursClash:
            return

    beside(enter_too, while_open=lambda: calendars.add_hours(li, shift, **HOW))
    return WorkingHours.objects.filter(weekday=3).count()


def test_two_schedulers_cannot_enter_overlapping_hours_at_the_same_moment(li):
    assert enter_twice(li) == 1


def test_twin_without_the_practitioners_lock_both_are_entered(li, monkeypatch):
    monkeypatch.setattr(calendars, "lock", lambda owner: None)
    assert enter_twice(li) == 2


def absence(li):
    calendars.add_absence(li, starts_at=chicago("2026-10-05", "09:00"), ends_at=chicago("2026-10-05", "12:00"), **HOW)


def lay_out_meanwhile(li):
    beside(lambda: sheets.ensure(None, [MONDAY]), while_open=lambda: absence(li))
    return drifted()


def test_a_week_that_is_laid_out_while_an_absence_is_entered_knows_of_it(li):
    assert lay_out_meanwhile(li) == set()


def test_twin_without_holding_calendars_still_the_week_is_laid_out_from_the_past(li, monkeypatch):
    monkeypatch.setattr(sheet_rows, "lock_calendars", lambda **_: None)
    assert lay_out_meanwhile(li) == {"open"}


def close_meanwhile(li):
    lay_out(weeks=1)
    site = li.working_hours.first().site
    tuesday = chicago("2026-10-06", "00:00").date()
    closed = {"first_on": tuesday, "last_on": tuesday, "name": "Water pipe"}
    beside(lambda: calendars.add_closure(site, **closed, **HOW), while_open=lambda: absence(li))
    return drifted()


def test_a_closure_and_an_absence_entered_at_the_same_moment_both_count(li):
    assert close_meanwhile(li) == set()


def test_twin_without_the_sheets_locks_the_later_edit_forgets_the_earlier(li, monkeypatch):
    unlocked(monkeypatch, "LOCK_OPEN")
    assert close_meanwhile(li) == {"open"}


def claim_ten(li):
    return make_claim(hands(li), chicago("2026-10-05", "10:00"), 30)


def serve_one_more_site_meanwhile(li):
    lay_out(weeks=1)
    hands(li).sites.add(make_site("riverside"))
    beside(lambda: sheets.ensure(None, [MONDAY]), while_open=lambda: claim_ten(li))
    return drifted()


def test_a_sheet_made_for_one_more_site_while_time_is_claimed_knows_that_it_is_taken(li):
    assert serve_one_more_site_meanwhile(li) == set()


def test_twin_without_locking_the_sheets_beside_it_the_new_one_misses_the_claim(li, monkeypatch):
    unlocked(monkeypatch, "SIBLINGS")
    assert serve_one_more_site_meanwhile(li) == {"taken"}


def claim_while_one_more_site_is_served(li):
    make_places(li.working_hours.first().site, 1)
    lay_out(weeks=1)
    hands(li).sites.add(make_site("riverside"))
    ten = slot(slot_id(li, chicago("2026-10-05", "10:00")))
    wanted = ClaimRequest(slot=ten, allocation=uuid4(), audience=Audience.STAFF_WITH_REASON)
    beside(lambda: claims.claim([wanted], at=AT), while_open=lambda: sheets.ensure(None, [MONDAY]))
    return drifted()


def test_a_claim_that_waits_for_a_sheet_of_one_more_site_marks_that_one_too(li):
    assert claim_while_one_more_site_is_served(li) == set()


def test_twin_without_counting_the_sheets_again_the_new_one_misses_the_claim_that_waited(li, monkeypatch):
    locked = "SELECT count(*) FROM unnest(%(resources)s::bigint[], %(weeks)s::date[])"
    monkeypatch.setattr(free_time, "THERE_NOW", locked)  # as many as there were
    assert claim_while_one_more_site_is_served(li) == {"taken"}


def repair_meanwhile(li):
    lay_out(weeks=1)
    WeekSheet.objects.filter(resource=hands(li)).update(taken=1)
    _, found = beside(drifted, while_open=lambda: claim_ten(li))
    assert found == {"taken"}
    return drifted()


def test_a_repair_does_not_forget_what_is_claimed_at_the_same_moment(li):
    assert repair_meanwhile(li) == set()


def test_twin_without_locking_first_the_repair_overwrites_the_claim(li, monkeypatch):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)
    assert repair_meanwhile(li) == {"taken"}
