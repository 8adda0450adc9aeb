"""A change of the set-up settles what it loses itself, and is taken back whole, whatever kind of entry it is."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine

from booking.actions import holds
from booking.cancel_reasons import FHIR
from booking.models import Appointment, CalendarEdit
from booking.web.desk.appointments.words import CANCELLED_BECAUSE
from core.models import Site
from core.principal import Principal
from core.refusals import Busy
from core.roles import Role
from scheduler.actions import calendars
from scheduler.models import Device, Offering, Practitioner, Therapy
from tests.booking.impact_pages import browser
from tests.booking.pages.walk import text_of
from tests.factories.booking import chicago, make_person, make_staff, make_visit, read_slot, slot_id
from tests.factories.browser import sent_from
from tests.factories.scheduler import AT, lay_out, make_device, make_practitioner, make_site

pytestmark = pytest.mark.django_db
TEXTS = "/desk/setup/therapies/acu_manual/texts/"
A_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock():
    """Monday morning."""
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def clinic(lakeside, dr_li, alice):
    """On Tuesday at ten Alice comes to Dr Li, on Wednesday Carol; Ada sets up the clinic and moves appointments."""
    ada = make_staff("ada", Role.ADMIN, site=lakeside)
    first = make_visit(alice.record, slot_id(dr_li, chicago(6, 10)))
    second = make_visit(make_person(lakeside, "Carol Cole").record, slot_id(dr_li, chicago(7, 10)))
    return SimpleNamespace(site=lakeside, desk=browser(ada), li=dr_li, first=first, second=second)


def sent_with(desk, address, **other):
    """Open a form and press Save with something else in it; None: what is not sent."""
    sent = sent_from(desk.get(address))
    data = {name: sent.getlist(name) for name in sent} | other
    return desk.post(address, {name: value for name, value in data.items() if value is not None})


def pressed(desk, page, address, **chosen):
    sent = sent_from(page)
    data = {name: sent.getlist(name) for name in sent} | {"sure": "settle"} | chosen
    return desk.post(address, data, follow=True)


def taken_back(desk, edit):
    return text_of(desk.post(f"/desk/setup/edits/{edit.public_id}/undo/", follow=True))


def settled(clinic, address, **other):
    """Change an entry, cancel whomever it leaves without cover, and return the edit."""
    page = sent_with(clinic.desk, address, **other)
    assert "to be settled" in text_of(page)
    pressed(clinic.desk, page, address, all="cancel")
    return CalendarEdit.objects.latest("pk")


def li_is_ill(clinic, day):
    start = datetime.combine(day, datetime.min.time(), clinic.site.tz)
    away = {"starts_at": start, "ends_at": start + A_DAY, "reason": "illness"}
    calendars.add_absence(clinic.li, **away, by=Principal.system("test"), at=AT)


def statuses():
    return list(Appointment.objects.order_by("period").values_list("status", flat=True))


def test_whoever_was_without_cover_before_is_left_to_those_who_call_them(clinic):
    li_is_ill(clinic, chicago(6, 10).date())
    page = sent_with(clinic.desk, TEXTS, active=None)
    assert "1 appointment is to be settled." in text_of(page)
    assert "Alice Adams" not in text_of(page)
    assert "Cancelled: 1" in text_of(pressed(clinic.desk, page, TEXTS, all="cancel"))
    assert statuses() == ["booked", "cancelled"]
    assert "Settle the appointments that are left" not in text_of(clinic.desk.get("/desk/setup/therapies/acu_manual/"))
    assert "Nothing is left to settle here." in text_of(clinic.desk.get(f"{TEXTS}?rest=1"))


def test_twin_if_all_that_need_it_were_lost_alice_would_be_cancelled(clinic, monkeypatch):
    from scheduler.catalogue.affected_claims import allocations_needing  # noqa: PLC0415  (what it was by)

    li_is_ill(clinic, chicago(6, 10).date())
    monkeypatch.setattr("scheduler.actions.catalogue_edits.allocations_losing", allocations_needing)
    assert "2 appointments are to be settled." in text_of(sent_with(clinic.desk, TEXTS, active=None))


def test_a_change_by_which_nobody_loses_more_asks_nothing(clinic):
    li_is_ill(clinic, chicago(6, 10).date())
    li_is_ill(clinic, chicago(7, 10).date())
    assert sent_with(clinic.desk, TEXTS, active=None).status_code == 302
    assert statuses() == ["booked"] * 2
    assert not Therapy.objects.get(key="acu_manual").active


def test_it_is_cancelled_since_it_is_not_given_and_not_since_the_clinic_is_closed(clinic):
    settled(clinic, TEXTS, active=None)
    (why,) = set(Appointment.objects.values_list("cancel_reason", flat=True))
    assert str(CANCELLED_BECAUSE[why]) == "It can no longer be given as it was booked"
    assert FHIR[why] == "other"


def test_what_somebody_gives_is_set_back_as_its_own_page_would(clinic):
    offer = Offering.objects.get(practitioner=clinic.li)
    edit = settled(clinic, f"/desk/setup/gives/{offer.public_id}/", visits=["followup"])
    listed = text_of(clinic.desk.get("/desk/setup/practitioners/"))
    assert "Visits: from" in listed, listed
    assert "everybody is where they were" in taken_back(clinic.desk, edit)
    offer.refresh_from_db()
    assert set(offer.visits) == {"first", "followup"}
    assert statuses() == ["booked"] * 2


def test_an_offer_that_was_removed_since_is_not_set_back_and_that_is_said(clinic):
    offer = Offering.objects.get(practitioner=clinic.li)
    edit = settled(clinic, f"/desk/setup/gives/{offer.public_id}/", visits=["followup"])
    offer.delete()
    assert "It was changed once more, or removed, since." in taken_back(clinic.desk, edit)
    assert statuses() == ["cancelled"] * 2


def test_a_device_is_set_back(clinic):
    make_device(clinic.site)
    kim = make_practitioner(clinic.site, name="Dr Kim", offers=("acu_electro",))
    lay_out()
    make_visit(make_person(clinic.site, "Erna Ek").record, slot_id(kim, chicago(6, 13), therapy="acu_electro"))
    address = f"/desk/setup/devices/{Device.objects.get().public_id}/"
    page = sent_with(clinic.desk, address, active=None)
    assert "1 appointment is to be settled." in text_of(page)
    pressed(clinic.desk, page, address, all="keep")
    again = clinic.desk.get(address).content.decode()
    assert f"{address}?site=lakeside&amp;rest=1" in again, "there is a way back to those who are left"
    left = clinic.desk.get(f"{address}?rest=1")
    assert "Cancelled: 1" in text_of(pressed(clinic.desk, left, f"{address}?rest=1", all="cancel"))
    assert "rest=1" not in clinic.desk.get(address).content.decode()
    assert "everybody is where they were" in taken_back(clinic.desk, CalendarEdit.objects.earliest("pk"))
    assert Device.objects.get().active


def lanes_and_account(clinic):
    """Dr Li has one patient at rest at once from now on, of two who come at one time, and an account."""
    user = make_staff("li", Role.PRACTITIONER, site=clinic.site).user
    for name, minute in (("Dora Dean", 0), ("Erna Ek", 20)):
        make_visit(make_person(clinic.site, name).record, slot_id(clinic.li, chicago(8, 9, minute), visit="followup"))
    address = f"/desk/setup/practitioners/{clinic.li.public_id}/"
    return user, settled(clinic, address, lanes="1", user=str(user.pk))


def test_a_practitioner_is_set_back_with_their_account(clinic):
    before = clinic.li.user_id
    user, edit = lanes_and_account(clinic)
    assert Practitioner.objects.get(pk=clinic.li.pk).user_id == user.pk != before
    assert "everybody is where they were" in taken_back(clinic.desk, edit)
    li = Practitioner.objects.get(pk=clinic.li.pk)
    assert (li.lanes, li.user_id) == (3, before)


def test_an_account_that_somebody_else_has_by_now_is_not_given_back(clinic):
    before = make_staff("li2", Role.PRACTITIONER, site=clinic.site).user
    Practitioner.objects.filter(pk=clinic.li.pk).update(user=before)
    _user, edit = lanes_and_account(clinic)
    kim = make_practitioner(clinic.site, name="Dr Kim")
    Practitioner.objects.filter(pk=kim.pk).update(user=before)
    assert "It is taken back" not in taken_back(clinic.desk, edit)
    assert Practitioner.objects.get(pk=clinic.li.pk).lanes == 1


def test_whoever_sets_up_another_clinic_takes_nothing_back(clinic):
    edit = settled(clinic, TEXTS, active=None)
    other = browser(make_staff("otto", Role.ADMIN, site=make_site("riverside")))
    assert other.post(f"/desk/setup/edits/{edit.public_id}/undo/").status_code == 404
    assert not Therapy.objects.get(key="acu_manual").active
    assert statuses() == ["cancelled"] * 2


def test_what_was_settled_later_is_taken_back_with_what_left_it_over(clinic, monkeypatch):
    monkeypatch.setattr("booking.actions.impact.settling.AT_ONCE", 1)
    first = settled(clinic, TEXTS, active=None)
    left = clinic.desk.get(f"{TEXTS}?rest=1")
    listed = text_of(pressed(clinic.desk, left, f"{TEXTS}?rest=1", all="cancel"))
    assert "Active: from yes to no" in listed
    assert "what was left over" in listed
    assert statuses() == ["cancelled"] * 2
    assert "everybody is where they were" in taken_back(clinic.desk, first)
    assert statuses() == ["booked"] * 2
    assert not CalendarEdit.objects.filter(taken_back_at=None).exists()


def test_whoever_goes_back_to_the_form_finds_no_box_that_settles_nobody(clinic):
    page = sent_with(clinic.desk, TEXTS, active=None)
    again = clinic.desk.post(TEXTS, sent_from(page).dict() | {"change": "1"})
    assert "Save all the same" not in text_of(again)
    sent = {name: value for name, value in sent_from(again).dict().items() if name != "active"}
    page = clinic.desk.post(TEXTS, sent | {"anyway": "on"})
    assert "2 appointments are to be settled." in text_of(page)
    assert Therapy.objects.get(key="acu_manual").active


def test_what_is_left_speaks_of_no_field_when_somebody_was_first(clinic):
    pressed(clinic.desk, sent_with(clinic.desk, TEXTS, active=None), TEXTS, all="keep")
    left = clinic.desk.get(f"{TEXTS}?rest=1")
    Appointment.objects.filter(pk=clinic.first.pk).update(updated_at=AT + A_DAY)
    again = pressed(clinic.desk, left, f"{TEXTS}?rest=1", all="cancel")
    assert again.status_code == 409
    assert "Something changed since you looked." in text_of(again)
    assert "There is a problem" not in text_of(again)
    assert "2 appointments are to be settled." in text_of(again)


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_left_while_others_are_at_work_is_said_and_empties_no_form(clinic, monkeypatch, method):
    pressed(clinic.desk, sent_with(clinic.desk, TEXTS, active=None), TEXTS, all="keep")

    def busy(*_args, **_more):
        raise Busy

    left = sent_from(clinic.desk.get(f"{TEXTS}?rest=1")).dict() | {"sure": "settle"}
    monkeypatch.setattr("booking.actions.impact.settling._lock", busy)
    page = clinic.desk.get(f"{TEXTS}?rest=1") if method == "get" else clinic.desk.post(f"{TEXTS}?rest=1", left)
    assert page.status_code == Busy.status
    assert str(Busy.title) in text_of(page)
    assert "In one plain line" not in text_of(page)


def test_a_press_while_others_are_at_work_brings_the_form_with_what_was_typed(clinic, monkeypatch):
    page = sent_with(clinic.desk, TEXTS, active=None, summary="Thin needles.")

    def busy(*_args, **_more):
        raise Busy

    monkeypatch.setattr("booking.actions.impact.settling._lock", busy)
    again = pressed(clinic.desk, page, TEXTS, all="cancel")
    assert again.status_code == Busy.status
    assert str(Busy.title) in text_of(again)
    assert 'value="Thin needles."' in again.content.decode()
    assert "Save all the same" not in text_of(again)
    assert statuses() == ["booked"] * 2


def test_where_a_time_alone_is_kept_no_appointment_is_spoken_of(clinic):
    make_device(clinic.site)
    kim = make_practitioner(clinic.site, name="Dr Kim", offers=("acu_electro",))
    lay_out()
    erna = make_person(clinic.site, "Erna Ek")
    slot = read_slot(slot_id(kim, chicago(6, 13), therapy="acu_electro"))
    holds.take(slot, patient=erna.record, by=erna.principal, at=AT)
    address = f"/desk/setup/devices/{Device.objects.get().public_id}/"
    page = sent_with(clinic.desk, address, active=None)
    said = text_of(page)
    assert "takes away a time that is kept for somebody, and is not booked yet" in said
    assert "from these appointments" not in said
    assert "No appointment is touched." in said
    pressed(clinic.desk, page, address)
    assert not Device.objects.get().active


def test_where_somebody_else_was_first_they_are_named_for_the_same_entry_alone(clinic):
    page = sent_with(clinic.desk, TEXTS, active=None)
    other = make_staff("otis", Role.ADMIN, site=clinic.site)
    CalendarEdit.objects.create(
        kind="set-up", site=Site.objects.get(pk=clinic.site.pk), by=other.principal.key, at=AT, starts_at=AT,
        ends_at=AT + A_DAY, made=[{"kind": "device", "key": 1, "before": {}, "after": {}}],
    )  # fmt: skip
    said = text_of(pressed(clinic.desk, page, TEXTS, all="cancel", **{"seen-edit": f"{int(AT.timestamp())}-other"}))
    assert "This was changed meanwhile." in said
    assert "otis" not in said.lower()
