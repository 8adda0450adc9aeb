"""Whatever is refused at a patient's door, behind a mail's link or at the desk, the page says it with one next step."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from booking.actions import holds
from booking.actions.waiting import list_entries
from booking.web.desk import waiting_list
from core.refusals import Refusal
from core.roles import Role
from scheduler.public import SlotTaken
from tests.booking.pages.drafting import staff
from tests.booking.pages.walk import TIMES, slots_on
from tests.journeys.test_pages_that_say_no import says_no_well
from tests.journeys.test_waiting_list_in_the_browser import waits

pytestmark = pytest.mark.journey
LOOKED_AT = {409, 410, 429}


def kinds(of: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    """Yield every kind of refusal of the service."""
    for kind in of.__subclasses__():
        yield from kinds(kind)
        if not kind.__module__.startswith("tests"):
            yield kind


def refusals() -> list[Refusal]:
    """Return one of each kind that a page answers with these codes, as far as it is made without facts."""
    found = []
    for kind in sorted(set(kinds()), key=lambda one: one.__qualname__):
        if kind.status in LOOKED_AT and not issubclass(kind, SlotTaken):  # these show times to choose
            try:
                found.append(kind())
            except (TypeError, KeyError):
                continue
    return found


def raising(refusal: Refusal):
    def refused(*_args, **_named):
        raise refusal

    return refused


@pytest.fixture
def doors(clinic, monkeypatch):
    """Return how each door is opened, once something is refused there."""
    alice, dana = Client(), staff("dana", Role.SCHEDULER, clinic)
    slot, token = slots_on(alice.get(TIMES))[8], list_entries.token_for(waits(clinic, "Ann One"))

    def before_booking(refusal):
        with monkeypatch.context() as patched:
            patched.setattr(holds, "choose", raising(refusal))
            return Client().post("/book/hold/", {"slot": slot})

    def behind_a_link(refusal):
        with monkeypatch.context() as patched:
            patched.setattr(list_entries, "opened_by", raising(refusal))
            return alice.get(f"/waiting/{token}/")

    def at_the_desk(refusal):
        with monkeypatch.context() as patched:
            patched.setattr(waiting_list, "entries_seen", raising(refusal))
            return dana.get(reverse("desk-waiting-list"))

    return before_booking, behind_a_link, at_the_desk


def test_each_refusal_has_its_page_with_one_next_step_at_each_door(doors):
    wrong, looked = {}, 0
    for refusal in refusals():
        for door in doors:
            answer = door(refusal)
            try:
                says_no_well(answer, refusal.status, at_the_desk=door.__name__ == "at_the_desk")
                if refusal.status == 429 and "retry_after" in refusal.facts:
                    assert answer.headers["Retry-After"] == str(refusal.facts["retry_after"])
                assert str(refusal.title) in answer.content.decode().replace("&#x27;", "'")
            except AssertionError as why:
                wrong[refusal.code, door.__name__] = str(why)
            looked += 1
    assert wrong == {}
    assert looked > 100
    assert {one.status for one in refusals()} == LOOKED_AT
