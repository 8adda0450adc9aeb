"""Who sees what follows from Alice's health answers: on every page and address that knows it, as the rights table says.

Whoever may not see it must get the very same answer, whatever Alice answered.
"""

import re

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from booking.actions import family_links, moves, screening_reviews
from booking.cancel_reasons import CancelReason
from booking.models import Appointment, Enrolment, ScreeningResponse
from booking.screening import rights
from booking.screening.queries import screening_of
from booking.status import Move
from booking.web.desk.appointments.words import CANCELLED_BECAUSE
from booking.web.slot_ids import sealed
from core import clock as core_clock
from core.models import Site
from core.rights import MATRIX, Action, acting
from core.roles import STAFF, Role
from notifications.actions import dispatch
from scheduler.actions import calendars
from scheduler.models import Practitioner
from tests.booking.pages.walk import go_on
from tests.factories import families
from tests.factories.admin import sign_in
from tests.factories.booking import SYSTEM, chicago, make_patient, make_visit, slot_id

DAY = 24 * 60 * 60
COUGH, TEST = "new_cough_breathless_sore_throat_runny_nose", "positive_covid_flu_rsv_10d"
ANSWERS = {
    "well": {"none": "1"},
    "household": {"household_positive_10d": "on"},
    "usual": {f"{COUGH}-usual": "on"},
    "approved": {f"{COUGH}-usual": "on"},
    "positive": {TEST: "on", "days": "1", "tested_on": "10/4/2026", "severity": "mild", "weak_immune_system": "no"},
    "emergency": {"emergency": "on"},
}
AT_THE_DOOR = ("well", "usual", "positive")
TOLD_OR_CALLED = ("well", "positive", "approved", "emergency")
"""Of the first nothing is told; the others lead to a mail with links, to one about a decision, and to a call."""

CALLS_AND_MESSAGES = ("/admin/booking/calltask/", "/api/v1/messages/")
CHANGING = re.compile(r'(csrfmiddlewaretoken|slot)" value="[^"]+"|nonce="[^"]+"|[0-9a-f]{8}-[0-9a-f-]{27}|"id":\d+')
ROLES = [*STAFF, Role.CLIENT]
UNSEEING = [role for role in ROLES if role not in MATRIX[Action.SEE_SCREENING]]


@pytest.fixture
def visit(screened_once, alice, clock):
    """Where Alice's visit of today is found, at a clinic that asks how people are."""
    address = go_on(alice, screened_once)
    clock.shift(DAY)
    return address


class Doors:
    """What somebody gets from each page and address that knows how Alice stands."""

    def __init__(self, client: Client) -> None:
        self.client, self.visit = client, Appointment.objects.earliest("pk")
        self.key = str(self.visit.public_id)

    def everything(self) -> dict[str, str]:
        door = self.at_the_door()  # while the time is open still
        day = {"first_on": self.visit.period.lower.date(), "last_on": self.visit.period.lower.date()}
        made = calendars.add_closure(self.visit.site, name="Ventilation", **day, by=SYSTEM, at=core_clock.now())
        closure = reverse("desk-closure", args=[made.row.public_id])
        slot = slot_id(Practitioner.objects.get(name="Boris Ivanov"), chicago(7, 10), visit="followup")
        moving = {"slot": slot, "moving": self.key}
        acts = {
            "hold": ("/api/v1/holds/", moving, {"content_type": "application/json"}),
            "another time": (reverse("desk-another-time", args=[self.key]), {"slot": sealed(slot)}, {}),
            "propose": (f"{closure}propose/", {"appointment": self.key}, {}),
            "propose then": (f"{closure}propose/", {"appointment": self.key, "slot": sealed(slot)}, {}),
        }
        pages = [
            closure,
            f"{closure}?times={self.key}",
            f"/api/v1/slots/?therapy=acu_manual&visit=followup&moving={self.key}",
            f"/api/v1/slots/{slot}/?moving={self.key}",
            reverse("desk-questions", args=[self.key]),
            reverse("desk-another-time", args=[self.key]),
            reverse("desk-walk-in-done", args=[self.key]),
            reverse("desk-screening-reviews"),
            reverse("desk-to-do"),
            reverse("admin:booking_calltask_changelist"),
            reverse("admin:booking_appointment_change", args=[self.visit.pk]),
            "/api/v1/appointments/",
            f"/api/v1/appointments/{self.key}/",
            f"/api/v1/appointments/{self.key}/changes/",
            "/api/v1/messages/",
            "/api/v1/screening/reviews/",
            f"/api/v1/screening/questions/?appointment={self.key}",
        ]
        found = {page.replace(str(made.row.public_id), ""): self.read(self.client.get(page)) for page in pages}
        found |= {act: self.undone(path, sent, **how) for act, (path, sent, how) in acts.items()}
        return found | door

    def calls_and_messages(self) -> dict[str, str]:
        return {page: self.read(self.client.get(page)) for page in CALLS_AND_MESSAGES}

    def of_a_relative(self) -> dict[str, str]:
        pages = [
            "/api/v1/appointments/",
            f"/api/v1/appointments/{self.key}/",
            f"/api/v1/appointments/{self.key}/changes/",
            f"/api/v1/slots/?therapy=acu_manual&visit=followup&moving={self.key}",
            f"/api/v1/screening/questions/?appointment={self.key}",
            reverse("desk-questions", args=[self.key]),
            reverse("desk-screening-reviews"),
            reverse("desk-calls"),
            reverse("desk-to-do"),
            reverse("desk-appointment", args=[self.key]),
            reverse("desk-patient", args=[self.visit.patient.public_id]),
        ]
        return {page: self.read(self.client.get(page)) for page in pages}

    def at_the_door(self) -> dict[str, str]:
        page = reverse("desk-arrivals")
        found = {page: self.read(self.client.get(page))}
        said = {"appointment": self.key, "answers": {}}
        headers = {"If-Match": "*"}
        for act, sent in {"answers": said, "rechecks": said}.items():
            found[act] = self.undone(f"/api/v1/screening/{act}/", sent, content_type="application/json")
        check_in = f"/api/v1/appointments/{self.key}/check-in/"
        found["check-in"] = self.undone(check_in, {}, content_type="application/json", headers=headers)
        press = reverse("desk-attend", args=[self.key, "check-in"])
        found["press"] = self.undone(press, {"nothing_new": "1"})
        return found

    def undone(self, path, sent, **how) -> str:
        with transaction.atomic():
            said = self.read(self.client.post(path, sent, **how))
            transaction.set_rollback(True)
        return said

    def read(self, response) -> str:
        said = f"{response.status_code} {response.get('Location', '')} {response.content.decode()}"
        return CHANGING.sub("", said)


