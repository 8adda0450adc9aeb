"""Alice is asked before she books: what she answers leads to a time, another therapy, a look first, or a call.

With SCREENS set to a folder, each step leaves a picture there: by day, in the dark, and with letters twice as large.
"""

import json

import pytest

from booking.models import Appointment, CallRequest, Hold
from core import clock
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import lay_out, offer
from tests.journeys.health_pages import large_letters, seen, usual_letters
from tests.journeys.people import PHONE, SMALL_PHONE, choose, follow, press
from tests.journeys.test_patient_pages import OTHER_WAYS_TO_LOOK, faults, faults_by_day_and_by_night, times

pytestmark = pytest.mark.journey

MOST_CLICKS = 14
NONE = "No, none of these"
QUESTIONS = "/book/{}/questions/?visit=first"


@pytest.fixture
def asking(clinic):
    """A clinic that asks by the shipped rules, and gives more than one therapy."""
    from scheduler.models import Practitioner  # noqa: PLC0415  (apps are ready only once a test runs)

    adopt_suitability()
    grace = Practitioner.objects.get(name="Grace Okoro")
    offer(grace, "acu_electro", "acupressure", "cup_dry", sites=[clinic])
    lay_out(at=clock.now(), weeks=7)
    return clinic


class Clicks:
    """Counts the clicks of somebody who books."""

    def __init__(self, page):
        self.page, self.count = page, 0
        page.expose_function("clicked", self._one)
        page.add_init_script("addEventListener('click', event => event.isTrusted && clicked(), true)")

    def _one(self):
        self.count += 1


def pictures(page, name):
    """Keep a picture by day, one in the dark, and one with letters twice as large."""
    page.mouse.move(0, 0)
    seen(page, name)
    page.emulate_media(color_scheme="dark")
    seen(page, f"{name}-dark")
    page.emulate_media(color_scheme="light")
    large_letters(page)
    seen(page, f"{name}-200")
    usual_letters(page)


def heading(page):
    return page.get_by_role("heading", level=1).inner_text()


def begin(page, therapy):
    page.goto(QUESTIONS.format(therapy))
    page.get_by_label("Date of birth").fill("3/27/1961")


def says(page, question, answer="Yes"):
    """Choose an answer on the page that is open."""
    page.get_by_role("group", name=question).get_by_label(answer, exact=True).check()


def says_no_to_the_rest(page):
    while page.get_by_role("button", name=NONE).count():
        press(page, NONE)


def tells_who(page):
    """Choose the last time that is shown, and say who comes: the birth date is known already."""
    choose(page, times(page).count() - 1)
    page.get_by_label("Full name").fill("Alice Adams")
    page.get_by_label("E-mail").fill("alice@example.test")
    assert page.get_by_label("Date of birth").input_value() == "3/27/1961"
    press(page, "Continue")


@pytest.mark.parametrize("finding", [None, ("A pacemaker", "Yes"), ("You take a blood thinner", "Not sure")])
def test_a_first_guest_is_booked_with_fourteen_clicks_also_with_something_to_tell(asking, open_page, finding):
    page = open_page(PHONE)
    clicks = Clicks(page)
    page.goto("/")
    follow(page, "Book an appointment")
    follow(page, "Needles")
    page.get_by_label("Yes, my first").check()
    page.get_by_label("Acupuncture (manual)").check()
    press(page, "Continue")
    page.get_by_label("Date of birth").fill("3/27/1961")
    if finding:
        while not page.get_by_role("group", name=finding[0]).count():
            press(page, NONE)
        says(page, *finding)
        press(page, "Continue")
    says_no_to_the_rest(page)
    tells_who(page)
    looked_at = bool(finding) and finding[1] == "Not sure"
    press(page, "Ask for this appointment" if looked_at else "Book this appointment")
    assert heading(page) == ("Your request" if looked_at else "You are booked")
    assert MOST_CLICKS // 2 < clicks.count <= MOST_CLICKS  # none counted would be none seen


def test_with_a_pacemaker_alice_finds_needles_without_current_and_books_them_without_javascript(asking, open_page):
    page = open_page(PHONE, script=False)
    begin(page, "acu_electro")
    press(page, NONE)
    pictures(page, "questions-asked")
    press(page, NONE)
    says(page, "A pacemaker")
    pictures(page, "questions-chosen")
    press(page, "Continue")
    says_no_to_the_rest(page)
    assert heading(page) == "Let us find what suits you"
    pictures(page, "questions-others")
    page.emulate_media(media="print")
    assert page.get_by_text("Acupuncture (manual)").is_visible()
    page.emulate_media(media="screen")
    follow(page, "Acupuncture (manual)")
    says_no_to_the_rest(page)
    tells_who(page)
    assert "Please tell your practitioner about what you answered" in page.content()
    pictures(page, "questions-check")
    press(page, "Book this appointment")
    assert heading(page) == "You are booked"
    pictures(page, "questions-booked")
    assert (Appointment.objects.get().therapy.key, Appointment.objects.get().suitability) == ("acu_manual", "inform")


