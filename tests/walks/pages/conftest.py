"""The clinic and the browsers of the pages' own tests, for walks through all of them."""

from tests.booking.pages.conftest import adopted_once, alice, clinic, clock, screened_once, site

__all__ = ["adopted_once", "alice", "clinic", "clock", "screened_once", "site"]
