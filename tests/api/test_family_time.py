"""Time that is kept for families as those who ask over the API are shown it: no relative hears of which program."""

import pytest

from booking.actions.families import family_links
from scheduler.audience import CANCER_PROGRAM
from tests.api.conftest import client_of
from tests.factories.blocks import make_block
from tests.factories.booking import SYSTEM, chicago, slot_id
from tests.factories.families import invited
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db

SLOTS = "/api/v1/slots/"
NOON = chicago(20, 12)
DAY = "?therapy=acu_manual&visit=first&from=2026-10-20T12:00:00-05:00&to=2026-10-20T14:00:00-05:00"


@pytest.fixture
def noon(dr_li, alice, ben):
    """Tuesdays noon to two are kept for families; Ben is of Alice's, a patient of the program."""
    make_block(dr_li, 2, "12:00", "14:00")
    link = family_links.claim(invited(alice.record), own=ben.record, by=ben.principal, at=AT)
    family_links.confirm(link, by=SYSTEM, at=AT)
    return slot_id(dr_li, NOON)


def everything_shown(client, noon):
    """Return what the searches, the time itself and a refusal with other times answer."""
    taken = client.post(f"{SLOTS[:-6]}holds/", {"slot": noon}, format="json", headers={"Idempotency-Key": "1"})
    again = client.post(f"{SLOTS[:-6]}holds/", {"slot": noon}, format="json", headers={"Idempotency-Key": "2"})
    assert (taken.status_code, again.status_code, again.json()["code"]) == (201, 409, "slot-taken")
    shown = [client.get(f"{SLOTS}{path}") for path in (DAY, f"first/{DAY}", f"{noon}/", f"days/{DAY}")]
    assert {one.status_code for one in shown} == {200}
    return [one.json() for one in (taken, again, *shown)]


def test_ben_is_told_that_it_is_for_families_and_not_of_which_program(noon, ben, dana):
    shown = everything_shown(client_of(ben.user), noon)
    assert CANCER_PROGRAM not in str(shown)
    assert {slot["only_for"] for slot in shown[2]["results"]} == {"families"}
    assert {slot["only_for"] for slot in client_of(dana.user).get(f"{SLOTS}{DAY}").json()["results"]} == {
        f"families:{CANCER_PROGRAM}"
    }


def test_twin_where_the_program_is_named_to_everybody_that_is_seen(noon, ben, monkeypatch):
    monkeypatch.setattr("scheduler.public.without_program", str)
    assert CANCER_PROGRAM in str(everything_shown(client_of(ben.user), noon))


def test_whoever_may_have_it_later_reads_from_when_on_by_the_clock_of_the_site(noon, mallory):
    [why] = client_of(mallory.user).get(f"{SLOTS}{noon}/").json()["reasons"]
    assert (why["code"], why["opens_at"]) == ("not-open-yet", "2026-10-17T12:00:00-05:00")
