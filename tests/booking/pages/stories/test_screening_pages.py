"""Health questions before a visit: told by mail, answered behind its link, looked at, and known at the door."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from booking.actions.screening import screening
from booking.models import Appointment, CallReason, CallTask, Change, ScreeningResponse
from booking.screening.queries import answers_of
from booking.status import Status
from core import clock as core_clock
from core.models import Policy, Site, User
from core.roles import Role
from notifications.actions import dispatch, health_notices
from tests.booking.pages.walk import a_time, as_seen, book, go_on, hidden_on, in_mail, slots_on, text_of
from tests.factories.admin import sign_in
from tests.factories.policies import adopt_screening, publish_screening

DAY = 24 * 60 * 60
FEVER, COUGH = "fever_or_chills_24h", "new_cough_breathless_sore_throat_runny_nose"
TEST, HOUSEHOLD = "positive_covid_flu_rsv_10d", "household_positive_10d"
POSITIVE = {TEST: "on", "days": "1", "tested_on": "10/4/2026", "severity": "mild", "weak_immune_system": "no"}


@pytest.fixture
def visit(screened_once, alice):
    """Where Alice's visit of tomorrow is found, at a clinic that asks how people are."""
    return go_on(alice, screened_once)


def answer(client, visit, said=None, who=0):
    return client.post(f"{visit}screening/" + (f"?who={who}" if who else ""), said or {"none": "1"})


def result(client, visit, said=None, who=0):
    """Answer, and return the text of the page that follows."""
    there = answer(client, visit, said, who)
    assert there.status_code == 302
    return text_of(client.get(there["Location"]))


def at_the_desk(role=Role.SCHEDULER, name="dana"):
    return sign_in(Client(), name, role, Site.objects.get(key="lakeside"))


def door(client, day="2026-10-06"):
    return text_of(client.get(f"/desk/arrivals/?day={day}"))


def the_visit():
    return Appointment.objects.get()


def attend(client, move):
    return client.post(f"/desk/arrivals/{the_visit().public_id}/{move}/?day=2026-10-06", as_seen())


def test_alice_says_with_one_press_that_she_is_well_and_shows_it_at_the_door(alice, visit):
    asked = text_of(alice.get(f"{visit}screening/"))
    assert "Fever or chills in the last 24 hours (100.4 °F or more)" in asked
    shown = result(alice, visit)
    for expected in ("You can come", "Lakeside", "Tuesday, October 6", "Answered Monday, October 5"):
        assert expected in shown


def test_the_page_of_her_visit_leads_to_the_questions_until_she_has_answered(alice, visit):
    assert "Answer now" in text_of(alice.get(visit))
    answer(alice, visit)
    assert "Show this at the door" in text_of(alice.get(visit))


def test_a_clinic_without_a_policy_asks_nothing(alice, site):
    there = book(alice)
    assert "Answer now" not in text_of(alice.get(there))
    assert "There is nothing to answer" in text_of(alice.get(f"{there}screening/"))
    assert answer(alice, there).status_code == 302
    assert not ScreeningResponse.objects.exists()


def test_nobody_is_asked_weeks_before(alice, site):
    adopt_screening()
    there = book(alice, slot=a_time(2, week=1))
    assert "Not yet" in text_of(alice.get(f"{there}screening/"))


@pytest.mark.parametrize("said", [{"x": "1"}, {FEVER: "on", "none": "1"}])
def test_a_page_that_says_nothing_or_two_things_is_asked_again_and_keeps_the_ticks(alice, visit, said):
    again = answer(alice, visit, said)
    assert again.status_code == 422
    assert "There is a problem" in text_of(again)
    assert (b'name="fever_or_chills_24h" id="id_fever_or_chills_24h" checked' in again.content) is (FEVER in said)
    assert not ScreeningResponse.objects.exists()


def test_a_day_that_is_none_is_asked_again_and_nothing_is_lost(alice, visit):
    again = answer(alice, visit, POSITIVE | {"tested_on": "yesterday"})
    assert again.status_code == 422
    assert hidden_on(again)[TEST] == "on"
    assert not ScreeningResponse.objects.exists()


@pytest.mark.parametrize("mistyped", [{"tested_on": "10/4/2025"}, {"symptoms_began_on": "1/4/2026"}])
def test_a_mistyped_year_is_asked_again_and_lets_nobody_in(alice, visit, mistyped):
    again = answer(alice, visit, POSITIVE | mistyped)
    assert again.status_code == 422
    assert "Please check the day and the year" in text_of(again)
    assert not ScreeningResponse.objects.exists()


