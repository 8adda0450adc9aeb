"""Two people have the same form open and change different things: whoever saves later undoes nothing."""

from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.contrib import admin
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import reverse

from booking.models import Patient
from core.forms import ChangesForm
from core.models import RoleAssignment, Site, User
from core.roles import Role
from scheduler.models import (
    Absence,
    Closure,
    Device,
    Offering,
    OpeningHours,
    Place,
    Practitioner,
    Program,
    Room,
    Therapy,
    TravelTime,
    WorkingHours,
)
from scheduler.wall_time import MIDNIGHT
from tests.factories.admin import errors, sign_in
from tests.factories.booking import make_patient
from tests.factories.browser import sent_from
from tests.factories.scheduler import AT, chicago, make_device, make_places, make_practitioner, make_site

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday_morning():
    with time_machine.travel(AT, tick=False):
        yield


ANOTHER = {"en": "Quite another"}
AWAY = (chicago("2026-11-04", "08:00"), chicago("2026-11-05", "08:00"))
MINE_AND_THEIRS = {
    Site: (
        {"street": "9 Elm Street"},
        {
            "name": ANOTHER, "floor": "3", "city": "Elgin", "state": "IN", "postal_code": "60120",
            "phone": "(312) 555-0199", "directions": ANOTHER, "parking": ANOTHER, "arrive_early_minutes": 25,
            "hospital": "Elgin General", "phone_hours": ANOTHER, "privacy_notice": ANOTHER,
            "accessibility_note": ANOTHER,
            "active": False,
        },
    ),
    Room: ({"suite": "east"}, {"name": ANOTHER}),
    Place: ({"name": "Bay by the window"}, {"features": ["chair", "table"], "active": False}),
    Device: ({"reprocess_minutes": "35"}, {"active": False}),
    Therapy: (
        {"name": "Needles"},
        {"summary": ANOTHER, "bring_and_wear": ANOTHER, "family": "pressure", "self_bookable": False, "active": False},
    ),
    Practitioner: (
        {"credentials": "DAOM"},
        {
            "name": "Dr Lee", "nucc": "208100000X", "lanes": 2, "languages": ["es"], "gender": "female",
            "active": False,
        },
    ),
    OpeningHours: ({"opens": "06:00"}, {"closes": time(22)}),
    Offering: ({}, {"visits": ["first"]}),
    WorkingHours: (
        {"starts": "08:00"},
        {
            "ends": time(18), "every_weeks": 3, "valid_from": date(2026, 2, 2), "valid_to": date(2027, 6, 1),
            "audience": "staff",
        },
    ),
    Absence: ({"reason": "illness"}, {"period": (chicago("2026-11-04", "09:00"), chicago("2026-11-06", "08:00"))}),
    Closure: ({"name": "Autumn day"}, {"confirmed": True, "last_on": date(2026, 11, 27)}),
    User: ({"email": "day@other.example"}, {"is_active": False, "last_name": "Doe"}),
    RoleAssignment: ({}, {"ends_at": datetime(2027, 1, 1, tzinfo=UTC)}),
    TravelTime: ({}, {"minutes": 35}),
    Program: ({"name": "Cancer care"}, {"families": False, "referral_required": True, "active": False}),
    Patient: ({"name": "Alice Bell"}, {"birth_date": date(1971, 2, 3), "language": "es"}),
}  # fmt: skip
"""Of each form: what Dana types into the page that she has open, and what a colleague changes meanwhile."""

