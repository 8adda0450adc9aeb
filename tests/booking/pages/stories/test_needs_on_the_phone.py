"""Olga, who has a phone alone, asks for an interpreter as she books; what no place here can give is said to be so."""

import re

import pytest

from booking.models import AccessNeeds, Appointment
from core import clock as core_clock
from scheduler.actions.catalogue_edits import change
from scheduler.models import Place
from tests.booking.pages.stories.test_caller import (  # noqa: F401  (dana and olga are fixtures)
    answer_all,
    dana,
    keep,
    olga,
    times,
)
from tests.booking.pages.stories.test_walk_ins_and_answers import all_hidden
from tests.booking.pages.walk import slots_on, text_of
from tests.factories.booking import MINUTE, SYSTEM


@pytest.fixture
def lowered(open_day):
    """Give one place of the clinic a table that can be lowered."""
    place = Place.objects.filter(room__site=open_day, features__contains=["table"]).order_by("pk").last()
    change(place, features=[*place.features, "hi-lo"], by=SYSTEM, at=core_clock.now())


def booked(dana, olga, **sent):  # noqa: F811
    held = keep(dana, olga, times(dana, olga))
    check = answer_all(dana, held)
    done = dana.post(held, all_hidden(check) | {"book": "1"} | sent)["Location"]
    return check, Appointment.objects.latest("pk"), done


def test_what_she_needs_is_asked_as_it_is_booked_and_stands_on_its_page(dana, olga, lowered):  # noqa: F811
    check, visit, _done = booked(dana, olga, needs=["low-table", "sign-language"], interpreter="es")
    assert "An interpreter, or other help to come?" in text_of(check)
    said = text_of(dana.get(f"/desk/appointments/{visit.public_id}/"))
    assert "An interpreter: Spanish (book one)" in said
    assert "A sign language interpreter (book an interpreter)" in said
    assert AccessNeeds.objects.get().changed_by == f"user:{dana.session['_auth_user_id']}"


def test_a_table_that_no_place_has_is_not_promised_unless_she_gives_a_reason(dana, olga):  # noqa: F811
    held = keep(dana, olga, times(dana, olga))
    asked = all_hidden(answer_all(dana, held)) | {"book": "1", "needs": ["low-table"]}
    refused = dana.post(held, asked)
    assert refused.status_code == 409
    assert not Appointment.objects.exists()
    again = all_hidden(refused) | {"override_reason": "We bring one"}
    assert dana.post(held, again).status_code == 302
    assert Appointment.objects.get().patient.access_needs == ["low-table"]


def test_whoever_asked_for_nothing_has_nothing_noted(dana, olga):  # noqa: F811
    booked(dana, olga)
    assert not AccessNeeds.objects.exists()


def test_the_next_time_it_is_said_before_a_time_is_chosen_and_chosen_already(dana, olga, lowered):  # noqa: F811
    booked(dana, olga, interpreter="es", needs=["low-table"])
    assert "They asked for an interpreter: Spanish." in text_of(times(dana, olga))
    check = answer_all(dana, keep(dana, olga, times(dana, olga, since="10/20/2026")))
    page = check.content.decode()
    assert 'value="low-table" checked' in page
    assert 'value="es" selected' in page


def test_whoever_reads_another_language_is_asked_what_they_speak(dana, olga):  # noqa: F811
    assert "Ask what they speak" not in text_of(times(dana, olga))
    olga.language = "pl"
    olga.save()
    assert "They read Polish. Ask what they speak" in text_of(times(dana, olga))


def test_on_the_page_of_an_appointment_it_is_changed_and_a_page_from_before_changes_nothing(dana, olga, clock):  # noqa: F811
    _check, visit, _done = booked(dana, olga)
    page = f"/desk/appointments/{visit.public_id}/"
    shown = dana.get(page)
    assert "Save what they need" in text_of(shown)
    seen = re.search(r'name="seen" value="([^"]+)"', shown.content.decode())[1]
    clock.shift(MINUTE)
    said = text_of(dana.post(f"{page}needs/", {"seen": seen, "interpreter": "pl"}, follow=True))
    assert "What they need is saved." in said
    assert "An interpreter: Polish (book one)" in said
    assert dana.post(f"{page}needs/", {"seen": seen, "interpreter": "klingon"}).status_code == 404
    assert dana.post(f"{page}needs/", {"seen": seen, "interpreter": "fr"}).status_code == 409
    assert AccessNeeds.objects.get().interpreter == "pl"


def test_what_no_place_here_can_give_is_last_and_says_what_is_missing_and_what_to_do(dana, olga, open_day):  # noqa: F811
    first = re.findall(r'<option value="([^"]+)"[^>]*>([^<]+)', times(dana, olga).content.decode())[0]
    assert "no place here" not in first[1]
    assert slots_on(times(dana, olga))
    for place in Place.objects.filter(room__site=open_day):
        place.features = [one for one in place.features if one != "table"]
        place.save()
    page = times(dana, olga, way=first[0])
    assert not slots_on(page)
    said = text_of(page)
    assert "Nobody can have this here: no place here has what it needs" in said
    assert "table" in said
    assert "Rooms and places" in said
    assert f"{' '.join(first[1].split())} (no place here has what it needs)" in said