def test_who_tested_positive_hears_the_first_day_and_moves_there_in_two_presses(alice, visit):
    there = answer(alice, visit, POSITIVE)["Location"]
    page = alice.get(there)
    said = text_of(page)
    assert "Please stay home for now" in said
    assert "We hope you feel better soon" in said
    assert "You can come from Wednesday, October 14 on" in said
    assert the_visit().status == Status.BOOKED
    check = alice.get(alice.post(f"{visit}move/", {"slot": slots_on(page)[0]})["Location"])
    alice.post(f"{visit}move/check/", hidden_on(check))
    assert the_visit().period.lower.date().isoformat() >= "2026-10-14"


def test_who_stays_away_is_offered_no_day_before_they_may_come_wherever_they_look(alice, visit):
    before = text_of(alice.get(f"{visit}move/"))
    answer(alice, visit, POSITIVE)
    offered = text_of(alice.get(f"{visit}move/"))
    assert "October 7 " in before
    assert "October 14" in offered
    assert not [day for day in range(7, 14) if f"October {day} " in offered]  # hers is on the 6th


def test_the_time_that_was_left_is_free_at_once(alice, ben, visit):
    left = the_visit().period.lower
    page = alice.get(answer(alice, visit, POSITIVE)["Location"])
    check = alice.get(alice.post(f"{visit}move/", {"slot": slots_on(page)[0]})["Location"])
    alice.post(f"{visit}move/check/", hidden_on(check))
    book(ben, name="Ben Brown", email="ben@example.org")
    assert Appointment.objects.filter(period__startswith=left, status=Status.BOOKED).exists()


def test_giving_the_time_back_is_excused_and_frees_it_at_once(alice, visit):
    answer(alice, visit, POSITIVE)
    alice.post(f"{visit}screening/give-back/")
    assert (the_visit().status, the_visit().late_cancel, the_visit().undo_until) == (Status.CANCELLED, False, None)


def test_whoever_takes_it_back_with_what_they_answered_reads_what_to_do_before_they_come(alice, visit):
    answer(alice, visit, POSITIVE)
    alice.post(f"{visit}screening/give-back/")
    back = text_of(alice.post(f"{visit}undo/", follow=True))
    assert "You have your time back" in back
    assert "Your appointment stands" not in back
    assert "Are you well after all? Then answer the questions again." in back


def test_who_cannot_breathe_is_sent_for_help_and_somebody_calls(alice, visit):
    said = result(alice, visit, {"emergency": "on", COUGH: "on"})
    assert "Please call us as soon as you can: we have no phone number of yours." in said
    assert "Call 911 now" in said
    assert CallTask.objects.get().reason == CallReason.SEEK_CARE


def test_a_companion_answers_on_the_same_phone_and_the_patient_comes_alone(alice, visit):
    assert "12 years old or older" in result(alice, visit)
    assert "Your companion cannot come along" in result(alice, visit, {FEVER: "on", "days": "1"}, who=1)
    assert "You can come" in text_of(alice.get(f"{visit}screening/"))


def test_the_page_for_the_door_names_who_comes_along_and_how_they_stand(alice, visit):
    result(alice, visit)
    assert "Your companion can come" in result(alice, visit, who=1)
    mine = text_of(alice.get(f"{visit}screening/"))
    assert "Your companion can come" in mine
    assert "Somebody comes with me" not in mine


def test_who_may_bring_nobody_hears_it_before_anybody_answers(alice, visit):
    assert "1 person can come with you" in text_of(alice.get(f"{visit}screening/?who=2"))
    publish_screening({"companions_max": 0})
    assert "Nobody can come along" in text_of(alice.get(f"{visit}screening/?who=1"))
    assert "Somebody comes with me" not in result(alice, visit)


def test_where_companions_are_not_asked_nobody_is_led_to_questions_that_there_are_not(alice, visit):
    Policy.objects.filter(key="screening", audience="companion").update(state="retired")
    assert "Somebody comes with me" not in result(alice, visit)


def test_who_wears_a_mask_all_the_time_reads_nothing_else_about_masks(alice, visit):
    said = result(alice, visit, {HOUSEHOLD: "on"})
    assert "Please wear a mask for the whole visit" in said
    assert "waiting rooms" not in said


def test_who_must_stay_home_or_needs_help_is_not_told_how_to_come_nor_asked_whom_they_bring(alice, visit):
    for said in (POSITIVE, {"emergency": "on"}):
        assert "Somebody comes with me" not in result(alice, visit, said)
        page = text_of(alice.get(visit))
        assert not [words for words in ("minutes early", "Getting there", "nothing more to do") if words in page]


