"""A clinician looks at health answers: who may come, who is called first, who stays away and where they find a time."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from booking.actions.screening import screening_reviews
from booking.models import Appointment, CallReason, CallTask, ContactPoint, Hold, Patient, ScreeningResponse
from booking.status import Status
from core.models import Site, User
from core.roles import Role
from scheduler.models import Practitioner, WeekSheet
from tests.booking.pages.walk import a_time, book, go_on, hidden_on, slots_on, text_of
from tests.factories.admin import sign_in
from tests.factories.policies import adopt_screening

COUGH, FEVER = "new_cough_breathless_sore_throat_runny_nose", "fever_or_chills_24h"
TEST = "positive_covid_flu_rsv_10d"
USUAL = {f"{COUGH}-usual": "on"}
NOT_SURE = {TEST: "on", "days": "1", "tested_on": "10/4/2026", "severity": "mild", "weak_immune_system": "not_sure"}
DAY = 24 * 60 * 60


@pytest.fixture
def visit(screened_once, alice):
    """Where Alice's visit of tomorrow at one is found, at a clinic that asks how people are."""
    return go_on(alice, screened_once)


@pytest.fixture
def carol(site):
    """A clinician's browser."""
    return clinician("carol", first_name="Carol", last_name="Diaz")


def clinician(name, **names):
    client = sign_in(Client(), name, Role.CLINICIAN, Site.objects.get(key="lakeside"))
    User.objects.filter(username=name).update(**names)
    return client


def answer(client, visit, said, who=0):
    there = client.post(f"{visit}screening/" + (f"?who={who}" if who else ""), said)
    assert there.status_code == 302, text_of(there)
    return ScreeningResponse.objects.latest("pk")


def decide(client, row, what, **sent):
    return client.post(f"/desk/health/{row.public_id}/{what}/", sent)


def the_visit():
    return Appointment.objects.get()


def page_of(client, visit):
    return text_of(client.get(f"{visit}screening/"))


def test_answers_are_due_in_four_opening_hours_and_those_of_an_emergency_in_one(alice, visit):
    assert answer(alice, visit, USUAL).due_at == datetime(2026, 10, 5, 17, tzinfo=UTC)
    assert answer(alice, visit, {"emergency": "on"}).due_at == datetime(2026, 10, 5, 14, tzinfo=UTC)


def test_what_comes_in_the_evening_is_due_the_next_morning(alice, site, clock):
    adopt_screening()
    there = book(alice, slot=a_time(6))  # on Wednesday
    clock.move_to(datetime(2026, 10, 6, 1, tzinfo=UTC))  # Monday, 8 in the evening: an hour before the site closes
    assert answer(alice, there, USUAL).due_at == datetime(2026, 10, 6, 15, tzinfo=UTC)  # ten: it opens at seven


def test_answers_shortly_before_a_visit_are_due_before_it_begins(alice, visit, clock):
    clock.move_to(the_visit().period.lower - timedelta(hours=1))
    row = answer(alice, visit, USUAL)
    assert row.due_at < the_visit().period.lower


def test_whoever_needs_help_comes_first_and_then_what_is_due_first(alice, ben, visit, carol, clock):
    answer(alice, visit, USUAL)
    clock.shift(60)
    bens = book(ben, 4, name="Ben Brown", email="ben@example.org")
    answer(ben, bens, {"emergency": "on"})
    page = text_of(carol.get("/desk/health/"))
    assert page.index("Ben Brown") < page.index("Alice Adams")
    assert "They said that they need help now" in page


def test_what_nobody_decided_in_time_says_so_on_top(alice, visit, clock):
    answer(alice, visit, USUAL)
    clock.shift(5 * 60 * 60)
    assert "Was due: Monday, October 5" in text_of(clinician("carol").get("/desk/health/"))


