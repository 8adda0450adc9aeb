"""A table meets what is there: whoever is known loses nothing, and a clash names everybody in the way."""

from datetime import date

import pytest
from django.utils.html import escape

from core.roles import Role
from scheduler.models import Place, Practitioner
from tests.booking.pages.drafting import staff
from tests.booking.pages.stories.test_importing import ANA, BO, VISITS, looked_at, pressed, register
from tests.booking.pages.walk import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(site):
    return staff("ada", Role.ADMIN, site)


def test_whoever_is_there_is_filled_up_and_loses_nothing(ada):
    Practitioner.objects.filter(name="Grace Okoro").update(languages=["en", "ja"], gender="female", credentials="")
    row = 'Name,Languages,Credentials,Gender,Patients at once\nGrace Okoro,"japanese, Spanish",L.Ac.,male,6\n'
    preview = looked_at(ada, "practitioners", row)
    said = text_of(preview)
    assert "Adds: Credentials (L.Ac.); Languages (Spanish)." in said
    assert "Stays as it is here, not as in the table: Gender, Patients at once." in said
    before = Practitioner.objects.get(name="Grace Okoro").lanes
    pressed(ada, "practitioners", preview)
    grace = Practitioner.objects.get(name="Grace Okoro")
    found = (grace.languages, grace.gender, grace.credentials, grace.lanes)
    assert found == (["en", "ja", "es"], "female", "L.Ac.", before)


def test_a_clash_names_every_reason_and_everybody_in_the_way(ada, site):
    for who in (ANA, BO, ("Cy Doe", date(1980, 1, 2))):
        register(*who, site)
    at = "2026-10-08,10:00,{0},Acupuncture (manual),"
    rows = [
        f"Ana Diaz,1961-04-03,{at.format('Grace Okoro')}",
        f"Ana Diaz,1961-04-03,{at.format('Boris Ivanov')}",
        "Bo Chen,1970-12-25,2026-10-11,10:00,Boris Ivanov,Acupuncture (manual),",
    ]
    said = text_of(looked_at(ada, "appointments", "\n".join([VISITS.partition("\n")[0], *rows])))
    assert "They have another appointment then: 10:00 AM with Grace Okoro, Lakeside clinic." in said
    assert "This time is not free." not in said


def test_whoever_lies_in_the_rooms_is_named_where_none_is_free(ada, site):
    Place.objects.filter(room__site=site).exclude(pk=Place.objects.filter(room__site=site).first().pk).update(
        active=False
    )
    register(*ANA, site)
    register(*BO, site)
    rows = VISITS.partition("\n")[0] + "\n"
    rows += "Ana Diaz,1961-04-03,2026-10-08,10:00,Grace Okoro,Acupuncture (manual),\n"
    rows += "Bo Chen,1970-12-25,2026-10-08,10:00,Boris Ivanov,Acupuncture (manual),\n"
    said = text_of(looked_at(ada, "appointments", rows))
    assert "No suitable room is free." in said
    assert "then: Ana Diaz, 10:00 AM." in said.partition("No suitable room is free.")[2]


def test_a_language_in_which_no_mail_can_be_written_is_said_to_be_one(ada):
    rows = "Name,Date of birth,E-mail,Language\nAna Diaz,1961-04-03,ana@example.test,Klingon\n"
    said = text_of(looked_at(ada, "patients", rows))
    assert "Column D, Language: No mail can be written in this language." in said
    assert "choose a language" not in said


def test_what_was_pasted_and_ticked_is_still_there_where_it_is_refused(ada):
    rows = "Patient,Date,Time,Practitioner,Therapy\nAna <Diaz>,2026-10-08,10:00,Grace Okoro,Cupping"
    page = ada.post("/desk/import/appointments/", {"pasted": rows, "tell": "1"}).content.decode()
    assert "These columns are missing: Date of birth." in page
    assert f">{escape(rows)}</textarea>" in page
    assert 'value="1" checked' in page
    assert "<details open>" in page
    assert "<details open>" not in ada.get("/desk/import/appointments/").content.decode()


def test_the_address_of_a_feed_that_cannot_be_read_is_still_there_to_be_mended(ada):
    grace = Practitioner.objects.get(name="Grace Okoro")
    sent = {"who": str(grace.public_id), "address": "http://calendar.example/x.ics"}
    page = ada.post("/desk/busy/", sent).content.decode()
    assert 'id="id_address" value="http://calendar.example/x.ics"' in page
    assert "calendar.example" not in ada.get("/desk/busy/").content.decode()
