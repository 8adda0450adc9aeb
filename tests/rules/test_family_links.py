"""The life of a family link, and how its code is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.families import codes
from booking.families.status import ACTS, LIVE, FamilyAct, FamilyState, reached

CODE = "K7M40Z19"
ENDS = {FamilyState.REVOKED, FamilyState.ENDED, FamilyState.EXPIRED}


CYRILLIC = "\u041a7\u041c4-\u041eZ19"
FULL_WIDTH = "".join(chr(ord(sign) + 0xFEE0) for sign in CODE)
TYPED = [CODE, "k7m4-0z19", " K7M4 0Z19 ", "k7m4/oz19", "K7M4OZI9", "K7M40Zl9", "K7M4.0Z.1.9", CYRILLIC, FULL_WIDTH]
NO_CODES = ["", "K7M4", "K7M40Z199", "K7M40Z1*", "good evening", "\x00" * 8, "K" * 5000, chr(0x1F490) * 8]


@pytest.mark.parametrize("typed", TYPED)
def test_a_code_is_understood_however_it_is_typed(typed):
    assert codes.as_given_out(typed) == CODE


@pytest.mark.parametrize("typed", NO_CODES)
def test_what_is_no_code_is_none(typed):
    assert codes.as_given_out(typed) == ""


@given(st.uuids())
def test_a_code_is_read_again_as_it_is_shown_and_says_nothing_of_its_link(link):
    code = codes.code_of(link)
    assert codes.as_given_out(codes.in_groups(code).lower()) == code
    assert not set(code) & set("ILOU")


def test_what_has_ended_is_never_taken_up_again():
    assert not [act for (state, act) in ACTS if state in ENDS]
    assert {state for state, _act in ACTS} - {None} == LIVE


def test_only_the_patient_or_staff_open_the_time_that_is_kept():
    opening = {act for (state, act), after in ACTS.items() if after == FamilyState.ACTIVE != state}
    assert opening == {FamilyAct.CONFIRM, FamilyAct.VOUCH}


def test_each_live_state_can_be_taken_back_and_comes_to_an_end_by_itself():
    for state in LIVE:
        assert reached(state, FamilyAct.REVOKE) is FamilyState.REVOKED
        assert {reached(state, FamilyAct.END), reached(state, FamilyAct.EXPIRE)} - {None}
