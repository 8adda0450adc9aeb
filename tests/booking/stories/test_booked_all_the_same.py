"""Carol books what the rules would not, with a reason; who treats, and whoever comes along, are told what they need."""

import re
from dataclasses import replace
from datetime import date

import pytest
from django.test import Client

from booking.actions import appointments, links
from booking.actions.suitability import suitability, suitability_checks, suitability_reviews
from booking.models import CallTask, Patient
from booking.status import Move, Status
from booking.suitability.visit_words import flags_in_words
from booking.suitability.visits import judge_visits
from notifications.actions import dispatch
from tests.booking.stories.test_reviews_before_booking import (
    FEVER,
    NO,
    PAGE,
    TEN,
    THINNER,
    _asked,
    book,
    carol,
    clock,
    now,
    press,
    text_of,
    visit,
)
from tests.factories.booking import MINUTE, SYSTEM, read_slot, slot_id
from tests.factories.scheduler import AT, offer

__all__ = ["_asked", "carol", "clock", "visit"]  # fixtures

pytestmark = pytest.mark.django_db
CLOT, LUNGS = "clot_in_leg_or_arm", "asthma_copd_lung_disease_or_smoke_bothers"
PLACE = "radiation_site_wound_rash_graft_tumour_port_implant"


@pytest.fixture
def blocked(carol, visit):
    """What Alice asks for, who has few platelets by now; with what Carol has seen of it."""
    press(carol, visit, "counts", platelets="15", taken_on="10/4/2026")
    return visit, judge_visits([visit], at=AT)[visit.pk].mark


def test_what_is_not_booked_online_by_now_is_booked_by_no_key_and_only_with_a_reason(carol, blocked):
    visit, mark = blocked
    page = carol.get(PAGE)
    assert 'data-key="a"' not in page.content.decode()
    assert "Once it is booked, who treats is told: low platelets" in text_of(page)
    refused = press(carol, visit, "approve", mark=mark, set_aside=" ")
    assert (refused.status_code, now(visit).status) == (400, Status.PROPOSED)
    assert "Say why it is booked all the same" in text_of(refused)
    press(carol, visit, "approve", mark=mark, set_aside="Seen today: 60 by a new count")
    assert (now(visit).status, now(visit).set_aside_reason) == (Status.BOOKED, "Seen today: 60 by a new count")
    assert visit.changes.get(move=Move.APPROVE).facts["answers_set_aside"] is True
    assert not CallTask.objects.filter(done_at=None).exists(), "it has been looked at"
    assert "low platelets" in flags_in_words(judge_visits([visit], at=AT)[visit.pk], set_aside=True)
    press(carol, now(visit), "take-back")
    assert (now(visit).status, now(visit).set_aside_reason) == (Status.PROPOSED, "")


def test_twin_without_the_question_why_one_press_would_book_it(carol, blocked, monkeypatch):
    monkeypatch.setattr(suitability_checks, "why_all_the_same", lambda *_args, **_kwargs: "")
    visit, mark = blocked
    press(carol, visit, "approve", mark=mark)
    assert now(visit).status == Status.BOOKED


def test_what_a_clinician_set_aside_is_told_to_who_treats_where_the_rules_have_no_words(alice, dr_li, carol, clock):
    visit = book(alice, dr_li, **{THINNER: "no"})
    suitability.answer(alice.record, replace(NO, answers={FEVER: "yes"}), site_id=visit.site_id, by=SYSTEM, at=AT)
    judged = judge_visits([visit], at=AT)[visit.pk]
    assert not flags_in_words(judged)
    assert flags_in_words(judged, set_aside=True)[0].startswith("a clinician has looked at: A temperature of")


def test_who_says_that_it_stands_although_somebody_is_to_be_called_says_why(carol, alice, dr_li):
    stands = book(alice, dr_li, **{THINNER: "no"})
    worse = replace(NO, answers={FEVER: "yes", "on_active_cancer_treatment": "yes"})
    suitability.answer(alice.record, worse, site_id=stands.site_id, by=SYSTEM, at=AT + MINUTE)
    assert "Why it stands all the same" in text_of(carol.get(PAGE))
    assert press(carol, stands, "looked-at").status_code == 400
    assert press(carol, stands, "looked-at", set_aside="Called her: it was last year").status_code == 302
    assert now(stands).set_aside_reason == "Called her: it was last year"


