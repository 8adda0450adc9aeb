"""A clinic brings its tables along: what a file would do is shown, done with one press, and never done twice."""

import io
import re
from datetime import date

import pytest

from booking.actions.patients import patients
from booking.models import Appointment, ContactPoint, Patient
from booking.moving_in.import_kinds import KINDS
from booking.moving_in.tables import read_table
from booking.suitability.errors import AnswersNeeded
from core.roles import Role
from scheduler.models import Claim, Offering, Practitioner
from tests.booking.pages.drafting import staff
from tests.booking.pages.reviewing import send
from tests.booking.pages.walk import text_of
from tests.factories.booking import SYSTEM
from tests.factories.browser import sent_from
from tests.factories.scheduler import AT

ANA, BO = ("Ana Diaz", date(1961, 4, 3)), ("Bo Chen", date(1970, 12, 25))


def register(name, born, site):
    """Make a record of somebody who is reached by mail."""
    email = f"{name.lower().replace(' ', '.')}@example.test"
    return patients.register(name=name, birth_date=born, email=email, site=site, by=SYSTEM, at=AT)


@pytest.fixture
def ada(site):
    return staff("ada", Role.ADMIN, site)


def looked_at(browser, kind, content, **more):
    if isinstance(content, str):
        content = content.encode()
    file = io.BytesIO(content)
    file.name = f"{kind}.csv"
    return browser.post(f"/desk/import/{kind}/", {"file": file} | more)


def pressed(browser, kind, preview, **more):
    return browser.post(f"/desk/import/{kind}/", sent_from(preview).dict() | {"act": "import"} | more, follow=True)


PRACTITIONERS = (
    "Name;Credentials;Languages;Therapies;Patients at once\r\n"
    "Dana Wu;L.Ac.;English, Spanish;Acupuncture (manual), acu_auricular;2\r\n"
    "Grace Okoro;;;Ear acupuncture;\r\n"
    "Zoë Brien;;Elvish;Bathing;nine\r\n"
)


def test_practitioners_are_shown_made_with_one_press_and_not_made_twice(ada):
    preview = looked_at(ada, "practitioners", PRACTITIONERS.encode("cp1252"))
    said = text_of(preview)
    assert "Read as Windows-1252, columns parted by semicolons." in said
    assert "Column C, Languages: No language is called Elvish." in said
    assert "Column D, Therapies: No therapy in use is called Bathing." in said
    assert (
        "Column E, Patients at once: “nine” is no whole number. Write how many may rest with needles at once, 1 to 6"
        in said
    )
    assert not Practitioner.objects.filter(name="Dana Wu").exists()

    said = text_of(pressed(ada, "practitioners", preview))
    assert "Imported: 2 rows. Left out, and to be mended: row 4 (Column C, Languages: No language is called" in said
    dana = Practitioner.objects.get(name="Dana Wu")
    assert (dana.languages, dana.lanes, dana.credentials) == (["en", "es"], 2, "L.Ac.")
    assert set(dana.offerings.values_list("therapy__key", flat=True)) == {"acu_manual", "acu_auricular"}

    again = looked_at(ada, "practitioners", PRACTITIONERS)
    assert "2 are there already" in text_of(again)
    assert Offering.objects.filter(practitioner__name="Grace Okoro", therapy__key="acu_auricular").count() == 1


HOURS = (
    "Practitioner,Days,From,Until,Site\n"
    "Grace Okoro,Mon-Fri,18:00,19:00,\n"
    "Grace Okoro,Sat,9:02,12:00,lakeside\n"
    "Nobody,Mon,9:00,12:00,\n"
    "Grace Okoro,Mon,18:30,19:30,Harbor\n"
)


def test_hours_are_given_on_each_day_and_what_cannot_be_is_named_by_its_column(ada):
    grace = Practitioner.objects.get(name="Grace Okoro")
    before = grace.working_hours.count()
    preview = looked_at(ada, "hours", HOURS.replace("18:30,19:30,Harbor", "18:30,19:30,"))
    said = text_of(preview)
    assert "Column C, From: Please give a time on full five minutes." in said
    assert "Column A, Practitioner: Nobody called Nobody treats at this site." in said
    assert "These hours overlap" in said
    pressed(ada, "hours", preview)
    assert grace.working_hours.count() == before + 5
    assert "1 is there already" in text_of(looked_at(ada, "hours", HOURS))
    assert "Column E, Site: You set up no site called Harbor." in text_of(looked_at(ada, "hours", HOURS))


