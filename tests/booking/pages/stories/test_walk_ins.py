"""Walk-ins: somebody stands at the desk without an appointment, and is found, given a time, asked, and checked in."""

import re
from datetime import date, timedelta

import pytest
from django.core import mail
from django.test import Client

from booking.actions import walk_ins
from booking.actions.patients import patients
from booking.models import Appointment, CallTask, Hold, Patient, ScreeningResponse
from booking.models.holds import HoldState
from booking.status import Status
from booking.web.slot_ids import opened
from core import clock as core_clock
from core.models import Site, User
from core.principal import Principal
from core.roles import Role
from notifications.actions import dispatch
from notifications.models import Message
from scheduler import public as scheduler
from scheduler.actions import calendars
from scheduler.models import Practitioner, WorkingHours
from tests.booking.pages.walk import hidden_on, link, slots_on, text_of
from tests.factories.admin import sign_in
from tests.factories.booking import chicago, make_visit, slot_id
from tests.factories.policies import publish_screening
from tests.factories.scheduler import lay_out, offer

DAY = 24 * 60 * 60
FEVER = "fever_or_chills_24h"
WALK_IN = "/desk/walk-in/"
NEW = {"name": "Olga Reyes", "birth_date": "3/4/1955", "phone": "(312) 555-0123"}


@pytest.fixture
def open_day(adopted_once, site, clock):
    """Tuesday, eight in the morning: the clinic asks how people are, and opens at nine."""
    clock.shift(DAY)
    return site


@pytest.fixture
def dana(open_day):
    return sign_in(Client(), "dana", Role.SCHEDULER, open_day)


@pytest.fixture
def olga(open_day):
    """Olga has a record, and no e-mail."""
    return patients.register(
        name="Olga Reyes", birth_date=date(1955, 3, 4), email="", phone="+13125550123", site=open_day,
        by=Principal.system("test"), at=core_clock.now(),
    )  # fmt: skip


def the_visit():
    return Appointment.objects.get()


def times(client, patient):
    return client.get(f"{WALK_IN}{patient.public_id}/")


def choose(client, patient, slot=""):
    """Take the first free time; return the page that asks."""
    there = f"{WALK_IN}{patient.public_id}/time/"
    kept = client.post(there, {"slot": slot or slots_on(times(client, patient))[0]})
    assert kept.status_code == 302, text_of(kept)
    return kept["Location"]


def test_who_is_known_is_found_given_a_time_asked_and_checked_in_with_four_presses(dana, olga):
    found = dana.get(WALK_IN, {"find": "reyes olga"})  # the first press
    page = dana.get(link(found, "This person"))  # the second
    assert "Free today" in text_of(page)
    asked = choose(dana, olga, slots_on(page)[0])  # the third
    assert "Fever or chills" in text_of(dana.get(asked))
    done = dana.post(asked, {"none": "check-in"})  # the fourth
    assert the_visit().status == Status.CHECKED_IN
    assert the_visit().patient == olga
    told = text_of(dana.get(done["Location"]))
    for expected in ("Olga Reyes: booked", "checked in", "Please wear a mask in waiting rooms", the_visit().reference):
        assert expected in told


def test_somebody_new_with_a_phone_only_is_entered_and_named_twice_to_nobody(dana):
    wrong = dana.post(WALK_IN, NEW | {"phone": ""})
    assert wrong.status_code == 422
    assert "Enter a phone number or an e-mail address" in text_of(wrong)
    assert 'value="Olga Reyes"' in wrong.content.decode()
    there = dana.post(WALK_IN, NEW)
    assert there.status_code == 302
    assert "Free today" in text_of(dana.get(there["Location"]))
    again = dana.post(WALK_IN, NEW | {"name": "Olga  Réyes"})
    assert again.status_code == 409
    assert "There may be a record of this person already" in text_of(again)
    assert Patient.objects.count() == 1
    assert dana.post(WALK_IN, hidden_on(again)).status_code == 302
    assert Patient.objects.count() == 2


