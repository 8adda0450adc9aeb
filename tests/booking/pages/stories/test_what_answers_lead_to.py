"""What follows from what Alice answers before she books: a time, a look first, another therapy, or a call."""

import html
import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from booking.actions import call_requests
from booking.models import Appointment, CallRequest
from booking.suitability.shipped import shipped_content
from core import clock as core_clock
from core.roles import Role
from tests.booking.pages.questioning import (
    BACK_PAIN,
    FEVER,
    OUTCOME,
    PACEMAKER,
    THINNER,
    TREATED,
    answer,
    answer_all,
    asked_on,
    begin,
    publish_rules,
    questions,
    to_be_checked,
)
from tests.booking.pages.walk import ALICE, SLOT, TIMES, a_time, hidden_on, text_of
from tests.factories.admin import sign_in
from tests.factories.booking import SYSTEM
from tests.factories.policies import adopt_screening, adopt_suitability
from tests.factories.scheduler import lay_out, make_places, make_practitioner, make_site

pytestmark = pytest.mark.usefixtures("asking_once")
CALL_ME = {"name": "Alice Adams", "phone": "312 555 0142"}


def test_with_a_pacemaker_electro_is_not_booked_online_and_alice_chooses_among_what_is_free_next(alice):
    where = answer_all(alice, "acu_electro", **{PACEMAKER: "yes"})
    assert where == "/book/acu_electro/outcome/?visit=first"
    page = alice.get(where)
    said = text_of(page)
    assert page.status_code == 200
    assert "Here is what you can book now, or we call you." in said
    manual = re.search(r'<a [^>]*href="(/book/acu_manual/questions/[^"]+)"[^>]*>(.*?)</a>', page.content.decode())
    assert "Next free:" in manual[2]
    assert "looks at it first" not in manual[2]
    assert alice.get(html.unescape(manual[1]))["Location"] == TIMES
    for closed in ("/book/acu_electro/times/?visit=first", questions("acu_electro")):
        assert alice.get(closed)["Location"] == where


def test_what_a_clinician_looks_at_first_says_so_before_it_is_chosen_and_is_not_called_booked_now(alice):
    address = begin(alice, "cup_dry")
    while "/questions/" in address:
        address = answer(alice, address, clot_in_leg_or_arm="yes")
        if "where=1" in address:
            address = alice.post(address, {"question": "clot_in_leg_or_arm", "places": "left_leg"})["Location"]
    page = alice.get(address)
    needles = re.search(r'<a [^>]*href="/book/acu_manual/[^"]+"[^>]*>(.*?)</a>', page.content.decode())
    assert "One of our clinicians looks at it first. After a few more questions." in needles[1]
    assert "Here is what you can ask for, or we call you. What you can ask for" in text_of(page)
    assert "can book now" not in text_of(page)


@pytest.mark.parametrize("asked_before", [False, True])
def test_more_questions_are_announced_where_there_are_more_and_nowhere_else(alice, asked_before):
    for therapy in ("acu_manual", "cup_dry") if asked_before else ("cup_dry",):
        address = begin(alice, therapy)
        while "/questions/" in address:
            address = answer(alice, address, clot_in_leg_or_arm="yes")
            if "where=1" in address:
                address = alice.post(address, {"question": "clot_in_leg_or_arm", "places": "left_leg"})["Location"]
    page = alice.get(address).content.decode()
    others = re.findall(r'<a class="button second" href="(/book/[^"]+)">(.*?)</a>', page)
    assert len(others) > 1
    announced = {leads: "After a few more questions." in said for leads, said in others}
    assert announced == {leads: "/questions/" in alice.get(html.unescape(leads))["Location"] for leads, _said in others}
    assert announced["/book/acu_manual/questions/?visit=first"] is not asked_before


def test_who_finds_nothing_among_the_others_is_called_once_and_dana_sees_whom(alice, site):
    answer_all(alice, "acu_electro", **{PACEMAKER: "yes"})
    where = "/book/acu_electro/outcome/?visit=first"
    wrong = alice.post(where, {"name": "Alice Adams", "phone": "12"})
    assert wrong.status_code == 422
    assert 'value="Alice Adams"' in wrong.content.decode()
    for _press in range(2):
        assert alice.post(where, CALL_ME)["Location"] == where
    page = alice.get(where)
    said = text_of(page).replace("\u202f", " ")
    assert "We call you at (312) 555-0142, by Tuesday, October 6" in said
    assert "<title>We call you " in page.content.decode()
    assert said.index("We call you at") < said.index("What you can book")
    made = CallRequest.objects.get()
    assert (made.name, made.phone, made.site, made.first) == ("Alice Adams", "+13125550142", site, False)
    dana = sign_in(Client(), "dana", Role.SCHEDULER, site)
    listed = dana.get("/admin/booking/callrequest/").content.decode()
    assert "(312) 555-0142" in listed
    assert PACEMAKER not in listed
    dana.post("/admin/booking/callrequest/", {"action": "done", "_selected_action": [made.pk]})
    made.refresh_from_db()
    assert made.done_at is not None
    assert call_requests.forget(at=core_clock.now()) == 0
    assert call_requests.forget(at=core_clock.now() + timedelta(days=31)) == 1


