"""Alice books, moves and cancels with the keyboard alone: each press is counted, and it is seen where she is."""

import pytest

from booking.models import Appointment
from tests.journeys.people import DESK
from tests.journeys.test_a_day_by_keyboard import Hands

pytestmark = pytest.mark.journey

MOST_TO_BOOK, MOST_TO_MOVE, MOST_TO_CANCEL = 57, 25, 20
MOST_STOPS = 30


class Alice(Hands):
    """Her hands: what she types is not counted, each key that leads somewhere is."""

    def goes(self, words):
        """Go to a link or button with these words, and press it."""
        self.to(words, most=MOST_STOPS)
        with self.page.expect_navigation():
            self.press("Enter")

    def takes_the_first_time(self):
        while not self.page.evaluate("document.activeElement.name === 'slot'"):
            self.tab()
        with self.page.expect_navigation():
            self.press("Enter")

    def types(self, field, text):
        self.to(field, most=MOST_STOPS)
        self.page.keyboard.type(text)


@pytest.fixture
def hands(clinic, open_page):
    page = open_page(DESK)
    page.goto("/")
    return Alice(page)


def books(hands):
    hands.goes("Book an appointment")
    hands.goes("Needles")
    hands.to("visit", most=MOST_STOPS)
    hands.press("Space")
    hands.to("therapy", most=MOST_STOPS)
    hands.press("Space")
    hands.goes("Continue")
    hands.takes_the_first_time()
    hands.types("name", "Alice Adams")
    hands.types("email", "alice@example.test")
    hands.types("birth_date", "3/27/1961")
    hands.goes("Continue")
    hands.goes("Book this appointment")
    hands.page.wait_for_url("**/m/**")


def test_alice_books_moves_and_cancels_with_the_keyboard_alone(hands):
    books(hands)
    booked, hands.presses = hands.presses, 0
    before = Appointment.objects.get()
    hands.goes("Move it")
    hands.takes_the_first_time()
    hands.goes("Move my appointment")
    moved, hands.presses = hands.presses, 0
    after = Appointment.objects.get()
    assert (after.period, after.practitioner_id) != (before.period, before.practitioner_id)
    hands.goes("Cancel it")
    hands.goes("Cancel my appointment")
    assert Appointment.objects.get().status == "cancelled"
    assert (booked <= MOST_TO_BOOK, moved <= MOST_TO_MOVE, hands.presses <= MOST_TO_CANCEL) == (True, True, True)
    assert hands.unseen == []
