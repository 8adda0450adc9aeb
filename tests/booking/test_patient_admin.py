"""People in Django's admin: Dana finds, adds, corrects and merges them."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from booking.actions.patients import merging, patients
from booking.models import Patient, RecordChange
from core.models import User
from core.principal import Principal
from core.roles import Role
from tests.factories.admin import errors, said, sign_in
from tests.factories.booking import SYSTEM, chicago, make_patient, make_visit, slot_id
from tests.factories.browser import sent_from
from tests.factories.scheduler import AT

LIST, ADD = "admin:booking_patient_changelist", "admin:booking_patient_add"
DUPLICATES = "admin:booking_patient_duplicates"
ZOE = {
    "name": "Zoë O’Brien", "birth_date": "3/27/1961", "email": "zoe@example.test", "phone": "", "language": "en",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _monday_morning():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def dana(client, lakeside):
    return sign_in(client, "dana", Role.SCHEDULER, lakeside)


def changing(patient):
    return reverse("admin:booking_patient_change", args=[patient.pk])


def add(client, site, **facts):
    return client.post(reverse(ADD), ZOE | {"site": site.pk} | facts)


def test_dana_finds_people_as_over_the_api_and_no_name_stands_in_an_address(dana, lakeside, riverside):
    zoe = make_patient(lakeside, "Zoe O’Brien")
    make_patient(riverside, "Zoe Obrien")
    found = dana.post(reverse(LIST), {"q": "obrien ZOE"})
    assert [row.pk for row in found.context["found"]] == [zoe.pk]
    assert "Zoe O’Brien" in found.content.decode()
    assert dana.get(reverse(LIST), {"q": "obrien"}).context["found"] is None
    assert "Please give at least 3" in dana.post(reverse(LIST), {"q": "ob"}).content.decode()
    assert "Nobody here" in dana.post(reverse(LIST), {"q": "nobody"}).content.decode()


def test_dana_adds_somebody_and_is_shown_once_who_it_may_be(dana, lakeside):
    assert add(dana, lakeside).status_code == 302
    zoe = Patient.objects.get()
    again = add(dana, lakeside, name="O'Brien, Zoe", email="", phone="312 555 0142")
    assert zoe.reference in str(errors(again)["another_person"])
    assert 'type="checkbox" name="another_person"' in again.content.decode()
    assert Patient.objects.count() == 1
    answer = add(dana, lakeside, name="O'Brien, Zoe", email="", phone="312 555 0142", another_person="on")
    assert (answer.status_code, Patient.objects.count()) == (302, 2)
    assert dana.get(reverse(DUPLICATES)).context["pairs"] == [], "she has said that they are two people"


def test_dana_corrects_what_she_typed_and_nothing_else(dana, lakeside):
    zoe = make_patient(lakeside, "Zoe Miler")
    page = dana.get(changing(zoe)).context["adminform"].form
    form = ZOE | {"name": "Zoë Miller", "birth_date": page["birth_date"].value(), "email": page["email"].value()}
    form |= {f"initial-{name}": page[name].value() or "" for name in form}
    assert dana.post(changing(zoe), form).status_code == 302
    assert Patient.objects.get().name == "Zoë Miller"
    assert RecordChange.objects.get().was == {"name": "Zoe Miler"}


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": "\u202eeoZ"}, "name"),
        ({"birth_date": "the third"}, "birth_date"),
        ({"birth_date": "3/27/2061"}, "birth_date"),
        ({"phone": "555"}, "phone"),
        ({"email": ""}, "email"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field_and_nothing_is_saved(dana, lakeside, facts, field):
    assert list(errors(add(dana, lakeside, **facts))) == [field]
    assert not Patient.objects.exists()


def test_dana_merges_two_records_from_the_list(dana, lakeside):
    one, other = make_patient(lakeside, "Zoe Miller"), make_patient(lakeside, "Zoe  MILLER", guest=True)
    assert len(dana.get(reverse(DUPLICATES)).context["pairs"]) == 1
    asked = dana.post(reverse(DUPLICATES), {"one": one.pk, "other": other.pk, "keep": other.pk})
    assert (asked.context["kept"].pk, asked.context["given_up"].pk) == (other.pk, one.pk)
    assert "This cannot be taken back." in asked.content.decode()
    assert not Patient.objects.exclude(merged_into=None).exists(), "one press merges nothing"
    answer = dana.post(reverse(DUPLICATES), sent_from(asked) | {"confirmed": "yes"}, follow=True)
    assert said(answer) == [f"Zoe MILLER has one record now: {other.reference}."]
    assert Patient.objects.get(pk=one.pk).merged_into == other
    assert answer.context["pairs"] == []
    assert dana.get(changing(one)).status_code == 302  # the admin says that it is not there


def test_dana_who_presses_twice_hears_that_it_is_done(dana, lakeside):
    one, other = make_patient(lakeside, "Zoe Miller"), make_patient(lakeside, "Zoe Miller")
    press = {"one": one.pk, "other": other.pk, "keep": other.pk, "confirmed": "yes"}
    dana.post(reverse(DUPLICATES), press)
    assert said(dana.post(reverse(DUPLICATES), press, follow=True))[-1:] == ["These two have one record already."]
    assert RecordChange.objects.count() == 2


def test_dana_comes_from_a_person_to_their_appointments(dana, lakeside, dr_li):
    zoe, max_miller = make_patient(lakeside, "Zoe Miller"), make_patient(lakeside, "Max Miller")
    visit, _other = (
        make_visit(who, slot_id(dr_li, when)) for who, when in ((zoe, chicago(8, 10)), (max_miller, chicago(9, 10)))
    )
    (row,) = dana.post(reverse(LIST), {"q": "zoe"}).context["found"]
    shown = dana.get(row.appointments)
    assert [one.pk for one in shown.context["cl"].result_list] == [visit.pk]
    assert row.appointments in dana.post(reverse(LIST), {"q": "zoe"}).content.decode().replace("&amp;", "&")


def test_dana_notes_that_two_people_are_two_and_is_not_asked_again(dana, lakeside):
    one, other = make_patient(lakeside, "Zoe Miller"), make_patient(lakeside, "Zoe Miller")
    answer = dana.post(reverse(DUPLICATES), {"one": one.pk, "other": other.pk, "keep": ""}, follow=True)
    assert (said(answer), answer.context["pairs"]) == (["Noted: these are two people."], [])


def test_a_refused_merge_says_what_to_do(dana, lakeside):
    zoe = make_patient(lakeside, "Zoe Miller")
    answer = dana.post(reverse(DUPLICATES), {"one": zoe.pk, "other": zoe.pk, "keep": zoe.pk}, follow=True)
    assert said(answer) == ["This is one and the same record: there is nothing to merge."]


def test_whoever_treats_people_finds_their_own_and_merges_none(client, lakeside, dr_li):
    make_patient(lakeside, "Zoe Miller")
    client.force_login(dr_li.user)
    dr_li.user.is_staff = True
    dr_li.user.save()
    assert client.post(reverse(LIST), {"q": "zoe miller"}).context["found"] == []
    assert client.get(reverse(DUPLICATES)).status_code == 403
    assert client.get(reverse(ADD)).status_code == 403


@pytest.mark.parametrize("keys", [{"one": "x", "other": "1"}, {"one": "9" * 30, "other": "-1"}, {}])
def test_a_strange_answer_about_duplicates_finds_nobody(dana, keys):
    assert dana.post(reverse(DUPLICATES), keys | {"keep": "1"}).status_code == 404


def test_dana_reads_in_the_history_what_was_corrected_on_whichever_door(dana, lakeside):
    zoe, boss = make_patient(lakeside, "Zoe Miler"), User.objects.create_user("eve", first_name="Eve", last_name="Day")
    eve = {"by": Principal(key=f"user:{boss.pk}", user_id=boss.pk), "at": AT}
    patients.change(zoe, name="Zoe Miller", phone="312 555 0142", **eve)
    patients.change(zoe, name="Zoe Mueller", birth_date=date(1961, 3, 28), **eve)
    merging.keep_apart(make_patient(lakeside, "Zoe Stone"), zoe, **eve)
    found = dana.get(reverse("admin:booking_patient_history", args=[zoe.pk]))
    page = found.content.decode()
    lines = [line for act in found.context["acts"] for line in act.what]
    assert {"Name: Zoe Miller → Zoe Mueller", "Name: Zoe Miler → Zoe Miller"} <= set(lines)
    assert any(line.startswith("Phone: none → (312) 555-0142") for line in lines)
    assert any(line.startswith("Date of birth: ") and "1961" in line for line in lines)
    assert any("Zoe Stone" in line for line in lines)
    assert "Eve Day (eve)" in page


def test_whoever_may_not_correct_a_record_reads_in_its_history_no_address(client, lakeside, dr_li):
    zoe = make_patient(lakeside, "Zoe Miller")
    make_visit(zoe, slot_id(dr_li, chicago(8, 10)))
    patients.change(zoe, email="new@example.test", by=SYSTEM, at=AT)
    dr_li.user.is_staff = True
    dr_li.user.save()
    client.force_login(dr_li.user)
    page = client.get(reverse("admin:booking_patient_history", args=[zoe.pk])).content.decode()
    assert "E-mail: changed" in page
    assert "new@example.test" not in page