def test_a_number_that_nobody_can_dial_is_asked_again_beside_its_field(dana):
    again = dana.post(WALK_IN, NEW | {"phone": "12"})
    assert again.status_code == 422
    assert 'id="id_phone-error"' in again.content.decode()
    assert not Patient.objects.exists()


@pytest.mark.parametrize("typed", ["", "3/4/55", "3/4/1655"])
def test_the_desk_is_not_asked_for_its_own_day_of_birth(dana, typed):
    said = text_of(dana.post(WALK_IN, NEW | {"birth_date": typed}))
    assert "their date of birth" in said
    assert "your date of birth" not in said


def test_who_has_a_fever_is_not_booked_and_hears_from_when_on_there_are_times(dana, olga):
    asked = choose(dana, olga)
    dana.post(asked, {FEVER: "on"})
    page = dana.post(asked, {FEVER: "on", "days": "1"})
    told = text_of(page)
    assert "Olga Reyes must not come in today" in told
    assert "We hope you feel better soon" in told
    assert "They may come from Thursday, October 8 on" in told
    assert not Appointment.objects.exists()
    assert not ScreeningResponse.objects.exists()
    assert Hold.objects.get().state == HoldState.RELEASED
    later = choose(dana, olga, slots_on(page)[0])
    assert "Fever" not in text_of(dana.get(later))
    dana.post(later, {})
    assert (the_visit().status, the_visit().period.lower.day >= 8) == (Status.BOOKED, True)


def test_without_the_guard_somebody_with_a_fever_would_be_booked(dana, olga, monkeypatch):
    monkeypatch.setattr(walk_ins, "SENT_HOME", frozenset())
    dana.post(choose(dana, olga), {FEVER: "on", "days": "1"})
    assert Appointment.objects.exists()


def test_who_cannot_breathe_is_helped_first(dana, olga):
    told = text_of(dana.post(choose(dana, olga), {"emergency": "on"}))
    assert "Olga Reyes needs help now" in told
    assert "Call a clinician here, or (312) 555-0100, at once. Stay with them. Call 911" in told
    assert not Appointment.objects.exists()


def test_a_cough_that_is_usual_is_booked_and_waits_for_a_clinician(dana, olga):
    dana.post(choose(dana, olga), {"new_cough_breathless_sore_throat_runny_nose-usual": "on"})
    assert the_visit().status == Status.BOOKED
    assert "A clinician looks at it" in text_of(dana.get("/desk/arrivals/"))


def test_a_temperature_is_taken_of_a_walk_in_too(dana, olga):
    publish_screening({"temperature_at_door": True})
    asked = choose(dana, olga)
    missing = dana.post(asked, {"none": "check-in"})
    assert missing.status_code == 422
    assert "Take the temperature" in text_of(missing)
    assert "must not come in today" in text_of(dana.post(asked, {"none": "check-in", "temperature": "101.5"}))
    dana.post(choose(dana, olga), {"none": "check-in", "temperature": "98.2"})
    assert the_visit().status == Status.CHECKED_IN


def test_nobody_writes_to_or_calls_whoever_was_told_at_the_desk(dana, olga):
    dana.post(choose(dana, olga), {"none": "check-in"})
    dispatch.run(now=core_clock.now)
    assert mail.outbox == []
    assert not CallTask.objects.exists()
    assert set(Message.objects.values_list("reason", flat=True)) == {"told-at-desk"}


def test_a_time_of_a_later_day_is_confirmed_as_any_other(dana, olga, clock):
    asked = choose(dana, olga)
    page = dana.post(asked, {FEVER: "on", "days": "1"})
    dana.post(choose(dana, olga, slots_on(page)[0]), {})
    dispatch.run(now=core_clock.now)
    assert CallTask.objects.get().reason == "not-reached"


