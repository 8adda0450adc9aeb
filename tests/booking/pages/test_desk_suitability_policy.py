"""The questions before booking as a policy at the desk: from what is shipped to what two clinicians have signed."""

import re
from html import unescape

import pytest
import time_machine

from booking.suitability.policies import rules_in_force
from booking.suitability.shipped import shipped_rules
from core.models import Policy, PolicyState
from core.roles import Role
from tests.booking.pages.test_desk_policies import LIST, act, page, staff, with_line
from tests.booking.pages.walk import text_of
from tests.factories.scheduler import AT, make_site

SHIPPED = {"kind": "suitability:all", "place": "lakeside"}


@pytest.fixture
def lakeside(catalogue):
    return make_site("lakeside")


@pytest.fixture(autouse=True)
def _monday_morning():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def ada(lakeside):
    """An administrator of Lakeside."""
    return staff("ada", Role.ADMIN, lakeside)


def test_questions_before_booking_are_drafted_from_what_is_shipped_and_two_clinicians_sign_them(ada, lakeside):
    assert "Questions before booking" in text_of(ada.get(LIST))
    shown = ada.get(f"{LIST}new/", {"kind": "suitability:all"}).text
    text = unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", shown, re.DOTALL)[1])
    wrong = ada.post(f"{LIST}new/", SHIPPED | {"text": with_line(text, "ask: home_oxygen", "ask: oxygen")})
    assert re.search(r"Line \d+ \(rules, 26, ask\): R52: There is no question oxygen\.", text_of(wrong))
    assert ada.post(f"{LIST}new/", SHIPPED | {"text": text}).status_code == 302
    draft = Policy.objects.get(state=PolicyState.DRAFT)
    assert act(ada, draft, "publish").status_code == 409
    for name in ("carol", "cyrus"):
        assert act(staff(name, Role.CLINICIAN, lakeside), draft, "approve").status_code == 302
    said = text_of(page(ada, draft))
    assert "Rule R52: nothing → You use oxygen at home or on the way: yes; acu_heated, moxa: not booked online" in said
    assert act(ada, draft, "publish").status_code == 302
    assert len(rules_in_force(lakeside.pk, at=AT)[0].rules) == len(shipped_rules().rules)
