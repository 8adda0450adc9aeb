"""The drift check: a sheet that says other than claims and calendars is found, reported and put right."""

import logging
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduler.actions import drift
from scheduler.models import WeekSheet
from scheduler.ticks import WEEK, week_of
from tests.factories.scheduler import (
    AT,
    chicago,
    hands,
    lay_out,
    make_claim,
    make_device,
    make_places,
    make_practitioner,
    make_site,
)  # fmt: skip

pytestmark = pytest.mark.django_db
LOCKS = re.compile(r'FROM "?(\w+)"? .*FOR (?:SHARE|UPDATE)')
FLIP = "UPDATE scheduler_weeksheet SET {0} = set_bit({0}, %s, 1 - get_bit({0}, %s)) WHERE id = %s"


@pytest.fixture
def li(catalogue):
    site = make_site()
    li = make_practitioner(site)
    make_places(site, 2)
    make_device(site)
    lay_out()
    make_claim(hands(li), chicago("2026-10-06", "10:00"), 30)
    make_claim(hands(li), chicago("2026-10-06", "11:00"), 30, expires_at=AT)
    return li


def flip(column, sheet, tick):
    with connection.cursor() as cursor:
        cursor.execute(FLIP.format(column), [tick, tick, sheet.pk])


def test_nothing_is_reported_while_the_sheets_are_right(li, caplog):
    assert drift.check(at=AT) == []
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]


@pytest.mark.parametrize(
    ("column", "tick", "differs"),
    [
        ("taken", 0, (0, 1)),
        ("taken", (24 + 15) * 12, (1, 0)),
        ("open", 0, (0, 1)),
        ("open", 15 * 12, (1, 0)),
    ],
)
def test_a_bit_that_was_flipped_is_found_put_right_and_reported(li, caplog, column, tick, differs):
    sheet = WeekSheet.objects.get(resource=hands(li), week=week_of(AT))
    flip(column, sheet, tick)

    (found,) = drift.check(at=AT)

    assert (found.resource, found.site, found.week) == (sheet.resource_id, sheet.site_id, sheet.week)
    assert (found.column, found.lacks, found.exceeds) == (column, *differs)
    assert [r.name for r in caplog.records if r.levelno == logging.ERROR] == ["scheduler.actions.drift"]
    again = WeekSheet.objects.get(pk=sheet.pk)
    assert (again.open, again.taken) == (sheet.open, sheet.taken)
    assert drift.check(at=AT) == []


def test_weeks_that_are_over_are_left_as_they_were(li):
    flip("taken", WeekSheet.objects.get(resource=hands(li), week=week_of(AT)), 0)
    assert drift.check(at=AT + WEEK) == []


def test_the_check_keeps_calendars_still_before_it_locks_sheets_as_every_edit_does(li):
    flip("taken", WeekSheet.objects.get(resource=hands(li), week=week_of(AT)), 0)
    with CaptureQueriesContext(connection) as run:
        drift.check(at=AT)
    locked = [found[1] for query in run if (found := LOCKS.search(query["sql"]))]
    assert locked == ["scheduler_practitioner", "core_site", "scheduler_weeksheet"]