SAME_FIELD = {
    Site: ({"street": "9 Elm Street"}, {"street": "1 Oak Street"}, "1 Oak Street"),
    Room: ({"suite": "east"}, {"suite": "west"}, "west"),
    Place: ({"name": "Bay by the window"}, {"name": ANOTHER}, "Quite another"),
    Device: ({"reprocess_minutes": "35"}, {"reprocess_minutes": 40}, "40"),
    Therapy: ({"name": "Needles"}, {"name": ANOTHER}, "Quite another"),
    Practitioner: ({"languages": "en, zh-Hans"}, {"languages": ["en", "es"]}, "English, Spanish"),
    OpeningHours: ({"closes": "20:00"}, {"closes": MIDNIGHT}, "24:00"),
    Offering: ({"visits": ["followup"]}, {"visits": ["first"]}, "first appointment"),
    WorkingHours: ({"ends": "16:00"}, {"ends": time(15)}, "3:00 PM"),
    Absence: (
        {"ends_at_1": "12:00"}, {"period": (AWAY[0], chicago("2026-11-06", "09:00"))}, "Fri, Nov 6, 2026, 9:00 AM",
    ),
    Closure: ({"last_on": "11/28/2026"}, {"last_on": date(2026, 11, 27)}, "Fri, Nov 27, 2026"),
    User: ({"email": "day@other.example"}, {"email": "dora@third.example"}, "dora@third.example"),
    RoleAssignment: (
        {"ends_at_0": "12/1/2026", "ends_at_1": "12:00"}, {"ends_at": chicago("2027-01-01", "08:00")},
        "Fri, Jan 1, 2027, 8:00 AM",
    ),
    TravelTime: ({"minutes": "45"}, {"minutes": 35}, "35"),
    Program: ({"name": "Cancer care"}, {"name": ANOTHER}, "Quite another"),
    Patient: ({"birth_date": "2/3/1971"}, {"birth_date": date(1972, 2, 3)}, "2/3/1972"),
}  # fmt: skip
"""Of each form: what Dana types, what a colleague has written into the same field meanwhile, and how that reads."""


@pytest.fixture
def rows(catalogue, boss):
    """One of each, and the boss at the desk as well, where people are found."""
    other, site = make_site("riverside"), make_site()
    desk = {"role": Role.SCHEDULER, "site": site, "starts_at": AT}
    RoleAssignment.objects.create(user=User.objects.get(username="boss"), **desk)
    make_places(site, 1)
    make_device(site)
    li = make_practitioner(site, hours=[(1, "09:00", "17:00")])
    Absence.objects.create(practitioner=li, period=AWAY)
    Closure.objects.create(
        site=site, first_on=date(2026, 11, 26), last_on=date(2026, 11, 26), name="Thanksgiving", confirmed=False
    )
    user = User.objects.create_user(
        "dora", is_staff=True, first_name="Dora", last_name="Day", email="day@clinic.example"
    )
    RoleAssignment.objects.create(user=user, **desk)
    make_patient(site)
    TravelTime.objects.create(site=other, other_site=site, minutes=20)
    return {model: model._default_manager.order_by("pk").last() for model in MINE_AND_THEIRS}


@pytest.fixture
def boss(client):
    return sign_in(client, "boss", Role.ADMIN, is_superuser=True)


def save_late(client: Client, row, mine: dict, theirs: dict, *, forgets: str = "") -> dict:
    """Let somebody open the page, a colleague change the row, and the first save; return what of the latter is gone."""
    path = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    with transaction.atomic():
        form = sent_from(client.get(path))
        rows = type(row)._default_manager.filter(pk=row.pk)
        rows.update(**theirs)
        changed, all_of = rows.get(), rows.values().get()
        for name in [name for name in form if forgets and name.startswith(forgets)]:
            del form[name]
        form.update({name: value for name, value in mine.items() if form.pop(name, True)})
        form["anyway"] = "on"
        answer = client.post(path, form)
        assert answer.status_code == 302, answer.context["adminform"].form.errors
        found, saved = rows.get(), rows.values().get() != all_of
        transaction.set_rollback(True)
    assert saved == bool(mine)
    return {name: getattr(found, name) for name in theirs if getattr(found, name) != getattr(changed, name)}


def test_every_form_that_changes_something_is_walked(boss, rows):
    request = RequestFactory().get("/admin/")
    request.user = User.objects.get(username="boss")
    editable = {model for model, page in admin.site._registry.items() if page.has_change_permission(request)}
    assert editable == set(MINE_AND_THEIRS)


def test_what_a_colleague_changed_while_the_page_was_open_stays_changed(boss, rows):
    undone = {
        model.__name__: save_late(boss, rows[model], mine, theirs) for model, (mine, theirs) in MINE_AND_THEIRS.items()
    }
    assert not any(undone.values()), undone


