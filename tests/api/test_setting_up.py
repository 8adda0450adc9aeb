"""A clinic from nothing over the API: what is added is on sale at once, and what cannot be is pointed at."""

import pytest
from django.contrib.admin import site

from core.models import RoleAssignment
from core.roles import Role
from scheduler.actions import practitioners
from scheduler.admin.edit_admin import EditAdmin
from scheduler.api.views.edits import EditView
from scheduler.models import Device, Offering, OpeningHours, Place, Practitioner, Room, Therapy
from tests.api.routes import doors
from tests.factories.booking import chicago, make_staff, make_user, make_visit, slot_id
from tests.factories.scheduler import AT, make_site

API = "/api/v1/"
SITE = {
    "key": "harbor", "name": {"en": "Harbor house"}, "zone": "America/Chicago", "street": "1 Pier Road",
    "city": "Chicago", "state": "IL", "postal_code": "60611", "phone": "(312) 555-0199",
}  # fmt: skip
WU = {"name": "Dr Wu", "nucc": "171100000X", "languages": ["en"], "sites": ["harbor"]}

OFFER = {"practitioner": "WU", "site": "harbor", "therapy": "cup_dry", "visits": ["first"]}


@pytest.fixture
def ada(sign_in, catalogue):
    """Runs the whole installation."""
    return sign_in(make_user("ada", Role.ADMIN))


@pytest.fixture
def bo(sign_in, lakeside):
    """The administrator of Lakeside."""
    return sign_in(make_staff("bo", Role.ADMIN, site=lakeside))


def add(client, path, status=201, **body):
    answer = client.post(API + path, body, format="json")
    assert answer.status_code == status, answer.content
    row = answer.json().get("row", answer.json())
    if status == 201:
        there = client.get(answer.headers["Location"])
        assert (there.json(), there.headers["ETag"]) == (row, answer.headers["ETag"])
    return row


def set_up(ada):
    add(ada, "sites/", **SITE)
    for weekday in (1, 2, 3):
        add(ada, "opening-hours/", site="harbor", weekday=weekday, opens="08:00", closes="18:00")
    room = add(ada, "rooms/", site="harbor", key="blue", name={"en": "Blue room"})
    add(ada, "places/", room=room["id"], key="a", name={"en": "Bay A"}, features=["table"])
    wu = add(ada, "practitioners/", **WU)
    add(ada, "working-hours/", practitioner=wu["id"], site="harbor", weekday=1, starts="09:00", ends="17:00",
        valid_from="2026-01-05")  # fmt: skip
    add(ada, "offerings/", practitioner=wu["id"], site="harbor", therapy="acu_manual", visits=["first"])
    return wu


def first(client, therapy="acu_manual"):
    return client.get(f"{API}slots/first/?therapy={therapy}&visit=first").json()["slot"]


def test_a_clinic_is_set_up_and_a_stranger_finds_its_first_time(ada, visitor):
    wu = set_up(ada)
    slot = first(visitor)
    assert (slot["practitioner"]["id"], slot["site"]["key"]) == (wu["id"], "harbor")
    hours = visitor.get(f"{API}opening-hours/?site=harbor").json()["results"]
    assert [row["weekday"] for row in hours] == [1, 2, 3]
    assert visitor.get(f"{API}offerings/?site=harbor").json()["results"][0]["therapy"] == "acu_manual"
    assert visitor.get(f"{API}places/").json()["count"] == 1


def test_a_device_makes_its_therapy_bookable_at_once(ada, visitor):
    wu = set_up(ada)
    add(ada, "offerings/", practitioner=wu["id"], site="harbor", therapy="acu_electro", visits=["first"])
    assert first(visitor, "acu_electro") is None
    add(ada, "devices/", site="harbor", pool="estim_unit", number=1)
    assert first(visitor, "acu_electro")["site"]["key"] == "harbor"


