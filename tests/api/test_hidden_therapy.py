"""A client that may not see what a visit is for moves it, and learns it from no answer."""

import pytest

from booking.models import Hold
from core.roles import Role
from scheduler.search.slot_ids import SlotKey
from tests.factories.booking import chicago, make_patient, make_staff, make_visit, slot_id
from tests.factories.scheduler import lay_out, make_practitioner, offer

HOLDS, MOVE = "/api/v1/holds/", "/api/v1/appointments/{}/reschedule/"


@pytest.fixture
def app(sign_in, lakeside):
    return sign_in(make_staff("app", Role.CLIENT, site=lakeside))


@pytest.fixture
def visit(alice, dr_li, lakeside):
    offer(dr_li, "acupressure", "cup_dry", sites=[lakeside])
    return make_visit(alice.record, slot_id(dr_li, chicago(8, 10), therapy="acupressure"))


def other_purposes(dr_li, start):
    """Return ids of one start for several therapies, the visit's own among them."""
    return [slot_id(dr_li, start, therapy=name) for name in ("acupressure", "acu_manual", "cup_dry")]


def send(client, path, key, **body):
    return client.post(path, body, format="json", headers={"Idempotency-Key": key})


def told(response, *secrets):
    return [secret for secret in secrets if secret in response.content.decode()]


def test_whatever_therapy_the_time_names_it_is_kept_alike_and_the_hold_names_none(app, visit, dr_li):
    answers = []
    for number, slot in enumerate(other_purposes(dr_li, chicago(9, 10))):
        kept = send(app, HOLDS, f"try-{number}", slot=slot, moving=str(visit.public_id))
        answers.append((kept.status_code, kept.json()["end"]))
        assert SlotKey.decode(kept.json()["slot"]).therapy == ""
        assert app.delete(f"{HOLDS}{kept.json()['id']}/").status_code == 204
    assert answers == [(201, answers[0][1])] * 3
    assert {SlotKey.decode(slot).therapy for slot in Hold.objects.values_list("slot", flat=True)} == {"acupressure"}


def test_a_time_that_is_taken_and_one_that_is_never_offered_are_refused_in_one_way(app, visit, dr_li, lakeside):
    make_visit(make_patient(lakeside, "Ben Adams"), slot_id(dr_li, chicago(9, 10)))
    narrow = make_practitioner(lakeside, name="Dr Wu", offers=["acu_manual"])
    lay_out()
    asked = [*other_purposes(dr_li, chicago(9, 10)), slot_id(narrow, chicago(9, 13))]
    answers = [send(app, HOLDS, f"k{n}", slot=slot, moving=str(visit.public_id)) for n, slot in enumerate(asked)]
    answers += [send(app, MOVE.format(visit.public_id), f"m{n}", slot=slot) for n, slot in enumerate(asked)]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(409, "slot-taken")}
    for answer in answers:
        assert not told(answer, "alternatives", "acupressure", "acu_manual", "therapy")


def test_the_visit_keeps_its_purpose_when_it_is_moved(app, visit, dr_li):
    moved = send(app, MOVE.format(visit.public_id), "move", slot=slot_id(dr_li, chicago(9, 10)))
    assert moved.status_code == 200
    visit.refresh_from_db()
    assert (visit.therapy.key, visit.period.lower) == ("acupressure", chicago(9, 10))
    assert not told(moved, "acupressure")


def test_staff_who_see_the_purpose_hear_when_a_time_is_for_another(as_dana, visit, dr_li):
    refused = send(as_dana, HOLDS, "k", slot=slot_id(dr_li, chicago(9, 10)), moving=str(visit.public_id))
    assert refused.status_code == 400
