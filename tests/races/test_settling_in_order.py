"""Dana settles whom somebody ill leaves, and what hangs on them is locked first: nobody and she wait for each other."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection, transaction

from booking.actions.as_seen import mark_of
from booking.actions.families import family_links, linked_visits, meeting_times
from booking.actions.families.linked_visits import PersonBooking
from booking.actions.impact import settling, settling_locks, taking_back
from booking.actions.impact.absences import AwayPeriod
from booking.actions.impact.choices import SettlingChoice, Wanted
from booking.actions.moves import locked
from booking.models import CancelPolicy
from scheduler import public as scheduler
from tests.factories.booking import chicago, make_visit, read_slot, slot_id
from tests.factories.families import invited
from tests.factories.scheduler import AT, lay_out, make_practitioner
from tests.races.together import deadlocks, until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)
TEN, TWO = chicago(12, 10), chicago(12, 14)


@pytest.fixture
def people(dr_li, lakeside, alice, ben, dana):
    kim = make_practitioner(lakeside, name="Dr Kim")
    lay_out()
    return SimpleNamespace(dr_li=dr_li, kim=kim, alice=alice, ben=ben, dana=dana)


def who_moves_beside_what_is_offered(people):
    """Return what Alice offers her family, Ben's appointment in the afternoon, and that it moves beside hers."""
    alice, ben = people.alice, people.ben
    alice.record.enrolments.get_or_create(site=alice.record.site, program=scheduler.CANCER_PROGRAM)
    link = family_links.claim(invited(alice.record), own=ben.record, by=ben.principal, at=AT)
    family_links.confirm(link, by=alice.principal, at=AT)
    hers = make_visit(alice.record, slot_id(people.kim, TEN, visit="followup"))
    meeting_times.offer(hers, by=alice.principal, at=AT, cancel_policy=CancelPolicy.CANCEL)
    his = make_visit(ben.record, slot_id(people.dr_li, TWO))
    return hers, his, {"choice": SettlingChoice.MOVE, "slot": slot_id(people.dr_li, TEN)}


def who_was_booked_together(people):
    """Return Alice's and Ben's appointments, and that Ben's is cancelled, by which hers is."""
    each = [
        PersonBooking(patient=one.record, slot=read_slot(slot_id(who, TWO, visit="followup")))
        for one, who in ((people.alice, people.kim), (people.ben, people.dr_li))
    ]
    asked = {"relation": scheduler.Relation.SAME_TIME, "within": timedelta(), "cancel_policy": CancelPolicy.CANCEL}
    done = linked_visits.book(each, **asked, by=people.dana.principal, at=AT)
    return *done.visits, {"choice": SettlingChoice.CANCEL}


STORIES = [who_moves_beside_what_is_offered, who_was_booked_together]


def done_beside(act, hers, his):
    """Do something while somebody has hers and takes his after it, in the one order; return what came of it."""

    def done():
        try:
            return act()
        finally:
            connection.close()

    # Of two who wait for each other the database ends either: who settles begins again, who has hers gives way.
    with ThreadPoolExecutor(1) as pool, suppress(OperationalError), transaction.atomic():
        locked(hers.public_id)
        doing = pool.submit(done)
        until_somebody_waits()
        locked(his.public_id)
    return doing.result()


def settled(his, wanted, people):
    """Let Dr Li be away, and do about his what is wanted."""
    edit = AwayPeriod(practitioner=people.dr_li, starts_at=chicago(12, 13), ends_at=chicago(13, 0))
    pressed = [Wanted(appointment=his.public_id, seen=mark_of(his), **wanted)]
    return settling.save(edit, pressed, site=his.site, by=people.dana.principal, at=AT)


def deadlocks_of(story, people):
    """Let his be settled while somebody has hers and takes his; return how many deadlocks there were."""
    hers, his, wanted = story(people)
    before = deadlocks()
    saved = done_beside(lambda: settled(his, wanted, people), hers, his)
    assert saved.done[0]["choice"] == wanted["choice"]
    return deadlocks() - before


def deadlocks_of_taking_back(people):
    """Let it be taken back that his was cancelled, and hers by that, while somebody has hers and takes his."""
    hers, his, wanted = who_was_booked_together(people)
    saved, before = settled(his, wanted, people), deadlocks()
    back = lambda: taking_back.take_back(saved.public_id, by=people.dana.principal, at=AT)  # noqa: E731
    assert done_beside(back, hers, his) == []
    his.refresh_from_db()
    assert his.status == "booked"
    return deadlocks() - before


def test_what_is_taken_back_is_locked_in_the_one_order_too(people):
    assert deadlocks_of_taking_back(people) == 0


def test_twin_where_taking_back_locks_his_alone_they_wait_for_each_other(people, monkeypatch):
    monkeypatch.setattr(settling_locks, "changing_with", lambda ids, *_args, **_how: set(ids))
    assert deadlocks_of_taking_back(people) == 1


@pytest.mark.parametrize("story", STORIES)
def test_whatever_changes_with_an_appointment_is_locked_before_it_in_the_one_order(story, people):
    assert deadlocks_of(story, people) == 0


@pytest.mark.parametrize("story", STORIES)
def test_twin_where_that_is_locked_by_the_way_they_wait_for_each_other(story, people, monkeypatch):
    monkeypatch.setattr(settling_locks, "changing_with", lambda ids, *_args, **_how: set(ids))
    assert deadlocks_of(story, people) == 1
