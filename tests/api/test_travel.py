"""Travel times over the API: the administrator of a site sets them, and search keeps to them at once."""

import pytest

from core.roles import Role
from scheduler.models import TravelTime
from tests.factories.booking import chicago, make_staff, make_visit, slot_id
from tests.factories.scheduler import lay_out, make_hours, make_practitioner

API = "/api/v1/"
LONG = [(2, "07:00", "21:00")]


@pytest.fixture
def bo(sign_in, lakeside):
    """The administrator of Lakeside."""
    return sign_in(make_staff("bo", Role.ADMIN, site=lakeside))


def starts(client, site):
    asked = f"slots/?therapy=acu_manual&visit=first&site={site}&from=2026-10-13T00:00:00-05:00"
    found = client.get(API + asked + "&to=2026-10-14T00:00:00-05:00").json()["results"]
    return {slot["start"][11:16] for slot in found}


def test_bo_sets_the_way_to_riverside_and_nobody_is_offered_dr_roe_there_before_she_can_be_there(
    bo, visitor, alice, lakeside, riverside
):
    roe = make_practitioner(lakeside, riverside, name="Dr Roe", hours=LONG)
    make_hours(roe, riverside, LONG)
    lay_out()
    visit = make_visit(alice.record, slot_id(roe, chicago(13, 10)))
    before = starts(visitor, "riverside")
    pair = {"site": "riverside", "other_site": "lakeside", "minutes": 60}
    row = bo.post(API + "travel-times/", pair, format="json").json()["row"]
    assert row["minutes"] == 60
    assert [start for start in before if "08:15" < start < "12:00"]
    assert not [start for start in starts(visitor, "riverside") if "08:15" < start < "12:00"]
    asked = f"{API}slots/{slot_id(roe, visit.period.upper, site='riverside')}/"
    said = visitor.get(asked).json()
    assert [reason["code"] for reason in said["reasons"]] == ["practitioner-travelling"]
    refused = bo.post(API + "travel-times/", pair, format="json")
    assert refused.json()["errors"][0]["pointer"] == "/other_site"
    path = f"{API}travel-times/{row['id']}/"
    assert bo.patch(path, {"minutes": 5}, format="json").json()["row"]["minutes"] == 5
    assert bo.delete(path).status_code == 200
    assert starts(visitor, "riverside") == before
    assert not TravelTime.objects.exists()
