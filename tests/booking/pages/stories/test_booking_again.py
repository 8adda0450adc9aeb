"""Alice books again from the page of her appointment: nothing has changed, says one tap, and nothing is typed twice."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from booking.cancel_reasons import CancelReason
from booking.families.codes import LinkPurpose, token_of
from booking.models import Appointment, Patient, SuitabilityResponse
from booking.suitability.answers import SuitabilityAnswers
from booking.suitability.policies import rules_in_force
from booking.suitability.records import save_answers
from booking.web.suitability.suitability_draft import DraftAnswers
from booking.web.suitability.suitability_flow import BookingQuestions
from core import clock as core_clock
from core.models import Site
from tests.booking.pages.questioning import (
    FEVER,
    OUTCOME,
    PACEMAKER,
    SWELLING,
    THINNER,
    answer,
    answer_all,
    asked_on,
    questions,
)
from tests.booking.pages.walk import ALICE, TIMES, book, hidden_on, slots_on, text_of
from tests.factories.booking import SYSTEM, make_enrolled
from tests.factories.families import confirmed

pytestmark = pytest.mark.usefixtures("asking_once")

BORN = {"birth_date": ALICE["birth_date"]}
HELP = "transfer_help_or_cannot_lie_flat"
A_DAY = 24 * 60 * 60


@pytest.fixture
def link(alice):
    """The page of Alice's appointment, booked by a guest who said no to everything."""
    return book(alice, slot=slots_on(alice.get(answer_all(alice)))[0])


@pytest.fixture
def own_link(link):
    """The same of a record that staff know as hers: whoever opens it and types her birth date books on that."""
    Patient.objects.update(guest=False)
    return link


@pytest.fixture(params=["link", "own_link"])
def either(request):
    """A guest's link, and the link of a record that staff know."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def later(link):
    """Alice at another computer, who has typed her birth date behind her link."""
    browser = Client()
    assert f'href="{link}again/"' in browser.get(link).content.decode()
    assert browser.get(f"{link}again/").status_code == 200
    assert browser.post(f"{link}again/", BORN)["Location"] == "/book/"
    return browser


def test_whoever_cancelled_comes_straight_back_to_the_times_of_the_same(alice, link):
    alice.post(f"{link}cancel/", {"reason": ""})
    cancelled = alice.get(link)
    assert f'href="{link}again/">Book another time' in cancelled.content.decode()
    assert "Book another appointment" not in text_of(cancelled), "it is said once"
    browser = Client()
    same = browser.post(f"{link}again/", BORN)["Location"]
    assert same.startswith(f"{TIMES}&practitioner=")
    assert browser.post(browser.get(same)["Location"], {"says": "same"})["Location"] == same


def pressed_again(page):
    return {"again": unescape(re.search(r'name="again" value="([^"]+)"', page.text)[1])}


def test_from_her_appointments_three_presses_book_the_same_with_whom_she_knows(own_link):
    browser = Client(enforce_csrf_checks=True)
    own = browser.post(f"{own_link}mine/", BORN, follow=True)
    assert "You answered our questions on" in text_of(own)
    times = browser.post(f"{own_link}mine/", {"says": "same", **pressed_again(own)})["Location"]
    assert "practitioner=" in times, "with whom she was first"
    coming = Appointment.objects.get()
    assert f"start={coming.period.lower.astimezone(coming.site.tz).date() + timedelta(days=1)}" in times
    browser.handler.enforce_csrf_checks = False  # pages that show their address have a token
    assert browser.post("/book/hold/", {"slot": slots_on(browser.get(times))[-1]})["Location"] == "/book/check/"
    done = browser.post("/book/done/", hidden_on(browser.get("/book/check/")))
    assert done.status_code in {200, 302}, text_of(done)
    assert {one.suitability for one in Appointment.objects.all()} == {"pass"}


def test_who_has_something_to_answer_anew_is_led_to_the_questions_from_there(own_link):
    browser = Client()
    own = browser.post(f"{own_link}mine/", BORN, follow=True)
    assert "page=1" in browser.post(f"{own_link}mine/", {"says": "anew", **pressed_again(own)})["Location"]


def test_what_was_declined_after_a_check_is_not_led_to_once_more(alice, link):
    alice.post(f"{link}cancel/", {"reason": ""})
    Appointment.objects.update(cancel_reason=CancelReason.DECLINED)
    assert Client().post(f"{link}again/", BORN)["Location"] == "/book/"


def on_record(**answers):
    """Let it be on record that Alice has said so meanwhile, such as at the door."""
    visit, at = Appointment.objects.get(), core_clock.now()
    rules, version = rules_in_force(visit.site_id, at=at)
    said = SuitabilityAnswers(answers=answers)
    save_answers(visit.patient, said, rules=rules, policy_version=version, by=SYSTEM, at=at)


def nothing_changed(link):
    """Return the browser of whoever types Alice's birth date behind her link, and says that nothing has changed."""
    browser = Client()
    browser.post(f"{link}again/", BORN)
    browser.post(browser.get(TIMES)["Location"], {"says": "same"})
    return browser


