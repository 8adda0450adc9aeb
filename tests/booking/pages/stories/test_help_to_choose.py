"""Who does not know what to book answers first, and sees what they can book with its next free time."""

import html
import re

import pytest

from tests.booking.pages.questioning import BACK_PAIN, FEVER, THINNER, answer
from tests.booking.pages.walk import ALICE, slots_on, text_of
from tests.factories.policies import end_suitability

THERAPIES = "/book/help/therapies/?visit=first"


@pytest.fixture
def asking(asking_once, site):
    return site


def answered(client, **answers) -> str:
    """Answer page for page; return where that leads."""
    page = client.get("/book/help/").content.decode()
    address = client.get(html.unescape(re.search(r'href="(/book/help/questions/[^"]*first[^"]*)"', page)[1]))[
        "Location"
    ]
    address = client.post(address, {"birth_date": ALICE["birth_date"]})["Location"]
    while "/questions/" in address:
        address = answer(client, address, **answers)
    return address


def buttons_on(page) -> dict[str, str]:
    """Return what can be chosen on a page, by the address to which that leads."""
    found = re.findall(r'<a class="button second" href="([^"]+)">(.*?)</a>', page.content.decode(), flags=re.DOTALL)
    return {html.unescape(url): re.sub(r"<[^>]+>", "", words) for url, words in found}


def test_alice_is_helped_to_choose_and_goes_straight_to_the_times(alice, asking):
    assert "Help me choose" in text_of(alice.get("/book/"))
    assert answered(alice) == THERAPIES
    offered = buttons_on(alice.get(THERAPIES))
    assert [url.split("/")[2] for url in offered] == ["acu_manual", "acupressure"]
    assert all("Next free: Monday, October 5" in words for words in offered.values())
    times = alice.get(next(iter(offered)))["Location"]
    assert slots_on(alice.get(times))


def test_whoever_is_to_call_sees_the_number_here_as_well(alice, asking):
    where = answered(alice, **{BACK_PAIN: "yes"})
    assert where == "/book/help/outcome/?visit=first"
    assert 'href="tel:911"' in alice.get(where).content.decode()
    assert alice.get(THERAPIES)["Location"] == where


def test_with_a_fever_nothing_is_booked_online_and_she_is_called(alice, asking):
    address = alice.get(answered(alice, **{FEVER: "yes"})).context["goes_on"]
    while "/questions/" in address:
        address = answer(alice, address)
    page = alice.get(address)
    assert not buttons_on(page)
    assert alice.post(address, {"name": "Alice Adams", "phone": "312 555 0142"}).status_code == 302


def test_without_answers_she_is_led_to_the_questions_and_without_a_visit_to_the_beginning(alice, asking):
    assert alice.get(THERAPIES)["Location"].startswith("/book/help/questions/?visit=first")
    assert alice.get("/book/help/therapies/")["Location"] == "/book/help/"
    assert alice.get("/book/help/questions/")["Location"] == "/book/"


def test_where_nobody_asks_anything_she_sees_at_once_what_there_is(alice, site):
    assert alice.get("/book/help/questions/?visit=first")["Location"] == THERAPIES
    assert list(buttons_on(alice.get(THERAPIES))) == ["/book/acu_manual/questions/?visit=first"]
    end_suitability()
    assert alice.get(THERAPIES).status_code == 404


def test_what_a_clinician_looks_at_first_comes_last_and_says_so(alice, asking):
    answered(alice, **{THINNER: "yes"})
    offered = buttons_on(alice.get(THERAPIES))
    assert [url.split("/")[2] for url in offered] == ["acupressure", "acu_manual"]
    pressure, needles = offered.values()
    assert "Next free: Monday, October 5" in pressure
    assert "Next free: Thursday, October 8" in needles
    assert ["One of our clinicians looks at it first" in words for words in (pressure, needles)] == [False, True]