def test_one_number_is_called_once_for_whoever_asks_also_where_two_presses_come_at_once(site):
    call_requests.ask(site=site.pk, name="Alice Adams", phone="+13125550142", by=SYSTEM, at=core_clock.now())
    made = CallRequest.objects.get()
    made.pk = None
    with pytest.raises(IntegrityError, match="number_is_called_once_for_whoever_asks"), transaction.atomic():
        made.save(force_insert=True)
    made.done_at, made.done_by = core_clock.now(), ""
    with pytest.raises(IntegrityError, match="made_call_says_who_called"), transaction.atomic():
        made.save(force_insert=True)


def test_nobody_of_another_site_sees_whom_to_call(alice, site, clinic):
    call_requests.ask(site=site.pk, name="Alice Adams", phone="+13125550142", by=SYSTEM, at=core_clock.now())
    elsewhere = sign_in(Client(), "dora", Role.SCHEDULER, make_site("harbor"))
    assert "555-0142" not in elsewhere.get("/admin/booking/callrequest/").content.decode()
    assert (
        elsewhere.post("/admin/booking/callrequest/", {"action": "done", "_selected_action": ["1"]}).status_code < 500
    )
    assert CallRequest.objects.get().done_at is None
    assert Client().get("/admin/booking/callrequest/").status_code == 302


def test_more_calls_than_one_person_needs_are_not_asked_for(alice, site):
    answer_all(alice, "acu_electro", **{PACEMAKER: "yes"})
    where = "/book/acu_electro/outcome/?visit=first"
    for number in range(call_requests.OF_A_VISITOR.burst):
        alice.post(where, CALL_ME | {"phone": f"312 555 014{number}"})
    refused = alice.post(where, CALL_ME | {"phone": "312 555 0149"})
    assert refused.status_code == 429
    assert site.phone in text_of(refused)
    assert CallRequest.objects.count() == call_requests.OF_A_VISITOR.burst


def test_with_a_fever_in_treatment_the_number_stands_there_at_once_and_nothing_is_booked(alice, site):
    first = begin(alice)
    assert answer(alice, first, **{FEVER: "yes"}) == OUTCOME
    page = alice.get(OUTCOME)
    said = text_of(page)
    assert "Please call your care team now" in said
    assert 'href="tel:911"' in page.content.decode()
    assert f"Call {site.phone}" in said
    assert not CallRequest.objects.exists()
    onwards = re.search(r'href="([^"]+)">Go on with the questions', page.content.decode())[1]
    address = html.unescape(onwards)
    while "/questions/" in address:
        address = answer(alice, address, **{TREATED: "yes"})
    assert address == OUTCOME
    assert alice.get(TIMES)["Location"] == OUTCOME
    alice.post(OUTCOME, CALL_ME)
    assert "Please call us all the same." in text_of(alice.get(OUTCOME))
    assert CallRequest.objects.get().first
    assert not Appointment.objects.exists()


def test_with_a_fever_and_no_treatment_another_way_is_found_once_that_is_known(alice):
    address = answer(alice, begin(alice), **{FEVER: "yes"})
    address = alice.get(address).context["goes_on"]
    while "/questions/" in address:
        address = answer(alice, address)
    said = text_of(alice.get(address))
    assert "Please call now" not in said
    assert "We find with you, on the phone, what suits you." in said
    assert "Call me" in said
    assert "We hope you feel better soon. Please stay home" in said
    assert "You can come again once the fever has gone. Answer the questions again then" in said
    adopt_screening()
    assert "once you have had no fever for 24 hours." in text_of(alice.get(address))


def test_who_is_not_sure_about_what_cannot_wait_sees_the_number_and_goes_on_to_times(alice, site):
    second = answer(alice, begin(alice), **{BACK_PAIN: "not_sure"})
    page = alice.get(second)
    assert "If you feel unwell now, do not wait for us: call." in text_of(page)
    assert 'href="tel:911"' in page.content.decode()
    while "/questions/" in second:
        second = answer(alice, second)
    assert second == TIMES
    said = text_of(alice.get(second))
    assert "We keep this time for you, and one of our clinicians looks at your answers first." in said
    assert "You hear from us by Tuesday, October 6." in said
    assert f"Call {site.phone}" in said
    assert f"Call {site.phone}" in text_of(to_be_checked(alice))