def test_the_same_button_pressed_twice_books_once_and_shows_what_was_booked(dana, olga):
    asked = choose(dana, olga)
    first = dana.post(asked, {"none": "check-in"})
    second = dana.post(asked, {"none": "check-in"})
    assert second["Location"] == first["Location"]
    assert Appointment.objects.count() == 1


def test_a_time_that_somebody_else_took_is_refused_with_those_beside_it(dana, olga):
    slot = slots_on(times(dana, olga))[0]
    ben = patients.register(
        name="Ben Brown", birth_date=date(1960, 1, 1), email="ben@example.test", site=Site.objects.get(),
        by=Principal.system("test"), at=core_clock.now(),
    )  # fmt: skip
    choose(dana, ben, slot)
    refused = dana.post(f"{WALK_IN}{olga.public_id}/time/", {"slot": slot})
    assert refused.status_code == 409
    assert "The nearest times that are free" in text_of(refused)
    dana.post(choose(dana, olga, slots_on(refused)[0]), {"none": "check-in"})
    assert the_visit().patient == olga


def test_a_time_that_was_kept_for_too_long_is_said_with_others(dana, olga, clock):
    asked = choose(dana, olga)
    clock.shift(3 * 60 * 60)
    dana.force_login(User.objects.get(username="dana"))
    late = dana.post(asked, {"none": "check-in"})
    assert late.status_code == 410
    assert "We no longer keep this time" in text_of(late)


def test_where_nothing_is_free_today_the_next_days_are_offered(dana, olga, clock):
    clock.shift(8 * 60 * 60 + 50 * 60)
    dana.force_login(User.objects.get(username="dana"))
    page = text_of(times(dana, olga))
    assert "Nothing is free today. The next times:" in page
    assert "Wednesday, October 7" in page


def test_whoever_has_an_appointment_today_is_led_to_the_door(dana, olga):
    dana.post(choose(dana, olga), {"none": "1"})
    assert "They have an appointment here today" in text_of(times(dana, olga))


def test_a_clinic_that_asks_nothing_books_and_checks_in_with_one_press(site, clock):
    clock.shift(DAY)
    dana = sign_in(Client(), "dana", Role.SCHEDULER, site)
    there = dana.post(WALK_IN, NEW)["Location"]
    kept = dana.post(there.partition("?")[0] + "time/", {"slot": slots_on(dana.get(there))[0]})
    dana.post(kept["Location"], {"none": "check-in"})
    assert the_visit().status == Status.CHECKED_IN


@pytest.mark.parametrize("role", [Role.PRACTITIONER, Role.CLINICIAN, Role.PROGRAM, Role.AUDITOR])
def test_only_the_front_desk_admits_walk_ins(open_day, olga, role):
    other = sign_in(Client(), "other", role, open_day)
    assert other.get(WALK_IN).status_code == 403
    assert other.get(f"{WALK_IN}{olga.public_id}/").status_code == 403


def test_a_patient_of_another_site_is_not_there(dana, olga):
    far = Site.objects.create(key="far", name={"en": "Far"}, zone="America/Chicago", phone="+13125550199")
    oscar = sign_in(Client(), "oscar", Role.SCHEDULER, far)
    assert "Olga" not in text_of(oscar.get(WALK_IN, {"find": "reyes olga"})).replace("“reyes olga”", "")
    assert oscar.get(f"{WALK_IN}{olga.public_id}/").status_code == 404
    held = choose(dana, olga)
    assert oscar.get(held.partition("?")[0]).status_code == 404


def test_hours_for_a_program_are_not_given_to_a_walk_in_of_others(dana, olga):
    slots = slots_on(times(dana, olga))
    for hours in WorkingHours.objects.filter(weekday=2):
        calendars.change_hours(
            hours, audience="cancer-integrative-medicine", by=Principal.system("test"), at=core_clock.now()
        )
    assert "Nothing is free today" in text_of(times(dana, olga))
    assert dana.post(f"{WALK_IN}{olga.public_id}/time/", {"slot": slots[0]}).status_code == 409
    assert not Hold.objects.exists()


