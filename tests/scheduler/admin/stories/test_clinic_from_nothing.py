"""A clinic from nothing, in Django's admin: it can be booked at once, and what goes out of use names its visits."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from core.models import Site
from core.principal import Principal
from core.roles import Role
from scheduler.actions import drift, rooms
from scheduler.models import Device, Offering, OpeningHours, Place, Practitioner, Room, TravelTime, WeekSheet
from scheduler.public import SearchQuery, first
from tests.factories.admin import adding, changing, deleting, errors, hours_form, listing, sign_in
from tests.factories.booking import make_patient, make_visit, slot_id
from tests.factories.scheduler import AT, chicago, lay_out, make_places, make_practitioner, offer

pytestmark = pytest.mark.django_db

SITE = {
    "name": "Harbor clinic", "street": "1 Pier Road", "city": "Chicago", "state": "IL", "postal_code": "60601",
    "phone": "(312) 555-0199", "zone": "America/Chicago", "open_on": ["1", "2", "3", "4", "5"], "opens": "08:00",
    "closes": "18:00", "arrive_early_minutes": "10", "active": "on",
}  # fmt: skip
PERSON = {
    "name": "Dr Wu", "credentials": "L.Ac.", "nucc": "171100000X", "languages": "en, zh-Hans", "gender": "female",
    "lanes": "2", "active": "on",
}  # fmt: skip
ADD_SITE = "admin:core_site_add"


@pytest.fixture
def ada(client, catalogue):
    """Runs the whole installation."""
    return sign_in(client, "ada", Role.ADMIN)


def soonest(therapy="acu_manual", visit="first"):
    query = SearchQuery(therapy=therapy, visit=visit, starts_at=AT, ends_at=AT + timedelta(days=14))
    return first(query, at=AT)


def post(client, address, form):
    answer = client.post(address, form)
    assert answer.status_code == 302, errors(answer)
    return answer


def therapy(key):
    from scheduler.models import Therapy  # noqa: PLC0415

    return Therapy.objects.get(key=key)


def set_up(ada):
    post(ada, reverse(ADD_SITE), SITE)
    site = Site.objects.get()
    post(ada, adding("room"), {"site": site.pk, "name": "Blue room", "suite": "main"})
    room = Room.objects.get()
    post(ada, adding("place"), {"room": room.pk, "name": "Bay A", "features": ["table"], "active": "on"})
    form = PERSON | {"sites": [site.pk], "therapies": [therapy("acu_manual").pk]}
    post(ada, adding("practitioner"), form)
    wu = Practitioner.objects.get()
    post(ada, adding("workinghours"), hours_form(wu, site, weekday=[1, 2, 3], starts="09:00", ends="17:00"))
    return site, wu


def test_what_ada_sets_up_is_on_sale_at_once_and_as_far_ahead_as_anything(ada):
    site, _wu = set_up(ada)
    assert (site.key, site.name, OpeningHours.objects.count()) == ("harbor-clinic", {"en": "Harbor clinic"}, 5)
    assert Offering.objects.get().visits == ["first", "followup"]
    slot = soonest()
    assert (slot.practitioner.name, slot.site.name) == ("Dr Wu", {"en": "Harbor clinic"})
    assert slot.start == chicago("2026-10-05", "12:15")
    sheets = WeekSheet.objects.filter(site=site)
    assert sheets.values("week").distinct().count() == 30
    assert sheets.exclude(open=0).values("resource").distinct().count() == 4
    assert drift.check(at=AT) == []


def test_ada_reads_what_she_set_up_by_the_names_that_she_gave_it(ada):
    set_up(ada)
    rows = {
        Room.objects.get(): "Blue room",
        Place.objects.get(): "Bay A",
        therapy("acu_manual"): "Acupuncture (manual)",
    }
    for row, called in rows.items():
        link = f'<a href="{changing(row)}">{called}</a>'
        assert link in ada.get(listing(row._meta.model_name)).content.decode()


def test_what_ada_pastes_is_cleaned_and_the_number_of_a_site_is_one_that_can_be_called(ada):
    pasted = {
        "name": "\u200bHarbor\u00a0clinic\ufeff",
        "phone": "+1 312.555.0199",
        "directions": "\u2060The lift.\r\n\r\n",
    }
    post(ada, reverse(ADD_SITE), SITE | pasted)
    site = Site.objects.get()
    assert (site.name["en"], site.phone, site.directions["en"]) == ("Harbor clinic", "(312) 555-0199", "The lift.")
    refused = ada.post(reverse(ADD_SITE), SITE | {"name": "Pier clinic", "phone": "555-0199"})
    assert "such as (201) 555-0123" in str(errors(refused)["phone"])
    assert Site.objects.count() == 1


def test_a_device_and_a_therapy_more_can_be_had_at_once(ada):
    site, wu = set_up(ada)
    assert soonest("acu_electro") is None
    unit = {"site": site.pk, "pool": "estim_unit", "number": 1, "reprocess_minutes": "", "active": "on"}
    post(ada, adding("device"), unit)
    what = {"practitioner": wu.pk, "site": site.pk, "therapies": [therapy("acu_electro").pk], "visits": ["first"]}
    post(ada, adding("offering"), what)
    assert Device.objects.get().active
    assert soonest("acu_electro").practitioner.name == "Dr Wu"
    assert soonest("acu_electro", "followup") is None


def test_a_therapy_is_put_into_the_family_in_which_people_look_for_it(ada, site):
    listed = ada.get(reverse("admin:scheduler_therapy_changelist")).content.decode()
    assert "Cups" in listed
    ear = therapy("acu_auricular")
    plans = {"plans-TOTAL_FORMS": "0", "plans-INITIAL_FORMS": "0"}
    form = plans | {"name": "Ear", "summary": "On your ear.", "self_bookable": "on", "active": "on"}
    page = reverse("admin:scheduler_therapy_change", args=[ear.pk])
    assert '<option value="needles" selected>Needles</option>' in ada.get(page).content.decode()
    post(ada, page, form | {"family": "pressure"})
    assert therapy("acu_auricular").family == "pressure"
    assert "family" in errors(ada.post(page, form | {"family": "reiki"}))


def test_a_device_is_called_what_people_call_it(ada, site):
    cups = Device.objects.create(site=site, pool="cup_set", number=2)
    listed = ada.get(reverse("admin:scheduler_device_changelist")).content.decode()
    assert "Set of cups" in listed
    assert "cup_set" not in re.sub(r"<[^>]*>", "", listed)
    assert '<option value="hi_lo_table">Height-adjustable table</option>' in ada.get(adding("device")).content.decode()
    assert (str(cups), str(Device(pool="tens_unit", number=1))) == ("Set of cups 2", "Tens unit 1")


def test_an_edit_that_was_only_tried_is_not_logged_as_an_edit(site, caplog, django_capture_on_commit_callbacks):
    caplog.set_level("INFO", logger="scheduler")
    how = {"pool": "cup_set", "by": Principal.system("ada"), "at": AT}
    with django_capture_on_commit_callbacks(execute=True):
        rooms.add_device(site, number=1, dry_run=True, **how)
    assert caplog.messages == []
    with django_capture_on_commit_callbacks(execute=True):
        made = rooms.add_device(site, number=1, **how).row
    assert caplog.messages == [f"device {made.pk} edited by system:ada, 0 left without cover"]


def test_what_is_added_but_not_yet_in_use_is_not_on_sale_until_it_is(ada):
    site, wu = set_up(ada)
    bay = Place.objects.get()
    post(ada, adding("place"), {"room": bay.room.pk, "name": "Bay B", "features": ["table"]})
    post(ada, changing(bay), {"name": "Bay A", "features": ["table"], "anyway": "on"})
    post(ada, adding("device"), {"site": site.pk, "pool": "estim_unit", "number": 1, "reprocess_minutes": ""})
    assert not Place.objects.filter(active=True).exists()
    assert not Device.objects.get().active
    assert soonest() is None
    built = Place.objects.exclude(pk=bay.pk).get()
    post(ada, changing(built), {"name": "Bay B", "features": ["table"], "active": "on"})
    assert soonest().practitioner.name == "Dr Wu"
    what = {"practitioner": wu.pk, "site": site.pk, "therapies": [therapy("acu_electro").pk], "visits": ["first"]}
    post(ada, adding("offering"), what)
    assert soonest("acu_electro") is None
    assert drift.check(at=AT) == []


def test_each_form_that_asks_whether_it_is_in_use_hears_a_no(ada):
    site, _wu = set_up(ada)
    forms = {
        Site: (reverse(ADD_SITE), SITE | {"name": "Second clinic"}),
        Place: (adding("place"), {"room": Room.objects.get().pk, "name": "Bay C", "features": ["table"]}),
        Device: (adding("device"), {"site": site.pk, "pool": "estim_unit", "number": 7, "reprocess_minutes": ""}),
        Practitioner: (adding("practitioner"), PERSON | {"name": "Dr Ann", "sites": [site.pk], "therapies": []}),
    }
    for model, (address, form) in forms.items():
        post(ada, address, {name: value for name, value in form.items() if name != "active"})
        assert not model.objects.latest("pk").active, model


CANNOT_BE = [
    ("site", {"zone": "Mars/Base"}, "zone"),
    ("site", {"name": " "}, "name"),
    ("site", {"closes": "07:00"}, "closes"),
    ("site", {"opens": "08:03"}, "opens"),
    ("site", {"opens": ""}, "opens"),
    ("site", {"arrive_early_minutes": 1000}, "arrive_early_minutes"),
    ("openinghours", {"opens": "12:00", "closes": "13:00"}, "opens"),
    ("openinghours", {"weekday": []}, "weekday"),
    ("openinghours", {"site": 0}, "site"),
    ("room", {"suite": "two words"}, "suite"),
    ("place", {"features": ["pool"]}, "features"),
    ("place", {"room": 0}, "room"),
    ("device", {"pool": "laser"}, "pool"),
    ("device", {"number": 0}, "number"),
    ("device", {"reprocess_minutes": 2400}, "reprocess_minutes"),
    ("device", {"number": 7}, "number"),
    ("practitioner", {"lanes": 7}, "lanes"),
    ("practitioner", {"sites": []}, "sites"),
    ("practitioner", {"languages": "Elvish!"}, "languages"),
    ("practitioner", {"nucc": "x"}, "nucc"),
    ("offering", {"therapies": []}, "therapies"),
    ("offering", {"visits": ["third"]}, "visits"),
]
"""What is changed in a form that could be saved, and the field beside which it is said that this cannot be."""


def test_what_cannot_be_is_said_beside_the_field_and_nothing_is_saved(ada, site):
    (place,) = make_places(site, 1)
    li = make_practitioner(site, hours=())
    Device.objects.create(site=site, pool="estim_unit", number=7)
    forms = {
        "site": SITE,
        "openinghours": {"site": site.pk, "weekday": ["1"], "opens": "21:00", "closes": "22:00"},
        "room": {"site": site.pk, "name": "Room", "suite": "main"},
        "place": {"room": place.room_id, "name": "Bay", "features": ["table"], "active": "on"},
        "device": {"site": site.pk, "pool": "estim_unit", "number": 1, "active": "on"},
        "practitioner": PERSON | {"sites": [site.pk]},
        "offering": {"practitioner": li.pk, "site": site.pk, "therapies": [therapy("cup_dry").pk], "visits": ["first"]},
    }
    before, wrong = rows_of_a_clinic(), {}
    for model, changes, field in CANNOT_BE:
        answer = ada.post(reverse(ADD_SITE) if model == "site" else adding(model), forms[model] | changes)
        told = errors(answer) if answer.status_code == 200 else {}
        if field not in told or rows_of_a_clinic() != before:
            wrong[f"{model} {changes}"] = (answer.status_code, told, rows_of_a_clinic())
    assert wrong == {}


def rows_of_a_clinic():
    """Return how many rows there are of each kind that makes a clinic."""
    return [m.objects.count() for m in (Site, OpeningHours, Room, Place, Device, Practitioner, Offering)]


@pytest.fixture
def visit(site):
    make_places(site, 1)
    li = make_practitioner(site)
    lay_out()
    return make_visit(make_patient(site, "Alice Adams"), slot_id(li, chicago("2026-10-12", "10:00")))


def person_form(li, **changes):
    form = PERSON | {"name": li.name, "lanes": li.lanes, "sites": [li.resources.first().sites.get().pk]}
    return {name: value for name, value in (form | changes).items() if value is not None}


def test_somebody_with_appointments_ahead_stays_in_use_and_ada_is_led_to_where_they_are_settled(ada, visit):
    li = visit.practitioner
    answer = ada.post(changing(li), person_form(li, active=None))
    (why,) = errors(answer)["active"]
    assert "1 appointment or kept time lies ahead there: Monday, October 12, 2026, 10:00" in why
    assert f'<a href="/desk/setup/practitioners/{li.public_id}/leaving/?site=' in answer.content.decode()
    li.refresh_from_db()
    assert li.active


def test_a_name_is_changed_without_any_question(ada, visit):
    li = visit.practitioner
    post(ada, changing(li), person_form(li, name="Dr Lee"))
    li.refresh_from_db()
    assert li.name == "Dr Lee"


def test_an_offer_and_opening_hours_are_taken_away_after_naming_the_visits(ada, visit):
    for row in (Offering.objects.get(), OpeningHours.objects.get(weekday=1)):
        page = ada.get(deleting(row)).content.decode()
        assert "When you delete this, 1 appointment or kept time will be without cover" in page
        post(ada, deleting(row), {"post": "yes"})
        assert not type(row).objects.filter(pk=row.pk).exists()


def test_somebody_leaves_a_site_only_after_their_hours_and_offers_there(ada, visit, riverside):
    li = visit.practitioner
    answer = ada.post(changing(li), person_form(li, sites=[riverside.pk]))
    assert errors(answer) == {
        "sites": ["First take away the working hours and what is offered there: Lakeside clinic."]
    }
    offer(li, "cup_dry", sites=[visit.site])


def test_the_administrator_of_one_site_sets_up_nothing_elsewhere_and_adds_no_site(client, site, riverside):
    sign_in(client, "bo", Role.ADMIN, site)
    assert client.get(reverse(ADD_SITE)).status_code == 403
    assert client.post(reverse(ADD_SITE), SITE).status_code == 403
    assert "site" in errors(client.post(adding("room"), {"site": riverside.pk, "name": "Room", "suite": "main"}))
    (place,) = make_places(riverside, 1)
    assert client.get(changing(place)).status_code == 302
    client.post(changing(place), {"name": "Mine", "features": []})
    assert not Place.objects.filter(name__en="Mine").exists()
    wu = make_practitioner(riverside, name="Dr Wu")
    assert "practitioner" in errors(
        client.post(adding("offering"), {"practitioner": wu.pk, "site": site.pk, "therapies": [], "visits": ["first"]})
    )
    assert not Room.objects.filter(name__en="Room").exists()
    assert client.get(listing("practitioner")).context["cl"].result_count == 0


def test_the_administrator_of_one_site_takes_no_therapy_from_another_that_alone_offers_it(client, site, riverside):
    offer(make_practitioner(riverside, name="Dr Wu"), "cup_dry", sites=[riverside])
    offer(make_practitioner(site, name="Dr Ann"), "acu_electro", sites=[site])
    sign_in(client, "bo", Role.ADMIN, site)
    theirs, ours = therapy("cup_dry"), therapy("acu_electro")
    assert [b'name="_save"' in client.get(changing(each)).content for each in (theirs, ours)] == [False, True]
    assert client.post(changing(theirs), {"name": "Gone", "summary": "Gone"}).status_code == 403
    theirs.refresh_from_db()
    assert theirs.active


def test_early_arrival_is_changed_within_what_anybody_means(ada, site):
    refused = ada.post(changing_site(site), SITE | {"arrive_early_minutes": 1000})
    assert "arrive_early_minutes" in errors(refused)
    post(ada, changing_site(site), SITE | {"arrive_early_minutes": 120})
    site.refresh_from_db()
    assert site.arrive_early_minutes == 120


def changing_site(site):
    return reverse("admin:core_site_change", args=[site.pk])


def test_ada_says_in_the_admin_how_long_the_way_between_two_sites_takes(ada, site, riverside):
    pair = {"site": riverside.pk, "other_site": site.pk}
    assert "minutes" in errors(ada.post(adding("traveltime"), pair | {"minutes": 0}))
    assert "other_site" in errors(
        ada.post(adding("traveltime"), {"site": site.pk, "other_site": site.pk, "minutes": 9})
    )
    assert ada.post(adding("traveltime"), pair | {"minutes": 20}).status_code == 302
    row = TravelTime.objects.get()
    assert ada.post(changing(row), {"minutes": 25}).status_code == 302
    row.refresh_from_db()
    assert (row.site, row.other_site, row.minutes) == (site, riverside, 25)
    assert ada.post(deleting(row), {"post": "yes"}).status_code == 302
    assert not TravelTime.objects.exists()
