"""Dana changes Dr Li's week from a day on: who stands outside is shown and settled before anything is saved."""

import re
from datetime import date, time
from types import SimpleNamespace

import pytest
import time_machine

from booking.models import Appointment, CalendarEdit, CallTask, ClosureNotice
from core.roles import Role
from scheduler import public as scheduler
from scheduler.models import OpeningHours, WorkingHours
from scheduler.public import WeeklyInterval
from tests.booking.impact_pages import address_of, browser, form_of
from tests.booking.pages.walk import text_of
from tests.factories.booking import SYSTEM, chicago, make_patient, make_staff, make_visit, slot_id
from tests.factories.scheduler import AT, make_hours

HOURS = "/desk/hours/"
TUESDAY = date(2026, 10, 6)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    """Monday morning."""
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def week(lakeside, dana, dr_li, alice, ben):
    """On Tuesday Alice at ten and Ben at one see Dr Li, who works from nine to five on five days."""
    make_visit(alice.record, slot_id(dr_li, chicago(6, 10)))
    make_visit(ben.record, slot_id(dr_li, chicago(6, 13)))
    return SimpleNamespace(lakeside=lakeside, dana=dana, dr_li=dr_li, alice=alice, ben=ben)


def of(person):
    return Appointment.objects.get(patient=person.record)


def asked(week, **days):
    """Return the address of a week: from Tuesday on nine to five, but on the days that are named ("d2": "12:00")."""
    fields = {"who": str(week.dr_li.public_id), "since": "10/6/2026", "show": "1"}
    for weekday in range(1, 6):
        fields |= {f"d{weekday}-1-from": "9:00", f"d{weekday}-1-to": days.get(f"d{weekday}", "5 pm")}
    return fields


def rows(week):
    return sorted(
        (one.weekday, one.ends.hour, str(one.valid_from), str(one.valid_to))
        for one in WorkingHours.objects.filter(practitioner=week.dr_li)
    )


def test_hours_that_begin_at_six_in_the_morning_are_read_as_they_are_shown(week):
    WorkingHours.objects.filter(practitioner=week.dr_li, weekday=2).update(starts=time(6))
    page = browser(week.dana).get(HOURS, {"who": str(week.dr_li.public_id)}).content.decode()
    shown = dict(re.findall(r'name="(d\d-\d-\w+)"[^>]* value="([^"]*)"', page))
    assert shown["d2-1-from"] == "6:00\xa0AM"
    again = browser(week.dana).get(HOURS, {"who": str(week.dr_li.public_id), "since": "10/6/2026", "show": "1"} | shown)
    assert again.status_code == 200
    assert "appointment is to be settled" not in text_of(again)


def test_who_stands_outside_of_the_new_hours_is_settled_with_them_and_all_is_taken_back(week):
    desk, before = browser(week.dana), rows(week)
    assert 'value="5:00\xa0PM"' in desk.get(HOURS, {"who": str(week.dr_li.public_id)}).content.decode()
    page = desk.get(HOURS, asked(week, d2="1 pm"))
    said = text_of(page)
    assert "1 appointment is to be settled." in said
    assert "Tuesday 9:00 AM – 5:00 PM, from then on 9:00 AM – 1:00 PM" in said
    assert "Ben Adams" in said
    assert "Alice Adams" not in said
    assert rows(week) == before  # shown, and nothing done
    done = desk.post(address_of(page), form_of(page), follow=True)
    assert "The hours of Dr Li are saved, from October 6, 2026 on." in text_of(done)
    assert (2, 13, "2026-10-06", "None") in rows(week)
    assert (2, 17, "2026-01-05", "2026-10-06") in rows(week)
    assert chicago(6, 9) <= of(week.ben).period.lower < chicago(6, 13)  # that day with the same
    assert of(week.alice).version == 0
    edit = CalendarEdit.objects.get()
    back = desk.post(f"{HOURS}{edit.public_id}/undo/", follow=True)
    assert "everybody is where they were" in text_of(back)
    assert rows(week) == before
    assert of(week.ben).period.lower == chicago(6, 13)
    assert not CallTask.objects.filter(done_at=None).exists()


