"""Finding somebody from any page of the desk, and the page about them: what they come for, and how they are reached."""

import re

import pytest
import time_machine
from django.test import Client

from booking.actions import merging
from booking.models import Appointment, ContactPoint
from booking.models.patients import ContactSystem
from booking.status import Status
from core.roles import Role
from tests.booking.pages.walk import text_of
from tests.factories.booking import SYSTEM, chicago, make_patient, make_staff, make_visit, slot_id
from tests.factories.scheduler import AT, make_practitioner, make_site

FIND = "/desk/find/"


@pytest.fixture(autouse=True)
def monday_morning():
    with time_machine.travel(AT, tick=False):
        yield


def browser(person):
    client = Client()
    client.force_login(person.user)
    return client


def page_of(patient):
    return f"/desk/patients/{patient.public_id}/"


def cards(answer):
    """Return whom a page of results names, in their order."""
    return re.findall(r"<h2><a [^>]*>([^<]+)</a></h2>", answer.content.decode())


@pytest.fixture
def by_role(dana, frank, dr_li, riverside):
    """The browsers of a scheduler, staff of the program, who treats Alice, and a scheduler of another site."""
    people = {"dana": dana, "frank": frank, "li": dr_li, "rita": make_staff("rita", Role.SCHEDULER, site=riverside)}
    return {name: browser(person) for name, person in people.items()}


@pytest.fixture
def visit(alice, dr_li):
    return make_visit(alice.record, slot_id(dr_li, chicago(7, 10)))


@pytest.mark.parametrize("typed", ["adams alice", "ALICE", "Adams, A", "5/1/1970", "312 555 0142", "0142"])
def test_dana_finds_alice_from_any_page_by_what_she_says_and_reads_when_she_comes(dana, alice, visit, typed):
    ContactPoint.objects.create(patient=alice.record, system=ContactSystem.PHONE, value="+13125550142")
    desk = browser(dana)
    assert f'action="{FIND}"' in desk.get("/desk/arrivals/").content.decode()
    found = desk.get(FIND, {"find": typed})
    assert cards(found) == ["Alice Adams"]
    said = text_of(found)
    assert "Wednesday, October 7, 2026, 10:00 AM , Dr Li" in said
    assert "Lakeside clinic: booked" in said
    assert 'href="tel:+13125550142"' in found.content.decode()
    assert f'href="{page_of(alice.record)}?site=lakeside"' in found.content.decode()


def test_by_the_reference_of_an_appointment_that_one_is_shown_also_when_it_is_over(dana, alice, dr_li, visit):
    over = make_visit(alice.record, slot_id(dr_li, chicago(8, 10)), Status.CANCELLED)
    found = browser(dana).get(FIND, {"find": over.reference.lower()})
    assert cards(found) == ["Alice Adams"]
    assert over.reference in text_of(found)
    assert visit.reference not in text_of(found)


def test_who_finds_nobody_is_told_what_to_try_and_where_somebody_new_is_entered(dana, frank, alice):
    nobody = browser(dana).get(FIND, {"find": "Zzyzx"})
    assert "Nobody whom you may see is found." in text_of(nobody)
    assert "date of birth" in text_of(nobody)
    assert 'href="/desk/walk-in/' in nobody.content.decode()
    assert "A scheduler finds everybody" in text_of(browser(frank).get(FIND, {"find": "Zzyzx"}))
    assert "at least 3 letters" in text_of(browser(dana).get(FIND, {"find": "al"}))
    assert "Type above" in text_of(browser(dana).get(FIND))


def test_everybody_finds_those_whom_they_may_see_and_reads_of_appointments_that_they_may(
    lakeside, by_role, alice, visit
):
    ben, other = make_patient(lakeside, "Ben Adams"), make_practitioner(lakeside, name="Dr Moss")
    theirs = make_visit(ben, slot_id(other, chicago(7, 11)))
    found = {who: cards(desk.get(FIND, {"find": "adams"})) for who, desk in by_role.items()}
    both = ["Alice Adams", "Ben Adams"]
    assert found == {"dana": both, "frank": both[:1], "li": both[:1], "rita": []}
    assert by_role["li"].get(page_of(ben)).status_code == 404
    assert by_role["rita"].get(page_of(alice.record)).status_code == 404
    make_visit(alice.record, slot_id(other, chicago(14, 10)))
    hers = text_of(by_role["li"].get(page_of(alice.record)))
    assert "Dr Li" in hers
    assert "Dr Moss" not in hers
    assert theirs.reference not in hers


