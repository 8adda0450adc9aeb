"""Many appointments take a while to look through: a browser is told so at once, and comes to them by itself."""

import pytest

from booking.web.desk.impact import settling_form
from scheduler.models import Absence
from tests.booking.impact_pages import browser
from tests.booking.pages.walk import text_of
from tests.booking.stories.test_ill_today import AWAY, TODAY, clock, ill  # noqa: F401  (clock and ill are fixtures)

pytestmark = pytest.mark.django_db


def test_where_many_are_touched_a_browser_is_told_first_and_then_comes_to_what_fits(ill, monkeypatch):  # noqa: F811
    asked = {"who": str(ill.dr_li.public_id)} | TODAY
    desk = browser(ill.dana)
    desk.defaults["HTTP_ACCEPT"] = "text/html"
    assert "Same time, with Dr Kim" in text_of(desk.get(AWAY, asked))  # two are found at once
    monkeypatch.setattr(settling_form, "FEW", 1)
    first = desk.get(AWAY, asked)
    said = text_of(first)
    assert "2 appointments are touched" in said
    assert "Nothing is saved yet: you may leave this page." in said
    assert "Same time, with Dr Kim" not in said
    at_once, _semicolon, there = first.headers["Refresh"].partition("; url=")
    assert (at_once, "look=1" in there) == ("0", True)
    assert "Same time, with Dr Kim" in text_of(desk.get(there))
    assert not Absence.objects.exists()


def test_whoever_reads_the_answer_with_a_program_is_not_told_first(ill, monkeypatch):  # noqa: F811
    monkeypatch.setattr(settling_form, "FEW", 1)
    page = browser(ill.dana).get(AWAY, {"who": str(ill.dr_li.public_id)} | TODAY)
    assert "Same time, with Dr Kim" in text_of(page)
    assert "Refresh" not in page.headers