PATIENTS = (
    "Name\tDate of birth\tE-mail\tPhone\tLanguage\n"
    "Diaz, Ana\t03/04/1961\tana@example.test\t'+13125550123\tSpanish\n"
    "Ana Diaz\t1961-04-03\t\t(312) 555-0177\t\n"
    "Bo Chen\t25/12/1970\tbo@example\t\t\n"
)


def test_a_date_that_could_be_two_is_asked_about_and_nobody_is_merged_in_silence(ada, mailoutbox):
    asked = looked_at(ada, "patients", PATIENTS)
    said = text_of(asked)
    assert "“03/04/1961” can be two days." in said
    assert "Month first: March 4, 1961" in said
    assert "Import" not in said.replace("Imported", "")

    preview = ada.post("/desk/import/patients/", sent_from(asked).dict() | {"order": "day"})
    said = text_of(preview)
    assert "This may be somebody who has a record. The table says: April 3, 1961, (312) 555-0177." in said
    assert "Column C, E-mail: " in said
    assert not Patient.objects.filter(name__contains="Diaz").exists()

    pressed(ada, "patients", preview)
    (ana,) = Patient.objects.filter(name__contains="Diaz")
    assert (ana.birth_date.isoformat(), ana.language) == ("1961-04-03", "es")
    assert {one.value for one in ana.contacts.all()} == {"ana@example.test", "+13125550123"}

    again = looked_at(ada, "patients", PATIENTS, order="day")
    assert "1 is there already" in text_of(again)
    said = text_of(pressed(ada, "patients", again, **{"answer-3": "new"}))
    assert "Imported: 1 row" in said
    assert Patient.objects.filter(name__contains="Diaz").count() == 2
    assert mailoutbox == []


FILLED = (
    "Name,Date of birth,E-mail,Phone\n"
    "Ana Diaz,1961-04-03,ana.diaz@example.test,(312) 555-0177\n"
    "Bo Chen,1970-12-25,,(312) 555-0178\n"
    "Cy Doe,1950-01-02,cy.doe@example.test,(312) 555-0179\n"
    "Cy Doe,1950-01-02,cy.doe@example.test,12\n"
)


def test_a_phone_number_is_added_where_a_record_has_none_and_none_is_written_over(ada, site, mailoutbox):
    ana, bo, cy = (register(name, born, site) for name, born in (ANA, BO, ("Cy Doe", date(1950, 1, 2))))
    ContactPoint.objects.create(patient=cy, system="phone", value="+13125550111", rank=2)
    preview = looked_at(ada, "patients", FILLED)
    said = text_of(preview)
    assert "The phone number (312) 555-0177 is added to their record." in said
    assert "The same person as Bo Chen, born December 25, 1970: add the phone number to that record" in said
    assert "The same person as Cy Doe, born January 2, 1950: add" not in said
    assert phones(ana) == []  # shown, and nothing done

    answer = {"answer-3": f"fill-{bo.public_id}", "answer-4": f"same-{cy.public_id}"}
    again = ada.post("/desk/import/patients/", sent_from(preview).dict() | answer)
    pressed(ada, "patients", again, **answer)
    assert (phones(ana), phones(bo), phones(cy)) == (["+13125550177"], ["+13125550178"], ["+13125550111"])
    assert {one.value for one in bo.contacts.filter(system="email")} == {"bo.chen@example.test"}
    assert mailoutbox == []


def phones(patient):
    return list(patient.contacts.filter(system="phone").values_list("value", flat=True))


VISITS = (
    "Patient,Date of birth,Date,Time,Practitioner,Therapy,Appointment\n"
    "Ana Diaz,1961-04-03,2026-10-08,10:00 AM,Grace Okoro,Acupuncture (manual),follow-up\n"
    "Bo Chen,1970-12-25,2026-10-08,10:05,Grace Okoro,Acupuncture (manual),follow-up\n"
    "Bo Chen,1970-12-25,2026-10-08,14:00,Boris Ivanov,Acupuncture (manual),\n"
    "Bo Chen,1970-12-25,2026-10-04,14:00,Boris Ivanov,Acupuncture (manual),\n"
    "Cy Doe,1970-12-25,2026-10-09,14:00,Boris Ivanov,Bathing,\n"
)