def told_by_each_door(alice, visit, client, outcomes=AT_THE_DOOR, which=Doors.at_the_door) -> dict[str, set[str]]:
    """Return what each door tells, over what Alice may have answered."""
    found: dict[str, set[str]] = {}
    for outcome in outcomes:
        with transaction.atomic():
            assert alice.post(f"{visit}screening/", ANSWERS[outcome]).status_code == 302
            if outcome == "approved":
                answers = ScreeningResponse.objects.get()
                screening_reviews.approve(answers.public_id, masked=False, by=SYSTEM, at=core_clock.now())
            if outcomes is not AT_THE_DOOR:
                dispatch.run(now=core_clock.now)
            for door, text in which(Doors(client)).items():
                found.setdefault(door, set()).add(text)
            transaction.set_rollback(True)
    return found


@pytest.fixture
def staff(visit):
    """Return a browser of somebody with a role at Alice's site."""
    return lambda role: sign_in(Client(), role.value, role, Site.objects.get(key="lakeside"))


def telling(doors: dict[str, set[str]]) -> set[str]:
    return {door for door, texts in doors.items() if len(texts) > 1}


def test_there_are_roles_that_must_not_know_how_alice_stands():
    assert {Role.ADMIN, Role.CLIENT, Role.AUDITOR} <= set(UNSEEING)


@pytest.mark.parametrize("role", UNSEEING, ids=lambda role: role.value)
def test_at_the_door_whoever_may_not_see_how_alice_stands_is_answered_alike(alice, visit, staff, role):
    assert telling(told_by_each_door(alice, visit, staff(role))) == set()


@pytest.fixture
def petra(visit, staff):
    """Staff of a program in which Rosa takes part, of whose family Alice is."""
    alice, at = Appointment.objects.earliest("pk").patient, core_clock.now()
    rosa = make_patient(alice.site, "Rosa Reed")
    Enrolment.objects.create(patient=rosa, site=alice.site)
    link = family_links.claim(families.invited(rosa, at=at), own=alice, by=SYSTEM, at=at)
    family_links.confirm(link, by=SYSTEM, at=at)
    return staff(Role.PROGRAM)


def test_program_staff_find_a_relative_and_not_how_she_stands(alice, visit, petra):
    booked = Appointment.objects.earliest("pk")
    assert petra.get(f"/api/v1/appointments/{booked.public_id}/").json()["therapy"]["key"] == "acu_manual"
    assert telling(told_by_each_door(alice, visit, petra, TOLD_OR_CALLED, Doors.of_a_relative)) == set()


@pytest.mark.parametrize("of_the_program", [False, True])
def test_why_a_relative_s_appointment_was_called_off_is_told_to_nobody_of_the_program(visit, petra, of_the_program):
    booked = Appointment.objects.earliest("pk")
    if of_the_program:
        Enrolment.objects.create(patient=booked.patient, site=booked.site)
    moves.move(booked.public_id, Move.CANCEL, reason=CancelReason.ILLNESS, by=SYSTEM, at=core_clock.now())
    pages = [reverse("desk-appointment", args=[booked.public_id]), f"/api/v1/appointments/{booked.public_id}/changes/"]
    read = [petra.get(page).content.decode() for page in pages]
    words = [str(CANCELLED_BECAUSE[CancelReason.ILLNESS]), CancelReason.ILLNESS.value]
    assert [word in page for word, page in zip(words, read, strict=True)] == [of_the_program] * 2