def test_a_rehearsal_adds_nothing_and_a_key_adds_once(ada):
    rehearsed = ada.post(f"{API}sites/?dry_run=true", SITE, format="json")
    assert (rehearsed.status_code, rehearsed.json()["dry_run"]) == (200, True)
    assert ada.get(f"{API}sites/").json()["count"] == 0
    told = [ada.post(API + "sites/", SITE, format="json", headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert told[0].status_code == 201
    assert told[0].content == told[1].content


CANNOT_BE = [
    ("sites/", SITE, "/key"),
    ("sites/", SITE | {"key": "pier", "zone": "Mars/Base"}, "/zone"),
    ("sites/", SITE | {"key": "Pier House"}, "/key"),
    ("sites/", SITE | {"key": "pier", "name": {"es": "Muelle"}}, "/name"),
    ("opening-hours/", {"site": "harbor", "weekday": 1, "opens": "12:00", "closes": "13:00"}, "/opens"),
    ("opening-hours/", {"site": "harbor", "weekday": 4, "opens": "13:00", "closes": "12:00"}, "/closes"),
    ("opening-hours/", {"site": "harbor", "weekday": 8, "opens": "12:00", "closes": "13:00"}, "/weekday"),
    ("opening-hours/", {"site": "nowhere", "weekday": 4, "opens": "12:00", "closes": "13:00"}, "/site"),
    ("rooms/", {"site": "harbor", "key": "blue", "name": {"en": "Blue"}}, "/key"),
    ("places/", {"room": "ROOM", "key": "a", "name": {"en": "A"}, "features": ["table"]}, "/key"),
    ("places/", {"room": "ROOM", "key": "b", "name": {"en": "B"}, "features": ["pool"]}, "/features"),
    ("places/", {"room": "WU", "key": "b", "name": {"en": "B"}, "features": []}, "/room"),
    ("devices/", {"site": "harbor", "pool": "laser", "number": 1}, "/pool"),
    ("devices/", {"site": "harbor", "pool": "estim_unit", "number": 0}, "/number"),
    ("practitioners/", WU | {"sites": []}, "/sites"),
    ("practitioners/", WU | {"sites": ["nowhere"]}, "/site"),
    ("practitioners/", WU | {"nucc": "x"}, "/nucc"),
    ("practitioners/", WU | {"lanes": 9}, "/lanes"),
    ("offerings/", OFFER | {"therapy": "acu_manual"}, "/therapy"),
    ("offerings/", OFFER | {"visits": ["third"]}, "/visits/0"),
    ("offerings/", OFFER | {"practitioner": "ROOM"}, "/practitioner"),
]  # fmt: skip
"""What is asked for once the clinic is set up, and the field that is pointed at."""


def test_what_cannot_be_is_pointed_at_and_nothing_is_added(ada):
    wu = set_up(ada)
    known = {"ROOM": str(Room.objects.get().public_id), "WU": wu["id"]}
    before, wrong = rows_of_a_clinic(), {}
    for path, asked, pointer in CANNOT_BE:
        body = {name: known.get(value, value) if isinstance(value, str) else value for name, value in asked.items()}
        refused = ada.post(API + path, body, format="json")
        told = [error["pointer"] for error in refused.json().get("errors", ())]
        if refused.status_code != 400 or pointer not in told or rows_of_a_clinic() != before:
            wrong[f"{path} {body}"] = (pointer, refused.status_code, told, rows_of_a_clinic())
    assert wrong == {}


def rows_of_a_clinic():
    """Return how many rows there are of each kind that makes a clinic."""
    return [kind.objects.count() for kind in (OpeningHours, Room, Place, Device, Practitioner, Offering)]


def test_the_administrator_of_one_site_adds_there_alone(bo, lakeside, riverside, dr_li):
    add(bo, "sites/", 403, **SITE)
    add(bo, "rooms/", site="lakeside", key="blue", name={"en": "Blue room"})
    add(bo, "rooms/", 403, site="riverside", key="blue", name={"en": "Blue room"})
    there = str(riverside.rooms.first().public_id)
    add(bo, "places/", 403, room=there, key="z", name={"en": "Z"}, features=[])
    add(bo, "practitioners/", 403, **WU | {"sites": ["lakeside", "riverside"]})
    who = str(dr_li.public_id)
    add(bo, "offerings/", 403, practitioner=who, site="riverside", therapy="cup_dry", visits=["first"])


def test_a_clinic_is_open_until_24_00_beside_its_other_hours(bo, lakeside):
    lakeside.opening_hours.filter(weekday=6).delete()
    evening = {"site": "lakeside", "weekday": 6, "opens": "18:00", "closes": "24:00"}
    assert add(bo, "opening-hours/", **evening)["closes"] == "24:00:00"
    add(bo, "opening-hours/", **evening | {"opens": "09:00", "closes": "18:00"})
    refused = bo.post(API + "opening-hours/", evening | {"opens": "23:00"}, format="json")
    assert refused.json()["errors"][0]["detail"] == "These hours overlap: Saturday 6:00\N{NO-BREAK SPACE}PM–midnight."


def test_whoever_closes_a_site_earlier_is_told_who_works_there_after_that(bo, dr_li, lakeside):
    row = lakeside.opening_hours.get(weekday=1)
    dr_li.working_hours.filter(weekday=1).update(ends="20:00")
    path = f"{API}opening-hours/{row.public_id}/"
    assert bo.patch(path, {"opens": "08:00"}, format="json").json()["warnings"] == []
    (told,) = bo.patch(path, {"closes": "18:00"}, format="json").json()["warnings"]
    said = told["detail"].replace("\N{NO-BREAK SPACE}", " ")
    assert said.startswith("Dr Li works at Lakeside clinic on Monday 6:00 PM–8:00 PM, when it is not open")
    (told,) = bo.delete(path).json()["warnings"]
    assert "9:00\N{NO-BREAK SPACE}AM–8:00\N{NO-BREAK SPACE}PM" in told["detail"]


def test_offers_and_opening_hours_are_changed_and_taken_away_naming_the_visits(bo, alice, dr_li, lakeside):
    visit = make_visit(alice.record, slot_id(dr_li, chicago(12, 10)))
    offer = Offering.objects.get(practitioner=dr_li, therapy__key="acu_manual")
    hours = OpeningHours.objects.get(site=lakeside, weekday=1)
    edits = [
        ("patch", f"offerings/{offer.public_id}/", {"visits": ["followup" if visit.visit == "first" else "first"]}),
        ("delete", f"offerings/{offer.public_id}/", {}),
        ("patch", f"opening-hours/{hours.public_id}/", {"opens": "12:00"}),
        ("delete", f"opening-hours/{hours.public_id}/", {}),
    ]
    for method, path, body in edits:
        told = getattr(bo, method)(f"{API}{path}?dry_run=true", body, format="json").json()
        assert [one["allocation"] for one in told["without_cover"]] == [str(visit.allocation)], (method, path)
    method, path, body = edits[1]
    assert bo.delete(API + path).json()["count"] == 1
    assert not Offering.objects.filter(pk=offer.pk).exists()
    bo.delete(f"{API}opening-hours/{hours.public_id}/")
    assert not OpeningHours.objects.filter(pk=hours.pk).exists()


def test_lanes_and_where_somebody_works_follow_the_practitioner(bo, dr_li):
    path = f"{API}practitioners/{dr_li.public_id}/"
    assert bo.patch(path, {"lanes": 5}, format="json").json()["row"]["lanes"] == 5
    assert dr_li.resources.filter(lane=5, sheets__isnull=False).exists()
    refused = bo.patch(path, {"nucc": "000"}, format="json")
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/nucc"]


ON_A_PAGE_ALONE = [("practitioner", "user")]
"""With which account somebody signs in: practitioners are in a public list, which does not tell it."""


def changed_over_the_api():
    """Return by table the fields that a PATCH takes, of the doors that have one."""
    details = [cls for _, cls, _ in doors() if "PATCH" in cls.rights and issubclass(cls, EditView)]
    return {cls.serializer_class.Meta.model: set(cls.form().fields) for cls in details}


def test_what_is_changed_on_a_page_is_changed_over_the_api_as_well():
    over_the_api, missing, looked_at = changed_over_the_api(), [], []
    for model, page in site._registry.items():
        if isinstance(page, EditAdmin):
            looked_at.append(model.__name__)
            names = {*page.form._meta.fields, *page.form.declared_fields} - {"anyway", *page.fixed}
            names -= set(getattr(page.form, "added_only", ()))
            missing += [(model._meta.model_name, name) for name in names - over_the_api[model]]
    assert len(looked_at) >= 11
    assert missing == ON_A_PAGE_ALONE


def runs_as_well(one, other):
    """Let whoever runs one site run another, too."""
    held = RoleAssignment.objects.get(role=Role.ADMIN, site=one)
    RoleAssignment.objects.create(user=held.user, role=Role.ADMIN, site=other, starts_at=AT)


def test_where_somebody_works_is_changed_as_far_as_it_is_bos_to_say(bo, visitor, dr_li, lakeside, riverside):
    path = f"{API}practitioners/{dr_li.public_id}/"
    assert visitor.get(path).json()["sites"] == ["lakeside"]
    assert bo.patch(path, {"sites": ["lakeside", "riverside"]}, format="json").status_code == 403
    for resource in dr_li.resources.all():
        resource.sites.add(riverside)
    dr_li.working_hours.all().delete()
    dr_li.offerings.all().delete()
    annex = make_site("annex")
    runs_as_well(lakeside, annex)
    rehearsed = bo.patch(f"{path}?dry_run=true", {"sites": ["annex"]}, format="json").json()
    assert (rehearsed["row"]["sites"], visitor.get(path).json()["sites"]) == (
        ["annex", "riverside"],
        ["lakeside", "riverside"],
    )
    done = bo.patch(path, {"sites": ["annex"]}, format="json")
    assert done.json()["row"]["sites"] == ["annex", "riverside"]  # Riverside is not Bo's to take away
    shown = visitor.get(path)
    assert (shown.json()["sites"], shown.headers["ETag"]) == (["annex", "riverside"], done.headers["ETag"])
    assert bo.patch(path, {"sites": ["nowhere"]}, format="json").json()["errors"][0]["pointer"] == "/sites"


def test_a_workplace_that_a_colleague_has_just_added_stays(bo, dr_li, lakeside, riverside, monkeypatch):
    lock_row = practitioners.lock_row

    def colleague_is_quicker(row):
        for resource in dr_li.resources.all():
            resource.sites.add(riverside)
        lock_row(row)

    monkeypatch.setattr(practitioners, "lock_row", colleague_is_quicker)
    path = f"{API}practitioners/{dr_li.public_id}/"
    assert bo.patch(path, {"sites": ["lakeside"]}, format="json").json()["row"]["sites"] == ["lakeside", "riverside"]


def test_hours_go_to_another_site_only_where_bo_may_say_so(bo, dr_li, lakeside, riverside):
    monday = dr_li.working_hours.get(weekday=1)
    for resource in dr_li.resources.all():
        resource.sites.add(riverside)
    path = f"{API}working-hours/{monday.public_id}/"
    assert bo.patch(path, {"site": "riverside"}, format="json").status_code == 403
    runs_as_well(lakeside, riverside)
    assert bo.patch(path, {"site": "riverside"}, format="json").json()["row"]["site"] == "riverside"
    monday.refresh_from_db()
    assert monday.site == riverside


def test_a_therapy_that_nobody_offers_yet_can_be_put_to_use(ada):
    therapy = Therapy.objects.get(key="acu_group")
    told = ada.patch(f"{API}therapies/{therapy.public_id}/", {"active": True}, format="json")
    assert told.status_code == 404  # where there is no site yet, nobody runs any
    set_up(ada)
    again = ada.patch(f"{API}therapies/{therapy.public_id}/", {"active": True}, format="json")
    assert again.json()["row"]["active"] is True
