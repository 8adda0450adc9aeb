"""Whoever sets something up is noted with what it was and is, whichever door they come by; nobody alters that."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from core.clock import now
from core.models import User
from core.principal import Principal
from core.roles import Role
from scheduler.actions import plan_lengths, setup_ledger, weekly_opening
from scheduler.models import FamilyBlock, Place, Practitioner, Program, SetupAct, SetupChange, Therapy, VisitPlan
from tests.booking.pages.drafting import staff
from tests.booking.pages.stories.test_family_blocks_at_the_desk import wanted as wanted_block
from tests.booking.pages.stories.test_importing import looked_at, pressed
from tests.booking.pages.walk import text_of
from tests.factories.admin import changing
from tests.factories.browser import sent_from

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(site):
    return staff("ada", Role.ADMIN, site)


def at_the_desk(ada, place):
    there = f"/desk/setup/places/{place.public_id}/"
    return ada.post(there, {**sent_from(ada.get(there)).dict(), "name": "Window"})


def in_the_admin(ada, place):
    User.objects.filter(username="ada").update(is_staff=True)
    form = sent_from(ada.get(changing(place)))
    form["name"] = "Window"
    return ada.post(changing(place), form)


def over_the_api(ada, place):
    return ada.patch(f"/api/v1/places/{place.public_id}/", {"name": {"en": "Window"}}, content_type="application/json")


DOORS = [at_the_desk, in_the_admin, over_the_api]


@pytest.mark.parametrize("door", DOORS)
def test_each_door_notes_who_changed_what_from_what_to_what_once(ada, door):
    place = Place.objects.first()
    was = place.name.get("en")
    assert door(ada, place).status_code in {200, 302}
    place.refresh_from_db()
    assert place.name["en"] == "Window"
    noted = SetupChange.objects.get(kind="place", entry=place.pk)
    assert (noted.act, noted.by) == (SetupAct.CHANGE, Principal.of(User.objects.get(username="ada"), at=now()).key)
    assert [one.get("en") for one in noted.facts["name"]] == [was, "Window"]
    there = text_of(ada.get(f"/desk/setup/places/{place.public_id}/"))
    assert "to Window" in there
    assert "Ada Moss" in there
    User.objects.filter(username="ada").update(is_staff=True)
    history = changing(place).replace("/change/", "/history/")
    assert "to Window" in text_of(ada.get(history))


@pytest.mark.parametrize("door", DOORS)
def test_twin_without_the_ledger_no_door_notes_it_by_itself(ada, door, monkeypatch):
    monkeypatch.setattr(setup_ledger, "_changes", lambda *_, **__: [])
    place = Place.objects.first()
    door(ada, place)
    assert not SetupChange.objects.exists()
    assert "to Window" not in text_of(ada.get(f"/desk/setup/places/{place.public_id}/"))


def test_a_table_notes_whom_it_adds_and_fills_up_and_a_preview_nothing(ada):
    preview = looked_at(ada, "practitioners", "Name,Patients at once,Languages\nDana Wu,2,\nGrace Okoro,,Polish\n")
    assert not SetupChange.objects.exists()
    pressed(ada, "practitioners", preview)
    noted = {(one.called.partition(",")[0], one.act) for one in SetupChange.objects.filter(kind="practitioner")}
    assert noted == {("Dana Wu", SetupAct.ADD), ("Grace Okoro", SetupAct.CHANGE)}
    assert {one.partition(":")[0] for one in SetupChange.objects.values_list("by", flat=True)} == {"user"}


def test_a_week_of_opening_hours_and_the_lengths_of_a_therapy_are_noted_and_read_on_their_pages(ada, site):
    ann, at = Principal.of(User.objects.get(username="ada"), at=now()), now()
    weekly_opening.set_opening_week(site, [], since=at.date() + timedelta(days=9), by=ann, at=at)
    assert "first day on which" not in text_of(ada.get("/desk/setup/opening-hours/"))
    assert "Ada Moss" in text_of(ada.get("/desk/setup/opening-hours/"))
    plan = VisitPlan.objects.filter(therapy__key="acu_manual", visit="first", withdrawn_at=None).first()
    minutes = list(plan.segments.order_by("position").values_list("minutes", flat=True))
    later = [minutes[0] + 5, *minutes[1:]]
    since = datetime.combine(date(2030, 1, 7), datetime.min.time(), site.tz)
    made = plan_lengths.change_lengths(plan, later, since=since, by=ann, at=at)
    plan_lengths.take_back_lengths(made, by=ann, at=at)
    lengths = [one.facts["lengths"] for one in SetupChange.objects.filter(kind="therapy")]
    assert lengths == [[minutes, later], [later, minutes]]
    page = text_of(ada.get("/desk/setup/therapies/acu_manual/"))
    assert "How long it takes, in minutes: from" in page
    assert "From: January 7, 2030" in page
    assert "2030-01-07" not in page


def test_time_kept_for_families_is_noted_as_it_is_kept_changed_and_ended_and_read_where_it_is_changed(site):
    frank, grace = staff("frank", Role.PROGRAM, site), Practitioner.objects.get(name="Grace Okoro")
    facts = wanted_block(grace)
    frank.post("/desk/families/blocks/new/", facts)
    assert not SetupChange.objects.exists()
    frank.post("/desk/families/blocks/new/", facts | {"sure": "1"})
    block = FamilyBlock.objects.get()
    there = f"/desk/families/blocks/{block.public_id}/change/"
    assert "Added" in text_of(frank.get(there))
    later = facts | {"starts": "3 pm", "therapies": ["acu_manual"], "sure": "1", "seen": "1"}
    frank.post(there, later)
    (_, changed) = SetupChange.objects.filter(kind="familyblock", entry=block.pk).order_by("pk")
    assert set(changed.facts) == {"starts", "therapies"}
    page = text_of(frank.get(there))
    assert "from 2:00 PM to 3:00 PM" in page
    assert "Therapies: from – to Acupuncture (manual)" in page
    assert "Frank Moss" in page
    frank.post(there.replace("change", "end"), {"seen": "2"})
    assert set(SetupChange.objects.latest("pk").facts) == {"ended_at"}


def test_twin_without_the_ledger_a_kept_time_is_changed_unseen(site, monkeypatch):
    monkeypatch.setattr(setup_ledger, "_changes", lambda *_, **__: [])
    frank, grace = staff("frank", Role.PROGRAM, site), Practitioner.objects.get(name="Grace Okoro")
    frank.post("/desk/families/blocks/new/", wanted_block(grace) | {"sure": "1"})
    assert FamilyBlock.objects.exists()
    assert not SetupChange.objects.exists()


def test_a_program_is_noted_with_what_it_has_and_read_in_the_admin(site):
    admin_everywhere = staff("ada", Role.ADMIN, None)
    User.objects.filter(username="ada").update(is_staff=True)
    program, therapy = Program.objects.first(), Therapy.objects.get(key="acu_manual")
    program.therapies.clear()
    form = sent_from(admin_everywhere.get(changing(program)))
    form["families"] = "" if program.families else "on"
    form.setlist("therapies", [therapy.pk])
    assert admin_everywhere.post(changing(program), form).status_code == 302
    noted = SetupChange.objects.get(kind="program", entry=program.pk)
    assert noted.facts == {"families": [program.families, not program.families], "therapies": [[], [str(therapy)]]}
    history = text_of(admin_everywhere.get(changing(program).replace("/change/", "/history/")))
    assert f"Therapies: from – to {therapy}" in history


@pytest.mark.parametrize("act", ["update", "delete"])
def test_nobody_alters_or_deletes_what_was_noted(ada, act):
    over_the_api(ada, Place.objects.first())
    rows = SetupChange.objects.all()
    with pytest.raises(IntegrityError, match="setup_change_is_append_only"), transaction.atomic():
        rows.update(by="") if act == "update" else rows.delete()
