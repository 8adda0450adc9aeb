"""A day to come as people type it: next year's is not meant where the day was lately."""

from datetime import date

import pytest
from django import forms

from booking.web.coming_days import coming_day

TODAY, JUNE = date(2026, 11, 27), date(2027, 6, 1)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", None),
        ("11/27", TODAY),
        ("12/3", date(2026, 12, 3)),
        ("1/4", date(2027, 1, 4)),
        ("6/1/2027", date(2027, 6, 1)),
    ],
)
def test_a_day_to_come_is_read_with_its_year_or_without(typed, found):
    assert coming_day(typed, today=TODAY) == found


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("11/26", "This day is over"),
        ("11/1", "This day is over"),
        ("11/26/2026", "This day is over"),
        ("12/3/2031", "Is the year right?"),
        ("2/30/2027", "February 2027 has 28 days"),
        ("soon", "Type a month and a day"),
    ],
)
def test_another_is_refused_in_words(typed, said):
    with pytest.raises(forms.ValidationError, match=said.replace("?", "\\?")):
        coming_day(typed, today=TODAY)
