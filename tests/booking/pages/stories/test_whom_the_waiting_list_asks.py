"""At which hours somebody is asked, how often, about which times, and whose turn it is where the first cannot come."""

from datetime import time

import pytest

from booking.access_needs import AskedFor
from booking.actions import access_needs
from booking.actions.waiting import offers, who_waits
from booking.models import MessagePreferences, WaitingListOffer
from core import clock as clocks
from scheduler import public as scheduler
from tests.booking.pages.stories.waiting_people import fill_tuesday_morning, free, waits
from tests.booking.pages.walk import text_of
from tests.factories.booking import DAY, HOUR, MINUTE, SYSTEM, chicago
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def full(site):
    return fill_tuesday_morning(site)


def asked():
    """Look once; return whom (names) the times are offered to that stand."""
    offers.offer_times(now=clocks.now)
    return set(WaitingListOffer.objects.filter(status="needs-action").values_list("entry__patient__name", flat=True))


def wishes(entry, **hours):
    MessagePreferences.objects.create(patient=entry.patient, changed_by="link", changed_at=AT, **hours)


def test_who_wants_to_hear_from_us_late_in_the_day_is_offered_a_time_then_and_others_at_once(full, site, clock):
    late, early = waits(site, "Ann Late"), waits(site, "Bea Early")
    wishes(late, not_before=time(13))
    wishes(early, not_after=time(17), reminders=False)
    free(full[1])
    clock.move_to(chicago(5, 11))
    assert asked() == {"Bea Early"}  # without reminders as well: this is what she asked for
    free(full[2])
    clock.move_to(chicago(5, 12, 59))
    assert asked() == set()
    clock.move_to(chicago(5, 13))
    assert asked() == {"Ann Late"}


def test_after_the_hour_that_somebody_named_nothing_is_offered_to_them(full, site, clock):
    wishes(waits(site, "Ann Early"), not_after=time(16))
    free(full[1])
    clock.move_to(chicago(5, 16))
    assert asked() == set()
    MessagePreferences.objects.update(not_after=time(17))
    assert asked() == {"Ann Early"}


@pytest.mark.parametrize("why", [scheduler.NotOpenYet, scheduler.BlockFull, scheduler.NoSuitablePlace])
def test_what_is_not_open_to_the_first_yet_is_offered_to_the_next(full, site, clock, monkeypatch, why):
    first = waits(site, "Ann First")
    clock.shift(MINUTE)
    waits(site, "Bea Second")
    insist = offers._insist_able

    def refused(entry, *args, **kwargs):
        if entry.pk == first.pk:
            raise why
        insist(entry, *args, **kwargs)

    monkeypatch.setattr(offers, "_insist_able", refused)
    free(full[1])
    clock.shift(11 * MINUTE)
    assert asked() == {"Bea Second"}


def test_twin_where_a_time_that_is_kept_for_others_ends_the_round_nobody_is_asked(full, site, clock, monkeypatch):
    monkeypatch.setattr(offers, "NOT_FOR_THEM", ())
    with pytest.raises(AssertionError):
        test_what_is_not_open_to_the_first_yet_is_offered_to_the_next(
            full, site, clock, monkeypatch, scheduler.NotOpenYet
        )


def test_somebody_is_asked_once_a_day_though_more_times_open(full, site, clock):
    waits(site, "Ann One")
    free(full[1])
    clock.shift(11 * MINUTE)
    assert asked() == {"Ann One"}
    WaitingListOffer.objects.update(status="declined", answered_at=clocks.now())
    free(full[2])
    clock.shift(HOUR)
    assert asked() == set()
    WaitingListOffer.objects.update(offered_at=clocks.now() - DAY)
    assert asked() == {"Ann One"}  # the next day one more


def test_a_time_that_has_begun_or_begins_within_the_notice_is_offered_to_nobody(full, site, clock):
    waits(site, "Ann One")
    for one in full[1:]:
        free(one)
    last = max(one.period.lower for one in full)
    clock.move_to(last - 89 * MINUTE)
    assert asked() == set()
    clock.move_to(last + MINUTE)
    assert asked() == set()


def asked_where_a_low_table_is_needed_since(site, clock):
    """Let two wait, of whom the second needs a low table since; return whom a time is offered that is not at one."""
    waits(site, "Ann First")
    clock.shift(MINUTE)
    patient, low = waits(site, "Bea Second").patient, AskedFor.of(["low-table"], "")
    access_needs.put_on_record(patient, low, adds=True, by=SYSTEM, at=clocks.now())
    clock.shift(11 * MINUTE)
    return asked()


def test_a_time_is_offered_to_nobody_whose_place_lacks_what_they_need_by_now(full, site, clock):
    free(full[1])
    assert asked_where_a_low_table_is_needed_since(site, clock) == {"Ann First"}


def test_twin_by_what_was_said_when_they_began_to_wait_they_are_offered_it(full, site, clock, monkeypatch):
    for module in (offers, who_waits):
        monkeypatch.setattr(module, "place_needs_of", lambda entry: frozenset(entry.needs))
    free(full[1])
    assert asked_where_a_low_table_is_needed_since(site, clock) == {"Ann First", "Bea Second"}


def test_the_page_that_explains_the_order_names_the_hours_that_somebody_chose(client, site):
    assert "at which hours you want to hear from us" in text_of(client.get("/waiting/order/"))


@pytest.mark.parametrize(("then", "leads"), [("/waiting/abc/", True), ("//elsewhere.test/", False), ("", False)])
def test_the_order_leads_back_to_where_somebody_came_from_and_nowhere_else(client, site, then, leads):
    page = client.get("/waiting/order/", {"then": then}).content.decode()
    assert (f'class="button" href="{then}"' in page) == leads
    assert "elsewhere.test" not in page