def test_who_is_asked_later_is_not_told_that_there_is_nothing_more_to_do(alice, site):
    adopt_screening()
    page = text_of(alice.get(book(alice, slot=a_time(2, week=1))))
    assert "Shortly before you come, we ask you by e-mail how you are" in page
    assert "nothing more to do" not in page


def test_the_questions_of_a_cancelled_visit_lead_to_its_page(alice, visit):
    answer(alice, visit, POSITIVE)
    alice.post(f"{visit}screening/give-back/")
    there = alice.get(f"{visit}screening/", follow=True)
    assert "We hope you feel better soon" in text_of(there)
    assert "Book another time" in text_of(there)


def test_hay_fever_is_looked_at_and_approved_at_the_desk(alice, visit):
    assert "We look at your answers" in result(alice, visit, {f"{COUGH}-usual": "on"})
    clinician = at_the_desk(Role.CLINICIAN, "carol")
    page = text_of(clinician.get("/desk/health/"))
    assert "sore throat or runny nose (usual for them)" in page
    response = ScreeningResponse.objects.get()
    clinician.post(f"/desk/health/{response.public_id}/approved/")
    assert "You can come" in text_of(alice.get(f"{visit}screening/"))
    assert "There is nothing to look at" in text_of(clinician.get("/desk/health/"))


def test_a_decision_about_answers_that_were_given_anew_is_refused(alice, visit):
    answer(alice, visit, {f"{COUGH}-usual": "on"})
    older = ScreeningResponse.objects.get()
    answer(alice, visit, {f"{COUGH}-usual": "on"})
    clinician = at_the_desk(Role.CLINICIAN, "carol")
    assert clinician.post(f"/desk/health/{older.public_id}/approved/").status_code == 409


# --- at the door ----------------------------------------------------------------------------------------------------


def test_nobody_is_checked_in_without_answers_and_the_desk_asks_with_one_press(alice, visit, clock):
    clock.shift(DAY)
    dana = at_the_desk()
    assert "Ask now" in door(dana)
    refused = attend(dana, "check-in")
    assert refused.status_code == 409
    assert "ask the health questions first" in text_of(refused)
    dana.post(f"/desk/arrivals/{the_visit().public_id}/questions/", {"none": "1"})
    assert "May come in" in door(dana)
    assert attend(dana, "check-in").status_code == 302
    assert the_visit().status == Status.CHECKED_IN


def test_who_must_stay_away_is_not_checked_in(alice, visit, clock):
    answer(alice, visit, POSITIVE)
    clock.shift(DAY)
    dana = at_the_desk()
    assert "Must not come in" in door(dana)
    assert attend(dana, "check-in").status_code == 409


def test_the_front_desk_sees_what_follows_and_never_what_was_answered(alice, visit):
    answer(alice, visit, {f"{COUGH}-usual": "on"})
    dana = at_the_desk()
    assert "A clinician looks at it" in door(dana)
    assert "nose" not in door(dana).partition("What to do")[2]
    assert dana.get("/desk/health/").status_code == 403


def test_staff_of_another_site_find_no_visit_and_no_answers(alice, visit):
    answer(alice, visit, {f"{COUGH}-usual": "on"})
    Site.objects.create(key="far", name={"en": "Far"}, zone="America/Chicago", phone="+13125550199")
    other = sign_in(Client(), "oscar", Role.CLINICIAN, Site.objects.get(key="far"))
    response = ScreeningResponse.objects.get()
    assert "runny nose" not in text_of(other.get("/desk/health/?site=lakeside"))
    assert other.post(f"/desk/health/{response.public_id}/approved/").status_code == 404
    assert other.post(f"/desk/arrivals/{the_visit().public_id}/questions/", {"none": "1"}).status_code == 404


def test_whoever_is_not_signed_in_signs_in_first_and_patients_have_no_desk(alice, visit):
    assert "/desk/sign-in/" in alice.get("/desk/arrivals/")["Location"]
    ben = Client()
    ben.force_login(User.objects.create_user("ben"))
    assert ben.get("/desk/arrivals/").status_code == 403


# --- what is kept, and what is mailed -------------------------------------------------------------------------------


def test_answers_are_sealed_and_go_after_thirty_days_while_the_outcome_stays(alice, visit):
    answer(alice, visit, {f"{COUGH}-usual": "on"})
    row = ScreeningResponse.objects.get()
    assert COUGH not in row.answers
    assert answers_of(row)["answers"][COUGH] == "usual_for_me"
    at = core_clock.now()
    assert screening.forget_answers(at=at + timedelta(days=29)) == 0
    assert screening.forget_answers(at=at + timedelta(days=30)) == 1
    row.refresh_from_db()
    assert (row.answers, row.outcome, answers_of(row)) == ("", "review", None)