def test_coming_appointments_claim_their_time_and_a_clash_says_who_is_there(ada, site, mailoutbox):
    register(*ANA, site)
    register(*BO, site)
    preview = looked_at(ada, "appointments", VISITS)
    said = text_of(preview)
    assert "2 new" in said
    assert "There then: Ana Diaz, 10:00 AM." in said
    assert "Column C, Date: This time has passed" in said
    assert "Column F, Therapy: No therapy in use is called Bathing." in said
    assert not Appointment.objects.exists()

    said = text_of(pressed(ada, "appointments", preview))
    assert "Imported: 2 rows. Left out, and to be mended: row 3 (" in said
    assert re.findall(r"row (\d+) \(", said) == ["3", "5", "6"]
    booked = Appointment.objects.order_by("period")
    assert [(one.patient.name, one.status) for one in booked] == [("Ana Diaz", "booked"), ("Bo Chen", "booked")]
    assert Claim.objects.filter(allocation=booked[0].allocation).exists()
    send()
    assert mailoutbox == []
    assert "2 are there already" in text_of(looked_at(ada, "appointments", VISITS))


def test_an_appointment_while_the_site_is_closed_says_so_and_when_it_opens(ada, site):
    register(*ANA, site)
    night = VISITS.splitlines()[0] + "\nAna Diaz,1961-04-03,2026-10-08,22:00,Grace Okoro,Acupuncture (manual),\n"
    said = text_of(looked_at(ada, "appointments", night)).replace("\xa0", " ")
    assert "is closed at this time. On that day it is open 7:00 AM to 9:00 PM." in said
    assert "room" not in said.partition("is closed at this time")[2].partition("Import")[0]


def test_where_answers_are_lacking_ada_reads_what_she_can_do_and_no_words_for_patients(ada, site, monkeypatch):
    def lacks(*_args, **_more):
        raise AnswersNeeded(["pregnant"], about={})

    register(*ANA, site)
    monkeypatch.setattr("booking.moving_in.appointments.appointments.book", lacks)
    said = text_of(looked_at(ada, "appointments", VISITS))
    assert "They have not answered what is asked before this is booked. Tick “Write to each of them" in said
    assert "Write to each of them about it now" in said.partition("then they are asked by link")[2]
    assert "Please answer" not in said


def test_whoever_is_to_be_written_to_is(ada, site, mailoutbox):
    register(*ANA, site)
    pressed(ada, "appointments", looked_at(ada, "appointments", VISITS, tell="1"))
    send()
    assert [mail.to for mail in mailoutbox] == [["ana.diaz@example.test"]]


def test_what_has_changed_since_it_was_shown_is_not_imported(ada, site):
    register(*ANA, site)
    preview = looked_at(ada, "appointments", VISITS)
    register(*BO, site)
    said = text_of(pressed(ada, "appointments", preview))
    assert "so nothing was imported" in said
    assert not Appointment.objects.exists()


def test_twin_without_the_look_at_what_was_shown_it_would_be(ada, site, monkeypatch):
    register(*ANA, site)
    preview = looked_at(ada, "appointments", VISITS)
    register(*BO, site)
    shown = sent_from(preview)["seen"]
    monkeypatch.setattr("booking.moving_in.actions.importing.digest", lambda *_args, **_how: shown)
    pressed(ada, "appointments", preview)
    assert Appointment.objects.count() == 2


def test_a_template_reads_as_what_it_says_and_a_file_is_taken_nowhere_else(ada):
    for kind in KINDS.values():
        file = ada.get(f"/desk/import/{kind.key}/template.csv").content
        assert read_table(file, known=set()).rows
    assert ada.post("/desk/find/", {"file": io.BytesIO(b"x")}).status_code == 415


def test_an_empty_file_is_said_to_be_empty_and_none_to_be_none(ada):
    assert "The file is empty." in text_of(looked_at(ada, "patients", ""))
    assert "Choose a file, or paste the rows of one." in text_of(ada.post("/desk/import/patients/", {}))


def test_what_goes_along_is_opened_for_whoever_sent_it_alone(ada, site):
    preview = looked_at(ada, "practitioners", PRACTITIONERS)
    other = staff("eve", Role.ADMIN, site)
    said = text_of(pressed(other, "practitioners", preview))
    assert "Choose a file, or paste the rows of one." in said
    assert not Practitioner.objects.filter(name="Dana Wu").exists()
