"""How are you today? Those who treat answer at the desk's pages; schedulers hear until when somebody should be away."""

from datetime import timedelta

import pytest
from django.test import Client

from booking.actions.screening import practitioner_screening as screenings
from booking.actions.screening import suggested_absences
from booking.models import AbsenceDecision, Appointment, CalendarEdit, CallReason, CallTask, PractitionerScreening
from core import clock as core_clock
from core.models import Policy, Site, User
from core.principal import Principal
from core.roles import Role
from scheduler.models import Absence, Practitioner
from tests.booking.impact_pages import form_of
from tests.booking.pages.walk import text_of
from tests.factories.admin import sign_in
from tests.factories.policies import publish_screening

DAY = 24 * 60 * 60
TEST, FEVER = "positive_covid_flu_rsv_10d", "fever_or_chills_24h"
POSITIVE = {TEST: "on", "days": "1", "tested_on": "10/5/2026", "severity": "mild", "weak_immune_system": "no"}
COUGH = "new_cough_breathless_sore_throat_runny_nose"
MINE, ABSENCES, REVIEWS = "/desk/how-are-you/", "/desk/absences/", "/desk/health/"


@pytest.fixture
def grace(screened_once, site, clock):
    """Grace Okoro's browser, on the Tuesday on which she treats Alice."""
    clock.shift(DAY)
    browser = sign_in(Client(), "grace", Role.PRACTITIONER, site)
    Practitioner.objects.filter(name="Grace Okoro").update(user=User.objects.get(username="grace"))
    return browser


@pytest.fixture
def dana(grace):
    return sign_in(Client(), "dana", Role.SCHEDULER, Site.objects.get(key="lakeside"))


def say(browser, said):
    """Answer, and return the text of the page that follows."""
    there = browser.post(MINE, said)
    assert there.status_code == 302, text_of(there)
    return text_of(browser.get(there["Location"]))


def decide(browser, decision, **sent):
    """Press a decision; an absence is entered as its page shows what it does, and answers with the page after it."""
    there = f"{ABSENCES}{PractitionerScreening.objects.latest('pk').public_id}/{decision}/"
    if decision == "enter" and (shown := browser.get(there)).status_code == 200:
        return browser.post(there, form_of(shown) | sent, follow=True)
    return browser.post(there, sent)


def test_grace_is_asked_when_she_comes_to_the_desk_and_says_with_one_press_that_she_is_well(grace):
    there = grace.get("/desk/", follow=True)
    asked = text_of(there)
    assert "How are you today?" in asked
    assert "Your first appointment: Tuesday, October 6" in asked
    assert "household" not in asked
    assert "You can see patients today" in say(grace, {"none": "1"})
    assert "At the door" in text_of(grace.get("/desk/", follow=True)).partition("Keys")[0]
    assert grace.get("/desk/", follow=True).resolver_match.url_name == "desk-my-day"


def test_a_positive_test_is_an_absence_suggested_to_the_schedulers_who_learn_nothing_more(grace, dana):
    told = say(grace, POSITIVE)
    assert "Please stay home" in told
    assert "You can work again from Thursday, October 15 on" in told
    page = text_of(dana.get(ABSENCES))
    assert "Grace Okoro Suggests to be away from now until Thursday, October 15" in page
    assert "1 appointment" in page
    for word in ("test", "COVID", "fever", "rebook"):
        assert word not in page.partition("Suggests")[2]
    assert not Absence.objects.exists()


def test_entering_it_shows_what_it_does_then_writes_the_absence_and_whom_to_call(grace, dana):
    say(grace, POSITIVE)
    visit = Appointment.objects.get()
    shown = text_of(dana.get(f"{ABSENCES}{PractitionerScreening.objects.get().public_id}/enter/"))
    assert "1 appointment is to be settled" in shown
    assert not Absence.objects.exists()
    done = decide(dana, "enter", **{f"choice-{visit.public_id}": "keep"})
    assert "Grace Okoro is away. To be called: 1" in text_of(done)
    assert "To be called: 1" in text_of(done)
    assert "Nobody suggests to be away" in text_of(done)
    absence = Absence.objects.get()
    assert (absence.reason, absence.period.lower) == ("other", core_clock.now())
    assert absence.period.upper.date().isoformat() == "2026-10-15"
    assert CallTask.objects.get().reason == CallReason.WITHOUT_COVER
    assert Appointment.objects.get().status == "booked"
    assert "Your absence is entered" in text_of(grace.get(MINE))