def test_where_two_sites_have_different_rules_each_time_is_judged_by_those_of_its_own_site(alice, site):
    riverside = make_site("riverside")
    type(riverside).objects.filter(pk=riverside.pk).update(phone="(312) 555-0120")
    make_places(riverside, 2)
    make_practitioner(riverside, name="Natalia Orlova")
    lay_out(weeks=3)
    content = shipped_content()
    adopt_suitability(site=riverside, content=content | {"rules": [r for r in content["rules"] if r["ask"] != THINNER]})
    assert answer_all(alice, **{THINNER: "yes"}) == TIMES
    page = alice.get(TIMES)
    first_day = page.content.decode().partition('class="day-of-times"')[2].partition('class="day-of-times"')[0]
    assert "Riverside clinic" in first_day
    assert "Lakeside clinic" not in first_day
    assert "Lakeside clinic: We keep this time for you, and one of our clinicians" in text_of(page)
    again = f"{questions()}&page=1"
    assert "call (312) 555-0100" in text_of(alice.get(again))
    alice.post("/book/hold/", {"slot": SLOT.findall(first_day)[0]})
    assert "call (312) 555-0120" in text_of(alice.get(again)), "she calls where she has a time"
    assert "looks at your answers first" not in text_of(alice.get(alice.post("/book/you/", ALICE)["Location"]))
    ben = Client()
    others = text_of(ben.get(answer_all(ben, "acu_electro", **{PACEMAKER: "yes"})))
    assert "PM, Lakeside clinic" in others.replace("\u202f", " ")


def test_alice_books_with_her_answers_and_they_are_on_her_record_and_not_in_her_session(alice):
    answer_all(alice)
    page = to_be_checked(alice)
    assert "Questions Answered Change" in text_of(page)
    booked = alice.get(alice.post("/book/done/", hidden_on(page))["Location"])
    assert "You are booked" in text_of(booked)
    visit = Appointment.objects.get()
    assert (visit.status, visit.suitability) == ("booked", "pass")
    assert visit.patient.suitability_responses.count() == 1
    assert "draft" not in alice.session


def test_what_her_practitioner_should_hear_of_stands_on_the_check_page_and_on_the_booked_one(alice):
    advice = "Please tell your practitioner about what you answered when you come."
    answer_all(alice, **{PACEMAKER: "yes"})
    assert advice not in text_of(alice.get(TIMES))
    page = to_be_checked(alice)
    assert advice in text_of(page)
    booked = alice.get(alice.post("/book/done/", hidden_on(page))["Location"])
    assert advice in text_of(booked)
    assert Appointment.objects.get().suitability == "inform"


def test_what_a_clinician_looks_at_first_is_kept_and_each_page_says_until_when(alice):
    answer_all(alice, **{THINNER: "not_sure"})
    days = re.findall(r'id="day-([0-9-]+)"', alice.get(TIMES).content.decode())
    assert min(days) == "2026-10-08"
    page = to_be_checked(alice)
    said = text_of(page)
    assert "You hear from us by Tuesday, October 6." in said
    assert re.search(r"We keep it until .+ at the latest\.", said)
    assert "Ask for this appointment" in said
    booked = text_of(alice.get(alice.post("/book/done/", hidden_on(page))["Location"]))
    assert re.search(r"We keep it for you until .+ at the latest\.", booked)
    assert (Appointment.objects.get().status, Appointment.objects.get().suitability) == ("proposed", "clinician_review")


def test_a_time_too_soon_for_somebody_to_look_first_is_neither_kept_nor_booked(alice):
    answer_all(alice)
    alice.post("/book/hold/", {"slot": a_time(0)})
    alice.post("/book/you/", ALICE)
    alice.get(f"{questions()}&page=2")
    answer(alice, f"{questions()}&page=2", **{THINNER: "yes"})
    assert alice.get("/book/check/")["Location"] == TIMES
    assert "Go on with this time" not in text_of(alice.get(TIMES))
    refused = alice.post("/book/hold/", {"slot": a_time(1)})
    assert refused.status_code == 409
    assert "These times are the nearest" in text_of(refused)


def test_who_books_an_old_page_after_the_rules_changed_is_asked_what_is_new_and_loses_nothing(alice):
    answer_all(alice)
    page = to_be_checked(alice)
    content = shipped_content()
    content["questions"]["feet"] = content["questions"][THINNER] | {"en": "Cold feet"}
    content["rules"].append({"id": "R99", "ask": "feet", "when": "yes", "to": {"needling": "clinician_review"}})
    publish_rules(content, at=core_clock.now())
    asked = alice.post("/book/done/", hidden_on(page))["Location"]
    assert asked_on(alice.get(asked)) == ["feet"]
    assert answer(alice, asked) == "/book/check/"
    alice.post("/book/done/", hidden_on(alice.get("/book/check/")))
    assert Appointment.objects.get().status == "booked"


def test_an_old_page_without_the_newest_answers_leads_to_the_page_as_it_is_now(alice):
    answer_all(alice)
    old = hidden_on(to_be_checked(alice))
    content = shipped_content()
    content["questions"]["feet"] = content["questions"][THINNER] | {"en": "Cold feet"}
    content["rules"].append({"id": "R99", "ask": "feet", "when": "yes", "to": {"needling": "clinician_review"}})
    publish_rules(content, at=core_clock.now())
    answer(alice, alice.get("/book/check/")["Location"])
    assert alice.post("/book/done/", old)["Location"] == "/book/check/"
    alice.post("/book/done/", hidden_on(alice.get("/book/check/")))
    assert Appointment.objects.get().status == "booked"
