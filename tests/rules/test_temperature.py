"""Temperatures as they are read off at the door, in both scales."""

from decimal import Decimal

import pytest

from booking.screening.temperature import read_temperature


@pytest.mark.parametrize(
    ("typed", "degrees"),
    [
        ("98.6", "98.6"),
        (" 98,6 ", "98.6"),
        ("100.4 °F", "100.4"),
        ("38", "100.4"),
        ("36.6C", "97.9"),
        ("101.25", "101.2"),
    ],
)
def test_temperatures_are_read_in_both_scales(typed, degrees):
    assert read_temperature(typed) == Decimal(degrees)


@pytest.mark.parametrize("typed", ["", "hot", "986", "38 F", "98 C", "55", "9.8", "98.6.1", "-98", "98.6 K"])
def test_what_nobody_can_have_is_asked_again(typed):
    with pytest.raises(ValueError, match="temperature"):
        read_temperature(typed)
