"""Dana's day without a mouse, from signing in to paper: each press is counted, and it is seen where she is."""

import re
from datetime import date, datetime, time, timedelta

import pytest

from booking.actions.patients import patients
from booking.models import Appointment
from core import clock
from core.principal import Principal
from core.roles import Role
from tests.factories.booking import make_person, make_visit, slot_id
from tests.journeys.desk_pages import PASSWORD, employ
from tests.journeys.test_caller_on_the_phone import MOST_PRESSES, Keys

pytestmark = [pytest.mark.journey, pytest.mark.full]

WIDE = (1600, 1000)
MOST_TO_A_TAB, MOST_IN_A_PAGE, MOST_IN_A_DAY = 7, 40, 65
MOST_STOPS = 200
FOCUS = """() => {
  const one = document.activeElement, choice = one.matches("input[type=radio], input[type=checkbox]");
  const looks = [one, choice && one.nextElementSibling].filter(Boolean).map(shown => getComputedStyle(shown));
  const seen = looks.some(look => look.outlineStyle !== "none" || look.boxShadow !== "none");
  const words = (one.innerText || one.name || one.id || "").trim().replace(/\\s+/g, " ");
  return { words, tag: one.tagName, seen };
}"""


class Hands(Keys):
    """The keyboard for a whole day: it goes where words are, and notes where no focus is seen."""

    def __init__(self, page):
        super().__init__(page)
        self.unseen = []

    def tab(self):
        self.press("Tab")
        here = self.page.evaluate(FOCUS)
        if here["tag"] != "BODY" and not here["seen"]:
            self.unseen.append((self.page.url, here["words"]))
        return here["words"]

    def to(self, words, *, most):
        """Press Tab until these words have the focus; return how many presses that took."""
        for count in range(1, most + 1):
            if self.tab().startswith(words):
                return count
        raise AssertionError(words)

    def nothing_is_trapped(self):
        """Whether Tab leads through the page and out of it again; it is not counted."""
        self.page.evaluate("document.activeElement.blur()")
        for _stop in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("document.activeElement === document.body"):
                return True
        return False


@pytest.fixture
def day(clinic, here):
    """The day after tomorrow: Tom comes to Boris Ivanov at one, and Olga, who calls, has no appointment."""
    found = clock.now().astimezone(clinic.tz).date() + timedelta(days=2)
    patients.register(
        name="Olga Reyes", birth_date=date(1955, 3, 4), email="", phone="+13125550123", site=clinic,
        by=Principal.system("test"), at=clock.now(),
    )  # fmt: skip
    return found


@pytest.fixture
def here(clinic):
    """Alice's appointment of today, that is not over before midnight, however late it is."""
    from scheduler.models import Practitioner  # noqa: PLC0415  (apps are ready only once a test runs)

    boris = Practitioner.objects.get(name="Boris Ivanov")
    today = clock.now().astimezone(clinic.tz).date()
    start = datetime.combine(today + timedelta(days=1), time(9), clinic.tz)
    visit = make_visit(make_person(clinic, "Alice Adams").record, slot_id(boris, start), at=clock.now())
    at = clock.now()
    Appointment.objects.filter(pk=visit.pk).update(period=(at - timedelta(minutes=5), at + timedelta(minutes=55)))
    return visit


def status_of(name):
    return Appointment.objects.get(patient__name=name).status


def signs_in(hands):
    employ("dana", Role.SCHEDULER)
    hands.page.goto("/desk/")
    hands.type("dana", into="username")
    hands.tab()
    hands.page.keyboard.type(PASSWORD)
    hands.enter()


def finds_and_books(hands, day):
    """Find Olga from wherever she is, and book her the first time of a day."""
    hands.press("Control+k")
    hands.page.keyboard.type("Olga Reyes")
    hands.enter()
    hands.go("c")
    hands.go("c")  # book for them
    hands.letter("d")
    hands.type(f"{day:%m/%d/%Y}", into="since")
    hands.enter()
    hands.go("c")
    hands.answer_none()
    hands.go("c")


def board_of(hands, day):
    hands.press("Tab")
    hands.to("Day board", most=MOST_TO_A_TAB + 5)
    hands.enter()
    hands.to("typed", most=MOST_IN_A_PAGE)
    hands.page.keyboard.type(f"{day:%m/%d/%Y}")
    hands.enter()


def into_the_board(hands):
    hands.to("Skip to the board", most=3)
    hands.press("Enter")
    hands.page.wait_for_function("document.activeElement.matches('.board .v, .board td')")


def test_dana_works_a_whole_day_without_a_mouse(open_page, clinic, day):
    page = open_page(WIDE)
    hands = Hands(page)
    signs_in(hands)
    signed_in_after = hands.presses

    finds_and_books(hands, day)
    called = hands.presses - signed_in_after
    olga = Appointment.objects.get(patient__name="Olga Reyes")
    was = olga.period.lower
    assert (olga.status, was.astimezone(clinic.tz).date()) == ("booked", day)

    board_of(hands, day)
    into_the_board(hands)
    walks_to(hands, "Olga Reyes")
    hands.press("m")
    page.locator(".board.moving").wait_for()
    hands.press("n")
    hands.press("Enter")
    page.get_by_role("status").filter(has_text="Olga Reyes").filter(has_text="U undoes").wait_for()
    assert Appointment.objects.get(pk=olga.pk).period.lower != was
    hands.press("u")
    page.get_by_role("status").filter(has_text="Undone").wait_for()
    assert Appointment.objects.get(pk=olga.pk).period.lower == was
    hands.press("Escape")
    assert hands.nothing_is_trapped()

    page.goto("/desk/")
    into_the_board(hands)
    walks_to(hands, "Alice Adams")
    for key, reached in (("a", "arrived"), ("c", "checked-in"), ("d", "fulfilled"), ("u", "checked-in")):
        hands.press(key)
        wait_until(page, lambda reached=reached: status_of("Alice Adams") == reached)
    assert len(re.findall(rb"/Type /Page\b(?!s)", page.pdf(format="Letter", landscape=True))) == 1

    assert not hands.unseen
    assert called <= MOST_PRESSES
    assert (signed_in_after, called, hands.presses <= MOST_IN_A_DAY) == (2, 8, True), hands.presses


def walks_to(hands, name):
    """Go to somebody's appointment on the board with arrows."""
    for key in ["ArrowUp"] * 60 + ["ArrowLeft"] * 4 + (["ArrowDown"] * 60 + ["ArrowRight"] + ["ArrowUp"] * 60) * 4:
        if hands.page.evaluate("document.activeElement.innerText").startswith(name):
            return
        hands.press(key)
    raise AssertionError(name)


def wait_until(page, holds):
    for _tried in range(100):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError(page.locator("#board-told, #board-why").all_inner_texts())
