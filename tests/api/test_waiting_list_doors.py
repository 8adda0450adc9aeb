"""The waiting list over the API: Alice waits, is offered a time, accepts; staff do it for her; nobody else sees it."""

import pytest

from booking.actions.waiting import offers
from booking.models import Appointment, WaitingListEntry
from booking.waiting.policies import offer_rules
from tests.factories.booking import chicago, read_slot, slot_id
from tests.factories.scheduler import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_callers")]
API = "/api/v1/waiting-list/"
WANTED = {"site": "lakeside", "therapy": "acu_manual", "visit": "followup", "weekdays": [2], "part_of_day": "morning"}


def test_alice_waits_is_offered_a_time_accepts_it_once_and_dana_sees_it(world, clients):
    alice, dana, rita = (clients[name] for name in ("patient", "scheduler", "scheduler of another site"))
    made = alice.post(API, WANTED, format="json")
    assert made.status_code == 201, made.content
    where = made.headers["Location"]
    assert alice.post(API, WANTED, format="json").json()["code"] == "on-the-list-already"
    assert made.json()["offer"] is None
    entry = WaitingListEntry.objects.get(public_id=made.json()["id"])
    start = chicago(13, 9)
    slot = read_slot(slot_id(world.li, start, visit="followup"))
    assert offers.offer(slot, [entry.pk], offer_rules(entry.site_id, at=AT), at=AT).entries == [entry.pk]
    shown = alice.get(where).json()
    assert shown["offer"]["start"] == "2026-10-13T09:00:00-05:00"
    assert rita.get(where).status_code == 404
    assert dana.get(where).json()["patient"]["name"] == "Alice Adams"
    sent = {"offer": shown["offer"]["id"]}
    done = alice.post(f"{where}accept/", sent, format="json")
    assert (done.status_code, done.json()["status"]) == (200, "completed"), done.content
    assert alice.post(f"{where}accept/", sent, format="json").json() == done.json()
    visit = Appointment.objects.get(public_id=done.json()["appointment"])
    assert (visit.period.lower, visit.booked_by) == (start, world.people["patient"])


def test_dana_puts_somebody_on_declines_for_them_and_takes_them_off(world, clients):
    dana = clients["scheduler"]
    sent = WANTED | {"patient": str(world.ben.public_id), "soon": True}
    made = dana.post(API, sent, format="json").json()
    entry = WaitingListEntry.objects.get(public_id=made["id"])
    slot = read_slot(slot_id(world.li, chicago(13, 9), visit="followup"))
    offers.offer(slot, [entry.pk], offer_rules(entry.site_id, at=AT), at=AT)
    where = f"{API}{made['id']}/"
    seen = dana.get(where)
    declined = dana.post(f"{where}decline/", {"offer": seen.json()["offer"]["id"]}, format="json")
    assert (declined.json()["offer"], declined.json()["offers_made"]) == (None, 1)
    stale = dana.delete(where, headers={"If-Match": seen.headers["ETag"]})
    assert stale.status_code == 412
    assert dana.delete(where).status_code == 204
    assert dana.get(where).json()["status"] == "ended"
    assert dana.delete(where).status_code == 204


def test_what_somebody_waits_for_is_not_for_whoever_may_not_know_what_appointments_are_for(world, clients):
    for name in ("admin", "client"):
        shown = clients[name].get(API).json()["results"]
        assert shown
        assert not any({"therapy", "technique"} & set(one) for one in shown)
    assert all("therapy" in one for one in clients["scheduler"].get(API).json()["results"])


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"site": "nowhere"}, "invalid"),
        ({"therapy": "nothing"}, "not-offered"),
        ({"practitioner": "00000000-0000-4000-8000-000000000000"}, "invalid"),
        ({"earliest_on": "2026-10-20", "latest_on": "2026-10-10"}, "invalid"),
        ({"soon": True}, "invalid"),
        ({"weekdays": [8]}, "invalid"),
        ({"needs": "wings"}, "invalid"),
        ({"instead_of": "00000000-0000-4000-8000-000000000000"}, "invalid"),
    ],
)
def test_what_nobody_could_be_offered_is_refused_with_where_it_is_wrong(clients, wrong, code):
    refused = clients["patient"].post(API, WANTED | wrong, format="json")
    assert refused.json()["code"] == code, refused.content
