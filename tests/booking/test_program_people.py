"""People of programs at the desk: found, enrolled until a day, ended, taken back; a referral entered."""

import re
from html import unescape

import pytest
import time_machine
from django.test import Client

from booking.actions import appointments
from booking.models import Enrolment, Referral
from core.models import Site
from scheduler.models import Program
from scheduler.public import CANCER_PROGRAM
from tests.factories.booking import chicago, make_patient, read_slot, slot_id
from tests.factories.scheduler import AT

PEOPLE = "/desk/families/people/"


@pytest.fixture(autouse=True)
def monday_morning():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def desk():
    def signed_in(person):
        client = Client()
        client.force_login(person.user)
        return client

    return signed_in


def said(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_dana_finds_ben_enrols_him_until_a_day_changes_it_and_ends_it(desk, dana, lakeside):
    ben, client = make_patient(lakeside, "Ben Adams"), desk(dana)
    assert "This person" in said(client.get(PEOPLE, {"find": "adams"}))
    page = f"{PEOPLE}{ben.public_id}/"
    given = {"program": CANCER_PROGRAM, "ends_on": "12/1/2026"}
    assert "Ben Adams is enrolled." in said(client.post(f"{page}enrol/", given, follow=True))
    row = Enrolment.objects.get()
    assert "Ends on December 1, 2026" in said(client.get(page))
    wrong = client.post(f"{page}change-end/", {"enrolment": row.public_id, "ends_on": "1/1/2020"})
    assert (wrong.status_code, "Choose a day after today" in said(wrong)) == (422, True)
    client.post(f"{page}change-end/", {"enrolment": row.public_id, "ends_on": ""})
    assert "Without an end" in said(client.get(page))
    ended = client.post(f"{page}end/", {"enrolment": row.public_id}, follow=True)
    assert "The enrolment of Ben Adams has ended." in said(ended)
    assert "Ended on October 5, 2026" in said(ended)


def test_frank_takes_back_that_he_ended_it_from_the_list_where_the_patient_is_no_more(desk, alice, frank):
    client, row = desk(frank), Enrolment.objects.get()
    ended = client.post(f"{PEOPLE}{alice.record.public_id}/end/", {"enrolment": row.public_id}, follow=True)
    assert "Alice Adams" not in said(ended).replace("The enrolment of Alice Adams has ended.", "")
    assert "Take it back" in said(ended)
    back = client.post(f"{PEOPLE}undo/{row.public_id}/", follow=True)
    assert "Taken back." in said(back)
    row.refresh_from_db()
    assert row.ends_on is None


def test_a_person_of_a_program_leads_to_all_that_is_done_for_their_family(desk, alice, frank):
    client = desk(frank)
    page = client.get(f"{PEOPLE}{alice.record.public_id}/").content.decode()
    ways = {
        "Invite or look after their family": "Family of Alice Adams",
        "Enter a member of their family": "Alice Adams",
        "Book them together with others": "Who else comes?",
    }
    for words, there in ways.items():
        (address,) = re.findall(rf'<a href="([^"]+)">{words}</a>', page)
        assert there in said(client.get(unescape(address)))


def test_a_referral_that_is_entered_books_what_waits_and_says_how_much(desk, alice, dana, dr_li):
    Program.objects.filter(key=CANCER_PROGRAM).update(referral_required=True)
    slot = read_slot(slot_id(dr_li, chicago(13, 10)))
    appointments.book(patient=alice.record, by=alice.principal, at=AT, slot=slot)
    client, page = desk(dana), f"{PEOPLE}{alice.record.public_id}/"
    assert "kept until Sunday, October 11" in said(client.get(PEOPLE))
    given = {"program": CANCER_PROGRAM, "referred_by": "Dr. Moore", "visits_allowed": "3", "expires_on": "12/1/2026"}
    wrong = client.post(f"{page}referral/", given | {"expires_on": "soon", "visits_allowed": "0"})
    assert (wrong.status_code, "Please type a day such as 12/31/2026." in said(wrong)) == (422, True)
    done = said(client.post(f"{page}referral/", given, follow=True))
    assert "The referral is entered. 1 appointment is booked by it." in done
    assert "Dr. Moore, Cancer Integrative Medicine Program: 2 appointments left, until December 1, 2026" in done
    withdrawn = client.post(f"{page}withdraw/", {"referral": Referral.objects.get().public_id}, follow=True)
    assert "Withdrawn. What is booked stands." in said(withdrawn)


@pytest.mark.parametrize(
    "case",
    [
        ({"visits_allowed": "3", "expires_on": "10/10/2026"}, "not valid any more by then. Enter one that is, or move"),
        ({"visits_allowed": "1", "expires_on": "12/1/2026"}, "the referral is for fewer. Enter another one"),
    ],
)
def test_what_a_referral_does_not_cover_is_said_as_it_is_entered_with_what_to_do(desk, alice, dana, dr_li, case):
    given, why = case
    Program.objects.filter(key=CANCER_PROGRAM).update(referral_required=True)
    for day in (8, 13):
        slot = read_slot(slot_id(dr_li, chicago(day, 10)))
        appointments.book(patient=alice.record, by=alice.principal, at=AT, slot=slot)
    given |= {"program": CANCER_PROGRAM, "referred_by": "Dr. Moore"}
    done = said(desk(dana).post(f"{PEOPLE}{alice.record.public_id}/referral/", given, follow=True))
    assert "1 appointment is booked by it." in done
    assert re.search(rf"The appointment on Tuesday, October 13.* is not covered: .*{why}", done)
    assert done.count("is not covered") == 1


@pytest.mark.parametrize(
    ("act", "given", "status"),
    [
        ("end", {"enrolment": "x"}, 404),
        ("end", {}, 404),
        ("fly", {}, 404),
        ("withdraw", {"referral": "00000000-0000-4000-8000-000000000000"}, 404),
        ("enrol", {"program": "astrology", "ends_on": "x"}, 422),
        ("change-end", {"enrolment": "x"}, 404),
        ("referral", {}, 422),
    ],
)
def test_what_cannot_be_done_is_said_and_breaks_nothing(desk, dana, act, given, status):
    ben = make_patient(Site.objects.get(key="lakeside"), "Ben Adams")
    assert desk(dana).post(f"{PEOPLE}{ben.public_id}/{act}/", given).status_code == status


def test_frank_opens_nobody_who_is_not_his_and_dr_li_has_no_such_page(desk, frank, lakeside, dr_li):
    ben = make_patient(lakeside, "Ben Adams")
    assert desk(frank).get(f"{PEOPLE}{ben.public_id}/").status_code == 404
    client = Client()
    client.force_login(dr_li.user)
    assert client.get(PEOPLE).status_code == 403