def test_declining_takes_a_reason_which_grace_reads(grace, dana):
    say(grace, POSITIVE)
    without = decide(dana, "decline", because="  ")
    assert without.status_code == 400
    assert "Say why, in a few words" in text_of(without)
    decide(dana, "decline", because="She works from home that week.")
    assert "Nobody suggests" in text_of(dana.get(ABSENCES))
    assert "did not enter the absence: She works from home that week." in text_of(grace.get(MINE))
    assert not Absence.objects.exists()


def test_of_two_schedulers_the_second_hears_that_it_is_decided(grace, dana):
    say(grace, POSITIVE)
    decide(dana, "enter")
    late = decide(dana, "enter")
    assert late.status_code == 409
    assert "Somebody has decided about this already" in text_of(late)
    assert Absence.objects.count() == 1


def test_whoever_is_away_already_is_not_entered_twice(grace, dana):
    say(grace, POSITIVE)
    at = core_clock.now()
    Absence.objects.create(
        practitioner=Practitioner.objects.get(name="Grace Okoro"), period=(at, at + timedelta(days=2)), reason="leave"
    )
    refused = decide(dana, "enter")
    assert refused.status_code == 409
    assert "Grace Okoro: " in text_of(refused)
    assert PractitionerScreening.objects.get().decision == ""


def test_better_answers_given_anew_leave_the_suggestion_until_somebody_has_decided(grace, dana):
    say(grace, POSITIVE)
    suggested = PractitionerScreening.objects.get().public_id
    told = say(grace, {"none": "1"})
    assert "Please ask before you see patients" in told
    assert "stay away until Thursday, October 15" in told
    page = text_of(dana.get(ABSENCES))
    assert "Grace Okoro Suggests to be away from now until Thursday, October 15" in page
    assert "They answered anew then. A clinician of the site talks with them first" in page
    assert dana.post(f"{ABSENCES}{suggested}/enter/").status_code == 409
    decide(dana, "enter")
    assert Absence.objects.count() == 1
    assert "Please ask before you see patients" in text_of(grace.get(MINE))


FEVER_TODAY = {FEVER: "on", "days": "1"}


@pytest.mark.parametrize("between", [[], [{"none": "1"}]])
def test_a_lesser_answer_leaves_grace_away_as_long_and_she_is_talked_with(grace, dana, carol, clock, between):
    for said in (POSITIVE, *between, FEVER_TODAY):
        told = say(grace, said)
    assert "stay away until Thursday, October 15" in told
    assert "Suggests to be away from now until Thursday, October 15" in text_of(dana.get(ABSENCES))
    assert "Grace Okoro" in text_of(carol.get(REVIEWS)).partition("Colleagues to talk with")[2]
    clock.shift(2 * DAY)
    grace.force_login(User.objects.get(username="grace"))
    assert "Please ask before you see patients" in say(grace, {"none": "1"})


@pytest.mark.parametrize("then", [{"none": "1"}, FEVER_TODAY])
def test_grace_who_needed_help_is_talked_with_before_she_works_whatever_she_answers_after_that(
    grace, carol, clock, coughs, then
):
    assert "Please get help now" in say(grace, {"emergency": "on"})
    assert "Please ask before you see patients" in say(grace, then)
    clock.shift(2 * DAY)
    grace.force_login(User.objects.get(username="grace"))
    assert "Please ask before you see patients" in say(grace, {"none": "1"})
    carol.force_login(User.objects.get(username="carol"))
    talk(carol, "may-work")
    assert "You can see patients today" in text_of(grace.get(MINE))
    clock.shift(DAY)
    grace.force_login(User.objects.get(username="grace"))
    assert "You can see patients today" in say(grace, {"none": "1"})


def talk(browser, decision):
    return browser.post(f"/desk/health/colleagues/{PractitionerScreening.objects.latest('pk').public_id}/{decision}/")


@pytest.fixture
def carol(grace):
    return sign_in(Client(), "carol", Role.CLINICIAN, Site.objects.get(key="lakeside"))


def test_carol_talks_with_grace_and_lets_her_see_patients_and_takes_that_back(grace, dana, carol):
    say(grace, POSITIVE)
    say(grace, {"none": "1"})
    page = text_of(carol.get(REVIEWS))
    assert "Grace Okoro" in page.partition("Colleagues to talk with")[2]
    for word in ("test", "COVID", "fever"):
        assert word not in page.partition("Colleagues to talk with")[2]
    for _press in range(2):
        assert talk(carol, "may-work").status_code == 302
    assert "You can see patients today" in text_of(grace.get(MINE))
    assert "Nobody suggests" in text_of(dana.get(ABSENCES))
    assert "Grace Okoro : May see patients." in text_of(carol.get(REVIEWS))
    for _press in range(2):
        assert talk(carol, "take-back").status_code == 302
    assert "Please ask before you see patients" in text_of(grace.get(MINE))
    assert "Suggests to be away" in text_of(dana.get(ABSENCES))


