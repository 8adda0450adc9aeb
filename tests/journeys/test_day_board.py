"""The day board in a browser: moved and undone with keys alone and heard, dragged, printed, and seen by two at once."""

import re
import time as clocks
from datetime import datetime, time, timedelta

import pytest

from booking.actions import appointments
from booking.models import Appointment
from booking.status import Move
from core import clock
from core.roles import Role
from scheduler.models import Practitioner
from tests.factories.booking import SYSTEM, make_person, make_visit, read_slot, slot_id
from tests.factories.scheduler import EVERY_DAY, WEEKDAYS, lay_out, make_places, make_practitioner
from tests.journeys.people import DESK, SMALL_PHONE
from tests.journeys.test_patient_pages import faults_by_day_and_by_night
from tests.journeys.test_screening import signed_in

pytestmark = [pytest.mark.journey, pytest.mark.full]

AT_MOST = 3.0
"""Seconds until others see what was done."""

CARRY = "Arrows choose, N goes to the next that fits, Enter moves, Escape leaves it."

TWELVE = 12
WIDE = (1600, 1000)


@pytest.fixture
def day(clinic):
    """The day after tomorrow, on which Olga comes to Boris Ivanov at ten, and Tom at one."""
    found = clock.now().astimezone(clinic.tz).date() + timedelta(days=2)
    book(clinic, "Olga Reyes", found, time(10))
    book(clinic, "Tom Silva", found, time(13))
    return found


def book(clinic, name, day, wall, who="Boris Ivanov"):
    start = datetime.combine(day, wall, clinic.tz)
    record = make_person(clinic, name).record
    practitioner = Practitioner.objects.get(name=who)
    return make_visit(record, slot_id(practitioner, start, visit="followup"), at=clock.now() - timedelta(days=1))


@pytest.fixture
def board(open_page, day, service_url):
    """The board of that day, open in a browser of Dana's."""

    roles = iter((Role.SCHEDULER, Role.ADMIN))  # two people

    def opened(size=WIDE):
        page = open_page(size)
        role = next(roles)
        signed_in(page, role, service_url)
        page.goto(f"/desk/?day={day}")
        return page

    return opened


def where(name):
    visit = Appointment.objects.select_related("practitioner", "site").get(patient__name=name)
    return f"{visit.period.lower.astimezone(visit.site.tz):%H:%M} {visit.practitioner.name}"