def test_the_mail_of_a_visit_booked_within_three_days_leads_to_the_questions(alice, visit):
    dispatch.run(now=core_clock.now)
    (confirmation,) = mail.outbox
    assert f"{in_mail(visit)}screening/" in confirmation.body
    assert "You do not need to do anything more" not in confirmation.body
    assert "Please wear a mask in waiting rooms" in confirmation.body


def test_who_has_answered_is_told_without_the_questions_and_no_answer_is_in_any_mail(alice, visit):
    answer(alice, visit, {f"{COUGH}-usual": "on"})
    dispatch.run(now=core_clock.now)
    (confirmation,) = mail.outbox
    assert "a few questions" not in confirmation.body
    assert "Something is still to be settled before you come." in confirmation.body
    assert "nose" not in confirmation.body
    assert Change.objects.count() == 1


def test_a_new_policy_asks_anew_whoever_answered_the_one_before(alice, visit):
    answer(alice, visit)
    publish_screening({"questions": [FEVER, TEST], "recheck_questions": [FEVER]})
    assert "Answer now" in text_of(alice.get(visit))
    assert "You can come" in result(alice, visit)


def test_whoever_answered_before_a_new_policy_is_asked_once_by_mail_and_not_at_night(alice, visit, clock):
    answer(alice, visit)
    dispatch.run(now=core_clock.now)
    mail.outbox.clear()
    assert health_notices.plan_notices(at=core_clock.now()) == 0
    publish_screening({"questions": [FEVER, TEST], "recheck_questions": [FEVER]})
    clock.shift(13 * 60 * 60)  # 9 in the evening in Chicago
    for _ in range(2):
        health_notices.plan_notices(at=core_clock.now())
        dispatch.run(now=core_clock.now)
    assert mail.outbox == []
    clock.shift(12 * 60 * 60)
    for _ in range(2):
        health_notices.plan_notices(at=core_clock.now())
        dispatch.run(now=core_clock.now)
    (asking,) = mail.outbox
    assert f"{in_mail(visit)}screening/" in asking.body


def test_whoever_answers_before_the_notice_goes_out_is_not_asked_once_more(alice, visit):
    answer(alice, visit)
    publish_screening({"questions": [FEVER, TEST], "recheck_questions": [FEVER]})
    health_notices.plan_notices(at=core_clock.now())
    answer(alice, visit)
    dispatch.run(now=core_clock.now)
    assert [one.subject for one in mail.outbox if one.subject.startswith("Before")] == []


def test_a_notice_that_no_reminder_brings_along_goes_out_by_itself_until_she_has_answered(alice, site, clock):
    adopt_screening()
    publish_screening({"send_at": ["-48h", "-24h"]}, at=core_clock.now())
    there = book(alice, slot=a_time(2, week=1))
    dispatch.run(now=core_clock.now)
    start = the_visit().period.lower
    clock.move_to(start - timedelta(hours=71))
    dispatch.run(now=core_clock.now)  # the reminder of three days before
    mail.outbox.clear()
    clock.move_to(start - timedelta(hours=47))
    dispatch.run(now=core_clock.now)
    (notice,) = mail.outbox
    assert notice.subject.startswith("Before your appointment")
    assert f"{in_mail(there)}screening/" in notice.body
    assert "has changed" not in notice.body


def test_the_desk_reads_what_everybody_is_asked_once_more(alice, visit):
    assert "Ask everybody once more when they come in: Fever or chills" in door(at_the_desk())


def test_a_clinician_reads_days_and_choices_in_words(alice, visit):
    answer(alice, visit, POSITIVE | {"weak_immune_system": "not_sure"})
    page = text_of(at_the_desk(Role.CLINICIAN, "carol").get("/desk/health/"))
    for words in ("The day of the test: Sunday, October 4", "ill, at home", "immune system: not sure"):
        assert words in page


def test_as_many_come_along_as_the_policy_of_patients_says(alice, visit):
    assert answer(alice, visit, who=1).status_code == 302
    assert answer(alice, visit, who=2).status_code == 409
    publish_screening({"companions_max": 2})
    assert "Somebody comes with me" in result(alice, visit, who=1)
    assert answer(alice, visit, who=2).status_code == 302
    publish_screening({"companions_max": 0})
    assert answer(alice, visit, who=1).status_code == 409


def test_over_the_api_nobody_is_asked_who_may_not_come_along(visit):
    dana = sign_in(Client(), "dana", Role.SCHEDULER, Site.objects.get(key="lakeside"))
    where = f"/api/v1/screening/questions/?appointment={the_visit().public_id}&companion="
    assert [dana.get(f"{where}{who}").json()["state"] for who in (1, 9)] == ["unanswered", "not-asked"]
