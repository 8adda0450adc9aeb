"""Frank enters somebody new: a patient, enrolled at once, or one of a family, who may come at once."""

import re

import pytest
import time_machine
from django.test import Client

from booking import audiences, queries
from booking.models import Enrolment, FamilyLink, FamilyLinkChange, Patient
from scheduler.models import Program
from scheduler.public import CANCER_PROGRAM
from tests.factories.booking import make_patient
from tests.factories.scheduler import AT

PEOPLE = "/desk/families/people/"
ZOE = {"name": "Zoë Quinn", "birth_date": "2/29/1980", "email": "zoe@example.org", "language": "es"}
PATIENT = ZOE | {"program": CANCER_PROGRAM, "ends_on": "12/1/2026"}
SISTER = ZOE | {"relation": "SIB", "reason": "We know them both", "link": "6f0c1f0e-3d0e-4d5b-9c55-6a7a5b0b9b11"}


@pytest.fixture(autouse=True)
def monday_morning():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def desk(frank):
    client = Client()
    client.force_login(frank.user)
    return client


def said(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_whom_frank_enters_takes_part_until_the_day_that_he_types(desk, frank):
    assert "Enter somebody new and enroll them" in said(desk.get(PEOPLE))
    page = said(desk.post(f"{PEOPLE}new/", PATIENT, follow=True))
    assert "Zoë Quinn is entered and enrolled." in page
    assert "Ends on December 1, 2026" in page
    assert queries.patients(frank.principal).get().language == "es"


def test_what_is_missing_is_named_and_nobody_is_entered(desk):
    page = said(desk.post(f"{PEOPLE}new/", {"name": "Zoë Quinn", "language": "es", "ends_on": "1/1/2020"}))
    for words in ("Enter their date of birth", "Choose the program"):
        assert words in page
    assert "Choose a day after today" in said(desk.post(f"{PEOPLE}new/", PATIENT | {"ends_on": "1/1/2020"}))
    assert not Patient.objects.exists()


def test_of_several_programs_nobody_guesses_one(desk, lakeside):
    Program.objects.create(key="pediatrics", name={"en": "Pediatrics"}).sites.set([lakeside])
    assert "Choose the program" in said(desk.post(f"{PEOPLE}new/", PATIENT | {"program": ""}))
    desk.post(f"{PEOPLE}new/", PATIENT | {"program": "pediatrics"})
    assert Enrolment.objects.get().program == "pediatrics"


def test_whoever_may_be_there_already_is_shown_first(desk, alice):
    alike = PATIENT | {"name": "Alice Adams", "birth_date": f"{alice.record.birth_date:%m/%d/%Y}", "phone": ""}
    asked = desk.post(f"{PEOPLE}new/", alike)
    assert (asked.status_code, "There may be a record of this person already" in said(asked)) == (409, True)
    desk.post(f"{PEOPLE}new/", alike | {"another_person": "on"})
    assert Patient.objects.filter(name="Alice Adams").count() == 2


def test_whom_frank_enters_of_alices_family_can_choose_a_time_and_is_in_his_reach(desk, alice, frank):
    page = f"{PEOPLE}{alice.record.public_id}/family/new/"
    assert "Enter them here, without a code" in said(
        desk.get(f"/desk/families/links/?patient={alice.record.public_id}")
    )
    for _pressed_twice in range(2):
        assert "Zoë Quinn is entered." in said(desk.post(page, SISTER, follow=True))
    link = FamilyLink.objects.get()
    assert (link.is_in_force(at=AT), link.vouched_by, link.relative.guest) == (True, frank.principal.key, False)
    assert queries.patients(frank.principal).filter(name="Zoë Quinn").count() == 1
    assert not Enrolment.objects.filter(patient=link.relative).exists()


def test_nobody_is_entered_where_they_cannot_be_linked(desk, alice):
    page = f"{PEOPLE}{alice.record.public_id}/family/new/"
    assert "Say why you stand for them" in said(desk.post(page, SISTER | {"reason": " "}))
    Enrolment.objects.update(site=None or alice.record.site, ends_on=AT.date(), ends_at=AT)
    assert desk.post(page, SISTER).status_code == 404  # hers no more
    assert not Patient.objects.filter(name="Zoë Quinn").exists()


def test_a_fifth_of_a_family_is_refused_on_record_and_not_entered(desk, alice):
    page = f"{PEOPLE}{alice.record.public_id}/family/new/"
    for number in range(4):
        link = f"{number}f0c1f0e-3d0e-4d5b-9c55-6a7a5b0b9b11"
        desk.post(page, SISTER | {"link": link, "name": f"Zoë {'ABCD'[number]} Quinn", "another_person": "on"})
    assert FamilyLink.objects.count() == 4
    assert desk.post(page, SISTER | {"another_person": "on"}).status_code == 409
    assert not Patient.objects.filter(name="Zoë Quinn").exists()
    assert FamilyLinkChange.objects.filter(refused="too-many-family-links").count() == 1


def test_who_has_a_record_that_frank_finds_is_linked_with_that(desk, alice, frank, lakeside):
    ben = make_patient(lakeside, "Ben Adams")
    Enrolment.objects.create(patient=ben, site=lakeside)
    page = f"{PEOPLE}{alice.record.public_id}/family/new/"
    desk.post(page, SISTER | {"record": ben.public_id})
    assert FamilyLink.objects.get().relative == ben
    assert audiences.memberships_of(ben, at=AT) is not None
    stranger = make_patient(lakeside, "Mallory Moss")
    assert (
        desk.post(page, SISTER | {"link": "7" * 8 + SISTER["link"][8:], "record": stranger.public_id}).status_code
        == 404
    )