def test_alice_says_in_one_tap_that_nothing_has_changed_and_types_nothing_again(later):
    unchanged = later.get(TIMES)["Location"]
    assert "Nothing has changed since" in text_of(later.get(unchanged))
    assert later.post(unchanged, {"says": "same"})["Location"] == TIMES
    slot = slots_on(later.get(TIMES))[-1]
    assert later.post("/book/hold/", {"slot": slot})["Location"] == "/book/check/"
    shown = later.get("/book/check/").content.decode()
    sent = {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown)}
    assert later.post("/book/done/", sent).status_code in {200, 302}
    first, second = Appointment.objects.order_by("pk")
    assert (first.suitability, second.suitability) == ("pass", "pass")
    assert first.patient.name == second.patient.name


def test_who_has_the_link_and_knows_the_birth_date_does_not_read_what_alice_answered(alice):
    link = book(alice, slot=slots_on(alice.get(answer_all(alice, **{PACEMAKER: "yes"})))[0])
    ben = Client()
    ben.post(f"{link}again/", BORN)
    unchanged = ben.get(TIMES)["Location"]
    shown = text_of(ben.get(unchanged))
    assert "Nothing has changed since" in shown
    assert "pacemaker" not in shown.lower()
    ben.post(unchanged, {"says": "same"})
    pages = [ben.get(f"{questions()}&page={number}").text for number in range(1, 6)]
    assert PACEMAKER in "".join(pages)
    assert not any(re.search(r"<input[^>]* checked", page) for page in pages)


@pytest.fixture
def came_back(alice):
    """Whoever presses the button in a mail to a member of a family, who has answered before."""
    at = core_clock.now()
    link = confirmed(make_enrolled(Site.objects.get(), "Nora North").record, at=at)
    rules, version = rules_in_force(link.site_id, at=at)
    said = SuitabilityAnswers(answers=dict.fromkeys((PACEMAKER, SWELLING), "yes"))
    save_answers(link.relative, said, rules=rules, policy_version=version, by=SYSTEM, at=at)
    browser = Client()
    browser.post(f"/family/{token_of(link.public_id, LinkPurpose.WAY_BACK)}/")
    return browser


def told(browser):
    """Return what is read of what was answered before: asked whether it has changed, and once that is said."""
    unchanged = browser.get(TIMES)["Location"]
    asked = text_of(browser.get(unchanged))
    assert "Nothing has changed since" in asked
    browser.post(unchanged, {"says": "same"})
    pages = [browser.get(f"{questions()}&page={number}").text for number in range(1, 6)]
    return "pacemaker" in asked.lower(), any(re.search(r"<input[^>]* checked", page) for page in pages)


def test_nor_does_whoever_has_the_mail_of_a_member_of_a_family(came_back):
    assert told(came_back) == (False, False)


@pytest.fixture
def behind_own_link(own_link, clock):
    """Whoever opens the link of Alice's own record, and types her birth date."""
    clock.shift(60)
    on_record(**dict.fromkeys((PACEMAKER, SWELLING), "yes"))
    browser = Client()
    browser.post(f"{own_link}again/", BORN)
    assert "You are booking for Alice A…" in text_of(browser.get("/book/"))
    return browser


def test_nor_does_whoever_has_the_mail_of_a_patient_whom_we_know(behind_own_link):
    assert told(behind_own_link) == (False, False)


def test_twin_where_her_record_is_shown_all_of_it_is_told(behind_own_link, monkeypatch):
    monkeypatch.setattr(BookingQuestions, "hides_record", False)
    assert told(behind_own_link) == (True, True)


def test_twin_where_their_record_is_shown_all_of_it_is_told(came_back, monkeypatch):
    monkeypatch.setattr(BookingQuestions, "hides_record", False)
    assert told(came_back) == (True, True)


@pytest.mark.parametrize(
    ("said", "page", "never"),
    [
        (SWELLING, f"{questions()}&page=4&where=1", "lymphedema"),
        (HELP, TIMES, "height-adjustable"),
        (FEVER, OUTCOME, "fever"),
    ],
)
def test_nor_by_what_follows_from_it(either, clock, said, page, never):
    clock.shift(60)
    on_record(**{said: "yes"})
    shown = nothing_changed(either).get(page, follow=True)
    assert shown.status_code == 200
    assert never not in text_of(shown)


def test_twin_if_pages_showed_what_is_on_record_as_well_the_questions_would_tell_it(either, clock, monkeypatch):
    clock.shift(60)
    on_record(**{SWELLING: "yes"})
    monkeypatch.setattr(BookingQuestions, "answers_shown", property(lambda asked: asked.answers))
    assert "lymphedema" in text_of(nothing_changed(either).get(f"{questions()}&page=4&where=1"))