def test_who_is_not_sure_asks_for_a_time_before_which_somebody_can_look(asking, open_page):
    page = open_page(PHONE)
    begin(page, "acu_manual")
    press(page, NONE)
    says(page, "You take a blood thinner", "Not sure")
    press(page, "Continue")
    says_no_to_the_rest(page)
    assert "one of our clinicians looks at your answers first" in page.content()
    pictures(page, "questions-looked-at-times")
    tells_who(page)
    pictures(page, "questions-looked-at")
    press(page, "Ask for this appointment")
    assert heading(page) == "Your request"
    pictures(page, "questions-asked-for")
    assert Appointment.objects.get().status == "proposed"


def test_with_a_clot_cupping_is_not_booked_and_alice_is_called(asking, open_page):
    page = open_page(PHONE)
    begin(page, "cup_dry")
    while not page.get_by_text("A blood clot in a leg or arm now").count():
        press(page, NONE)
    says(page, "A blood clot")
    press(page, "Continue")
    page.get_by_label("Left leg").check()
    page.locator(".spot.right_arm").first.click()  # the drawing says the same as the list
    assert page.get_by_label("Right arm").is_checked()
    page.get_by_label("Right arm").uncheck()
    pictures(page, "questions-where")
    press(page, "Continue")
    says_no_to_the_rest(page)
    page.get_by_label("Full name").fill("Alice Adams")
    page.get_by_label("Phone number").fill("(312) 555-0142")
    press(page, "Call me")
    assert heading(page) == "We call you"
    assert page.get_by_role("status").get_by_text("We call you at").bounding_box()["y"] < PHONE[1]
    pictures(page, "questions-called")
    assert CallRequest.objects.get().phone == "+13125550142"
    assert not Hold.objects.exists()


def test_with_a_fever_in_treatment_the_number_is_there_at_once_by_keyboard_alone(asking, open_page):
    page = open_page(PHONE)
    begin(page, "acu_manual")
    page.get_by_role("group", name="A temperature").get_by_label("Yes").focus()
    page.keyboard.press("Space")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert heading(page) == "Please call now"
    assert page.get_by_role("link", name="Call 911").get_attribute("href") == "tel:911"
    assert page.get_by_role("link", name="Call 911").bounding_box()["y"] < PHONE[1]
    page.emulate_media(media="print")
    number = page.get_by_role("link", name="Call (312)")
    assert number.is_visible()
    assert number.evaluate("one => getComputedStyle(one).backgroundColor") == "rgba(0, 0, 0, 0)"  # no black on black
    page.emulate_media(media="screen")
    pictures(page, "questions-call")
    assert not CallRequest.objects.exists()


def every_page(page):
    """Let Alice see each page there is, and stop on it with its name."""
    page.goto(QUESTIONS.format("acu_electro"))
    yield "birth date"
    press(page, "Continue")
    yield "birth date with errors"
    page.get_by_label("Date of birth").fill("3/27/1961")
    press(page, NONE)
    yield "second page"
    says(page, "You take a blood thinner", "Not sure")
    yield "chosen"
    press(page, "Continue")
    press(page, "Continue")
    yield "chosen with errors"
    says(page, "A pacemaker")
    press(page, "Continue")
    says(page, "Swelling")
    says(page, "A place on your body")
    press(page, "Continue")
    yield "limbs"
    press(page, "Continue")
    yield "limbs with errors"
    page.get_by_label("Left arm").check()
    press(page, "Continue")
    page.get_by_label("Back").check()
    yield "places"
    press(page, "Continue")
    press(page, NONE)
    yield "others"
    press(page, "Call me")
    yield "others with errors"
    page.goto("/book/acu_manual/questions/?visit=first&page=1")
    says(page, "Chest pain")
    says(page, "New back pain", "Not sure")
    press(page, "Continue")
    yield "call"
    follow(page, "Back")
    page.get_by_role("group", name="Chest pain").get_by_label("No", exact=True).check()
    press(page, "Continue")
    yield "times"
    page.goto("/book/help/")
    yield "help"
    follow(page, "Yes, my first")
    says_no_to_the_rest(page)
    yield "therapies"


def test_everybody_can_use_every_page_of_the_questions_by_day_and_by_night(asking, open_page):
    page = open_page(SMALL_PHONE)
    wrong = {name: found for name in every_page(page) if (found := faults_by_day_and_by_night(page))}
    assert not wrong, json.dumps(wrong, indent=1)


@pytest.mark.full
@pytest.mark.parametrize(("scheme", "size"), OTHER_WAYS_TO_LOOK)
def test_everybody_can_use_every_page_of_the_questions_however_they_look_at_it(asking, open_page, scheme, size):
    page = open_page(size, scheme=scheme)
    wrong = {name: found for name in every_page(page) if (found := faults(page))}
    assert not wrong, json.dumps(wrong, indent=1)


@pytest.mark.full
def test_with_letters_twice_as_large_no_question_lies_beside_the_phone(asking, open_page):
    page, wider = open_page(PHONE), {}
    for name in every_page(page):
        large_letters(page)
        wider[name] = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        seen(page, f"every-200-{name}")
        usual_letters(page)
        seen(page, f"every-{name}")
    assert not {name: by for name, by in wider.items() if by > 0}
