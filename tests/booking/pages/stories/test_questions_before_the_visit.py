"""Some days before they come people are asked what they were never asked, or what counts no more by then."""

import re
from datetime import timedelta

import pytest

from booking.actions.suitability import page_answers, suitability
from booking.models import Appointment, CallReason, CallTask, SuitabilityResponse
from booking.status import Status
from booking.suitability.answers import SuitabilityAnswers, answered_no
from booking.suitability.records import answers_known
from booking.suitability.shipped import shipped_content, shipped_rules
from core import clock as core_clock
from core.models import Site
from tests.booking.pages.walk import go_on, link, text_of
from tests.factories.policies import SOMEBODY, adopt_suitability

NO = answered_no(shipped_rules())
THINNER, CLOT, FEVER = "anticoagulant", "clot_in_leg_or_arm", "fever_now"
CHEST = "chest_pain_severe_breathlessness_heavy_bleeding_new_confusion"
BACK_PAIN = "new_back_pain_with_weakness_numbness_or_bladder_bowel_change"
MOST_PAGES = 5
ASKED_LINE = "Some questions are to be answered before you come."


@pytest.fixture
def page(screened_once, alice, clock):
    """Where the visit is found that Alice has booked an hour ago, before anything was asked, and that is tomorrow."""
    address = go_on(alice, screened_once)
    clock.shift(60 * 60)
    adopt_suitability(site=Site.objects.get(key="lakeside"))
    return address


def send(client, page, **answers):
    """Answer page by page what is asked, none of these where nothing is; return the last page, or the one to call."""
    address, sent = f"{page}questions/", None
    for _page in range(MOST_PAGES):
        asked = asked_at(client, address)
        mine = {key: one for key, one in answers.items() if key.removesuffix("-where") in asked}
        sent = client.post(address, {"asked": asked} | (mine or {"none": "1"}))
        if sent.status_code == 200:
            break
        address = sent["Location"]
    return sent


def asked_at(client, address):
    """Return what is asked on a page."""
    return re.findall(r'name="asked" value="([^"]+)"', client.get(address).content.decode())


def shown(client, page):
    """Return what is asked, on whichever page."""
    found = [asked_at(client, f"{page}questions/?page={number}") for number in range(1, MOST_PAGES + 1)]
    return {key for keys in found for key in keys}


def to_talk_about():
    return list(CallTask.objects.filter(reason=CallReason.ANSWERS_CHANGED, done_at=None))


def test_who_was_booked_before_anything_was_asked_is_asked_before_she_comes(alice, page):
    assert ASKED_LINE in text_of(alice.get(page))
    sent = send(alice, page)
    assert "Thank you" in text_of(sent)
    assert {one.answered_by.partition(":")[0] for one in SuitabilityResponse.objects.all()} == {"link"}
    assert ASKED_LINE not in text_of(alice.get(page))
    assert "You have answered our questions" in text_of(alice.get(f"{page}questions/"))
    assert (Appointment.objects.get().status, to_talk_about()) == (Status.BOOKED, [])


def test_what_is_worse_is_looked_at_and_the_appointment_stays(alice, page):
    sent = text_of(send(alice, page, **{THINNER: "yes", CLOT: "yes", f"{CLOT}-where": ["left_leg"]}))
    assert "Thank you" in sent
    assert "blood" not in sent
    assert Appointment.objects.get().status == Status.BOOKED
    assert [call.appointment_id for call in to_talk_about()] == [Appointment.objects.get().pk]


def test_who_has_chest_pain_gets_the_number_at_once(alice, page):
    sent = text_of(send(alice, page, **{CHEST: "yes"}))
    assert "Please call now" in sent
    assert "Call 911" in sent
    assert "we write to you" not in sent
    assert "we call you" not in sent
    assert "Your appointment stays as it is." in sent
    assert Appointment.objects.get().status == Status.BOOKED
    assert len(to_talk_about()) == 1


def test_who_is_not_sure_about_what_cannot_wait_reads_the_number_at_once_and_goes_on(alice, page):
    sent = send(alice, page, **{BACK_PAIN: "not_sure"})
    said = text_of(sent)
    assert "If you feel unwell now, do not wait for us: call." in said
    assert 'href="tel:911"' in sent.content.decode()
    assert "Blood and medicines" in text_of(alice.get(link(sent, "Go on with the questions")))


