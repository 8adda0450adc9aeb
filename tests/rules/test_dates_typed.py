"""Dates as people type them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.typed_dates import date_typed, iso_date, no_such_day

A_DAY = date(1961, 3, 27)


@pytest.mark.parametrize(
    "typed",
    [
        "3/27/1961", "03/27/1961", "03-27-1961", "3.27.1961", "3 27 1961", " 3 / 27 / 1961 ", "March 27, 1961",
        "march 27 1961", "Mar 27th, 1961", "27 March 1961", "27th of March 1961", "1961-03-27", "1961 March 27",
        "03271961", "19610327", "27/3/1961", "27. März 1961", "27 de marzo de 1961", "27 mars 1961", "27 марта 1961",
        "27 Mart 1961", "27. března 1961", "27 maart 1961", "27 Μαρτίου 1961",
        "27-Mar-1961", "27MAR1961", "\uff13/\uff12\uff17/\uff11\uff19\uff16\uff11", "٢٧/٣/١٩٦١", "1961年3月27日",
    ],
)  # fmt: skip
def test_one_day_in_many_ways(typed):
    assert date_typed(typed) == A_DAY


def test_the_month_comes_first_where_both_orders_make_a_date():
    assert date_typed("3/4/1961") == date(1961, 3, 4)


@pytest.mark.parametrize(
    "typed", ["1.12.2026", "01.12.2026", " 1. 12. 2026 ", "\uff11\uff0e\uff11\uff12\uff0e\uff12\uff10\uff12\uff16"]
)
def test_the_day_comes_first_where_points_part_them(typed):
    assert date_typed(typed) == date(2026, 12, 1)


@pytest.mark.parametrize(
    "typed",
    ["", " ", "yesterday", "1961", "3/1961", "3/27/61", "31/31/1961", "2/30/1961", "3/27/1961/5", "March March 1961",
     "1961 1962 3", "Martin 27, 1961", "27 Jui 1961", "0/0/0000", "327196", "3/27/19611"],
)  # fmt: skip
def test_what_is_no_date_or_could_be_two_is_none(typed):
    assert date_typed(typed) is None


@pytest.mark.parametrize("written", ["0001-01-01", "9999-12-31"])
def test_a_day_beside_which_there_may_be_none_is_no_date(written):
    with pytest.raises(ValueError, match=written):
        iso_date(written)
    assert date_typed(written) is None


@given(st.dates(min_value=date(1000, 1, 1), max_value=date(8999, 12, 31)))
def test_every_date_is_read_as_it_was_written(on):
    assert date_typed(f"{on.month}/{on.day}/{on.year}") == on
    assert date_typed(on.isoformat()) == on
    assert date_typed(f"{on:%B} {on.day}, {on.year}") == on


@given(st.text(max_size=60))
def test_any_text_gets_an_answer(text):
    assert date_typed(text) is None or isinstance(date_typed(text), date)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2/30/1961", "February 1961 has 28 days. Check the day."),
        ("13/45/1961", "There are twelve months. Check the month."),
        ("February 30, 1961", "February 1961 has 28 days. Check the day."),
        ("1961-02-30", "February 1961 has 28 days. Check the day."),
        ("3/27/1961", ""),
        ("312 555 0177", ""),
        ("3125550177", ""),
        ("Martin 1961", ""),
        ("Suite 12 2024 Main", ""),
    ],
)
def test_who_looks_for_a_day_that_never_was_is_told_so_and_a_number_is_no_day(typed, said):
    assert no_such_day(typed) == said