def test_carol_lets_alice_come_with_a_mask_or_without(alice, visit, carol):
    decide(carol, answer(alice, visit, USUAL), "approved")
    assert "You can come" in page_of(alice, visit)
    assert "wear a mask for the whole visit" not in page_of(alice, visit)
    done = decide(carol, answer(alice, visit, USUAL), "masked")
    assert "wear a mask for the whole visit" in page_of(alice, visit)
    assert "Alice Adams may come, with a mask. They hear so by e-mail." in text_of(carol.get(done["Location"]))


def test_alice_is_called_first_and_her_answers_stay_to_be_decided_about(alice, visit, carol):
    a_phone(the_visit())
    row = answer(alice, visit, USUAL)
    decide(carol, row, "asked")
    row.refresh_from_db()
    assert (row.decision, row.call_starts_at) == ("", datetime(2026, 10, 5, 14, tzinfo=UTC))  # nine: the next hour
    assert CallTask.objects.get(done_at=None).reason == CallReason.SCREENING
    assert "They expect your call: Monday, October 5" in text_of(carol.get("/desk/health/"))
    assert "between Monday, October 5" in page_of(alice, visit)
    decide(carol, row, "approved")
    assert not CallTask.objects.filter(done_at=None).exists()
    assert "You can come" in page_of(alice, visit)


def test_a_time_for_the_call_can_be_chosen_and_one_that_is_none_is_refused(alice, visit, carol):
    row = answer(alice, visit, USUAL)
    decide(carol, row, "asked", call="2026-10-05T15:00:00+00:00/2026-10-05T16:00:00+00:00")
    row.refresh_from_db()
    assert row.call_ends_at == row.due_at == datetime(2026, 10, 5, 16, tzinfo=UTC)
    for wrong in (
        "noon",
        "2026-10-01T15:00:00+00:00/2026-10-01T16:00:00+00:00",
        "2026-10-05T15:00:00/2026-10-05T16:00:00",
    ):
        assert decide(carol, row, "asked", call=wrong).status_code == 400


def test_alice_is_told_to_stay_away_and_her_page_shows_the_first_times_after_her_day(alice, visit, carol):
    decide(carol, answer(alice, visit, USUAL), "declined")
    page = alice.get(f"{visit}screening/")
    assert "Please stay home for now" in text_of(page)
    assert "You can come from Wednesday, October 7 on" in text_of(page)
    assert the_visit().status == Status.BOOKED
    check = alice.get(alice.post(f"{visit}move/", {"slot": slots_on(page)[0]})["Location"])
    alice.post(f"{visit}move/check/", hidden_on(check))
    assert the_visit().period.lower.date().isoformat() >= "2026-10-07"
    assert "How are you?" in page_of(alice, visit)  # asked anew, and no dead end


def test_carol_says_from_when_on_and_sees_the_times_from_there(alice, visit, carol):
    row = answer(alice, visit, USUAL)
    page = carol.get(f"/desk/health/?times={row.public_id}&from=10/12/2026")
    assert "Monday, October 12" in text_of(page)
    decide(carol, row, "declined", **{"from": "10/12/2026"})
    assert "You can come from Monday, October 12 on" in page_of(alice, visit)


def test_a_time_that_carol_keeps_for_alice_waits_for_her_yes(alice, ben, visit, carol):
    row = answer(alice, visit, USUAL)
    offered = slots_on(carol.get("/desk/health/"))[0]
    decide(carol, row, "declined", slot=offered)
    assert Hold.objects.get(moving__isnull=False).expires_at == datetime(2026, 10, 6, 13, tzinfo=UTC)
    page = alice.get(f"{visit}screening/")
    assert "We keep a time for you" in text_of(page)
    assert the_visit().period.lower.date().isoformat() == "2026-10-06"
    alice.post(f"{visit}move/check/", {"slot": hidden_on(page)["slot"]})
    assert the_visit().period.lower.date().isoformat() == "2026-10-07"