def test_twin_known_as_a_patient_of_the_program_it_is_told(alice, visit, petra):
    booked = Appointment.objects.earliest("pk")
    Enrolment.objects.create(patient=booked.patient, site=booked.site)
    assert telling(told_by_each_door(alice, visit, petra, TOLD_OR_CALLED, Doors.of_a_relative))


@pytest.mark.full
@pytest.mark.parametrize("role", UNSEEING, ids=lambda role: role.value)
def test_so_they_are_everywhere_whatever_alice_answered(alice, visit, staff, role):
    assert telling(told_by_each_door(alice, visit, staff(role), ANSWERS, Doors.everything)) == set()


@pytest.mark.full
def test_the_front_desk_sees_how_alice_stands(alice, visit, staff):
    doors = telling(told_by_each_door(alice, visit, staff(Role.SCHEDULER), ANSWERS, Doors.everything))
    assert {reverse("desk-arrivals"), "check-in", "press"} < doors
    assert reverse("desk-screening-reviews") not in doors


def test_twin_without_the_rule_an_administrator_would_see_it_at_the_door(alice, visit, staff, monkeypatch):
    for where in ("booking.screening.rights", "booking.web.desk.arrival_day", "booking.actions.check_in_checks"):
        monkeypatch.setattr(f"{where}.sees_outcome", lambda _by, _visit: True)
    doors = telling(told_by_each_door(alice, visit, staff(Role.ADMIN)))
    assert {reverse("desk-arrivals"), "check-in"} < doors


@pytest.fixture
def calls_and_messages(alice, visit, staff, site):
    """Return which of both tell a role what Alice answered, who has another appointment in her days away."""
    boris = Practitioner.objects.get(name="Boris Ivanov")
    make_visit(Appointment.objects.get().patient, slot_id(boris, chicago(8, 10), visit="followup"))

    def telling_role(role: Role) -> set[str]:
        return telling(told_by_each_door(alice, visit, staff(role), TOLD_OR_CALLED, Doors.calls_and_messages))

    return telling_role


def test_calls_and_messages_tell_an_administrator_nothing_of_what_alice_answered(calls_and_messages):
    assert calls_and_messages(Role.ADMIN) == set()


def test_the_front_desk_reads_there_whom_to_call_and_what_was_told(calls_and_messages):
    assert calls_and_messages(Role.SCHEDULER) == set(CALLS_AND_MESSAGES)


@pytest.mark.parametrize("asks", [("booking.calls_to_make", "CALL"), ("notifications.queries", "SEE_MESSAGES")])
def test_twin_a_list_that_does_not_ask_who_may_know_it_tells_an_administrator(calls_and_messages, monkeypatch, asks):
    where, right = asks
    monkeypatch.setattr(f"{where}.acting", lambda by, _action: acting(by, Action[right]))
    (door,) = calls_and_messages(Role.ADMIN)
    assert door in CALLS_AND_MESSAGES


def test_whoever_answers_for_somebody_may_see_what_follows():
    answering, seeing = MATRIX[Action.ANSWER_SCREENING], MATRIX[Action.SEE_SCREENING]
    assert dict(answering).items() <= dict(seeing).items()


def test_calls_that_follow_from_answers_are_for_those_who_see_them():
    assert {reason.value for reason in rights.CALLS_THAT_TELL} == {
        "screening",
        "seek-care",
        "find-time",
        "rules-changed",
        "answers-changed",
        "not-bookable",
        "help-here",
    }


def test_an_administrator_reads_who_checks_in_and_is_offered_no_button_that_is_refused(alice, visit, staff):
    alice.post(f"{visit}screening/", {"none": "1"})
    ada = staff(Role.ADMIN)
    page = ada.get(reverse("desk-arrivals")).content.decode()
    assert "The front desk asks and checks in" in page
    assert "Ask everybody once more" not in page
    assert "check-in/" not in page
    assert "arrive/" in page


def test_program_staff_see_what_follows_of_their_patients_and_note_no_answers(visit, staff):
    booked = Appointment.objects.get()
    Enrolment.objects.create(patient=booked.patient, site=booked.site)
    petra, doors = staff(Role.PROGRAM), "/api/v1/screening"
    assert petra.get(f"{doors}/questions/?appointment={booked.public_id}").json()["state"] == "unanswered"
    policy = screening_of(booked, at=core_clock.now()).policy
    said = {"appointment": str(booked.public_id), "answers": dict.fromkeys(policy.questions, "no")}
    for door in ("answers", "rechecks"):
        assert petra.post(f"{doors}/{door}/", said, content_type="application/json").status_code == 403
    aloud = reverse("desk-questions", args=[booked.public_id])
    assert petra.get(aloud).status_code == 403
    assert petra.post(aloud, {"none": "1"}).status_code == 403
    assert not ScreeningResponse.objects.exists()
    dana = staff(Role.SCHEDULER)
    assert dana.post(f"{doors}/answers/", said, content_type="application/json").status_code == 201
