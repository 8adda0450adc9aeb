"""Grace is not well, and nobody has decided yet: whoever gives her patients reads a word beside her name."""

import pytest
from django.test import Client
from django.urls import reverse

from booking.actions.patients import patients
from booking.models import Appointment, FitnessDecision, PractitionerScreening
from booking.web.desk.reviews.unsettled_colleagues import UnsettledColleagues
from core import clock as core_clock
from core.models import User
from core.principal import Principal
from core.roles import Role
from tests.booking.pages.stories.test_practitioner_screening import (  # noqa: F401
    COUGH,
    FEVER,
    POSITIVE,
    TEST,
    dana,
    decide,
    grace,
    say,
)
from tests.booking.pages.walk import slots_on, text_of
from tests.factories.admin import sign_in
from tests.factories.policies import publish_screening

DOOR, WORD = "/desk/arrivals/", "ask first whether they see patients"
NAMED = f"Grace Okoro, {WORD}"


@pytest.fixture
def olga(grace, site):  # noqa: F811
    return patients.register(
        name="Olga Reyes", birth_date=core_clock.now().date().replace(year=1955), email="", phone="+13125550123",
        site=site, by=Principal.system("test"), at=core_clock.now(),
    )  # fmt: skip


@pytest.mark.parametrize("said", [POSITIVE, {f"{COUGH}-usual": "on"}], ids=["suggested", "looked at"])
def test_a_word_stands_beside_graces_name_where_patients_are_given_to_her(grace, dana, olga, said):  # noqa: F811
    walk_in = f"/desk/walk-in/{olga.public_id}/"
    assert WORD not in text_of(dana.get(walk_in)) + text_of(dana.get(DOOR))
    publish_screening({"questions": [FEVER, TEST, COUGH]}, audience="practitioner")
    say(grace, said)
    page = dana.get(walk_in)
    assert f"with Grace Okoro {WORD}" in text_of(page)
    assert f"with Boris Ivanov {WORD}" not in text_of(page)
    assert NAMED in text_of(dana.get(DOOR))
    for slot in slots_on(page):
        chosen = dana.post(f"{walk_in}time/", {"slot": slot})
        if NAMED in text_of(dana.get(chosen["Location"])):
            break
    else:
        pytest.fail("none of the times of Grace says it once it is chosen")


def test_the_word_stands_beside_graces_name_where_somebody_is_moved_to_her(grace, dana):  # noqa: F811
    publish_screening({"questions": [FEVER, TEST, COUGH]}, audience="practitioner")
    visit = Appointment.objects.first()
    times = reverse("desk-appointment-move", args=[visit.public_id])
    assert WORD not in text_of(dana.get(times))
    say(grace, POSITIVE)
    page = text_of(dana.get(times))
    assert f"with Grace Okoro {WORD}" in page
    assert f"with Boris Ivanov {WORD}" not in page


def test_the_word_goes_when_somebody_has_decided(grace, dana):  # noqa: F811
    say(grace, POSITIVE)
    decide(dana, "decline", because="Tested wrong.")
    assert WORD not in text_of(dana.get(DOOR))


def test_the_word_says_nothing_of_days_on_which_it_is_settled(grace, site):  # noqa: F811
    publish_screening({"questions": [FEVER, TEST, COUGH]}, audience="practitioner")
    say(grace, {f"{COUGH}-usual": "on"})
    today = core_clock.now().date()
    scheduler = sign_in(Client(), "erin", Role.SCHEDULER, site)
    by = Principal.of(User.objects.get(username="erin"), at=core_clock.now())
    row = PractitionerScreening.objects.get()
    found = UnsettledColleagues(by=by, at=core_clock.now(), here=site)
    assert found.word(row.practitioner_id, today, site=site.pk) == WORD
    assert found.word(row.practitioner_id, today.replace(day=today.day + 1), site=site.pk) == ""
    PractitionerScreening.objects.update(
        fitness=FitnessDecision.MAY_WORK, fitness_at=core_clock.now(), fitness_by="user:1"
    )
    assert WORD not in text_of(scheduler.get(DOOR))


def test_grace_who_does_not_decide_about_absences_reads_no_word_at_the_door(grace):  # noqa: F811
    say(grace, POSITIVE)
    page = text_of(grace.get(DOOR))
    assert "Grace Okoro" in page
    assert WORD not in page


def test_twin_without_the_right_grace_would_read_it(grace, monkeypatch):  # noqa: F811
    monkeypatch.setattr("booking.web.desk.reviews.unsettled_colleagues.may", lambda *_: True)
    say(grace, POSITIVE)
    assert NAMED in text_of(grace.get(DOOR))


def test_an_administrator_who_decides_about_absences_reads_it(grace, site):  # noqa: F811
    say(grace, POSITIVE)
    assert NAMED in text_of(sign_in(Client(), "ada", Role.ADMIN, site).get(DOOR))