def test_giving_her_time_back_frees_what_was_kept_for_her_too(alice, visit, carol):
    row = answer(alice, visit, USUAL)
    decide(carol, row, "declined", slot=slots_on(carol.get("/desk/health/"))[0])
    alice.post(f"{visit}screening/give-back/")
    assert the_visit().status == Status.CANCELLED
    assert set(Hold.objects.filter(moving__isnull=False).values_list("state", flat=True)) == {"released"}


def test_a_decline_is_taken_back_the_same_day_and_not_the_next(alice, visit, carol, clock):
    row = answer(alice, visit, USUAL)
    decide(carol, row, "declined", slot=slots_on(carol.get("/desk/health/"))[0])
    listed = text_of(carol.get("/desk/health/"))
    assert "Decided by Carol Diaz" in listed
    assert "Kept for them: Wednesday, October 7" in listed
    decide(carol, row, "take-back")
    assert not Hold.objects.filter(moving__isnull=False, state="open").exists()
    decide(carol, row, "declined")
    clock.shift(16.5 * 60 * 60)  # half past midnight
    refused = decide(clinician("dora"), row, "take-back")
    assert refused.status_code == 409
    assert "can no longer be taken back. It was decided on another day." in text_of(refused)


@pytest.mark.parametrize(
    ("decision", "said"),
    [("approved", "May come."), ("masked", "May come, with a mask."), ("asked", "Calls us first: Monday, October 5")],
)
def test_every_decision_of_today_is_listed_and_taken_back_with_one_press(alice, visit, carol, decision, said):
    decide(carol, answer(alice, visit, USUAL), decision)
    page = carol.get("/desk/health/")
    assert said in text_of(page).partition("Decided today")[2]
    done = decide(carol, ScreeningResponse.objects.get(), "take-back", review=hidden_on(page)["review"])
    assert "The answers of Alice Adams are to be decided about once more" in text_of(carol.get(done["Location"]))
    assert "Decided today" not in text_of(carol.get("/desk/health/"))
    assert "We look at your answers" in page_of(alice, visit)
    assert decide(carol, ScreeningResponse.objects.get(), "take-back", review="nonsense").status_code == 404


def test_no_single_key_lets_somebody_come_who_needs_help_now(alice, visit, carol):
    row = answer(alice, visit, {"emergency": "on"})
    page = carol.get("/desk/health/").content.decode()
    assert "data-key=" not in page
    assert "accesskey" not in page.partition("<main")[2].partition("</main>")[0]
    refused = decide(carol, row, "masked")
    assert refused.status_code == 400
    assert "Talk with them first, and tick that you have" in text_of(refused)
    assert "Tick this once you have talked with them" in text_of(refused)
    decide(carol, row, "approved", talked="yes")
    assert "You can come" in page_of(alice, visit)


def test_of_two_clinicians_one_decides_and_the_other_hears_who_did(alice, visit, carol):
    row = answer(alice, visit, USUAL)
    decide(carol, row, "masked")
    late = decide(clinician("dora"), row, "declined")
    assert late.status_code == 409
    assert "Carol Diaz has decided: may come, with a mask." in text_of(late)
    row.refresh_from_db()
    assert row.decision == "approved"


@pytest.mark.parametrize("decision", ["declined", ""])
def test_whoever_was_ill_and_then_says_nothing_applies_is_looked_at_once_more(alice, visit, carol, decision):
    row = answer(alice, visit, NOT_SURE)
    if decision:
        decide(carol, row, decision)
    fever(alice, visit)
    assert answer(alice, visit, {"none": "1"}).outcome == "review"
    page = text_of(carol.get("/desk/health/"))
    assert page.count("they answered:") == 2
    assert "Nothing that was asked applies to them" in page
    assert "The day of the test: Sunday, October 4" in page