@pytest.mark.parametrize(
    "known",
    [
        ({}, date(2014, 6, 6), "Please come with a parent or guardian", "a form for the parent or guardian"),
        ({"confused_or_cannot_report_pain": "yes"}, date(1970, 5, 1), "Please bring somebody along", "a seat for"),
    ],
)
def test_whoever_comes_along_is_asked_for_in_the_mail_on_the_page_and_prepared_for_at_the_desk(
    carol, alice, dr_li, mailoutbox, known
):
    said, born, sentence, prepared = known
    Patient.objects.filter(pk=alice.record.pk).update(birth_date=born)
    alice.record.refresh_from_db()
    visit = book(alice, dr_li, **{THINNER: "no"} | said)
    dispatch.run(now=lambda: AT + MINUTE)
    asked = " ".join(mail.body for mail in mailoutbox)
    assert "Somebody of our team looks at it first, usually by October 6, 2026. We keep the time until" in asked
    assert prepared in text_of(carol.get(PAGE))
    press(carol, visit, "approve")
    dispatch.run(now=lambda: AT + 4 * MINUTE)
    told = mailoutbox[-1].body
    assert sentence in told
    assert "You do not need to do anything more" not in told
    assert sentence in text_of(Client().get(f"/m/{links.issue(now(visit), at=AT)}/"))


def test_who_is_declined_with_something_else_is_led_there_by_the_mail(carol, visit, dr_li, clock, mailoutbox):
    offer(dr_li, "acupressure", sites=[visit.site])
    dispatch.run(now=lambda: AT)
    choice = re.search(r'name="instead" value="([^"]+)"', carol.get(PAGE).content.decode())[1]
    press(carol, visit, "decline", instead=choice)
    dispatch.run(now=lambda: AT + 3 * MINUTE)
    assert re.search(r"See what suits you better:\s+\S+/m/\S+/instead/", mailoutbox[-1].body)


UNNAMED = (
    "avoid a place that they did not name (ask where: “A place on your body with radiation, a wound, rash, graft, "
    "tumor, port or implant”)"
)


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("captures", "words"), [({}, UNNAMED), ({PLACE: ("left_arm", "back")}, "avoid left arm, back")]
)
def test_who_treats_reads_where_or_that_they_ask_where_nobody_has_said(captures, words, alice, dr_li):
    visit = book(alice, dr_li, **{THINNER: "no"})
    said = replace(NO, answers={PLACE: "yes"}, captures=captures)
    suitability.answer(alice.record, said, site_id=visit.site_id, by=SYSTEM, at=AT)
    assert words in flags_in_words(judge_visits([visit], at=AT)[visit.pk])


@pytest.mark.usefixtures("clock")
def test_what_names_no_place_asks_for_none(alice, dr_li):
    judged = judge_visits([book(alice, dr_li, **{THINNER: "yes"})], at=AT)
    assert [flags_in_words(one) for one in judged.values()] == [["takes a blood thinner"]]


def test_carol_offers_what_alice_is_offered_herself_also_where_more_is_asked_for_it(carol, alice, dr_li, lakeside):
    offer(dr_li, "moxa_indirect", "acupressure", sites=[lakeside])
    for_needles = {key: one for key, one in NO.answers.items() if key not in {"mugwort_or_ragweed_allergy", LUNGS}}
    slot, given = read_slot(slot_id(dr_li, TEN)), replace(NO, answers=for_needles | {CLOT: "yes"})
    visit = appointments.book(patient=alice.record, by=alice.principal, at=AT, slot=slot, answers=given)
    known = judge_visits([visit], at=AT)[visit.pk]
    offered = {one.therapy: one for one in suitability_reviews.alternatives(visit, known)}
    assert (offered["moxa_indirect"].disposition, offered["moxa_indirect"].asks_more) == ("pass", True)
    assert not offered["acupressure"].asks_more
    assert re.search(r"1\. Moxibustion[^;]*; after a few more questions", text_of(carol.get(PAGE)))
