"""What one press does not settle is led on to, and counted; where nobody is touched, no figures are told."""

import pytest

from booking.actions.impact import settling
from booking.models import CalendarEdit
from tests.booking.impact_pages import address_of, browser, form_of
from tests.booking.pages.walk import text_of
from tests.booking.stories.test_ill_today import AWAY, TODAY, clock, ill

__all__ = ["clock", "ill"]

pytestmark = pytest.mark.django_db


def test_whoever_settles_some_is_led_to_the_others_and_then_to_the_list(ill, monkeypatch):
    monkeypatch.setattr(settling, "AT_ONCE", 1)
    desk = browser(ill.dana)
    first = desk.get(AWAY, {"who": str(ill.dr_li.public_id), "look": "1"} | TODAY)
    assert "1 more comes later" in text_of(first)
    second = desk.post(address_of(first), form_of(first), follow=True)
    said = text_of(second)
    assert "1 more is still to be settled, and is on the list of calls until then." in said
    assert "1 appointment is to be settled." in said
    assert "look" not in second.request["QUERY_STRING"]
    done = desk.post(address_of(second), form_of(second), follow=True)
    assert "still to be settled" not in text_of(done)
    assert done.request["PATH_INFO"] == AWAY
    assert "who" not in done.request["QUERY_STRING"]
    assert [len(one.done) for one in CalendarEdit.objects.order_by("pk")] == [1, 1]


def test_twin_where_one_press_settles_all_nobody_is_led_on(ill):
    desk = browser(ill.dana)
    page = desk.get(AWAY, {"who": str(ill.dr_li.public_id)} | TODAY)
    done = desk.post(address_of(page), form_of(page), follow=True)
    assert "still to be settled" not in text_of(done)
    assert "who" not in done.request["QUERY_STRING"]


def test_where_nobody_is_touched_it_says_so_before_and_after(ill):
    desk = browser(ill.dana)
    page = desk.get(AWAY, {"who": str(ill.dr_li.public_id), "first": "10/8/2026", "last": "10/8/2026"})
    assert "No appointment is touched." in text_of(page)
    done = desk.post(address_of(page), form_of(page), follow=True)
    assert f"{ill.dr_li.name} is away. No appointment was touched." in text_of(done)


def test_who_is_to_be_called_as_was_chosen_is_settled_and_comes_on_no_page_again(ill):
    desk = browser(ill.dana)
    page = desk.get(AWAY, {"who": str(ill.dr_li.public_id)} | TODAY)
    done = desk.post(address_of(page), form_of(page) | {"all": "keep"}, follow=True)
    assert "Dr Li is away. To be called: 2." in text_of(done)
    assert "still to be settled" not in text_of(done)
    assert "who" not in done.request["QUERY_STRING"]