def test_where_nothing_is_free_that_day_another_time_is_proposed_although_nothing_is_closed(week):
    desk = browser(week.dana)
    page = desk.get(HOURS, asked(week, d2=""))
    assert page.status_code == 422  # half of a pair
    off = {name: value for name, value in asked(week).items() if not name.startswith("d2")}
    page = desk.get(HOURS, off)
    assert "to be settled. 2 are asked about another time." in text_of(page)
    desk.post(address_of(page), form_of(page))
    assert {one.closure for one in ClosureNotice.objects.all()} == {""}
    assert ClosureNotice.objects.count() == 2


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"d1-1-from": "nineish"}, "Please type a time of day such as 2 pm"),
        ({"d1-1-to": "8:00"}, "The end must be later than the start."),
        ({"d1-2-from": "16:00", "d1-2-to": "18:00"}, "These times overlap."),
        ({"since": "someday"}, "such as"),
        ({"since": "10/1/2026"}, "What was worked already stays."),
    ],
)
def test_what_is_not_understood_is_said_beside_it_and_nothing_can_be_pressed(week, typed, says):
    page = browser(week.dana).get(HOURS, asked(week) | typed)
    assert page.status_code == 422
    assert says in text_of(page)
    assert "Save the hours" not in text_of(page)


def test_hours_elsewhere_of_every_second_week_and_of_some_people_stay_and_later_ones_go(week, riverside):
    who, here = week.dr_li, week.lakeside
    (second,) = make_hours(who, here, [(6, "09:00", "12:00")], every_weeks=2)
    WorkingHours.objects.create(
        practitioner=who, site=here, weekday=7, starts=time(9), ends=time(12), valid_from=date(2026, 12, 1)
    )
    wanted = [WeeklyInterval(1, time(9), time(17)), WeeklyInterval(3, time(13), time())]
    made = scheduler.set_week(who, here, wanted, since=TUESDAY, by=SYSTEM, at=AT).made
    left = WorkingHours.objects.filter(practitioner=who, valid_to=None).order_by("weekday")
    assert [(one.weekday, one.every_weeks) for one in left] == [(1, 1), (3, 1), (6, 2)]
    assert second in left
    again = scheduler.set_week(who, here, wanted, since=TUESDAY, by=SYSTEM, at=AT)
    assert again.made == []  # the same once more changes nothing
    scheduler.set_week_back(who, made, by=SYSTEM, at=AT)
    assert sorted(WorkingHours.objects.filter(practitioner=who, valid_to=None).values_list("weekday", flat=True)) == [
        1, 2, 3, 4, 5, 6, 7,
    ]  # fmt: skip


def test_dr_li_changes_their_own_week_and_nobody_else_s(week, kim):
    desk = browser(week.dr_li)
    assert desk.get(HOURS, asked(week)).status_code == 200
    assert desk.get(HOURS, asked(week) | {"who": str(kim.public_id)}).status_code == 404


OPENING = "/desk/setup/opening-hours/"


@pytest.fixture
def ada(week):
    return browser(make_staff("ada", Role.ADMIN, site=week.lakeside))


def opened(site):
    rows = OpeningHours.objects.filter(site=site, weekday=2)
    return sorted((one.opens.hour, one.closes.hour, str(one.valid_from), str(one.valid_to)) for one in rows)


def opens(**days):
    """Return the address of an opening week: from Tuesday on eight to six from Monday to Friday, but on days named."""
    fields = {"since": "10/6/2026", "show": "1"}
    for weekday in range(1, 6):
        fields |= {f"d{weekday}-1-from": "8:00", f"d{weekday}-1-to": days.get(f"d{weekday}", "6 pm")}
    return fields


def test_who_was_booked_into_hours_that_are_taken_back_is_said_to_be_without_cover(week):
    desk = browser(week.dana)
    page = desk.get(HOURS, asked(week, d2="7 pm"))
    desk.post(address_of(page), form_of(page), follow=True)
    make_visit(make_patient(week.lakeside, "Zoe Brien"), slot_id(week.dr_li, chicago(6, 17, 30)))
    back = text_of(desk.post(f"{HOURS}{CalendarEdit.objects.get().public_id}/undo/", follow=True))
    assert "It is taken back. 1 appointment is without cover now" in back
    assert "everybody is where they were" not in back