class Ear:
    """What a screen reader says of a page: what has the focus, by the tree of the browser, and what is announced."""

    def __init__(self, page):
        self.page, self.tree = page, page.context.new_cdp_session(page)
        self.heard = []

    def press(self, key, *, announced=None):
        self.page.keyboard.press(key)
        if announced:
            self.page.get_by_role("status").filter(has_text=announced).wait_for()
        said = self.page.locator("#board-told").inner_text()
        self.heard.append((key, self.focus(), said.replace("\xa0", " ").replace("\u202f", " ")))

    def focus(self):
        nodes = self.tree.send("Accessibility.getFullAXTree")["nodes"]
        for node in reversed(nodes):
            facts = {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
            if facts.get("focused"):
                name = node.get("name", {}).get("value", "") or text_below(node, nodes)
                words = re.sub(r"\s+", " ", name.replace("\u202f", " ")).partition(", bay")[0].strip()
                return f"{node['role']['value']}: {words}"
        return ""


def takes_up_olga(page):
    """Begin to move Olga's appointment, by its letter."""
    page.locator(".v", has_text="Olga").focus()
    page.keyboard.press("m")
    page.locator(".board.moving").wait_for()


def text_below(node, nodes):
    known = {one["nodeId"]: one for one in nodes}
    below = [known[child] for child in node.get("childIds", []) if child in known]
    own = node.get("name", {}).get("value", "") if node["role"]["value"] == "StaticText" else ""
    return " ".join(filter(None, [own, *(text_below(one, nodes) for one in below)]))


def test_olga_is_moved_and_put_back_with_the_keyboard_alone_and_each_step_is_heard(board):
    page = board()
    page.locator("#id_typed").focus()
    presses = 0
    while not page.evaluate("document.activeElement.matches('.board *')"):
        page.keyboard.press("Tab")
        presses += 1
    assert presses <= 12  # past the links above it, into the board, at the first who comes
    ear = Ear(page)
    ear.press("m", announced="Moving Olga Reyes")
    ear.press("ArrowDown", announced="10:15")
    ear.press("ArrowRight", announced="Grace Okoro")
    with page.expect_response(lambda answer: answer.url.endswith("/move/")):
        ear.press("Enter", announced="is at 10:15")
    assert where("Olga Reyes") == "10:15 Grace Okoro"
    with page.expect_response(lambda answer: answer.url.endswith("/undo/")):
        ear.press("u", announced="Undone")
    assert where("Olga Reyes") == "10:00 Boris Ivanov"
    count = re.search(r": (\d+) times", ear.heard[0][2])[1]
    assert ear.heard == [
        (
            "m",
            "gridcell: taken Olga Reyes booked, 10:00–11:00 AM, Acupuncture (manual)",
            f"Moving Olga Reyes: {count} times of this day fit. {CARRY}",
        ),
        ("ArrowDown", "gridcell: partly free", "10:15 AM, Boris Ivanov, L.Ac.: fits"),
        ("ArrowRight", "gridcell: free", "10:15 AM, Grace Okoro, L.Ac.: fits"),
        (
            "Enter",
            "link: Olga Reyes booked, 10:15–11:15 AM, Acupuncture (manual)",
            "Olga Reyes is at 10:15 AM with Grace Okoro now. U undoes it.",
        ),
        (
            "u",
            "link: Olga Reyes booked, 10:00–11:00 AM, Acupuncture (manual)",
            "Undone: Olga Reyes is booked, at 10:00 AM with Boris Ivanov.",
        ),
    ]


def test_escape_leaves_it_a_conflict_says_why_and_letters_can_be_switched_off(board):
    page = board()
    takes_up_olga(page)
    page.keyboard.press("Escape")
    page.get_by_role("status").filter(has_text="Left where it was").wait_for()
    page.keyboard.press("m")
    page.locator(".board.moving").wait_for()
    for _quarter in range(12):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    why = page.get_by_role("alert")
    why.get_by_text("Tom Silva, 1:00").wait_for()
    assert not faults_by_day_and_by_night(page)
    why.get_by_role("button").first.click()
    page.get_by_role("status").filter(has_text="U undoes it").wait_for()
    page.locator("#board-keys summary").click()
    page.get_by_label("Letters do nothing on this device").check()
    page.locator(".v", has_text="Tom").focus()
    page.keyboard.press("x")
    assert not page.locator("dialog[open]").count()
    page.get_by_label("Letters do nothing on this device").uncheck()


def test_keys_that_are_typed_fast_wait_for_each_other_and_none_is_lost(board):
    page = board()
    page.locator(".v", has_text="Olga").focus()
    for key in ("m", "ArrowDown", "Enter", "u", "u"):
        page.keyboard.press(key)
    page.get_by_role("alert").filter(has_text="There is nothing to undo").wait_for()
    assert where("Olga Reyes") == "10:00 Boris Ivanov"
    moves = Appointment.objects.get(patient__name="Olga Reyes").changes.filter(move="reschedule")
    assert moves.count() == 2  # there, and back
    page.keyboard.press("Escape")
    assert page.get_by_role("alert").is_hidden()


def test_a_key_after_the_answer_and_before_the_board_is_looked_at_anew_acts_on_what_was_just_done(board):
    page = board()
    page.route(lambda url: "changes" in url, lambda route: (clocks.sleep(0.6), route.continue_()))
    page.locator(".v", has_text="Olga").focus()
    page.keyboard.press("m")
    page.locator(".board.moving").wait_for()
    page.keyboard.press("n")
    with page.expect_request(lambda asked: "changes" in asked.url):
        page.keyboard.press("Enter")
    page.keyboard.press("u")
    page.get_by_role("status").filter(has_text="Undone").wait_for()
    assert where("Olga Reyes") == "10:00 Boris Ivanov"


def test_what_waits_behind_a_refusal_is_not_done_and_is_said(board):
    page = board()
    page.locator(".v", has_text="Olga").focus()
    for key in ("n", "m", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.get_by_role("alert").filter(has_text="Not used, since that was not done: M ArrowDown Enter.").wait_for()
    assert where("Olga Reyes") == "10:00 Boris Ivanov"


def test_while_something_is_moved_n_leads_to_what_fits_and_other_keys_say_why_they_do_nothing(board):
    page = board()
    takes_up_olga(page)
    page.keyboard.press("a")
    page.get_by_role("status").filter(has_text="does nothing while Olga Reyes is being moved").wait_for()
    for key in ("n", "n", "Shift+N"):
        page.keyboard.press(key)
        page.get_by_role("status").filter(has_text=": fits").wait_for()
    assert (
        page.locator(".ghost").inner_text().replace("\u202f", " ").endswith("AM Olga Reyes")
    )  # at which time it would be
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")  # nobody comes to Grace
    page.keyboard.press("a")
    page.get_by_role("status").filter(has_text="Nobody is here").wait_for()


def test_three_presses_lead_into_the_board(board):
    page = board()
    for key in ("Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    page.wait_for_function("document.activeElement.matches('.board .v, .board td')")
    page.keyboard.press("m")
    page.locator(".board.moving").wait_for()


def test_tom_is_cancelled_by_a_key_and_a_reason_and_stands_again_with_undo(board):
    page = board()
    page.locator(".v", has_text="Tom").focus()
    page.keyboard.press("x")
    page.get_by_label("Why").select_option("transport")
    assert not faults_by_day_and_by_night(page)
    page.get_by_role("button", name="Cancel the appointment").click()
    page.get_by_role("status").filter(has_text="Tom Silva is cancelled").wait_for()
    page.keyboard.press("u")
    page.get_by_role("status").filter(has_text="Undone").wait_for()
    assert Appointment.objects.get(patient__name="Tom Silva").status == "booked"


def test_what_is_moved_while_a_reason_is_chosen_is_not_cancelled_unseen(board):
    page = board()
    page.locator(".v", has_text="Tom").focus()
    page.keyboard.press("x")
    tom = Appointment.objects.get(patient__name="Tom Silva")
    later = read_slot(slot_id(tom.practitioner, tom.period.lower + timedelta(hours=2), visit="followup"))
    appointments.move(tom.public_id, Move.RESCHEDULE, by=SYSTEM, at=clock.now(), slot=later, override_reason="Asks so")
    page.locator(".v", has_text="3:00").wait_for()  # the board below goes on
    page.get_by_label("Why").select_option("transport")
    page.get_by_role("button", name="Cancel the appointment").click()
    page.get_by_role("alert").filter(has_text="changed this meanwhile").wait_for()
    assert Appointment.objects.get(patient__name="Tom Silva").status == "booked"


def test_two_at_two_browsers_see_each_other_within_three_seconds(board):
    dana, nora = board(), board()
    nora.locator(".v", has_text="Olga").focus()
    dana.locator(".v", has_text="Olga").focus()
    dana.keyboard.press("m")
    dana.locator(".board.moving").wait_for()
    dana.keyboard.press("ArrowDown")
    dana.keyboard.press("Enter")
    dana.get_by_role("status").filter(has_text="is at 10:15").wait_for()
    began = clocks.monotonic()
    nora.locator(".v", has_text="10:15–11:15").wait_for()
    assert clocks.monotonic() - began <= AT_MOST
    assert nora.evaluate("document.activeElement.textContent").startswith("Olga Reyes")  # who looked at her still does


def test_a_visit_is_dragged_with_a_mouse_onto_what_fits(board):
    page = board()
    olga = page.locator(".v", has_text="Olga").bounding_box()
    grace = page.locator("thead th", has_text="Grace").bounding_box()
    low = olga["y"] + olga["height"] - 20  # held far below its top, it keeps its place under the pointer
    page.mouse.move(olga["x"] + 30, low)
    page.mouse.down()
    page.mouse.move(olga["x"] + 30, low + 30)
    page.locator(".board.moving").wait_for()
    page.mouse.move(grace["x"] + 40, low, steps=4)
    page.get_by_role("status").filter(has_text="10:00 AM, Grace Okoro, L.Ac.: fits").wait_for()
    assert "10:00" in page.locator(".ghost").inner_text()
    page.mouse.up()
    page.get_by_role("alert").filter(has_text="Grace Okoro now").wait_for()
    assert where("Olga Reyes") == "10:00 Grace Okoro"
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("status").filter(has_text="Undone: Olga Reyes").wait_for()
    assert where("Olga Reyes") == "10:00 Boris Ivanov"


def test_what_is_put_back_where_it_came_from_or_let_go_off_the_board_stays(board):
    page = board()
    olga = page.locator(".v", has_text="Olga").bounding_box()
    x, y = olga["x"] + 30, olga["y"] + 20
    for way_back in ((x, y + 1), (x, 2)):
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x, y + 60, steps=3)
        page.locator(".ghost").wait_for()
        page.mouse.move(*way_back, steps=3)
        page.get_by_role("status").filter(has_text="it stays where it is").wait_for()
        page.mouse.up()
        page.get_by_role("status").filter(has_text="Left where it was").wait_for()
    assert where("Olga Reyes") == "10:00 Boris Ivanov"


@pytest.fixture
def full_day(clinic, day):
    """Twelve practitioners, each with four who come."""
    make_places(clinic, TWELVE)
    there = 3 if day.isoweekday() in WEEKDAYS else 2  # Ines works from Monday to Friday
    for number in range(TWELVE - there):
        make_practitioner(clinic, name=f"Colleague {number:02}", hours=[(one, "07:00", "20:45") for one in EVERY_DAY])
    lay_out(at=clock.now(), weeks=3)
    for who in Practitioner.objects.filter(name__startswith="Colleague"):
        for hour in (9, 11, 14, 16):
            book(clinic, f"{who.name} at {hour}", day, time(hour), who=who.name)


@pytest.fixture
def at_night(full_day, day, clinic):
    """Somebody comes at half past one at night: the day is twenty hours long."""
    visit = Appointment.objects.filter(patient__name__startswith="Colleague").first()
    start = datetime.combine(day, time(1, 30), clinic.tz)
    Appointment.objects.filter(pk=visit.pk).update(period=(start, start + timedelta(minutes=60)))


@pytest.mark.parametrize(("whole_day", "paper"), [("full_day", "A4"), ("full_day", "Letter"), ("at_night", "Letter")])
def test_the_board_of_twelve_is_printed_on_one_landscape_page(request, board, whole_day, paper):
    request.getfixturevalue(whole_day)
    page = board()
    assert page.locator(".board thead th").count() == TWELVE + 1
    printed = page.pdf(format=paper, landscape=True)
    assert len(re.findall(rb"/Type /Page\b(?!s)", printed)) == 1
    page.evaluate("() => document.querySelector('.board').style.setProperty('--t', '3mm')")  # the twin: too much
    assert len(re.findall(rb"/Type /Page\b(?!s)", page.pdf(format=paper, landscape=True))) > 1


@pytest.mark.parametrize("view", ["", "&by=places", "week", "month"])
def test_nothing_is_wrong_with_the_board_its_weeks_and_months_on_any_screen(board, day, view):
    page = board()
    for width, height in (DESK, SMALL_PHONE):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"/desk/{view}/?day={day}" if view.isalpha() else f"/desk/?day={day}{view}")
        assert not faults_by_day_and_by_night(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
