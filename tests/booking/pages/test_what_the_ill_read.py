"""What Alice reads who is not to come, or needs help, and what whoever would come along with her reads then."""

import re

import pytest

from tests.booking.pages.walk import go_on, text_of

FEVER, TEST = "fever_or_chills_24h", "positive_covid_flu_rsv_10d"
POSITIVE = {TEST: "on", "days": "1", "tested_on": "10/4/2026", "severity": "mild", "weak_immune_system": "no"}


@pytest.fixture
def visit(screened_once, alice):
    """Where Alice's visit of tomorrow is found, at a clinic that asks how people are."""
    return go_on(alice, screened_once)


def answer(client, visit, said=None, who=0):
    return client.post(f"{visit}screening/?who={who}", said or {"none": "1"})


def result(client, visit, said=None, who=0):
    return text_of(client.get(answer(client, visit, said, who)["Location"]))


@pytest.mark.parametrize("said", [POSITIVE, {"emergency": "on"}])
def test_nobody_comes_along_with_a_patient_who_is_not_to_come(alice, visit, said):
    answer(alice, visit)
    assert "Your companion can come" in result(alice, visit, who=1)
    answer(alice, visit, said)
    page = text_of(alice.get(f"{visit}screening/?who=1"))
    assert "Please do not come for now" in page
    assert "Your companion can come" not in page
    assert "Show this page at the door" not in page


def test_who_answers_anew_after_asking_for_help_reads_that_it_arrived_and_that_we_talk_first(alice, visit):
    first = result(alice, visit, {"emergency": "on"})
    assert "Ticked by mistake, or better by now? Say so on the phone" in first
    assert "Your new answer has arrived" not in first
    again = result(alice, visit)
    assert "Please get help now" in again
    assert "Your new answer has arrived. Before this page changes, one of us has to talk with you." in again


def test_the_list_of_what_is_wrong_names_each_question_in_the_order_of_the_page(alice, visit):
    said = {TEST: "on", FEVER: "on", "days": "1", "tested_on": "10/4/2026", "fever_free_since": "10/9/2026"}
    page = answer(alice, visit, said).content.decode()
    listed = dict(re.findall(r'<li><a href="#id_([a-z_]+?)(?:_0)?">([^<]+)<', page))
    fields = dict.fromkeys(re.findall(r'<input[^>]* name="([a-z_]+)"[^>]* id="id_', page))
    assert list(listed) == [name for name in fields if name in listed]
    assert listed["severity"] == "How ill the infection makes or made you: Please answer this question"
    assert listed["fever_free_since"].endswith("without medicine for it: This day is still to come. Please check it")