def test_questions_stand_page_by_page_above_the_buttons_and_an_error_names_the_one_that_is_there(alice, page):
    first = text_of(alice.get(f"{page}questions/"))
    assert "How are you now?" in first
    assert "blood thinner" not in first
    assert first.index("Chest pain") < first.index("No, none of these")
    both = alice.post(f"{page}questions/", {"asked": [THINNER], THINNER: "yes", "none": "1"})
    assert "press “Continue”" in text_of(both)
    assert ">Continue</button>" in both.content.decode()


def test_a_page_on_which_nothing_is_chosen_is_asked_again(alice, page):
    sent = alice.post(f"{page}questions/", {"asked": [THINNER]})
    assert sent.status_code == 422
    assert SuitabilityResponse.objects.count() == 0


def test_only_what_counts_no_more_by_then_is_asked_again(alice, page):
    visit = Appointment.objects.get()
    suitability.answer(visit.patient, NO, site_id=visit.site_id, by=SOMEBODY, at=core_clock.now())
    assert ASKED_LINE not in text_of(alice.get(page))
    SuitabilityResponse.objects.update(answered_at=core_clock.now() - timedelta(days=8))
    asked = shown(alice, page)
    assert THINNER in asked
    assert "seizures" not in asked


def test_what_would_run_out_before_she_comes_is_not_asked_on_and_on(alice, page):
    content = shipped_content()
    content["keep_days"]["volatile"] = 1
    adopt_suitability(content=content, site=Site.objects.get(key="lakeside"))
    assert not {THINNER, CHEST} & set(shown(alice, page))
    send(alice, page)
    assert ASKED_LINE not in text_of(alice.get(page))


def on_record():
    """Return what counts of Alice's answers."""
    visit = Appointment.objects.get()
    return answers_known(visit, shipped_rules(), at=core_clock.now()).answers


def sent_at(client, address, **answers):
    """Send the page that stands open in another tab."""
    asked = asked_at(client, address)
    return lambda: client.post(address, {"asked": asked} | (answers or {"none": "1"}))


def test_a_worse_answer_from_another_tab_counts_and_a_better_one_is_to_be_said(alice, page):
    first = f"{page}questions/"
    worse, better = sent_at(alice, first, **{CHEST: "yes"}), sent_at(alice, first)
    alice.post(first, {"asked": asked_at(alice, first), "none": "1"})
    said = text_of(worse())
    assert "Please call now" in said
    assert on_record()[CHEST] == "yes"
    assert len(to_talk_about()) == 1
    onwards = alice.get(better()["Location"])
    assert on_record()[CHEST] == "yes"
    assert "You had answered some of that already" in text_of(onwards)
    assert link(onwards, "Change an answer") == f"{first}change/"


def test_a_worse_answer_counts_also_once_all_is_answered(alice, page):
    late = sent_at(alice, f"{page}questions/", **{FEVER: "yes"})
    send(alice, page)
    assert "We have noted your answers" in text_of(late())
    assert on_record()[FEVER] == "yes"
    assert len(to_talk_about()) == 1


def test_who_has_answered_all_puts_an_answer_right_and_what_is_left_open_stays(alice, page):
    send(alice, page, **{THINNER: "yes", CLOT: "yes", f"{CLOT}-where": ["left_leg"]})
    again = alice.get(f"{page}questions/")
    assert "You have answered our questions" in text_of(again)
    change = link(again, "Change an answer")
    assert link(alice.get(page), "Change an answer") == change
    shown = alice.get(change)
    assert "checked" not in shown.content.decode()
    assert "none of these" not in text_of(shown)
    asked = asked_at(alice, change)
    nothing = alice.post(change, {"asked": asked})
    assert "Choose what has changed" in text_of(nothing)
    alice.post(change, {"asked": asked, THINNER: "no"})
    assert (on_record()[THINNER], on_record()[CLOT]) == ("no", "yes")
    alice.post(change, {"asked": asked, CLOT: "yes", f"{CLOT}-where": ["left_arm"], FEVER: "yes"})
    assert (on_record()[CLOT], on_record()[FEVER]) == ("yes", "yes")


def test_without_the_rule_a_worse_answer_from_another_tab_is_lost(alice, page, monkeypatch):
    monkeypatch.setattr(page_answers, "worsened", lambda _known, given, _rules: SuitabilityAnswers())
    late = sent_at(alice, f"{page}questions/", **{FEVER: "yes"})
    send(alice, page)
    late()
    assert on_record()[FEVER] == "no"