@pytest.fixture
def coughs(grace):
    """Where Grace is asked about a cough as well, she says that hers is usual."""
    publish_screening({"questions": [FEVER, COUGH]}, audience="practitioner")
    return lambda: say(grace, {f"{COUGH}-usual": "on"})


def test_a_usual_cough_waits_for_carol_where_people_look_and_is_an_absence_once_she_says_so(grace, dana, carol, coughs):
    assert "Please ask before you see patients" in coughs()
    assert "Grace Okoro" in text_of(dana.get(ABSENCES)).partition("To be talked with")[2]
    assert "Suggests" not in text_of(dana.get(ABSENCES))
    talk(carol, "stays-away")
    assert "You can work again from Wednesday, October 7 on" in text_of(grace.get(MINE))
    assert "Suggests to be away from now until Wednesday, October 7" in text_of(dana.get(ABSENCES))
    decide(dana, "enter")
    late = talk(carol, "take-back")
    assert (late.status_code, "cannot be taken back any more" in text_of(late)) == (409, True)
    assert Absence.objects.get().period.upper.date().isoformat() == "2026-10-07"


def test_one_press_does_not_wipe_out_that_carol_keeps_grace_away(grace, dana, carol, coughs):
    coughs()
    talk(carol, "stays-away")
    assert "stay away until Wednesday, October 7" in say(grace, {"none": "1"})
    assert "Suggests to be away from now until Wednesday, October 7" in text_of(dana.get(ABSENCES))
    assert "Grace Okoro" in text_of(carol.get(REVIEWS)).partition("Colleagues to talk with")[2]


def test_whom_carol_keeps_away_is_suggested_again_where_dana_had_declined_and_no_more_once_carol_takes_it_back(
    grace, dana, carol, clock
):
    say(grace, POSITIVE)
    decide(dana, "decline", because="She works from home that week.")
    clock.shift(60)
    say(grace, {"none": "1"})
    assert "Nobody suggests" in text_of(dana.get(ABSENCES))
    talk(carol, "stays-away")
    assert "Suggests to be away from now until Thursday, October 15" in text_of(dana.get(ABSENCES))
    assert "The schedulers are told that you suggest to be away until then" in text_of(grace.get(MINE))
    talk(carol, "take-back")
    assert "Nobody suggests" in text_of(dana.get(ABSENCES))
    talk(carol, "stays-away")
    decide(dana, "enter")
    assert Absence.objects.get().period.upper.date().isoformat() == "2026-10-15"
    assert "Nobody suggests" in text_of(dana.get(ABSENCES))


def test_what_was_said_of_grace_is_not_taken_back_the_next_day(carol, coughs, clock):
    coughs()
    talk(carol, "may-work")
    clock.shift(DAY)
    cora = sign_in(Client(), "cora", Role.CLINICIAN, Site.objects.get(key="lakeside"))
    assert talk(cora, "take-back").status_code == 409
    assert "Grace" not in text_of(cora.get(REVIEWS))


def test_whoever_treats_does_not_decide_about_their_own_answers(grace, carol, coughs):
    coughs()
    Practitioner.objects.filter(name="Grace Okoro").update(user=User.objects.get(username="carol"))
    assert talk(carol, "may-work").status_code == 403
    assert talk(grace, "may-work").status_code == 403
    assert PractitionerScreening.objects.get().fitness == ""


@pytest.mark.parametrize("said", [{"none": "1"}, POSITIVE])
def test_a_second_press_notes_nothing_more(grace, said):
    say(grace, said)
    say(grace, said)
    assert PractitionerScreening.objects.count() == 1


def test_once_her_days_away_are_over_grace_is_let_in_by_her_answers(grace, clock):
    say(grace, POSITIVE)
    clock.shift(9 * DAY)
    grace.force_login(User.objects.get(username="grace"))
    assert "You can see patients today" in say(grace, {"none": "1"})


def test_what_says_nothing_is_asked_again_and_days_are_asked_of_the_ill_alone(grace):
    assert grace.post(MINE, {"x": "1"}).status_code == 422
    days = grace.post(MINE, {TEST: "on"})
    assert "The day of the test" in text_of(days)
    assert grace.post(MINE, POSITIVE | {"tested_on": "soon"}).status_code == 422
    assert not PractitionerScreening.objects.exists()