def test_whoever_is_well_again_on_their_first_day_is_let_in_by_their_answers(alice, site, clock):
    adopt_screening()
    there = book(alice, slot=a_time(6))  # on Wednesday
    answer(alice, there, {"vomiting_or_diarrhoea": "on"})
    assert "If you are well by then, answer again" in page_of(alice, there)
    clock.shift(DAY)
    assert answer(alice, there, {"none": "1"}).outcome == "proceed"


def test_an_approved_answer_may_be_given_anew_without_another_review(alice, visit, carol):
    decide(carol, answer(alice, visit, USUAL), "approved")
    assert answer(alice, visit, {"none": "1"}).outcome == "proceed"


def test_a_second_call_for_help_is_a_second_call_to_make(alice, visit):
    answer(alice, visit, {"emergency": "on"})
    CallTask.objects.update(done_at=datetime(2026, 10, 5, 14, tzinfo=UTC), done_by="user:1")
    answer(alice, visit, {"emergency": "on"})
    assert CallTask.objects.filter(done_at=None, reason=CallReason.SEEK_CARE).count() == 1


@pytest.mark.parametrize("hours", [12, 27])
def test_who_is_told_to_stay_away_on_the_day_before_is_called_as_well(alice, visit, clock, hours):
    clock.move_to(the_visit().period.lower - timedelta(hours=hours))
    decide(clinician("carol"), answer(alice, visit, USUAL), "declined")
    assert CallTask.objects.filter(done_at=None).exists() is (hours < 24)


def test_answers_that_nobody_has_decided_about_are_a_call_twelve_hours_before(alice, visit):
    answer(alice, visit, USUAL)
    start = the_visit().period.lower
    assert screening_reviews.call_undecided(at=start - timedelta(hours=13)) == 0
    assert screening_reviews.call_undecided(at=start - timedelta(hours=12)) == 1
    assert screening_reviews.call_undecided(at=start - timedelta(hours=11)) == 0


def test_nobody_is_called_over_answers_that_are_not_due_yet(alice, visit, clock):
    clock.move_to(the_visit().period.lower - timedelta(hours=6))
    answer(alice, visit, USUAL)
    assert screening_reviews.call_undecided(at=the_visit().period.lower - timedelta(hours=5)) == 0
    assert screening_reviews.call_undecided(at=the_visit().period.lower - timedelta(hours=1)) == 1


def test_the_front_desk_sees_by_when_it_is_decided_and_reads_no_answers(alice, visit):
    answer(alice, visit, USUAL)
    dana = sign_in(Client(), "dana", Role.SCHEDULER, Site.objects.get(key="lakeside"))
    shown = text_of(dana.get("/desk/arrivals/?day=2026-10-06"))
    assert "A clinician looks at it by Monday, October 5" in shown
    assert dana.get("/desk/health/").status_code == 403
    assert decide(dana, ScreeningResponse.objects.get(), "approved").status_code == 403


def test_carol_does_not_decide_about_her_own_answers(alice, visit, carol):
    row = answer(alice, visit, USUAL)
    Patient.objects.update(user=User.objects.get(username="carol"))
    for act in ("approved", "masked", "asked", "declined", "take-back"):
        assert decide(carol, row, act).status_code == 403
    row.refresh_from_db()
    assert (row.decision, row.news, row.asked_at) == ("", "", None)


def test_who_was_told_to_be_called_is_called_though_their_companion_is_decided_about(alice, visit, carol):
    decide(carol, answer(alice, visit, USUAL), "asked")
    companion = answer(alice, visit, USUAL, who=1)
    decide(carol, companion, "approved")
    assert CallTask.objects.get().done_at is None
    decide(carol, ScreeningResponse.objects.get(companion=0), "approved")
    assert CallTask.objects.get().done_at is not None


