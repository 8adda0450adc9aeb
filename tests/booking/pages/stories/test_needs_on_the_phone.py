"""Olga, who has a phone alone, asks for an interpreter as she books; what no place here can give is said to be so."""

import re

import pytest

from booking.access_needs import AskedAsBooked, AskedFor
from booking.actions import access_needs
from booking.models import AccessNeeds, Appointment
from booking.web.desk.caller import held as held_page
from core import clock as core_clock
from scheduler.actions.catalogue_edits import change
from scheduler.models import Place, Practitioner
from tests.booking.pages.stories.test_caller import (  # noqa: F401  (dana and olga are fixtures)
    answer_all,
    dana,
    keep,
    olga,
    times,
)
from tests.booking.pages.stories.test_walk_ins_and_answers import all_hidden
from tests.booking.pages.walk import hidden_on, slots_on, text_of
from tests.factories.booking import MINUTE, SYSTEM, chicago, make_visit, slot_id


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
    sent = {name: hidden_on(shown)[name] for name in ("seen", "needs_seen")}
    clock.shift(MINUTE)
    said = text_of(dana.post(f"{page}needs/", sent | {"interpreter": "pl"}, follow=True))
    assert "What they need is saved." in said
    assert "An interpreter: Polish (book one)" in said
    assert dana.post(f"{page}needs/", sent | {"interpreter": "klingon"}).status_code == 404
    assert dana.post(f"{page}needs/", sent | {"interpreter": "fr"}).status_code == 409
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


def test_what_a_colleague_wrote_meanwhile_is_shown_and_not_written_over(dana, olga, lowered):  # noqa: F811
    held = keep(dana, olga, times(dana, olga))
    check = all_hidden(answer_all(dana, held)) | {"book": "1", "needs": ["low-table"]}
    access_needs.put_on_record(olga, AskedFor.of(["oxygen"], "pl"), adds=True, by=SYSTEM, at=core_clock.now())
    again = dana.post(held, check)
    assert again.status_code == 409
    assert "was changed since you looked" in text_of(again)
    assert 'value="oxygen" checked' in again.content.decode()
    assert not Appointment.objects.exists()
    needs = {"needs": ["low-table", "oxygen"], "interpreter": "pl"}
    assert dana.post(held, all_hidden(again) | {"book": "1"} | needs).status_code == 302
    assert Appointment.objects.get().patient.access_needs == ["low-table", "oxygen"]


def test_twin_without_a_mark_the_later_of_two_wins(dana, olga, lowered, monkeypatch):  # noqa: F811
    held = keep(dana, olga, times(dana, olga))
    check = all_hidden(answer_all(dana, held)) | {"book": "1", "needs": ["low-table"]}
    access_needs.put_on_record(olga, AskedFor.of(["oxygen"], "pl"), adds=True, by=SYSTEM, at=core_clock.now())
    monkeypatch.setattr(held_page, "AskedAsBooked", lambda *, said, seen: AskedAsBooked(said=said))
    assert dana.post(held, check).status_code == 302
    assert Appointment.objects.get().patient.access_needs == ["low-table"]


def test_of_two_pages_of_two_appointments_the_later_is_shown_what_the_first_wrote(dana, olga, lowered, clock):  # noqa: F811
    one, other = booked(dana, olga)[1], make_visit(olga, slot_id(Practitioner.objects.first(), chicago(20, 10)))
    pages = [f"/desk/appointments/{visit.public_id}/" for visit in (one, other)]
    sent = [{name: hidden_on(dana.get(page))[name] for name in ("seen", "needs_seen")} for page in pages]
    dana.post(f"{pages[0]}needs/", sent[0] | {"needs": ["oxygen"]})
    assert dana.post(f"{pages[1]}needs/", sent[1] | {"needs": ["quiet"]}).status_code == 409
    olga.refresh_from_db()
    assert olga.access_needs == ["oxygen"]


@pytest.fixture
def cannot_read(monkeypatch):
    """Let nobody at the desk read what is on somebody's record."""
    monkeypatch.setattr(access_needs, "may_see", lambda _patient, *, by: False)


@pytest.mark.usefixtures("lowered", "cannot_read")
def test_who_may_not_read_a_record_books_with_what_a_caller_says_and_writes_nothing_over(dana, olga):  # noqa: F811
    access_needs.put_on_record(olga, AskedFor.of(["oxygen"], "pl"), adds=True, by=SYSTEM, at=core_clock.now())
    check, visit, _done = booked(dana, olga, needs=["low-table"], interpreter="es")
    assert "What you choose here is for this appointment alone" in text_of(check)
    assert 'value="oxygen" checked' not in check.content.decode()
    olga.refresh_from_db()
    assert (olga.access_needs, olga.interpreter) == (["oxygen"], "pl")
    assert (visit.asked_needs, visit.asked_interpreter) == (["low-table"], "es")


def test_of_two_languages_both_are_on_the_page_of_the_appointment(dana, olga):  # noqa: F811
    _check, visit, _done = booked(dana, olga)
    access_needs.put_on_record(olga, AskedFor.of([], "pl"), adds=True, by=SYSTEM, at=core_clock.now())
    Appointment.objects.filter(pk=visit.pk).update(asked_interpreter="es")
    said = text_of(dana.get(f"/desk/appointments/{visit.public_id}/"))
    assert "An interpreter: Spanish (book one; ask them: on record is Polish)" in said
    assert "On their record is another language: Polish. Ask them which one they speak before you save." in said


def test_a_language_that_nobody_has_named_is_said_in_words(dana, olga):  # noqa: F811
    booked(dana, olga, interpreter="und")
    assert "They asked for an interpreter: another language." in text_of(times(dana, olga))