def headings(page):
    return re.findall(r"<h([234])[^>]*>([^<]+?) *<", page)


def test_what_is_free_stands_under_its_family(dana, olga, open_day):
    offer(Practitioner.objects.get(name="Grace Okoro"), "acupressure", sites=[open_day])
    lay_out(weeks=3)
    assert headings(times(dana, olga).content.decode()) == [
        ("2", "Free today"),
        ("3", "Needles"),
        ("4", "Acupuncture (manual)"),
        ("3", "Pressure"),
        ("4", "Acupressure (no needles)"),
    ]


def test_what_is_free_on_another_day_stands_under_that_day_and_not_among_todays(dana, olga, open_day):
    grace, at = Practitioner.objects.get(name="Grace Okoro"), core_clock.now()
    offer(grace, "acupressure", sites=[open_day])
    lay_out(weeks=3)
    calendars.add_absence(grace, starts_at=at, ends_at=at + timedelta(hours=14), by=Principal.system("test"), at=at)
    page = times(dana, olga)
    assert headings(page.content.decode()) == [
        ("2", "Free today"),
        ("3", "Needles"),
        ("4", "Acupuncture (manual)"),
        ("2", "Wednesday, October 7"),
        ("3", "Pressure"),
        ("4", "Acupressure (no needles)"),
    ]
    assert "Wednesday, October 7 not today" in text_of(page)


def test_whoever_comes_before_their_first_appointment_has_it_today(dana, olga):
    make_visit(olga, slot_id(Practitioner.objects.first(), chicago(8, 10), visit="first"))
    page = times(dana, olga)
    assert scheduler.SlotKey.decode(opened(slots_on(page)[0])).visit == "first"
    assert re.search(r"First appointment, \d+ minutes", text_of(page))


def test_another_time_gives_the_first_one_back(dana, olga):
    first, other = slots_on(times(dana, olga))[:2]
    choose(dana, olga, first)
    choose(dana, olga, other)
    assert [one.state for one in Hold.objects.order_by("pk")] == [HoldState.RELEASED, HoldState.OPEN]


def test_a_walk_in_is_asked_what_helps_them_to_come_before_a_time_is_chosen(dana, olga):
    page = times(dana, olga)
    assert "An interpreter, or other help to come?" in text_of(page)
    said = text_of(needs(dana, olga, {"interpreter": "es", "needs": ["sign-language"]}))
    assert "What they need is saved. These times suit it." in said
    assert "They asked for an interpreter: Spanish." in said
    dana.post(choose(dana, olga), {"none": "check-in"})
    olga.refresh_from_db()
    assert (olga.interpreter, olga.access_needs) == ("es", ["sign-language"])
    assert "Spanish" in text_of(dana.get("/desk/arrivals/"))
    needs(dana, olga, {})
    olga.refresh_from_db()
    assert (olga.interpreter, olga.access_needs) == ("", [])


def needs(dana, olga, chosen, *, seen=None):
    """Save what is needed as it is chosen on the page with the times, or on one that was `seen` before."""
    shown = hidden_on(seen or times(dana, olga))["needs_seen"]
    return dana.post(f"{WALK_IN}{olga.public_id}/needs/", chosen | {"needs_seen": shown}, follow=True)


def test_what_a_walk_in_asked_for_meanwhile_is_not_written_over(dana, olga):
    before = times(dana, olga)
    needs(dana, olga, {"needs": ["quiet"]})
    said = text_of(needs(dana, olga, {"needs": ["oxygen"]}, seen=before))
    assert "was changed since you looked" in said
    olga.refresh_from_db()
    assert olga.access_needs == ["quiet"]


def test_a_place_that_lacks_what_they_need_is_not_offered_to_a_walk_in(dana, olga):
    assert slots_on(times(dana, olga))
    needs(dana, olga, {"needs": ["step-free"]})
    assert not slots_on(times(dana, olga))  # no place here is noted to be free of steps