@pytest.mark.parametrize("day", ["12/31/8999", "12/31/9999", "10/9/2206"])
def test_a_day_that_is_no_day_to_come_again_is_refused_and_alices_page_stays(alice, visit, carol, day):
    row = answer(alice, visit, USUAL)
    decide(carol, row, "declined", **{"from": day})
    row.refresh_from_db()
    assert row.earliest_day is None or row.earliest_day.year < 2028
    assert alice.get(f"{visit}screening/").status_code == 200


def test_a_call_that_lasts_for_years_is_refused(alice, visit, carol):
    row = answer(alice, visit, USUAL)
    told = decide(carol, row, "asked", call="2026-10-05T15:00:00+00:00/9999-12-31T23:59:59-12:00")
    assert told.status_code == 400
    assert carol.get("/desk/health/").status_code == 200


# --- what somebody does who stays home ------------------------------------------------------------------------------


def fever(client, visit, who=0):
    return answer(client, visit, {FEVER: "on", "days": "1"}, who)


def a_phone(visit):
    ContactPoint.objects.create(patient=visit.patient, system="phone", value="+13125550123", rank=1)


def test_where_no_time_is_free_alice_is_called_to_find_one(alice, visit):
    a_phone(the_visit())
    WeekSheet.objects.filter(week__gte=date(2026, 10, 5)).update(open=0)
    fever(alice, visit)
    assert "No time is free online in the 90 days" in page_of(alice, visit)
    for _ in range(2):
        assert alice.post(f"{visit}screening/call-me/").status_code == 302
    assert CallTask.objects.get().reason == CallReason.FIND_TIME
    assert "We call you to find a time with you" in page_of(alice, visit)


def test_whoever_has_no_phone_on_file_is_asked_to_call(alice, visit):
    fever(alice, visit)
    said = page_of(alice, visit)
    assert "Then please call us" in said
    assert "Please call me to find a time" not in said
    refused = alice.post(f"{visit}screening/call-me/")
    assert refused.status_code == 409
    assert "We have no phone number of yours" in text_of(refused)


def test_nobody_is_called_to_find_a_time_who_may_come(alice, visit):
    a_phone(the_visit())
    answer(alice, visit, {"none": "1"})
    assert alice.post(f"{visit}screening/call-me/").status_code == 409
    assert not CallTask.objects.exists()


def test_where_whom_she_knows_has_retired_alice_finds_times_with_others(alice, visit):
    Practitioner.objects.filter(name="Grace Okoro").update(active=False)
    fever(alice, visit)
    assert "Boris Ivanov" in page_of(alice, visit)


def test_once_her_visit_has_begun_alice_is_only_told_to_call(alice, visit, clock):
    fever(alice, visit)
    clock.move_to(the_visit().period.lower + timedelta(minutes=5))
    page = alice.get(f"{visit}screening/")
    assert "Please stay home for now" in text_of(page)
    assert "Give my time back" not in text_of(page)
    assert "Then please call us" in text_of(page)
    assert slots_on(page) == []


def test_a_request_asks_nobody_how_they_are(alice, visit):
    Appointment.objects.update(status=Status.PROPOSED)
    assert alice.get(f"{visit}screening/")["Location"] == visit


def test_when_a_companion_is_ill_alice_may_come_alone_and_a_child_comes_with_another_adult(alice, visit):
    fever(alice, visit, who=1)
    said = text_of(alice.get(f"{visit}screening/?who=1"))
    assert "You can come alone, or with somebody else" in said
    assert "answer your own questions once more" in said
    Patient.objects.update(birth_date=date(2016, 5, 4))
    said = text_of(alice.get(f"{visit}screening/?who=1"))
    assert "Another adult can bring your child" in said
    assert "Give my time back" in said
    assert "Please answer for the child" in page_of(alice, visit)


def test_a_day_after_her_first_one_alice_is_asked_to_answer_again(alice, site, clock):
    adopt_screening()
    there = book(alice, slot=a_time(6))
    fever(alice, there)
    clock.shift(2 * DAY)
    assert "If you are well again, answer again, and you can keep this time" in page_of(alice, there)
