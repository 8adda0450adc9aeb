"""One person's name is one name, however it is spelled."""
# ruff: noqa: RUF001  (letters that look alike are what this is about)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.folding import LONGEST, fold, is_same_name, letters_of


@pytest.mark.parametrize(
    ("spelled", "folded"),
    [
        ("Alice Adams", "alice adams"),
        ("  ALICE\u00a0 ADAMS ", "alice adams"),
        ("Zoe\u0308 Łukasz", "zoe lukasz"),
        ("O’Brien", "obrien"),
        ("O'Brien-Straße", "obrien strasse"),
        ("\uff21lice\u200b Adams", "alice adams"),
        ("İpek Şahin", "ipek sahin"),
        ("李 小龍", "李 小龍"),
        ("Iıİi", "iiii"),
        ("O´Brien Oʼahu", "obrien oahu"),
        ("Anne‑Marie–Claire", "anne marie claire"),
        ("ﾀﾅｶ がき", "たなか がき"),
        ("김민수", "김민수"),
        ("अनिता", "अनिता"),
        ("Ёлкин Νίκος", "елкин νικοσ"),
        ("٣ \uff13", "3 3"),
        ("…", ""),
    ],
)
def test_a_name_is_found_however_it_is_spelled(spelled, folded):
    assert fold(spelled) == folded
    assert fold(fold(spelled)) == fold(spelled)


def test_a_name_of_letters_that_unfold_fits_its_column():
    assert len(fold("\ufdfa" * 120)) <= LONGEST


@pytest.mark.parametrize("other", ["Adams, Alice", "ALICE  ÁDAMS", "AliceAdams", "Ali'ce-Adams"])
def test_two_spellings_are_one_name_and_wait_for_each_other(other):
    assert is_same_name("Alice Adams", other)
    assert letters_of("Alice Adams") == letters_of(other)


@pytest.mark.parametrize("other", ["Alice Adam", "Alicia Adams", "Amy Adams"])
def test_two_names_are_two_people(other):
    assert not is_same_name("Alice Adams", other)
    assert not is_same_name("May Adams", other)


@given(st.text(max_size=40))
def test_a_folded_name_is_folded_once_and_for_all(name):
    assert fold(fold(name)) == fold(name)
