"""A walk-in is asked about the therapy before they are booked: read aloud, one key a page, and not read again."""

from base64 import urlsafe_b64decode
from datetime import date

import pytest
from django.test import Client

from booking.actions.patients import patients
from booking.actions.suitability import suitability_reviews
from booking.models import Appointment, ContactPoint, Hold, Patient, SuitabilityResponse
from booking.models.holds import HoldState
from booking.status import Status
from booking.web.slot_ids import opened
from core import clock as core_clock
from core.principal import Principal
from core.roles import Role
from notifications.actions import relay
from notifications.models import Message
from scheduler.models import Practitioner
from tests.booking.pages.walk import as_seen, hidden_on, link, slots_on, text_of
from tests.factories.admin import sign_in
from tests.factories.booking import SYSTEM
from tests.factories.scheduler import lay_out, make_device, offer

DAY = 24 * 60 * 60
WALK_IN = "/desk/walk-in/"
DANGER = "chest_pain_severe_breathlessness_heavy_bleeding_new_confusion"
FEVER, CLOT, TREATED, THINNER, DEVICE = (
    "fever_now", "clot_in_leg_or_arm", "on_active_cancer_treatment", "anticoagulant",
    "pacemaker_icd_neurostimulator_pump",
)  # fmt: skip


@pytest.fixture
def dana(open_day):
    return sign_in(Client(), "dana", Role.SCHEDULER, open_day)


@pytest.fixture
def olga(open_day):
    """Olga, who stands at the desk."""
    return patients.register(
        name="Olga Reyes", birth_date=date(1955, 3, 4), email="", phone="+13125550123", site=open_day,
        by=Principal.system("test"), at=core_clock.now(),
    )  # fmt: skip


@pytest.fixture
def asked(dana, olga):
    """Where Olga is asked for the first free time."""
    page = dana.get(f"{WALK_IN}{olga.public_id}/")
    return dana.post(f"{WALK_IN}{olga.public_id}/time/", {"slot": slots_on(page)[0]})["Location"]


def until_health(dana, asked, **answers):
    """Answer each page with what is among these, none of the rest; return the first page that asks something else."""
    page = dana.get(asked)
    for _ in range(9):
        sent = hidden_on(page)
        if "asked" not in sent:
            return page
        here = {key: one for key, one in answers.items() if f'name="{key}"' in page.content.decode()}
        page = dana.post(asked, all_hidden(page) | (here or {"none": "1"}))
    raise AssertionError("too many pages")


def all_hidden(page):
    """Return what a page carries, also what stands there several times."""
    import re  # noqa: PLC0415

    text = page.content.decode()
    found = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text):
        found.setdefault(name, []).append(value)
    return found


def test_one_key_a_page_then_the_health_questions_and_in(dana, asked):
    page = until_health(dana, asked)
    assert "Fever or chills" in text_of(page)
    dana.post(asked, all_hidden(page) | {"none": "check-in"})
    visit = Appointment.objects.get()
    assert (visit.status, visit.suitability) == (Status.CHECKED_IN, "pass")
    assert SuitabilityResponse.objects.get().answered_by.startswith("user:")


def test_who_takes_a_blood_thinner_waits_for_a_clinician_and_nobody_reads_why(dana, asked):
    page = until_health(dana, asked, **{THINNER: "yes"})
    assert "blood thinner" not in text_of(page)
    done = dana.post(asked, all_hidden(page) | {"none": "check-in"})
    assert Appointment.objects.get().status == Status.PROPOSED
    shown = text_of(dana.get(done["Location"]))
    assert "blood" not in shown
    assert "Olga Reyes is not checked in yet: a clinician of this site looks at it first." in shown
    assert "A clinician looks at it first, until" in text_of(dana.get("/desk/arrivals/"))


def test_who_waits_at_the_desk_is_looked_at_at_once_is_mailed_nothing_and_asked_no_more(dana, asked, open_day):
    ContactPoint.objects.create(patient=Patient.objects.get(), system="email", value="olga@example.org", rank=1)
    page = until_health(dana, asked, **{THINNER: "yes"})
    dana.post(asked, all_hidden(page) | {"none": "check-in"})
    relay.relay(at=core_clock.now())
    assert [one.reason for one in Message.objects.filter(kind="link")] == ["told-at-desk"]
    carol = sign_in(Client(), "carol", Role.CLINICIAN, open_day)
    card = text_of(carol.get("/desk/health/before-booking/"))
    assert "Due: at once, since it begins before the next business day is over" in card
    visit = Appointment.objects.get()
    suitability_reviews.approve(visit.public_id, seen=visit.version, by=SYSTEM, at=core_clock.now())
    assert "Ask the questions" not in text_of(dana.get("/desk/arrivals/"))
    dana.post(f"/desk/arrivals/{visit.public_id}/check-in/", as_seen(visit) | {"nothing_new": "1"})
    assert Appointment.objects.get().status == Status.CHECKED_IN


