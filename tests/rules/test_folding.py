"""One person's name is one name, however it is spelled."""
# ruff: noqa: RUF001  (letters that look alike are what this is about)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.folding import LONGEST, fold
from core.text.names import is_same_name, letters_of


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
        ("Ƙwari Ɗan Ɓala", "kwari dan bala"),
        ("髙橋 渡邉", "高橋 渡辺"),
        ("N\u01c3xau", "nxau"),
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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna Müller", "Mueller, Anna"),
        ("Ju\u0308rgen", "Juergen"),
        ("Đorđe Åse", "DJORDJE AASE"),
        ("Dr. Alice Adams", "Adams, Mrs Alice"),
        ("王小明", "小明 王"),
        ("王先生", "王"),
        ("de la Cruz, Ana", "Ana Delacruz"),
        ("Zoe O Brien", "O'Brien, Zoe"),
        ("van der Berg, Jan", "Jan Vanderberg"),
        ("Dupré, Anne Marie", "Annemarie Dupre"),
        ("Groß", "GROSS"),
        ("مُحَمَّد", "محمد"),
        ("Prof.", "prof"),
    ],
)
def test_a_name_in_other_order_and_in_the_letters_of_another_keyboard_is_one_name(one, other):
    assert is_same_name(one, other)
    assert letters_of(one) == letters_of(other)


WORDS = st.sampled_from(
    ["Müller", "Mueller", "de", "la", "Cruz", "Dr.", "Anne", "Marie", "Anne-Marie", "Å", "王", "先生", "a"]
)


@given(st.lists(WORDS, max_size=4).map(" ".join), st.lists(WORDS, max_size=4).map(" ".join))
def test_whatever_is_one_name_waits_for_itself(one, other):
    assert not is_same_name(one, other) or letters_of(one) == letters_of(other)


@pytest.mark.parametrize("other", ["Alice Adam", "Alicia Adams", "Amy Adams"])
def test_two_names_are_two_people(other):
    assert not is_same_name("Alice Adams", other)
    assert not is_same_name("May Adams", other)


@given(st.text(max_size=40))
def test_a_folded_name_is_folded_once_and_for_all(name):
    assert fold(fold(name)) == fold(name)
