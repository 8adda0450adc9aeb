"""Two people change different fields of the same thing at once: both changes stand, at every door that changes."""

import pytest
from django.db import transaction

from core import updates
from core.api.views import ApiView
from core.models import RoleAssignment
from core.roles import Role
from scheduler.models import Claim, OpeningHours, Resource
from tests.api.routes import OPERATIONS, kind_of
from tests.api.world import KEPT_PLACE, World
from tests.factories import scheduler as clinic
from tests.factories.booking import SINCE
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db

OTHER = {"en": "Quite another"}
FIELDS = {
    "appointment": {"note": "Comes with a walker"},
    "account": {"name": "Dana Doe", "email": "dana@other.example", "active": False},
    "role": {"ends_at": "2027-01-01T00:00:00Z"},
    "site": {
        "name": OTHER, "street": "9 Elm Street", "floor": "3", "city": "Evanston", "state": "WI",
        "postal_code": "60201", "phone": "(312) 555-0199", "directions": OTHER,
        "parking": OTHER, "arrive_early_minutes": 25, "hospital": "Elgin General", "phone_hours": OTHER,
        "privacy_notice": OTHER, "accessibility_note": OTHER, "active": False,
    },
    "room": {"name": OTHER, "suite": "east"},
    "place": {"name": OTHER, "features": ["chair", "table"], "active": False},
    "device": {"reprocess_minutes": 35, "active": False},
    "therapy": {
        "name": OTHER, "summary": OTHER, "bring_and_wear": OTHER, "family": "pressure", "self_bookable": False,
        "active": False,
    },
    "practitioner": {
        "name": "Dr Lee", "credentials": "DAOM", "nucc": "208100000X", "lanes": 2, "languages": ["es"],
        "gender": "female", "sites": ["annex", "lakeside"], "active": False,
    },
    "opening_hour": {"weekday": 7, "opens": "06:00:00", "closes": "22:00:00"},
    "offering": {"visits": ["first"]},
    "travel_time": {"minutes": 25},
    "working_hours": {
        "site": "annex", "weekday": 6, "starts": "08:00:00", "ends": "18:00:00", "every_weeks": 3,
        "valid_from": "2026-02-02", "valid_to": "2027-06-01", "audience": "staff",
    },
    "absence": {"starts_at": "2026-11-04T14:00:00Z", "ends_at": "2026-11-06T14:00:00Z", "reason": "illness"},
    "closure": {
        "first_on": "2026-11-25", "last_on": "2026-11-27", "starts": "13:00:00", "ends": "11:00:00",
        "name": "Autumn days", "confirmed": False,
    },
    "enrolment": {"ends_on": "2027-03-01"},
    "family_block": {
        "program": "physical-medicine-rehabilitation", "weekday": 4, "starts": "10:00:00", "ends": "11:00:00",
        "every_weeks": 2, "valid_from": "2026-02-02", "valid_to": "2027-06-01", "therapies": ["pmr_acu"],
        "places": [KEPT_PLACE],
        "capacity": 2, "capacity_unit": "minutes", "reason": "Beside radiation",
        "release_policy": [{"at": "created", "to": "linked_families"}, {"at": "-48h", "to": "everyone"}],
        "owner_team": "Navigators",
    },
    "patient": {
        "email": "alice@other.example", "name": "Alice Moss", "birth_date": "1971-06-02", "phone": "+13125550142",
        "language": "es", "access_needs": ["quiet", "oxygen"], "interpreter": "es",
    },
}  # fmt: skip
"""What each door may change, and another value than the one that is there."""

PATCHES = [(kind_of(route), route, cls) for method, route, cls in OPERATIONS if method == "PATCH"]
SEVERAL = [(kind, route) for kind, route, _cls in PATCHES if len(FIELDS[kind]) > 1]


OF_SCHEDULERS = {"appointment", "working_hours", "absence", "closure", "patient", "enrolment", "family_block"}


def editor(kind: str) -> str:
    """Return who changes such things."""
    return "scheduler" if kind in OF_SCHEDULERS else "admin"