def test_nobody_is_asked_where_no_policy_asks_them(grace):
    Policy.objects.filter(key="screening", audience="practitioner").update(state="retired")
    assert grace.get("/desk/", follow=True).status_code == 200


@pytest.mark.parametrize("role", [Role.PRACTITIONER, Role.CLINICIAN, Role.PROGRAM, Role.AUDITOR])
def test_only_schedulers_see_what_is_suggested(grace, role):
    say(grace, POSITIVE)
    other = sign_in(Client(), "other", role, Site.objects.get(key="lakeside"))
    assert other.get(ABSENCES).status_code == 403
    assert decide(other, "enter").status_code == 403


def test_schedulers_of_another_site_are_told_nothing(grace):
    say(grace, POSITIVE)
    far = Site.objects.create(key="far", name={"en": "Far"}, zone="America/Chicago", phone="+13125550199")
    oscar = sign_in(Client(), "oscar", Role.SCHEDULER, far)
    assert "Grace" not in text_of(oscar.get(ABSENCES))
    assert decide(oscar, "enter").status_code == 409
    assert not Absence.objects.exists()


def test_answers_are_sealed_and_go_after_thirty_days_while_the_outcome_stays(grace):
    say(grace, POSITIVE)
    row = PractitionerScreening.objects.get()
    assert TEST not in row.answers
    at = core_clock.now()
    assert screenings.forget_answers(at=at + timedelta(days=29)) == 0
    assert screenings.forget_answers(at=at + timedelta(days=30)) == 1
    row.refresh_from_db()
    assert (row.answers, row.outcome) == ("", "rebook")


def test_a_scheduler_has_no_questions_of_their_own(dana):
    assert dana.get(MINE).status_code == 403


def test_an_absence_that_was_entered_by_a_slip_is_taken_back_and_suggested_as_before(grace, dana):
    say(grace, POSITIVE)
    before = text_of(dana.get(ABSENCES))
    assert "Grace Okoro : entered" in text_of(decide(dana, "enter"))
    done = text_of(decide(dana, "take-back"))
    assert "Grace Okoro is not away by it any more. It is taken back, and everybody is where they were." in done
    assert text_of(dana.get(ABSENCES)) == before
    assert not Absence.objects.exists()
    assert CalendarEdit.objects.get().taken_back_by
    assert not CallTask.objects.filter(done_at=None).exists()
    assert decide(dana, "take-back").status_code == 409
    decide(dana, "enter")
    assert Absence.objects.count() == 1


def test_a_decline_is_taken_back_and_who_decided_stays_written_down(grace, dana):
    say(grace, POSITIVE)
    decide(dana, "decline", because="Tested wrong.")
    assert "it is to be decided again" in text_of(decide(dana, "take-back"))
    assert "Suggests to be away" in text_of(dana.get(ABSENCES))
    assert "Tested wrong" not in text_of(grace.get(MINE))
    (made,) = PractitionerScreening.objects.get().decisions
    assert (made["decision"], made["because"]) == ("declined", "Tested wrong.")
    assert made["by"] == made["taken_back_by"] == f"user:{User.objects.get(username='dana').pk}"


def test_what_was_decided_yesterday_or_changed_in_the_calendar_since_is_not_taken_back(grace, dana, clock):
    say(grace, POSITIVE)
    decide(dana, "enter")
    entered = Absence.objects.get().period
    Absence.objects.update(period=(entered.lower, entered.upper + timedelta(days=1)))
    assert "Grace Okoro : entered" not in text_of(dana.get(ABSENCES))
    refused = decide(dana, "take-back")
    assert refused.status_code == 409
    assert "This can no longer be taken back here" in text_of(refused)
    Absence.objects.update(period=entered)
    clock.shift(DAY)
    dana.force_login(User.objects.get(username="dana"))
    assert decide(dana, "take-back").status_code == 409
    assert Absence.objects.count() == 1


def test_an_entry_over_a_decline_leads_back_to_the_decline(grace, dana):
    say(grace, POSITIVE)
    decide(dana, "decline", because="Tested wrong.")
    row = PractitionerScreening.objects.get()
    log = [*row.decisions, row.decisions[0] | {"decision": "entered", "because": ""}]
    PractitionerScreening.objects.update(decision="entered", declined_because="", decisions=log)
    by = Principal.system("dana")
    left = suggested_absences.take_back(row.public_id, AbsenceDecision.ENTERED, by=by, at=core_clock.now())
    assert (left.decision, left.declined_because, left.decided_by) == ("declined", "Tested wrong.", row.decided_by)
    again = suggested_absences.take_back(row.public_id, AbsenceDecision.ENTERED, by=by, at=core_clock.now())
    assert again.decision == "declined"
