"""An address that hardly exists is asked back; one that somebody may well have is not."""

import pytest

from booking.patients.mistyped_addresses import likely_meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ann@gmial.com", "ann@gmail.com"),
        ("ann@gmai.com", "ann@gmail.com"),
        ("ann@gmaill.com", "ann@gmail.com"),
        ("ann@gnail.com", "ann@gmail.com"),
        ("ann@gmail.con", "ann@gmail.com"),
        ("ann@gmail.co", "ann@gmail.com"),
        ("ann@gmial.con", "ann@gmail.com"),
        ("Ann.B@Hotmial.com", "Ann.B@hotmail.com"),
        ("ann@outlok.com", "ann@outlook.com"),
        ("ann@comcast.ent", "ann@comcast.net"),
        ("ann@somewhere.con", "ann@somewhere.com"),
    ],
)
def test_a_slip_is_recognized(typed, meant):
    assert likely_meant(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "gmail.com",
        "mail.com",
        "email.com",
        "ymail.com",
        "gmx.de",
        "me.co",
        "somewhere.co",
        "hospital.org",
        "ab.example",
    ],
)
def test_what_somebody_may_have_is_let_through(typed):
    assert likely_meant(f"ann@{typed}") == ""