def test_whoever_needs_something_of_the_place_reads_that_it_is_thought_of(either, clock):
    clock.shift(60)
    on_record(**{HELP: "yes"})
    shown = text_of(nothing_changed(either).get(TIMES))
    assert "For this we have no place with what you need yet. Please call" in shown


def test_what_alice_says_again_counts_for_no_longer(link, clock):
    (given,) = SuitabilityResponse.objects.values_list("answered_at", flat=True)
    clock.shift(A_DAY)
    book(nothing_changed(link), slot=slots_on(nothing_changed(link).get(TIMES))[-1])
    newest = SuitabilityResponse.objects.latest("pk")
    assert newest.answered_at.date() == given.date()


def test_nor_where_something_else_is_asked_anew(link, clock):
    (given,) = SuitabilityResponse.objects.values_list("answered_at", flat=True)
    clock.shift(7 * A_DAY)  # whether they have a fever is asked again
    browser = nothing_changed(link)
    address = browser.get(TIMES)["Location"]
    assert FEVER in asked_on(browser.get(address))
    while "/questions/" in address:
        address = answer(browser, address)
    book(browser, slot=slots_on(browser.get(TIMES))[-1])
    older, anew = SuitabilityResponse.objects.order_by("pk")[1:]
    assert (older.answered_at.date(), anew.answered_at.date()) == (given.date(), core_clock.now().date())


def test_alice_for_whom_something_has_changed_is_asked_page_for_page(later):
    address = later.post(later.get(TIMES)["Location"], {"says": "anew"})["Location"]
    assert address == f"{questions()}&page=1"
    while "/questions/" in address:
        address = (
            answer(later, address, **{THINNER: "yes"}) if THINNER in later.get(address).text else answer(later, address)
        )
    assert "one of our clinicians looks at your answers first" in text_of(later.get(address))


def test_who_has_the_link_and_not_the_birth_date_takes_nothing_over(link):
    mallory = Client()
    wrong = mallory.post(f"{link}again/", {"birth_date": "3/28/1961"})
    assert (wrong.status_code, "not the birth date that we have" in text_of(wrong)) == (422, True)
    assert mallory.get(TIMES)["Location"] == f"{questions()}&page=birth-date"


def test_what_is_on_record_of_alice_is_not_said_of_whoever_was_born_on_another_day(later):
    address = f"{questions()}&page=birth-date"
    later.post(address, {"birth_date": "5/1/1988", "asked": asked_on(later.get(address)), "none": "1"})
    assert later.get(TIMES)["Location"] == f"{questions()}&page=2"


TWIN = ALICE | {"name": "Theo Adams", "email": "theo@example.org"}


def asked_who(browser, who):
    """Keep a time, unless one is kept, say who comes, and return where that leads."""
    if slots := slots_on(browser.get(TIMES)):
        browser.post("/book/hold/", {"slot": slots[-1]})
    checked = browser.post("/book/you/", who)["Location"]
    return browser.get(checked, follow=True)


@pytest.mark.parametrize("changed", [TWIN, ALICE | {"name": "Theo Adams"}, ALICE | {"email": "theo@example.org"}])
def test_what_is_on_record_of_alice_is_not_taken_for_somebody_else_born_on_her_day(link, changed):
    browser = nothing_changed(link)
    page = asked_who(browser, changed)
    assert asked_on(page)
    assert "Check, then book" not in text_of(page)


def test_twin_without_the_name_her_brother_is_booked_with_her_answers(link, monkeypatch):
    monkeypatch.setattr(DraftAnswers, "differs", lambda *_args, **_facts: False)
    assert "Check, then book" in text_of(asked_who(nothing_changed(link), TWIN))


def test_answers_given_here_for_one_name_ask_whose_they_are_for_another(alice):
    answer_all(alice)
    assert "Check, then book" in text_of(asked_who(alice, ALICE))
    page = asked_who(alice, TWIN)
    assert "Are these your answers?" in text_of(page)
    assert "Check, then book" in text_of(asked_who(alice, ALICE))
    asked_who(alice, TWIN)
    alice.post(f"{page.request['PATH_INFO']}?{page.request['QUERY_STRING']}", {"says": "anew"})
    assert asked_on(asked_who(alice, TWIN))


def test_answers_of_a_child_are_never_taken_for_its_mother(alice):
    answer_all(alice)
    asked_who(alice, ALICE)
    child = ALICE | {"name": "Clara Adams", "birth_date": "5/1/1990"}
    assert asked_on(asked_who(alice, child))
    assert answer_all(alice, born=child["birth_date"]) == "/book/check/"
    page = asked_who(alice, ALICE)
    assert asked_on(page)
    assert "Are these your answers?" not in text_of(page)