def test_where_it_is_is_asked_after_a_yes(dana, asked):
    page = until_health(dana, asked, **{CLOT: "yes"})
    assert "where?" in text_of(page)
    wrong = dana.post(asked, all_hidden(page))
    assert wrong.status_code == 422
    page = dana.post(asked, all_hidden(page) | {"places": ["left_arm"]})
    while "asked" in hidden_on(page):
        page = dana.post(asked, all_hidden(page) | {"none": "1"})
    dana.post(asked, all_hidden(page) | {"none": "1"})
    assert Appointment.objects.get().status == Status.PROPOSED


def test_in_danger_the_desk_reads_whom_to_call_before_anything_else_is_asked(dana, asked):
    page = dana.get(asked)
    page = dana.post(asked, all_hidden(page) | {DANGER: "yes"})  # of the first page: nothing after it is asked
    assert page.status_code == 409
    told = text_of(page)
    assert "Olga Reyes needs help now" in told
    assert Hold.objects.get().state == HoldState.RELEASED
    assert "Call a clinician here, or (312) 555-0100, at once. Stay with them." in told
    assert "online" not in told
    assert not Appointment.objects.exists()
    assert not SuitabilityResponse.objects.exists()


def test_what_leads_to_a_call_by_a_later_answer_is_said_as_soon_as_that_is_given(dana, asked):
    page = until_health(dana, asked, **{FEVER: "yes", TREATED: "yes"})
    assert page.status_code == 409
    assert "Olga Reyes needs help now" in text_of(page)


def test_what_is_answered_on_another_time_or_made_up_counts_for_nothing(dana, asked):
    page = until_health(dana, asked)
    for made_up in ("nonsense", ""):
        again = dana.post(asked, {"given": made_up, "none": "check-in"})
        assert again.status_code == 200
        assert "Read the questions aloud, and choose" in text_of(again)
    assert not Appointment.objects.exists()
    assert link(page, "Another time")


def test_a_page_on_which_nothing_is_chosen_is_asked_again(dana, asked):
    page = dana.get(asked)
    again = dana.post(asked, all_hidden(page))
    assert again.status_code == 422
    assert "Choose what applies" in text_of(again)


def test_what_is_not_booked_with_their_answers_says_what_to_do_and_what_can_be(dana, asked):
    page = until_health(dana, asked, **{FEVER: "yes"})
    assert page.status_code == 409
    told = text_of(page)
    assert "Olga Reyes cannot have this as it stands" in told
    assert "against all else today. Ask a clinician here to talk with them. Until then, give them a mask" in told
    assert "online" not in told
    assert link(page, "See all times again")


@pytest.mark.parametrize(
    ("answers", "heading"),
    [
        ({DEVICE: "yes"}, "With the same answers they can have:"),
        ({DEVICE: "yes", THINNER: "yes"}, "Once a clinician here has looked at their answers:"),
    ],
)
def test_what_can_be_had_instead_says_whether_at_once_and_what_is_free_today(dana, olga, site, answers, heading):
    offer(Practitioner.objects.get(name="Grace Okoro"), "acu_electro", sites=[site])
    make_device(site)
    lay_out(weeks=3)
    begins = dana.get(f"{WALK_IN}{olga.public_id}/")
    electro = next(one for one in slots_on(begins) if b"acu_electro" in urlsafe_b64decode(f"{opened(one)}=="))
    asked = dana.post(f"{WALK_IN}{olga.public_id}/time/", {"slot": electro})["Location"]
    told = text_of(until_health(dana, asked, **answers))
    assert f"{heading} Acupuncture (manual) – free today" in told
    assert told.count("free today") == 1, "nobody here does the others"


def test_who_does_not_stand_there_is_asked_by_link_for_a_later_day_and_a_walk_in_never(dana, asked):
    here = dana.get(asked)
    assert "by link" not in text_of(here)
    dana.post(asked, {"by_link": "1"})
    assert not Appointment.objects.exists()
    olga = Patient.objects.get()
    days = dana.get(f"{WALK_IN}{olga.public_id}/", {"since": "2026-10-14"})
    later = dana.post(f"{WALK_IN}{olga.public_id}/time/", {"slot": slots_on(days)[0]})["Location"]
    page = text_of(dana.get(later))
    assert "Keep their time, and call them with the questions" in page
    assert "Send the questions by link" not in page
    assert "Olga Reyes has no e-mail: call them" in page
    done = dana.post(later, {"by_link": "1"})
    visit = Appointment.objects.get()
    assert (visit.status, visit.suitability) == (Status.PROPOSED, "answers-needed")
    assert "Olga Reyes: asked for" in text_of(dana.get(done["Location"]))
    assert "It is booked once they have answered" in text_of(dana.get(done["Location"]))
    assert dana.post(later, {"by_link": "1"})["Location"] == done["Location"]
    assert Appointment.objects.count() == 1
