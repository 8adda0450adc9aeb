"""A time that opened is accepted by two clicks, moves an appointment, or was just taken; nobody loses what they had."""

import pytest
from playwright.sync_api import Page

from booking.actions.waiting import answering, list_entries, offers
from booking.models import Appointment, WaitingListEntry, WaitingListOffer
from booking.waiting.policies import offer_rules
from core import clock
from scheduler import public as scheduler
from tests.factories.booking import DAY, SYSTEM, make_patient, make_visit
from tests.journeys.people import DESK, PHONE, SMALL_PHONE
from tests.journeys.test_patient_pages import faults_by_day_and_by_night
from tests.journeys.test_sight_and_hand import WAYS
from tests.tables import overlaps, sheet_drift

pytestmark = pytest.mark.journey
MOST_CLICKS = 2


def free_times(site) -> list[scheduler.Slot]:
    """Return the times of the day after the day after tomorrow."""
    query = scheduler.SearchQuery(
        therapy="acu_manual", visit="first", starts_at=clock.now() + 3 * DAY, ends_at=clock.now() + 4 * DAY, limit=None
    )
    return list(scheduler.search(query, at=clock.now()))


def waits(site, name: str, *, later: Appointment | None = None) -> WaitingListEntry:
    asked = list_entries.Preferences(therapy="acu_manual", visit="first", site=site)
    patient = later.patient if later else make_patient(site, name)
    return list_entries.join(asked, patient, instead_of=later, by=SYSTEM, at=clock.now())


def offered(slot: scheduler.Slot, *entries: WaitingListEntry) -> list[str]:
    """Offer a time to all of them; return the address in each one's mail."""
    rules = offer_rules(slot.site.id, at=clock.now())
    asked = offers.offer(slot, [one.pk for one in entries], rules, at=clock.now())
    assert len(asked.entries) == len(entries)
    return [f"/waiting/{list_entries.token_for(one)}/" for one in entries]


def clicks(page: Page, *buttons: str) -> int:
    """Press one button after the other; return after how many clicks it was done, the link in the mail among them."""
    for words in buttons:
        with page.expect_navigation():
            page.get_by_role("button", name=words).click()
    return 1 + len(buttons)


def accepted_in_between(monkeypatch, offer: WaitingListOffer) -> None:
    """Let somebody else accept between the look of who presses and what they press does."""
    accept = answering.accept

    def second(*args, **kwargs):
        monkeypatch.setattr(answering, "accept", accept)
        accept(offer.pk, at=clock.now())
        return accept(*args, **kwargs)

    monkeypatch.setattr(answering, "accept", second)


def test_who_is_offered_a_time_has_it_by_two_clicks_without_a_script_and_without_typing(open_page, clinic):
    slot = free_times(clinic)[8]
    (mine,) = offered(slot, waits(clinic, "Ann One"))
    page = open_page(PHONE, script=False)
    page.goto(mine)
    assert clicks(page, "Book this time") <= MOST_CLICKS
    assert page.get_by_text("You are booked").first.is_visible()
    visit = Appointment.objects.get()
    assert (visit.status, visit.period.lower) == ("booked", slot.start)


def test_who_has_a_later_one_has_both_done_by_two_clicks(open_page, clinic):
    early, late = free_times(clinic)[8], free_times(clinic)[-1]
    later = make_visit(make_patient(clinic, "Sue Later"), late.id)
    (mine,) = offered(early, waits(clinic, "", later=later))
    page = open_page(PHONE)
    page.goto(mine)
    assert page.get_by_text("Your appointment moves there from").is_visible()
    assert clicks(page, "Move my appointment there") <= MOST_CLICKS
    visit = Appointment.objects.get()
    assert (visit.pk, visit.status, visit.period.lower) == (later.pk, "booked", early.start)
    assert late.id in {one.id for one in free_times(clinic)}, "what they gave back is free for others"
    assert overlaps(at=clock.now()) == sheet_drift() == []


@pytest.mark.parametrize("in_between", [False, True], ids=["before it is pressed", "while it is pressed"])
def test_who_was_a_moment_slower_reads_it_in_kind_words_and_keeps_what_they_have(
    open_page, clinic, monkeypatch, in_between
):
    early, late = free_times(clinic)[8], free_times(clinic)[-1]
    later = make_visit(make_patient(clinic, "Sue Later"), late.id)
    entry, other = waits(clinic, "", later=later), waits(clinic, "Ann One")
    mine, _theirs = offered(early, entry, other)
    page = open_page(PHONE)
    page.goto(mine)
    if in_between:
        accepted_in_between(monkeypatch, other.offers.get())
    else:
        answering.accept(other.offers.get().pk, at=clock.now())
    clicks(page, "Move my appointment there")
    assert page.get_by_role("heading", name="Somebody else was a moment quicker.").is_visible()
    assert page.get_by_text("Your appointment stays as it is").is_visible()
    later.refresh_from_db()
    entry.refresh_from_db()
    assert (later.status, later.period.lower, entry.status) == ("booked", late.start, "active")
    page.goto(mine)
    assert page.get_by_text("somebody else has it now").is_visible(), "the mail's link says it later as well"


def test_who_comes_too_late_reads_until_when_the_time_was_kept(open_page, clinic):
    entry = waits(clinic, "Ann One")
    (mine,) = offered(free_times(clinic)[8], entry)
    WaitingListOffer.objects.update(expires_at=clock.now())
    page = open_page(PHONE)
    page.goto(mine)
    assert page.get_by_text("We kept it until").is_visible()
    offers.settle(at=clock.now())
    page.goto(mine)
    assert page.get_by_text("We kept it until").is_visible()
    assert page.get_by_role("heading", name="You are on the waiting list").is_visible()


def test_each_page_of_a_time_that_opened_can_be_used_by_everybody(open_page, clinic):
    late = make_visit(make_patient(clinic, "Sue Later"), free_times(clinic)[-1].id)
    entry, other = waits(clinic, "", later=late), waits(clinic, "Ann One")
    mine, _theirs = offered(free_times(clinic)[8], entry, other)
    wrong, page = {}, open_page(SMALL_PHONE)

    def look(name: str) -> None:
        for size in (SMALL_PHONE, DESK):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            wrong[f"{name} {size}"] = faults_by_day_and_by_night(page)
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        wrong.update({f"{name} {way}": seen(page) for way, seen in WAYS.items() if way != "spaced out"})

    page.goto(mine)
    look("offered")
    answering.accept(other.offers.get().pk, at=clock.now())
    clicks(page, "Move my appointment there")
    look("just taken")
    page.goto(mine)
    look("afterwards")
    clicks(page, "Take me off the list")
    look("left")
    assert {name: found for name, found in wrong.items() if found} == {}