def test_twin_without_the_look_at_who_may_see_them_a_stranger_is_found(dr_li, lakeside, monkeypatch):
    make_patient(lakeside, "Ben Adams")
    li = Client()
    li.force_login(dr_li.user)
    assert cards(li.get(FIND, {"find": "adams"})) == []
    monkeypatch.setattr("booking.models.patients.PatientQuerySet.visible_to", lambda rows, _by: rows)
    assert cards(li.get(FIND, {"find": "adams"})) == ["Ben Adams"]


def test_the_page_of_alice_tells_what_is_ahead_and_what_has_been_to_whoever_may_know_for_what(
    lakeside, dana, alice, dr_li, visit
):
    gone = make_visit(alice.record, slot_id(dr_li, chicago(8, 10)), Status.CANCELLED)
    page = browser(dana).get(page_of(alice.record))
    said = text_of(page)
    coming, past = said.partition("Past and cancelled")[::2]
    assert visit.reference in coming
    assert gone.reference in past
    assert "cancelled" in past
    assert "Acupuncture (manual), first appointment" in coming
    assert "Born May 1, 1970" in said
    door = f"/desk/arrivals/?site=lakeside&amp;day=2026-10-07&amp;find={visit.reference}"
    assert f'href="{door}"' in page.content.decode()
    admin = browser(make_staff("ada", Role.ADMIN, site=lakeside)).get(page_of(alice.record))
    assert visit.reference in text_of(admin)
    assert "Acupuncture" not in text_of(admin)
    assert f'action="{FIND}"' not in admin.content.decode()


def test_of_many_past_ones_the_last_are_shown_and_all_on_demand(dana, alice, dr_li):
    for day in range(6, 10):
        for hour in (9, 11, 14):
            make_visit(alice.record, slot_id(dr_li, chicago(day, hour)), Status.CANCELLED)
    desk, references = browser(dana), set(Appointment.objects.values_list("reference", flat=True))
    shown = text_of(desk.get(page_of(alice.record)))
    assert sum(one in shown for one in references) == 10
    everything = text_of(desk.get(page_of(alice.record), {"all": "yes"}))
    assert all(one in everything for one in references)


def test_a_record_that_was_merged_leads_to_the_one_that_holds_what_it_held(dana, lakeside):
    kept, given_up = make_patient(lakeside, "Ben Adams"), make_patient(lakeside, "Benjamin Adams")
    merging.merge(kept=kept, given_up=given_up, by=SYSTEM, at=AT)
    assert browser(dana).get(page_of(given_up)).headers["Location"] == f"{page_of(kept)}?site=lakeside"


def test_both_pages_ask_as_little_for_many_as_for_few(dana, alice, dr_li, lakeside, django_assert_max_num_queries):
    desk = browser(dana)
    make_visit(alice.record, slot_id(dr_li, chicago(7, 10)))
    desk.get(FIND, {"find": "adams"})
    with django_assert_max_num_queries(17):
        desk.get(FIND, {"find": "adams"})
    with django_assert_max_num_queries(17):
        desk.get(page_of(alice.record))
    for hour, name in ((9, "Ben Adams"), (11, "Cleo Adams"), (14, "Dan Adams")):
        make_visit(make_patient(lakeside, name), slot_id(dr_li, chicago(8, hour)))
        make_visit(alice.record, slot_id(dr_li, chicago(9, hour)), Status.CANCELLED)
    with django_assert_max_num_queries(17):
        assert len(cards(desk.get(FIND, {"find": "adams"}))) == 4
    with django_assert_max_num_queries(17):
        desk.get(page_of(alice.record))


def test_a_patient_who_signs_in_opens_no_page_of_the_desk_about_themselves(alice, lakeside):
    make_site("riverside")
    assert browser(alice).get(page_of(alice.record)).status_code == 403
