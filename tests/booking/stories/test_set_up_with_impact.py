"""Ada takes a therapy out of use, or lets somebody give less: each appointment is settled with it, and taken back."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine

from booking.models import Appointment, CalendarEdit
from core.roles import Role
from scheduler.models import Device, Offering, Therapy
from tests.booking.impact_pages import browser
from tests.booking.pages.reviewing import send
from tests.booking.pages.walk import text_of
from tests.factories.booking import chicago, make_person, make_staff, make_visit, slot_id
from tests.factories.browser import sent_from
from tests.factories.scheduler import AT, lay_out, make_device, make_practitioner

pytestmark = pytest.mark.django_db
TEXTS = "/desk/setup/therapies/acu_manual/texts/"


@pytest.fixture(autouse=True)
def clock():
    """Monday morning."""
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def clinic(lakeside, dr_li, alice):
    """On Tuesday at ten Alice comes to Dr Li, on Wednesday Carol; Ada sets up the clinic and moves appointments."""
    ada = make_staff("ada", Role.ADMIN, site=lakeside)
    make_visit(alice.record, slot_id(dr_li, chicago(6, 10)))
    make_visit(make_person(lakeside, "Carol Cole").record, slot_id(dr_li, chicago(7, 10)))
    return SimpleNamespace(site=lakeside, desk=browser(ada), li=dr_li, alice=alice)


def unticked(desk, address, **other):
    """Open a form, untick that it is in use, and save."""
    sent = sent_from(desk.get(address))
    sent.pop("active", None)
    return desk.post(address, sent.dict() | other)


def pressed(desk, page, address, **chosen):
    sent = sent_from(page)
    data = {name: sent.getlist(name) for name in sent} | {"sure": "settle"} | chosen
    return desk.post(address, data, follow=True)


def statuses():
    return list(Appointment.objects.order_by("period").values_list("status", flat=True))


def test_a_therapy_goes_out_of_use_with_what_becomes_of_each_appointment_and_comes_back(clinic, mailoutbox):
    send()
    mailoutbox.clear()
    page = unticked(clinic.desk, TEXTS)
    said = text_of(page)
    assert "2 appointments are to be settled." in said
    assert said.count("Alice Adams") >= 1 <= said.count("Carol Cole")
    assert "Keep them for now, and call them Cancel them" in said
    assert Therapy.objects.get(key="acu_manual").active, "nothing is saved before it was seen"

    done = pressed(clinic.desk, page, TEXTS, all="cancel")
    assert "Cancelled: 2" in text_of(done)
    assert "It is out of use: nobody can book it." in text_of(done)
    assert "Patients may book it themselves." not in text_of(done)
    assert not Therapy.objects.get(key="acu_manual").active
    assert statuses() == ["cancelled"] * 2
    assert "(out of use)" in text_of(clinic.desk.get("/desk/setup/therapies/"))

    edit = CalendarEdit.objects.get()
    back = text_of(clinic.desk.post(f"/desk/setup/edits/{edit.public_id}/undo/", follow=True))
    assert "everybody is where they were" in back
    assert Therapy.objects.get(key="acu_manual").active
    assert statuses() == ["booked"] * 2


def test_who_is_kept_is_on_the_list_of_calls_and_can_be_settled_later(clinic):
    page = unticked(clinic.desk, TEXTS)
    assert "To be called: 2" in text_of(pressed(clinic.desk, page, TEXTS))
    assert statuses() == ["booked"] * 2
    therapy = clinic.desk.get("/desk/setup/therapies/acu_manual/").content.decode()
    assert "/desk/setup/therapies/acu_manual/texts/?site=lakeside&amp;rest=1" in therapy
    left = clinic.desk.get(f"{TEXTS}?rest=1")
    assert "2 appointments are to be settled." in text_of(left)
    assert "Cancelled: 2" in text_of(pressed(clinic.desk, left, f"{TEXTS}?rest=1", all="cancel"))
    assert statuses() == ["cancelled"] * 2


def test_more_than_one_press_settles_lead_on_to_those_that_are_left(clinic, monkeypatch):
    monkeypatch.setattr("booking.actions.impact.settling.AT_ONCE", 1)
    page = unticked(clinic.desk, TEXTS)
    on = pressed(clinic.desk, page, TEXTS, all="cancel")
    assert "1 more is still to be settled" in text_of(on)
    assert "1 appointment is to be settled." in text_of(on)
    assert "rest=1" in on.request["QUERY_STRING"]


def test_ada_goes_back_to_the_form_with_what_she_typed(clinic):
    page = unticked(clinic.desk, TEXTS, summary="Thin needles.")
    again = clinic.desk.post(TEXTS, sent_from(page).dict() | {"change": "1"})
    assert 'value="Thin needles."' in again.content.decode()
    assert "are to be settled" not in text_of(again)
    assert not CalendarEdit.objects.exists()


def test_a_change_that_touches_nobody_is_saved_at_once(clinic):
    sent = sent_from(clinic.desk.get(TEXTS)).dict() | {"summary": "Thin needles."}
    assert "Saved: " in text_of(clinic.desk.post(TEXTS, sent, follow=True))
    assert not CalendarEdit.objects.exists()


def test_an_appointment_that_was_booked_meanwhile_is_shown_before_anything_is_done(clinic):
    page = unticked(clinic.desk, TEXTS)
    make_visit(make_person(clinic.site, "Dora Dean").record, slot_id(clinic.li, chicago(8, 10)))
    again = pressed(clinic.desk, page, TEXTS, all="cancel")
    assert "Something changed since you looked." in text_of(again)
    assert "3 appointments are to be settled." in text_of(again)
    assert Therapy.objects.get(key="acu_manual").active


def test_what_was_changed_once_more_is_not_set_back(clinic):
    page = unticked(clinic.desk, TEXTS)
    pressed(clinic.desk, page, TEXTS)
    Therapy.objects.filter(key="acu_manual").update(active=True)
    edit = CalendarEdit.objects.get()
    said = text_of(clinic.desk.post(f"/desk/setup/edits/{edit.public_id}/undo/", follow=True))
    assert "It was changed once more, or removed, since." in said
    assert Therapy.objects.get(key="acu_manual").active


def test_a_device_and_what_somebody_gives_are_settled_alike(clinic):
    make_device(clinic.site)
    kim = make_practitioner(clinic.site, name="Dr Kim", offers=("acu_manual", "acu_electro"))
    lay_out()
    erna = make_person(clinic.site, "Erna Ek")
    make_visit(erna.record, slot_id(kim, chicago(6, 13), therapy="acu_electro"))
    device = f"/desk/setup/devices/{Device.objects.get().public_id}/"
    page = unticked(clinic.desk, device)
    assert "1 appointment is to be settled." in text_of(page)
    assert "Cancelled: 1" in text_of(pressed(clinic.desk, page, device, all="cancel"))
    assert not Device.objects.get().active

    gives = f"/desk/setup/gives/{Offering.objects.get(practitioner=clinic.li).public_id}/"
    sent = sent_from(clinic.desk.get(gives))
    sent.setlist("visits", ["followup"])
    page = clinic.desk.post(gives, {name: sent.getlist(name) for name in sent})
    assert "2 appointments are to be settled." in text_of(page)
    assert "Same time, with Dr Kim" in text_of(page)
    assert "Moved: 2" in text_of(pressed(clinic.desk, page, gives))
    assert set(
        Appointment.objects.filter(period__startswith__gt=AT + timedelta(days=1), status="booked").values_list(
            "practitioner__name", flat=True
        )
    ) == {"Dr Kim"}


def test_whoever_sets_up_no_clinic_takes_nothing_back(clinic, dana):
    page = unticked(clinic.desk, TEXTS)
    pressed(clinic.desk, page, TEXTS)
    edit = CalendarEdit.objects.get()
    assert browser(dana).post(f"/desk/setup/edits/{edit.public_id}/undo/").status_code == 403
    assert not Therapy.objects.get(key="acu_manual").active


def test_twin_without_the_look_at_appointments_the_therapy_would_go_at_the_first_press(clinic, monkeypatch):
    monkeypatch.setattr("scheduler.actions.catalogue_edits.allocations_losing", lambda *_args, **_more: set())
    unticked(clinic.desk, TEXTS)
    assert not Therapy.objects.get(key="acu_manual").active