def test_who_is_outside_of_new_opening_hours_is_settled_with_them_and_all_is_taken_back(week, ada):
    before = opened(week.lakeside)
    page = ada.get(OPENING, opens(d2="1 pm"))
    said = text_of(page)
    assert "1 appointment is to be settled." in said
    assert "Ben Adams" in said
    assert "Dr Li works at Lakeside clinic on Tuesday" in said, "who works while it is closed"
    assert opened(week.lakeside) == before  # shown, and nothing done
    done = ada.post(address_of(page), form_of(page), follow=True)
    assert "The opening hours are saved, from October 6, 2026 on." in text_of(done)
    assert (8, 13, "2026-10-06", "None") in opened(week.lakeside)
    assert of(week.ben).period.lower < chicago(6, 13)
    (tuesday, *_) = scheduler.opening_periods(week.lakeside.pk, at=chicago(6, 0), until=chicago(7, 0))
    assert tuesday == (chicago(6, 8), chicago(6, 13))
    (monday, *_) = scheduler.opening_periods(week.lakeside.pk, at=chicago(5, 0), until=chicago(6, 0))
    assert monday[1] > chicago(5, 13), "the day before stays as it was"
    edit = CalendarEdit.objects.get()
    assert browser(week.dana).post(f"{OPENING}{edit.public_id}/undo/").status_code == 403
    back = ada.post(f"{OPENING}{edit.public_id}/undo/", follow=True)
    assert "everybody is where they were" in text_of(back)
    assert opened(week.lakeside) == before
    assert of(week.ben).period.lower == chicago(6, 13)


def test_where_opening_hours_are_shorter_from_a_day_on_a_review_is_due_by_them(week):
    shorter = [WeeklyInterval(day, time(8), time(12)) for day in range(1, 6)]
    scheduler.set_opening_week(week.lakeside, shorter, since=date(2026, 10, 7), by=SYSTEM, at=AT)
    days = scheduler.business_days(week.lakeside.pk)
    assert days.end_after(1, at=AT) > chicago(6, 12)
    assert days.end_after(2, at=AT) == chicago(7, 12)


def test_whoever_leaves_has_no_hours_after_their_last_day_and_who_came_later_is_settled(week, ada):
    make_visit(week.alice.record, slot_id(week.dr_li, chicago(15, 10)))
    page_of = f"/desk/setup/practitioners/{week.dr_li.public_id}/leaving/"
    assert ada.get(page_of, {"show": "1", "last": "10/1/2026"}).status_code == 422
    page = ada.get(page_of, {"show": "1", "last": "10/9/2026"})
    assert "1 appointment is to be settled." in text_of(page)
    done = ada.post(address_of(page), form_of(page), follow=True)
    assert "The last day of Dr Li is October 9, 2026." in text_of(done)
    assert set(WorkingHours.objects.filter(practitioner=week.dr_li).values_list("valid_to")) == {(date(2026, 10, 10),)}
    assert "October 9, 2026 already" in text_of(ada.get(page_of))
    assert "Last day October 9, 2026" in text_of(ada.get("/desk/setup/practitioners/"))
    edit = CalendarEdit.objects.get()
    browser(week.dana).post(f"{HOURS}{edit.public_id}/undo/")
    assert set(WorkingHours.objects.filter(practitioner=week.dr_li).values_list("valid_to")) == {(None,)}


def test_whoever_sets_up_one_site_alone_ends_no_hours_at_another(week, ada, riverside):
    make_hours(week.dr_li, riverside, [(6, "09:00", "12:00")])
    for one in week.dr_li.resources.all():
        one.sites.add(riverside)
    said = ada.get(f"/desk/setup/practitioners/{week.dr_li.public_id}/leaving/", {"show": "1", "last": "10/9/2026"})
    assert said.status_code == 403


def two_at_once(week):
    """Return what Nora and Dana were shown, who change the same Friday's end, and what they send."""
    nora = make_staff("nora", Role.SCHEDULER, site=week.lakeside)
    pages = [(browser(nora), "1 pm"), (browser(week.dana), "12 pm")]
    return nora, [(desk, desk.get(HOURS, asked(week, d5=until))) for desk, until in pages]


def test_hours_that_somebody_else_saved_meanwhile_are_not_overwritten_and_it_is_said_who_it_was(week):
    nora, ((hers, first), (his, second)) = two_at_once(week)
    assert "are saved" in text_of(hers.post(address_of(first), form_of(first), follow=True))
    saved = rows(week)
    told = his.post(address_of(second), form_of(second))
    assert told.status_code == 409
    assert f"{nora.user.username} changed the same, Monday, October 5, 2026, 8:00 AM." in text_of(told)
    assert "Friday 9:00 AM – 1:00 PM, from then on 9:00 AM – 12:00 PM" in text_of(told)
    assert rows(week) == saved
    assert "are saved" in text_of(his.post(address_of(told), form_of(told), follow=True))


def test_twin_without_the_mark_the_second_overwrites_the_first(week, monkeypatch):
    monkeypatch.setattr("booking.actions.impact.as_previewed.refuse_other", lambda *_, **__: None)
    _nora, ((hers, first), (his, second)) = two_at_once(week)
    hers.post(address_of(first), form_of(first))
    assert "are saved" in text_of(his.post(address_of(second), form_of(second), follow=True))