def test_twin_on_a_page_that_does_not_tell_what_it_showed_the_colleagues_change_is_undone(boss, rows):
    mine, theirs = MINE_AND_THEIRS[Closure]
    assert set(save_late(boss, rows[Closure], mine, theirs, forgets="initial-")) == {"confirmed", "last_on"}


def save_over(client: Client, row, mine: dict, theirs: dict) -> tuple[str, bool, int]:
    """Let two write into one field; return what the later one is told, whether it stands, what saving again gives."""
    path = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    with transaction.atomic():
        form = sent_from(client.get(path))
        rows = type(row)._default_manager.filter(pk=row.pk)
        rows.update(**theirs)
        before = rows.values().get()
        for name, value in mine.items():
            form.setlist(name, value if isinstance(value, list) else [value])
        form["anyway"] = "on"
        answer = client.post(path, dict(form.lists()))
        told = " ".join(map(" ".join, errors(answer).values())) if answer.status_code == 200 else ""
        kept = rows.values().get() == before
        again = client.post(path, dict(sent_from(answer).lists())).status_code if told else 0
        transaction.set_rollback(True)
    return told, kept, again


def test_whoever_types_over_what_a_colleague_just_wrote_is_shown_it_first(boss, rows):
    for model, (mine, theirs, words) in SAME_FIELD.items():
        told, kept, again = save_over(boss, rows[model], mine, theirs)
        assert told.startswith("This has changed since you looked."), model
        assert f"It is now: {words}." in told.replace("\xa0", " "), model
        assert kept, model
        assert again == 302, f"{model}: whoever has read it may decide"


def test_of_no_form_are_two_left_to_overwrite_each_other():
    assert set(SAME_FIELD) == set(MINE_AND_THEIRS)


def test_dana_who_types_another_phone_number_sees_the_one_that_came_meanwhile(boss, rows):
    path = reverse("admin:booking_patient_change", args=[rows[Patient].pk])
    form = sent_from(boss.get(path))
    assert boss.post(path, form | {"phone": "312 555 0142"}).status_code == 302
    late = boss.post(path, form | {"phone": "312 555 0143"})
    assert "(312) 555-0142" in errors(late)["phone"][0]
    assert rows[Patient].contacts.get(system="phone").value == "+13125550142"
    assert boss.post(path, form | {"phone": "(312) 555-0142"}).status_code == 302, "both typed the same"


def test_twin_who_does_not_compare_with_what_was_shown_overwrites(boss, rows, monkeypatch):
    monkeypatch.setattr(ChangesForm, "_refuse_if_overtaken", lambda _form, _name: None)
    assert save_over(boss, rows[Closure], *SAME_FIELD[Closure][:2]) == ("", False, 0)


def test_an_administrator_who_renames_somebody_does_not_let_them_in_again(client, rows):
    ada = sign_in(client, "ada", Role.ADMIN, rows[Site])
    assert save_late(ada, rows[User], {"name": "Dora Dean"}, {"is_active": False, "email": "dora@other.example"}) == {}


def test_a_page_that_comes_back_with_a_question_still_tells_what_it_showed_first(boss, rows):
    path = reverse("admin:scheduler_absence_change", args=[rows[Absence].pk])
    form = sent_from(boss.get(path))
    wrong = form.copy()
    wrong["starts_at_1"], wrong["ends_at_1"] = "10:00", "25:00"
    again = sent_from(boss.post(path, wrong))
    assert {name: again[name] for name in again if name.startswith("initial-")} == {
        name: form[name] for name in form if name.startswith("initial-")
    }
    again["ends_at_1"] = form["ends_at_1"]
    assert boss.post(path, again).status_code == 302
    assert Absence.objects.get().period.lower == chicago("2026-11-04", "10:00")


def test_an_english_name_is_changed_beside_a_spanish_one_that_came_meanwhile(boss, rows):
    row = rows[Room]
    path = reverse("admin:scheduler_room_change", args=[row.pk])
    form = sent_from(boss.get(path))
    Room.objects.filter(pk=row.pk).update(name=row.name | {"es": "Azul"})
    boss.post(path, form | {"name": "Blue"})
    assert Room.objects.get(pk=row.pk).name == {"en": "Blue", "es": "Azul"}
