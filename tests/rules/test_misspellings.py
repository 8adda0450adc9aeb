"""Names that are mistyped, or written by ear, or in another script, and how near they are to those that are meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.patients.misspellings import SHORTEST_TYPED, distance, keys_of, near
from core.text.folding import fold
from core.text.names import spellings


def is_near(typed, name):
    """Whether every typed word has a key in common with a word of the name, or begins one."""
    words = {word for spelled in spellings(name) for word in spelled.split()}
    keys = keys_of(words)
    asked = [{one.strip("'") for one in near(word).split(" | ")} for word in fold(typed).split()]
    return all(keys & some or any(word.startswith(begun) for word in words) for some, begun in zip(
        asked, fold(typed).split(), strict=True
    ))  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Smiht", "John Smith"),
        ("Smth", "John Smith"),
        ("Smithh", "John Smith"),
        ("Smyth", "John Smith"),
        ("jon smiht", "Smith, John"),
        ("Katarzna Kow", "Katarzyna Kowalska"),
        ("Steven", "Stephen King"),
        ("Kathryn", "Catherine Moss"),
        ("Shwartzeneger", "Arnold Schwarzenegger"),
        ("Ivanov", "Борис Иванов"),
        ("Иванов", "Boris Ivanov"),
        ("Shevchenko", "Шевченко"),
        ("Zhukov", "Жуков"),
        ("Papadopoulos", "Νίκος Παπαδόπουλος"),
        ("Mohammed", "محمد علي"),
        ("Cohen", "כהן"),
        ("Kim", "김민수"),
        ("Minsu", "김민수"),
        ("Sakura", "さくら"),
        ("Mueler", "Jürgen Müller"),
    ],
)
def test_whoever_mistypes_a_name_or_writes_it_by_ear_is_near_it(typed, name):
    assert is_near(typed, name)


@pytest.mark.parametrize(("typed", "name"), [("Smith", "Jones"), ("Anna", "Otto"), ("Lee", "Vito"), ("王", "李明")])
def test_another_name_is_not(typed, name):
    assert not is_near(typed, name)


LETTERS = st.text("abcdefghijklmnoprstuvwz", min_size=SHORTEST_TYPED + 1, max_size=14)


@given(LETTERS, st.data())
def test_one_slip_anywhere_in_a_word_is_always_forgiven(word, data):
    place = data.draw(st.integers(0, len(word) - 2))
    other = data.draw(st.sampled_from("abxyz"))
    slips = {
        word[:place] + word[place + 1 :],
        word[:place] + other + word[place:],
        word[:place] + other + word[place + 1 :],
        word[:place] + word[place + 1] + word[place] + word[place + 2 :],
    }
    assert all(is_near(typed, word) for typed in slips)
    assert all(distance([typed], [word]) <= 1 for typed in slips)


def test_twin_without_the_word_less_a_letter_a_slip_is_not_forgiven(monkeypatch):
    assert is_near("Lokw", "Lowe")
    monkeypatch.setattr("booking.patients.misspellings._slips", lambda word, **_: [f"~{word}"])
    assert not is_near("Lokw", "Lowe")


def test_the_nearest_comes_first_and_what_is_begun_is_not_far():
    assert distance(["smiht"], ["smith"]) == 1
    assert distance(["smi"], ["smith"]) == 0
    assert distance(["jon", "smith"], ["john", "smith"]) < distance(["jon", "smith"], ["joan", "smythe"])
