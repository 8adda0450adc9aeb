"""Holding, booking, moving and calling off over the API."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine

from booking.actions.patients import patients
from booking.models import Appointment
from core.models import IdempotencyKey
from scheduler.actions import calendars
from scheduler.actions.catalogue_edits import change
from tests.factories import scheduler
from tests.factories.booking import SYSTEM, chicago, make_visit, slot_id
from tests.factories.scheduler import AT

pytestmark = pytest.mark.usefixtures("dr_li")  # all ask for her: she is made once for the module

API = "/api/v1/"


def post(client, path, body=None, *, key=None, **headers):
    named = {"Idempotency-Key": key or str(uuid4())} | {n.replace("_", "-"): v for n, v in headers.items()}
    return client.post(API + path, body or {}, format="json", headers=named)


@pytest.fixture
def tuesday(dr_li):
    return slot_id(dr_li, chicago(13, 10))


@pytest.fixture
def wednesday(dr_li):
    return slot_id(dr_li, chicago(14, 10))


@pytest.fixture
def visit(alice, tuesday):
    return make_visit(alice.record, tuesday)


def test_alice_finds_a_time_keeps_it_and_books_it(as_alice, alice, dr_li):
    found = as_alice.get(API + "slots/first/?therapy=acu_manual&visit=first").json()["slot"]
    hold = post(as_alice, "holds/", {"slot": found["id"]})
    assert hold.status_code == 201
    booked = post(as_alice, "appointments/", {"hold": hold.json()["id"]})
    assert booked.status_code == 201
    visit = booked.json()
    assert (visit["start"], visit["practitioner"]["name"], visit["status"]) == (found["start"], "Dr Li", "booked")
    assert visit["patient"]["id"] == str(alice.record.public_id)
    assert booked.headers["Location"].endswith(f"/api/v1/appointments/{visit['id']}/")
    assert as_alice.get(booked.headers["Location"]).headers["ETag"] == booked.headers["ETag"]


def test_times_are_the_clinics_with_their_offset(as_alice, visit):
    shown = as_alice.get(f"{API}appointments/{visit.public_id}/").json()
    assert shown["start"] == "2026-10-13T10:00:00-05:00"


def test_dana_books_a_free_time_for_alice_without_keeping_it_first(as_dana, alice, tuesday):
    booked = post(
        as_dana, "appointments/", {"slot": tuesday, "patient": str(alice.record.public_id), "note": "Needs a ramp"}
    )
    assert booked.status_code == 201
    assert booked.json()["note"] == "Needs a ramp"


def test_dana_must_say_whom_a_visit_is_for(as_dana, tuesday):
    refused = post(as_dana, "appointments/", {"slot": tuesday})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == "/patient"


def test_dana_may_not_book_at_another_site(as_dana, alice, riverside, dr_li):
    roe = scheduler.make_practitioner(riverside, name="Dr Roe")
    scheduler.lay_out()
    elsewhere = slot_id(roe, chicago(13, 10), site="riverside")
    for what in ("appointments/", "holds/"):
        refused = post(as_dana, what, {"slot": elsewhere, "patient": str(alice.record.public_id)})
        assert (refused.status_code, refused.json()["site"]) == (403, "riverside")


def test_dr_li_books_into_her_own_calendar_only(sign_in, alice, dr_li, lakeside, tuesday):
    other = scheduler.make_practitioner(lakeside, name="Dr Roe")
    scheduler.lay_out()
    make_visit(alice.record, slot_id(dr_li, chicago(20, 10)))
    client, named = sign_in(dr_li), {"patient": str(alice.record.public_id)}
    assert post(client, "appointments/", {"slot": slot_id(other, chicago(13, 12)), **named}).status_code == 403
    assert post(client, "appointments/", {"slot": tuesday, **named}).status_code == 201


@pytest.mark.parametrize("body", [{}, {"slot": "x", "hold": str(uuid4())}])
def test_a_booking_names_either_a_hold_or_a_slot(as_alice, dr_li, body):
    assert post(as_alice, "appointments/", body).status_code == 400


def test_a_time_that_is_taken_is_409_with_three_others(as_alice, as_mallory, tuesday):
    assert post(as_alice, "appointments/", {"slot": tuesday}).status_code == 201
    refused = post(as_mallory, "appointments/", {"slot": tuesday})
    assert refused.status_code == 409
    assert refused.json()["code"] == "slot-taken"
    others = refused.json()["alternatives"]
    assert len(others) == 3
    assert post(as_mallory, "appointments/", {"slot": others[0]["id"]}).status_code == 201


@pytest.mark.parametrize("path", ["holds/", "appointments/"])
def test_a_time_with_somebody_who_has_left_is_gone_and_one_that_never_was_does_not_exist(
    as_alice, dr_li, lakeside, path
):
    left = scheduler.make_practitioner(lakeside, name="Dr Wu")
    scheduler.lay_out()
    change(left, active=False, by=SYSTEM, at=AT)
    gone = post(as_alice, path, {"slot": slot_id(left, chicago(13, 10))})
    assert (gone.status_code, gone.json()["code"], len(gone.json()["alternatives"])) == (409, "slot-taken", 3)
    for never in ("nonsense", slot_id(left, chicago(13, 10), therapy="none"), slot_id(left, chicago(13, 10), site="x")):
        unknown = post(as_alice, path, {"slot": never})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-slot")


@pytest.mark.parametrize("path", ["holds/", "appointments/"])
def test_a_key_is_required_to_hold_and_to_book(as_alice, tuesday, path):
    refused = as_alice.post(API + path, {"slot": tuesday}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency-key-missing")


def test_the_same_booking_sent_twice_is_one_visit_with_one_answer(as_alice, tuesday):
    first, second = (post(as_alice, "appointments/", {"slot": tuesday}, key="k") for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert first.headers["ETag"] == second.headers["ETag"]
    assert second.headers["Idempotency-Replayed"] == "true"
    assert Appointment.objects.count() == 1


def test_a_refusal_with_a_key_is_given_again_even_when_the_time_is_free_now(as_alice, as_mallory, tuesday):
    visit = post(as_alice, "appointments/", {"slot": tuesday}).json()
    first = post(as_mallory, "appointments/", {"slot": tuesday}, key="k")
    post(as_alice, f"appointments/{visit['id']}/cancel/", {"reason": "illness"})
    assert post(as_mallory, "appointments/", {"slot": tuesday}, key="k").content == first.content
    assert post(as_mallory, "appointments/", {"slot": tuesday}, key="k2").status_code == 201


def test_wrong_input_is_not_kept_under_the_key(as_alice, tuesday):
    assert post(as_alice, "appointments/", {"slot": tuesday, "nonsense": 1}, key="k").status_code == 400
    assert not IdempotencyKey.objects.exists()


def test_ben_cannot_use_a_hold_of_alices(as_alice, sign_in, ben, tuesday):
    hold = post(as_alice, "holds/", {"slot": tuesday}).json()["id"]
    refused = post(sign_in(ben), "appointments/", {"hold": hold})
    missing = post(sign_in(ben), "appointments/", {"hold": str(uuid4())})
    assert refused.status_code == missing.status_code == 400
    assert refused.content == missing.content


def test_a_hold_is_looked_at_extended_and_given_back(as_alice, tuesday):
    hold = post(as_alice, "holds/", {"slot": tuesday}).json()
    path = f"holds/{hold['id']}/"
    with time_machine.travel(AT + timedelta(minutes=10), tick=False):
        longer = post(as_alice, path + "extend/").json()
        assert longer["expires_at"] > hold["expires_at"]
    assert as_alice.get(API + path).json()["state"] == "open"
    assert [as_alice.delete(API + path).status_code for _ in range(2)] == [204, 204]
    assert as_alice.get(API + path).json()["state"] == "released"
    assert post(as_alice, path + "extend/").json()["code"] == "hold-expired"


def test_alice_moves_her_visit_and_calls_it_off_and_takes_that_back(as_alice, visit, wednesday):
    path = f"appointments/{visit.public_id}/"
    moved = post(as_alice, path + "reschedule/", {"slot": wednesday}).json()
    assert (moved["start"], moved["version"]) == ("2026-10-14T10:00:00-05:00", 1)
    cancelled = post(as_alice, path + "cancel/", {"reason": "transport"}).json()
    assert (cancelled["status"], cancelled["version"]) == ("cancelled", 2)
    assert post(as_alice, path + "undo/").json()["status"] == "booked"
    history = as_alice.get(API + path + "changes/").json()["results"]
    assert [change["move"] for change in history] == ["book", "reschedule", "cancel", "undo"]


def test_a_cancel_is_said_to_be_undone_until_then_where_its_time_is_open_alone(as_alice, visit):
    path, days = f"appointments/{visit.public_id}/", {"first_on": date(2026, 10, 13), "last_on": date(2026, 10, 13)}
    assert post(as_alice, path + "cancel/", {"reason": "transport"}).json()["undo_until"]
    calendars.add_closure(visit.site, therapy=visit.therapy, **days, name="Water pipe", by=SYSTEM, at=AT)
    assert as_alice.get(API + path).json()["undo_until"] is None
    assert post(as_alice, path + "undo/").json()["code"] == "closed-then"


def test_what_the_clinic_called_off_is_not_said_to_be_hers_to_undo(as_alice, as_dana, visit):
    path = f"appointments/{visit.public_id}/"
    assert post(as_dana, path + "cancel/", {"reason": "practitioner"}).json()["undo_until"]
    assert as_alice.get(API + path).json()["undo_until"] is None
    assert post(as_alice, path + "undo/").json()["code"] == "cancelled-by-the-clinic"


def test_alice_keeps_a_time_for_a_move_and_moves_there(as_alice, visit, wednesday):
    hold = post(as_alice, "holds/", {"slot": wednesday, "moving": str(visit.public_id)}).json()
    moved = post(as_alice, f"appointments/{visit.public_id}/reschedule/", {"hold": hold["id"]})
    assert moved.json()["start"] == hold["start"]


def test_a_reason_of_the_clinics_is_not_alices_to_give(as_alice, visit):
    refused = post(as_alice, f"appointments/{visit.public_id}/cancel/", {"reason": "practitioner"})
    assert refused.json()["errors"] == [{"pointer": "/reason", "detail": "Choose a reason.", "code": "invalid"}]


def test_nobody_changes_a_visit_that_is_no_longer_as_they_saw_it(as_alice, visit, wednesday):
    path = f"appointments/{visit.public_id}/"
    seen = as_alice.get(API + path).headers["ETag"]
    assert post(as_alice, path + "reschedule/", {"slot": wednesday}, If_Match=seen).status_code == 200
    stale = post(as_alice, path + "cancel/", {"reason": "patient"}, If_Match=seen)
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition-failed")
    fresh = as_alice.get(API + path).headers["ETag"]
    assert stale.json()["etag"] == fresh
    assert post(as_alice, path + "cancel/", {"reason": "patient"}, If_Match=fresh).status_code == 200


def test_a_move_sent_again_with_its_key_is_answered_again_though_the_visit_has_changed(as_alice, visit, wednesday):
    path = f"appointments/{visit.public_id}/"
    seen = as_alice.get(API + path).headers["ETag"]
    answers = [post(as_alice, path + "reschedule/", {"slot": wednesday}, key="k", If_Match=seen) for _ in range(2)]
    assert [a.status_code for a in answers] == [200, 200]
    assert answers[0].content == answers[1].content


def test_whoever_has_a_visit_with_a_name_that_was_corrected_since_is_sent_it_anew(as_alice, alice, visit):
    path = f"{API}appointments/{visit.public_id}/"
    seen = as_alice.get(path).headers["ETag"]
    patients.change(alice.record, by=SYSTEM, at=AT, name="Alice Moss")
    again = as_alice.get(path, headers={"If-None-Match": seen})
    assert (again.status_code, again.json()["patient"]["name"]) == (200, "Alice Moss")


def test_whoever_has_the_visit_already_gets_no_body(as_alice, visit):
    path = f"{API}appointments/{visit.public_id}/"
    seen = as_alice.get(path).headers["ETag"]
    again = as_alice.get(path, headers={"If-None-Match": seen})
    assert (again.status_code, again.content) == (304, b"")


def test_the_desk_follows_alices_visit_through_the_day(as_dana, visit):
    path = f"appointments/{visit.public_id}/"
    with time_machine.travel(chicago(13, 10), tick=False):
        moves = ("arrive/", "check-in/", "start/", "fulfil/")
        answers = [post(as_dana, path + move).json() for move in moves]
    assert [one["status"] for one in answers] == ["arrived", "checked-in", "checked-in", "fulfilled"]
    began = answers[2]["updated_at"]
    assert [one["started_at"] for one in answers] == [None, None, began, began]


def test_a_move_that_the_life_cycle_lacks_is_409(as_dana, visit):
    refused = post(as_dana, f"appointments/{visit.public_id}/fulfil/")
    assert (refused.status_code, refused.json()["code"]) == (409, "move-not-allowed")
    assert refused.json()["stands"] == Appointment.objects.get().status
    assert refused.json()["move"] == "fulfil"


def test_alice_is_not_told_to_undo_what_only_staff_note(as_alice, visit):
    Appointment.objects.update(status="noshow")
    refused = post(as_alice, f"appointments/{visit.public_id}/cancel/", {"reason": "patient"}).json()
    assert (refused["code"], refused["detail"]) == ("move-not-allowed", "Call us about it: we see what is possible.")


def test_lists_are_narrowed_and_ordered_by_time(as_dana, alice, mallory, dr_li):
    late = make_visit(mallory.record, slot_id(dr_li, chicago(15, 10)))
    soon = make_visit(alice.record, slot_id(dr_li, chicago(13, 10)))

    def listed(query):
        answer = as_dana.get(f"{API}appointments/?{query}")
        assert answer.status_code == 200, answer.content
        return [row["id"] for row in answer.json()["results"]]

    both = [str(soon.public_id), str(late.public_id)]
    assert listed("") == both
    assert listed("from=2026-10-14T00:00:00Z") == both[1:]
    assert listed("to=2026-10-14T00:00:00Z") == both[:1]
    assert listed(f"patient={alice.record.public_id}") == both[:1]
    assert listed("status=booked,arrived") == both
    assert listed("status=cancelled") == []
    assert listed("site=riverside") == []
    assert listed(f"practitioner={dr_li.public_id}&page_size=1&page=2") == both[1:]
    assert listed(f"allocation={soon.allocation}") == both[:1]


@pytest.mark.parametrize(
    "query", ["from=2026-10-14", "status=lost", "patient=7", "patient=a,b", "sort=name", "allocation=x"]
)
def test_a_filter_that_cannot_be_understood_is_refused(as_dana, query):
    refused = as_dana.get(f"{API}appointments/?{query}")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["parameter"] == query.split("=")[0]
