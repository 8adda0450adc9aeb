"""What Alice is asked before she books: page for page, and nothing twice."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from booking.models import Hold
from booking.suitability.answers import SuitabilityAnswers
from booking.suitability.policies import rules_in_force
from booking.suitability.records import save_answers
from booking.suitability.shipped import shipped_content
from booking.web.suitability.suitability_draft import DraftAnswers
from core import clock as core_clock
from core.roles import Role
from core.text.phone_numbers import dialled
from tests.booking.pages.questioning import (
    FEVER,
    MOST_PAGES,
    OUTCOME,
    PACEMAKER,
    SWELLING,
    THINNER,
    answer,
    answer_all,
    asked_on,
    begin,
    publish_rules,
    questions,
    to_be_checked,
)
from tests.booking.pages.walk import ALICE, TIMES, a_time, open_clinic, slots_on, text_of
from tests.factories.booking import SYSTEM, make_patient, make_user
from tests.factories.policies import end_suitability
from tests.factories.scheduler import make_site

pytestmark = pytest.mark.usefixtures("asking_once")

BORN = {"birth_date": ALICE["birth_date"]}


def chosen_on(page) -> set[str]:
    """Return which answers are chosen on a page, as field=answer."""
    radios = re.findall(r'<input type="radio" name="([^"]+)" value="([^"]+)"[^>]* checked', page.content.decode())
    return {f"{name}={value}" for name, value in radios}


def test_alice_is_asked_before_the_times_page_for_page_and_says_no_to_each_in_one_tap(alice):
    assert alice.get(TIMES)["Location"] == f"{questions()}&page=birth-date"
    taps, address = 0, begin(alice)
    while "/questions/" in address:
        taps, address = taps + 1, answer(alice, address)
    assert (taps, address) == (MOST_PAGES, TIMES)
    kept = alice.post("/book/hold/", {"slot": slots_on(alice.get(address))[0]})
    assert kept["Location"] == "/book/you/"
    opened = alice.get("/book/you/").content.decode()
    assert 'value="3/27/1961"' in opened
    assert "Enter your full name" not in opened  # nothing was sent yet
    assert alice.post("/book/you/", ALICE)["Location"] == "/book/check/"


def test_from_what_is_checked_each_answer_can_be_put_right_and_leads_straight_back(alice):
    answer_all(alice, **{THINNER: "yes"})
    checked = unescape(to_be_checked(alice).text)
    change = re.search(r'href="([^"]+)">Change<span class="hidden"> Questions', checked)[1]
    overview = alice.get(change)
    assert "blood thinner" in text_of(overview)
    assert "None of these applies" in text_of(overview)
    pages = re.findall(r'href="([^"]+)">Change', unescape(overview.text))
    assert len(pages) == MOST_PAGES
    for page in pages:
        assert answer(alice, page) == "/book/check/", "whichever page it is on"
    assert "blood thinner" not in text_of(alice.get(change))


def test_what_is_left_to_answer_is_asked_before_it_is_shown_again(alice):
    begin(alice)
    asked = alice.get(f"{questions()}&page=answered")
    assert asked["Location"] == f"{questions()}&page=1"


def test_a_birth_date_of_this_year_is_asked_back_before_it_decides_what_is_asked(alice):
    address, today = alice.get(questions())["Location"], core_clock.now().strftime("%m/%d/%Y")
    sent = {"asked": asked_on(alice.get(address)), "none": "1", "birth_date": today}
    asked_back = alice.post(address, sent)
    assert "Born this year? Check the year." in text_of(asked_back)
    again = sent | {"birth_date_asked": re.search(r'name="birth_date_asked" value="([^"]+)"', asked_back.text)[1]}
    assert "page=" in alice.post(address, again)["Location"]


def test_what_the_times_were_narrowed_down_by_goes_along_through_the_questions(alice):
    asked_for = f"{TIMES}&part=morning&weekday=2&site=lakeside"
    address = alice.post(alice.get(asked_for)["Location"], BORN)["Location"]
    while "/questions/" in address:
        address = answer(alice, address)
    assert address == asked_for
    assert alice.get(address).status_code == 200


def test_the_first_questions_stand_beside_the_birth_date_and_neither_is_lost_when_the_other_is_wrong(alice):
    address = alice.get(questions())["Location"]
    first = {"asked": asked_on(alice.get(address)), FEVER: "not_sure"}
    wrong = alice.post(address, first | {"birth_date": "3/27/61"})
    assert (wrong.status_code, chosen_on(wrong)) == (422, {f"{FEVER}=not_sure"})
    assert "Enter your date of birth like" not in text_of(alice.get(address))  # opened anew, it was not sent
    neither = alice.post(address, {"asked": first["asked"], "birth_date": "3/27/1961"})
    assert "Choose what applies to you" in text_of(neither)
    assert alice.post(address, first | {"birth_date": "3/27/1961"})["Location"] == f"{questions()}&page=2"


def test_only_what_can_change_the_outcome_for_what_she_wants_is_asked(alice):
    def all_asked(therapy):
        alice.get(questions(therapy))
        pages = [alice.get(f"{questions(therapy)}&page={number}") for number in range(1, MOST_PAGES + 1)]
        return {key for page in pages if page.status_code == 200 for key in asked_on(page)}

    begin(alice)
    electro, pressure = all_asked("acu_electro"), all_asked("acupressure")
    assert {"taxane_now", PACEMAKER} <= electro
    assert not {"taxane_now", PACEMAKER} & pressure
    assert "spleen_removed_and_under_18" not in electro
    child = Client()
    begin(child, born="3/27/2014")
    assert "spleen_removed_and_under_18" in str(
        [asked_on(child.get(f"{questions()}&page={number}")) for number in range(1, MOST_PAGES + 1)]
    )


def test_the_pages_say_what_the_questions_are_for_and_whom_to_call(alice, site):
    said = text_of(alice.get(begin(alice)))
    assert "These questions help us book safely. They are not a medical opinion." in said
    assert site.phone in said
    assert alice.get(begin(alice)).content.decode().count(f'href="tel:{dialled(site.phone)}"') == 2  # and at the foot
    assert "100.4 °F (38.0 °C)" in said
    assert "No clinician has signed them." in said


def test_a_time_that_is_chosen_before_she_has_answered_is_not_held_but_leads_to_the_questions(alice):
    slot = {"slot": a_time()}
    assert alice.post("/book/hold/", slot)["Location"].startswith(questions())
    assert not Hold.objects.exists()
    answer_all(alice)
    assert alice.post("/book/hold/", slot)["Location"] == "/book/you/"


def test_back_reload_and_another_tab_keep_what_she_answered(alice):
    address = begin(alice)
    second = answer(alice, address)
    third = answer(alice, second, **{THINNER: "not_sure"})
    assert chosen_on(alice.get(second)) >= {f"{THINNER}=not_sure"}
    tab = Client()
    tab.cookies.load(alice.cookies.output(header=""))
    assert tab.get(questions())["Location"] == third
    answer(tab, second, **{THINNER: "yes"})
    assert f"{THINNER}=yes" in chosen_on(alice.get(second))
    assert alice.get(questions())["Location"] == third


def test_what_she_answers_is_sealed_in_her_session_and_goes_with_her_draft(alice):
    answer_all(alice, **{THINNER: "yes"})
    kept = alice.session["draft"]["suitability"]
    assert THINNER not in str(dict(alice.session))
    assert DraftAnswers.opened(kept, whose="").answers.answers[THINNER] == "yes"
    alice.post("/book/leave/")
    assert "draft" not in alice.session
    assert alice.get(questions())["Location"].endswith("page=birth-date")


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "Choose what applies to you, or press “None of these”."),
        ({FEVER: "yes", "none": "1"}, "You chose an answer, and pressed “None of these”."),
        ({FEVER: "perhaps"}, "Choose one of the answers"),
    ],
)
def test_a_page_with_nothing_or_with_two_things_is_asked_again(alice, sent, words):
    address = begin(alice)
    again = alice.post(address, {"asked": asked_on(alice.get(address))} | sent)
    assert again.status_code == 422
    assert words in text_of(again)
    assert alice.get(questions())["Location"] == address


def test_none_of_these_answers_what_stood_on_the_page_and_nothing_that_came_since(alice):
    address = begin(alice)
    shown = asked_on(alice.get(address))
    alice.post(address, {"asked": shown[:1], "none": "1"})
    rest = alice.get(questions())["Location"]
    assert rest == f"{address}&new=1"
    assert asked_on(alice.get(rest)) == shown[1:]


def test_other_rules_that_are_in_force_meanwhile_ask_just_what_is_new(alice):
    answer_all(alice)
    alice.post("/book/hold/", {"slot": a_time()})
    alice.post("/book/you/", ALICE)
    content = shipped_content()
    content["questions"]["feet"] = content["questions"][THINNER] | {"en": "Cold feet"}
    content["rules"].append({"id": "R99", "ask": "feet", "when": "yes", "to": {"needling": "clinician_review"}})
    publish_rules(content, at=core_clock.now())
    asked = alice.get("/book/check/")["Location"]
    page = alice.get(asked)
    assert asked_on(page) == ["feet"]
    assert "Cold feet" in text_of(page)
    assert answer(alice, asked) == "/book/check/"


def test_of_a_swelling_she_is_asked_where_on_a_list_and_may_not_be_sure(alice):
    where = answer_all(alice, **{SWELLING: "yes"})
    assert where.endswith("where=1")
    page = alice.get(where)
    assert [place in text_of(page) for place in ("Left arm", "Right leg", "Chest")] == [True, True, False]
    assert alice.post(where, {"question": SWELLING}).status_code == 422
    onwards = alice.post(where, {"question": SWELLING, "places": ["left_arm"]})["Location"]
    answers = DraftAnswers.opened(alice.session["draft"]["suitability"], whose="").answers
    assert answers.captures == {SWELLING: ("left_arm",)}
    assert "where" not in onwards
    assert alice.post(where, {"question": SWELLING, "places": ["unsure"]})["Location"] == onwards
    answers = DraftAnswers.opened(alice.session["draft"]["suitability"], whose="").answers
    assert answers.captures == {SWELLING: ()}


def test_with_another_birth_date_she_is_asked_whether_the_answers_are_hers(alice):
    answer_all(alice, **{PACEMAKER: "yes"})
    alice.post("/book/hold/", {"slot": slots_on(alice.get(TIMES))[-1]})
    alice.post("/book/you/", ALICE | {"birth_date": "3/28/1961"})
    asked = alice.get("/book/check/")["Location"]
    said = text_of(alice.get(asked))
    assert "for another date of birth" in said
    assert "1961" not in said  # it may be somebody else who reads this
    assert "pacemaker" not in said.lower()
    assert alice.post(asked, {"says": "same"})["Location"] == "/book/check/"
    assert alice.get("/book/check/").status_code == 200
    alice.post("/book/you/", ALICE | {"name": "Nora Adams", "birth_date": "5/1/1990"})
    asked = alice.get("/book/check/")["Location"]
    assert alice.post(asked, {"says": "anew"})["Location"] == f"{questions()}&page=1"


def test_somebody_else_on_the_same_phone_neither_reads_nor_goes_on_with_what_alice_answered(alice):
    address = begin(alice)
    for _page in range(MOST_PAGES - 1):
        address = answer(alice, address, **{THINNER: "yes"})
    sent = {"asked": asked_on(alice.get(address)), "none": "1"}
    whose = alice.post(questions() + "&page=birth-date", {"birth_date": "2/3/1990"})["Location"]
    assert "page=same" in whose
    for page in range(1, MOST_PAGES + 1):
        assert alice.get(f"{questions()}&page={page}")["Location"] == whose
    assert alice.post(address, sent)["Location"] == whose
    assert alice.post(whose, {"says": "anew"})["Location"] == f"{questions()}&page=1"
    assert not DraftAnswers.opened(alice.session["draft"]["suitability"], whose="").answers


def test_where_nothing_is_asked_nobody_is_asked_whose_answers_they_are(alice):
    answer(alice, begin(alice))
    alice.post(questions() + "&page=birth-date", {"birth_date": "2/3/1990"})
    end_suitability()
    left = alice.get(questions("acupressure"))
    assert (left.status_code, "questions" in left["Location"]) == (302, False)


def test_what_counts_no_more_is_asked_again_and_not_shown_as_answered(alice):
    answer_all(alice)
    kept = alice.session["draft"]["suitability"]
    draft = DraftAnswers.opened(kept, whose="")
    old = replace(draft, answers=replace(draft.answers, answered_at=draft.answers.answered_at - timedelta(days=9)))
    session = alice.session
    session["draft"] = session["draft"] | {"suitability": old.sealed()}
    session.save()
    address, taps = alice.get(TIMES)["Location"], 0
    while "/questions/" in address:
        address, taps = answer(alice, address), taps + 1
    assert (address, 0 < taps <= MOST_PAGES) == (TIMES, True)
    assert alice.get(TIMES).status_code == 200


@pytest.mark.parametrize("therapy", ["acu_manual", "acu_electro"])
def test_no_address_says_what_is_asked_or_answered(alice, therapy):
    address = begin(alice, therapy)
    while "/questions/" in address:
        assert re.fullmatch(rf"/book/{therapy}/questions/\?visit=first&page=(\d|birth-date)(&where=1)?", address)
        address = answer(alice, address, **{PACEMAKER: "yes"})


def test_without_a_visit_or_for_what_nobody_offers_nothing_is_asked(alice):
    assert alice.get("/book/acu_manual/questions/")["Location"] == "/book/"
    assert alice.get("/book/acu_manual/outcome/")["Location"] == "/book/"
    assert alice.get("/book/nonsense/questions/?visit=first").status_code == 404
    assert alice.get(OUTCOME)["Location"].endswith("page=birth-date")


@pytest.fixture
def ben_answered(site, ben):
    """Ben, who signs in, and answered last week that he takes a blood thinner."""
    user = make_user("ben", Role.PATIENT)
    patient = make_patient(site, "Ben Adams", user=user)
    rules, version = rules_in_force(site.pk, at=core_clock.now())
    no = {key: "no" for key, one in rules.questions.items() if "booking" in one.asked}
    last_week = core_clock.now() - timedelta(days=5)
    given = SuitabilityAnswers(answers=no | {THINNER: "yes"}, answered_at=last_week)
    save_answers(patient, given, rules=rules, policy_version=version, by=SYSTEM, at=last_week)
    ben.force_login(user)
    return ben


def test_ben_whose_answers_still_count_says_in_one_tap_that_nothing_has_changed(ben_answered):
    where = ben_answered.get(TIMES)["Location"]
    said = text_of(ben_answered.get(where))
    assert "Nothing has changed since September 30, 2026" in said
    assert "You take a blood thinner (for example warfarin, heparin, apixaban): Yes" in said
    assert ben_answered.post(where, {"says": "same"})["Location"] == TIMES
    assert "one of our clinicians looks at your answers first" in text_of(ben_answered.get(TIMES))


def test_ben_for_whom_something_has_changed_is_asked_anew(ben_answered):
    where = ben_answered.get(TIMES)["Location"]
    address = ben_answered.post(where, {"says": "anew"})["Location"]
    assert address == f"{questions()}&page=1"
    while "/questions/" in address:
        address = answer(ben_answered, address)
    assert "looks at your answers first" not in text_of(ben_answered.get(address))


def test_what_a_guest_answered_is_not_taken_for_what_ben_says_who_signs_in_there(alice, site):
    answer_all(alice)
    user = make_user("ben", Role.PATIENT)
    make_patient(site, "Ben Adams", user=user)
    alice.force_login(user)
    assert alice.get(TIMES)["Location"] == f"{questions()}&page=1"


def test_a_link_with_a_place_that_there_is_not_is_refused_before_any_question(alice):
    open_clinic(make_site("north"))  # among several places one is named
    refused = alice.get(f"{TIMES}&site=nowhere")
    assert refused.status_code == 400
    assert "Choose the therapy anew" in text_of(refused)


def test_twin_a_place_that_there_is_leads_to_the_questions_and_so_does_a_link_that_names_the_therapy(alice, site):
    open_clinic(make_site("north"))
    assert "/questions/" in alice.get(f"{TIMES}&site={site.key}")["Location"]
    named = alice.get("/book/?therapy=acu_manual&visit=first")
    assert named["Location"] == "/book/acu_manual/times/?visit=first"
    assert alice.get("/book/?therapy=nothing").status_code == 200