def fields(shown: dict) -> dict:
    """Return what is shown, the contact points of a patient by their names."""
    return shown | {contact["system"]: contact["value"] for contact in shown.get("contacts", ())}


def open_annex(world: World, *, staffed: bool) -> None:
    """Let the editors keep a second site; `staffed`: people work there already."""
    annex = clinic.make_site("annex")
    for name, role in (("admin", Role.ADMIN), ("scheduler", Role.SCHEDULER)):
        RoleAssignment.objects.create(user=world.people[name], role=role, site=annex, starts_at=SINCE)
    for resource in Resource.objects.exclude(practitioner=None) if staffed else ():
        resource.sites.add(annex)


def change_at_once(world: World, clients, monkeypatch, kind: str, route: str, *, first: bool) -> dict:
    """Let somebody send one field while a colleague sends all others; return what reads otherwise than was sent.

    The colleague is quicker: they are done once the door has read what is there, and before it has written.
    """
    sent, name = FIELDS[kind], editor(kind)
    thing = next(t for t in world.things(kind, name) if t.id != world.people[name].public_id)
    path = "/" + route.replace("<uuid:id>", str(thing.id))
    one = next(iter(sent)) if first else next(reversed(sent))
    mine, theirs = {one: sent[one]}, {field: value for field, value in sent.items() if field != one}
    read, done = ApiView.get_object, []

    def read_then_wait(door):
        row = read(door)
        if not done:
            done.append(True)
            answer = clients[name].patch(path, theirs, format="json")
            assert answer.status_code == 200, answer.content
        return row

    with transaction.atomic():
        OpeningHours.objects.filter(weekday=7).delete()
        Claim.objects.update(retired_at=AT)  # nothing lies ahead: what is needed would stay in use
        open_annex(world, staffed=kind == "working_hours")
        monkeypatch.setattr(ApiView, "get_object", read_then_wait)
        answer = clients[name].patch(path, mine, format="json")
        assert answer.status_code == 200, answer.content
        stands = fields(clients[name].get(path).json())
        told = fields(answer.json().get("row", answer.json()))
        transaction.set_rollback(True)
    assert {field: told[field] for field in sent} == {field: stands[field] for field in sent}
    return {field: stands[field] for field, value in sent.items() if stands[field] != value}


def test_every_door_that_changes_something_is_walked_with_every_field_that_it_takes():
    assert {kind: set(cls.form().fields) for kind, _route, cls in PATCHES} == {
        kind: set(fields) for kind, fields in FIELDS.items()
    }


@pytest.mark.parametrize(("kind", "route"), SEVERAL, ids=[kind for kind, _ in SEVERAL])
def test_what_a_colleague_changed_meanwhile_stays_changed(world, clients, monkeypatch, kind, route):
    for first in (True, False):
        with monkeypatch.context() as patch:
            assert change_at_once(world, clients, patch, kind, route, first=first) == {}


def test_twin_written_back_as_it_was_read_the_colleagues_change_is_undone(world, clients, monkeypatch):
    monkeypatch.setattr("scheduler.actions.calendars.lock_with_owner", lambda row: None)
    names = ("first_on", "last_on", "starts", "ends", "name", "confirmed")
    monkeypatch.setattr(
        "scheduler.actions.calendars.write",
        lambda row, **sent: updates.write(row, **{name: getattr(row, name) for name in names} | sent),
    )
    lost = change_at_once(world, clients, monkeypatch, "closure", "api/v1/closures/<uuid:id>/", first=True)
    assert "confirmed" in lost


def test_whoever_sends_nothing_changes_nothing(world, clients):
    assert len(PATCHES) > 5
    for kind, route, _cls in PATCHES:
        name = editor(kind)
        thing = next(t for t in world.things(kind, name) if t.id != world.people[name].public_id)
        path = "/" + route.replace("<uuid:id>", str(thing.id))
        before = clients[name].get(path).json()
        assert clients[name].patch(path, {}, format="json").status_code == 200, kind
        assert clients[name].get(path).json() == before
