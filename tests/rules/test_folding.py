"""One person's name is one name, however it is spelled."""

import pytest

from core.text.folding import LONGEST, fold


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
        ("…", ""),
    ],
)
def test_a_name_is_found_however_it_is_spelled(spelled, folded):
    assert fold(spelled) == folded
    assert fold(fold(spelled)) == fold(spelled)


def test_a_name_of_letters_that_unfold_fits_its_column():
    assert len(fold("\ufdfa" * 120)) <= LONGEST
