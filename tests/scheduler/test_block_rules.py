"""What can be kept for families: how much of a day, no time twice, and what is refused with what to do."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from core.refusals import Invalid
from scheduler.actions import calendars, family_blocks
from scheduler.errors import BlockClash, BlockShare
from scheduler.models import FamilyBlock
from tests.factories.blocks import FRANK, make_block, wanted
from tests.factories.scheduler import AT, chicago

pytestmark = pytest.mark.django_db
BEGINS = chicago("2026-10-20", "12:00")
DAY = timedelta(days=1)


def test_a_block_narrows_what_is_everyone_s_and_not_what_is_for_staff(li):
    hours = li.working_hours.get(weekday=2)
    calendars.change_hours(hours, audience="staff", by=FRANK, at=AT)
    with pytest.raises(Invalid) as refusal:
        make_block(li, 2, "12:00", "14:00")
    words = "This person does not work for everyone on such a day. Choose another day."
    assert refusal.value.facts["errors"][0]["detail"] == words


def test_a_block_outside_their_hours_is_told_when_they_work(li):
    with pytest.raises(Invalid) as refusal:
        make_block(li, 2, "06:00", "07:00")
    words = "This person does not work for everyone then. On October 6, 2026 they do: 9:00\xa0AM – 5:00\xa0PM."
    assert refusal.value.facts["errors"][0]["detail"] == words


def test_one_that_keeps_nothing_is_refused_also_where_another_keeps_some_of_that_day(block, li):
    with pytest.raises(Invalid):
        make_block(li, 2, "06:00", "07:00")


def test_of_one_that_lies_partly_outside_their_hours_staff_read_how_much_keeps_nothing(li):
    site = li.resources.first().sites.get()
    once = {"valid_from": BEGINS.date(), "valid_to": BEGINS.date() + DAY}
    late, early = wanted(site, 2, "16:00", "17:30", **once), wanted(site, 2, "08:30", "09:30")
    inside = wanted(site, 2, "10:00", "11:00", **once)
    told = [
        [(one.code, one.detail) for one in family_blocks.create(li, it, by=FRANK, at=AT, dry_run=True).warnings]
        for it in (late, early, inside)
    ]
    when = "They work for everyone then: 9:00\xa0AM – 5:00\xa0PM."
    words = "30 minutes of it lie outside this person's hours and keep nothing."
    assert told[0] == [("outside-hours", f"On October 20, 2026 {words} {when}")]
    assert "days part of it lies outside this person's hours and keeps nothing: on October 6, 2026" in told[1][0][1]
    assert told[2] == []


def test_no_more_than_so_much_of_a_day_is_kept_and_the_refusal_says_the_figures(block, li):
    with pytest.raises(BlockShare) as refusal:
        make_block(li, 2, "09:00", "09:30")
    assert refusal.value.facts == {"day": "2026-10-06", "minutes": 150, "worked": 480, "most": 144}
    assert str(refusal.value) == (
        "On October 6, 2026 150 of 480 minutes would be kept, and 144 can be at most (30 %). Make it shorter, "
        "or end another block of that day."
    )
    assert make_block(li, 2, "09:00", "09:20")


def test_two_blocks_of_one_person_never_meet_in_whatever_rhythm(block, li):
    for more in ({}, {"every_weeks": 3}, {"valid_from": BEGINS.date(), "valid_to": BEGINS.date() + DAY}):
        with pytest.raises(BlockClash) as refusal:
            make_block(li, 2, "13:30", "14:00", **more)
        assert "Tuesday, 12:00\xa0PM – 2:00\xa0PM, Lakeside clinic" in str(refusal.value)
    assert make_block(li, 2, "14:00", "14:20")


@pytest.mark.parametrize(
    ("starts", "ends", "more", "fits"),
    [
        ("14:00", "15:00", {}, True),
        ("13:55", "15:00", {}, False),
        ("11:00", "00:00", {}, False),  # until midnight
        ("12:30", "13:00", {"weekday": 3}, True),
        ("12:30", "13:00", {"valid_from": "2026-01-01", "valid_to": "2026-09-01"}, True),
        ("12:30", "13:00", {"ended_at": AT, "ended_by": "system:tests"}, True),
    ],
)
def test_the_database_has_the_last_word_that_blocks_of_one_person_share_no_time(block, starts, ends, more, fits):
    columns = ("program", "practitioner", "site", "weekday", "valid_from", "reason", "release_policy", "created_at")
    same = {name: getattr(block, name) for name in columns} | {"created_by": "system:tests"}
    row = FamilyBlock(**{**same, "starts": starts, "ends": ends, **more})
    if fits:
        row.save()
        return
    with pytest.raises(IntegrityError, match="blocks_of_one_person_share_no_time"), transaction.atomic():
        row.save()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reason": " "}, "/reason"),
        ({"capacity": 0}, "/capacity"),
        ({"every_weeks": 0}, "/every_weeks"),
        ({"release_policy": [{"at": "-24h", "to": "friends"}]}, "/release_policy"),
        ({"valid_to": BEGINS.date() - 90 * DAY}, "/valid_to"),
        ({"valid_from": AT.date() - 9 * DAY, "valid_to": AT.date()}, "/valid_to"),
    ],
)
def test_a_block_that_cannot_be_is_refused_with_what_to_do(li, wrong, field):
    with pytest.raises(Invalid) as refusal:
        make_block(li, 2, "12:00", "14:00", **wrong)
    assert [one["pointer"] for one in refusal.value.facts["errors"]] == [field]
