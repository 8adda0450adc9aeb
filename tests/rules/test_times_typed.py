"""Times of day, however somebody types them."""

from datetime import time

import pytest

from core.text.typed_times import time_typed


@pytest.mark.parametrize(("typed", "meant"), [
    ("2 pm", (14, 0)), ("2pm", (14, 0)), ("2:30 PM", (14, 30)), ("14:30", (14, 30)), ("1430", (14, 30)),
    ("2 p.m.", (14, 0)), ("2:05 a.m.", (2, 5)), ("12 am", (0, 0)), ("12 pm", (12, 0)), ("noon", (12, 0)),
    ("2 P.M.", (14, 0)), ("2p.m.", (14, 0)), ("2 p. m.", (14, 0)), ("14h30", (14, 30)), ("14 h 30", (14, 30)),
    ("14 Uhr", (14, 0)), ("14.30 Uhr", (14, 30)), ("14h", (14, 0)), ("\uff11\uff14\uff1a\uff13\uff10", (14, 30)),
    ("2 30 pm", (14, 30)),
    ("9", (9, 0)), ("2", (14, 0)), ("2:15", (14, 15)), ("09:00", (9, 0)), (" 02:15 ", (2, 15)),
])  # fmt: skip
def test_a_time_is_read_as_it_is_meant(typed, meant):
    assert time_typed(typed) == time(*meant)


@pytest.mark.parametrize("typed", [
    "", "soon", "25:00", "13 pm", "0 am", "2:75", "1/2", "123456", "2 pm 3",
    "-3", "\u22123", "\u20133", "+9", "-14:30", ".3", ":30", "3-45", "2,30", "~9", "9?", "(9)", "$9", "2 pm!",
    "9_30", "1h2h3",
])  # fmt: skip
def test_what_is_no_time_is_none(typed):
    assert time_typed(typed) is None
