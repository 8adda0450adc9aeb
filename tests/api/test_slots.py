"""When is there time, over the API."""

import pytest

from booking.api.serializers import SlotSerializer
from booking.api.views.slots import DaySerializer
from booking.models import Hold
from scheduler.actions import calendars
from scheduler.actions.catalogue_edits import change
from scheduler.audience import CANCER_PROGRAM
from scheduler.models import Place, Practitioner, Therapy
from tests.factories.booking import SYSTEM, chicago, make_visit, slot_id
from tests.factories.policies import adopt_suitability, end_suitability
from tests.factories.scheduler import AT, make_claim, make_practitioner

SLOTS = "/api/v1/slots/"
HOLDS = "/api/v1/holds/"
ASKED = "therapy=acu_manual&visit=first"


def found(client, more=""):
    """Return the starts that a search finds."""
    return client.get(f"{SLOTS}?{ASKED}{more}").json()["results"]


def test_a_stranger_sees_free_times_and_no_names_of_patients(visitor, dr_li):
    found = visitor.get(f"{SLOTS}?{ASKED}&limit=3")
    assert found.status_code == 200
    assert len(found.json()["results"]) == 3
    first = found.json()["results"][0]
    assert set(first) == {"id", "start", "end", "therapy", "visit", "technique", "practitioner", "site", "only_for"}
    assert first["only_for"] is None
    assert first["start"].endswith("-05:00")
    assert set(first["practitioner"]) == {"id", "name", "credentials", "languages", "gender"}
    assert found.headers["Cache-Control"] == "no-cache"


def test_what_is_shown_is_narrowed_by_what_is_asked(visitor, dr_li):
    def starts(query):
        return [slot["start"][:16] for slot in visitor.get(f"{SLOTS}?{ASKED}&{query}").json()["results"]]

    assert starts("from=2026-10-13T00:00:00-05:00&limit=1") == ["2026-10-13T09:00"]
    assert starts("from=2026-10-13T00:00:00-05:00&limit=1&part_of_day=afternoon") == ["2026-10-13T12:00"]
    assert starts("language=pl") == starts("gender=male") == []
    nobody = visitor.get(f"{SLOTS}?{ASKED}&practitioner=00000000-0000-4000-8000-000000000000")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "unknown-practitioner")
    assert starts("from=2026-10-13T00:00:00-05:00&to=2026-10-13T09:20:00-05:00") == [
        "2026-10-13T09:00",
        "2026-10-13T09:15",
    ]


def test_staff_who_will_give_a_reason_see_times_that_are_too_soon(visitor, as_dana, as_frank, dr_li):
    query = f"{SLOTS}first/?{ASKED}&site=lakeside"
    found = as_dana.get(f"{query}&override=true").json()["slot"]
    assert found["start"] < as_dana.get(query).json()["slot"]["start"] == visitor.get(query).json()["slot"]["start"]
    one = f"{SLOTS}{found['id']}/"
    assert [why["code"] for why in as_dana.get(one).json()["reasons"]] == ["notice-too-short"]
    assert as_dana.get(f"{one}?override=true").json()["free"] is True
    for who in (visitor, as_frank):
        refused = who.get(f"{query}&override=true")
        assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (400, "override")


def test_days_and_the_soonest_start(visitor, dr_li):
    days = visitor.get(f"{SLOTS}days/?{ASKED}").json()["results"]
    assert [days[0]["day"], days[1]["day"]] == ["2026-10-05", "2026-10-06"]
    assert days[0]["starts"] > 0
    assert days[1]["first"] == "2026-10-06T09:00:00-05:00"
    assert visitor.get(f"{SLOTS}days/?{ASKED}&limit=3").json()["errors"][0]["parameter"] == "limit"
    soonest = visitor.get(f"{SLOTS}first/?{ASKED}").json()["slot"]
    assert soonest == visitor.get(f"{SLOTS}?{ASKED}&limit=1").json()["results"][0]


def test_what_is_told_is_what_the_schema_says(visitor, dr_li):
    asked = [f"{SLOTS}days/?{ASKED}", f"{SLOTS}?{ASKED}"]
    told = [visitor.get(one).json()["results"][0] for one in asked]
    assert [set(one) for one in told] == [set(DaySerializer().fields), set(SlotSerializer().fields)]


def test_nothing_free_is_said_plainly(visitor, lakeside):
    assert visitor.get(f"{SLOTS}first/?{ASKED}").json() == {"slot": None}
    assert visitor.get(f"{SLOTS}?{ASKED}").json() == {"next": None, "results": []}


def test_a_start_says_why_it_is_not_free(visitor, dr_li, alice):
    taken = slot_id(dr_li, chicago(13, 10))
    assert visitor.get(f"{SLOTS}{taken}/").json()["free"] is True
    make_visit(alice.record, taken)
    told = visitor.get(f"{SLOTS}{taken}/").json()
    assert told["free"] is False
    assert "practitioner-busy" in [why["code"] for why in told["reasons"]]


def test_alice_may_have_her_own_time_when_she_moves_and_others_may_not_ask(as_alice, as_mallory, alice, dr_li):
    taken = slot_id(dr_li, chicago(13, 10))
    visit = make_visit(alice.record, taken)
    assert as_alice.get(f"{SLOTS}{taken}/?moving={visit.public_id}").json()["free"] is True
    refused = as_mallory.get(f"{SLOTS}{taken}/?moving={visit.public_id}")
    missing = as_mallory.get(f"{SLOTS}{taken}/?moving=00000000-0000-4000-8000-000000000000")
    assert refused.status_code == 400
    assert refused.content == missing.content


def test_a_time_with_somebody_who_has_left_is_gone_and_others_are_named(visitor, lakeside, dr_li):
    dr_wu = make_practitioner(lakeside, name="Dr Wu")
    slot = slot_id(dr_wu, chicago(8, 10))
    Practitioner.objects.filter(pk=dr_wu.pk).update(active=False)
    gone = visitor.get(f"/api/v1/slots/{slot}/")
    assert (gone.status_code, gone.json()["code"]) == (409, "slot-taken")
    assert [other["practitioner"]["name"] for other in gone.json()["alternatives"]] == ["Dr Li"] * 3


@pytest.mark.parametrize("slot", ["nonsense", "x" * 300, "YWJj"])
def test_a_start_that_is_none_is_404(visitor, lakeside, slot):
    refused = visitor.get(f"{SLOTS}{slot}/")
    assert (refused.status_code, refused.json()["code"]) == (404, "unknown-slot")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("visit=first", "invalid"),
        (f"{ASKED}&site=atlantis", "invalid"),
        (f"{ASKED}&from=2026-10-13", "invalid"),
        (f"{ASKED}&from=2026-10-13T10:00:00", "invalid"),
        (f"{ASKED}&from=2026-10-13T10:00:00Z&to=2026-10-13T10:00:00Z", "invalid"),
        (f"{ASKED}&from=2026-10-13T10:00:00Z&to=2027-02-13T10:00:00Z", "range-too-long"),
        (f"{ASKED}&limit=101", "invalid"),
        (f"{ASKED}&limit=0", "invalid"),
        (f"{ASKED}&gender=unicorn", "invalid"),
        (f"{ASKED}&practitioner=7", "invalid"),
        (f"{ASKED}&colour=red", "invalid"),
        ("therapy=acu_manual&visit=third", "invalid"),
    ],
)
def test_a_search_that_cannot_be_is_refused(visitor, dr_li, query, code):
    refused = visitor.get(f"{SLOTS}?{query}")
    assert (refused.status_code, refused.json()["code"]) == (400, code)


def test_a_therapy_that_nobody_knows_is_404(visitor, dr_li):
    assert visitor.get(f"{SLOTS}?therapy=crystals&visit=first").json()["code"] == "not-offered"


def test_dates_at_the_edge_of_the_calendar_are_no_fault(visitor, dr_li):
    for query in (
        "from=9999-12-31T23:59:59Z",
        "from=0001-01-01T00:00:00Z&to=0001-01-02T00:00:00Z",
        "to=9999-12-31T23:59:59Z",
    ):
        assert visitor.get(f"{SLOTS}?{ASKED}&{query}").status_code in {200, 400}, query


def test_every_time_is_reached_however_few_are_shown_at_once(visitor, dr_li):
    whole = f"{SLOTS}?{ASKED}&from=2026-10-13T00:00:00-05:00&to=2026-10-14T12:00:00-05:00"
    everything, page = visitor.get(f"{whole}&limit=100").json(), visitor.get(f"{whole}&limit=25").json()
    found = page["results"]
    while page["next"]:
        page = visitor.get(page["next"]).json()
        found += page["results"]
    assert everything["next"] is None
    assert found == everything["results"]
    assert {slot["start"][:10] for slot in found} == {"2026-10-13", "2026-10-14"}
    refused = visitor.get(f"{whole}&after=nonsense")
    assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (400, "after")


def test_what_staff_alone_book_is_free_to_staff_and_a_visitor_is_told_to_call(visitor, as_dana, dr_li):
    Therapy.objects.filter(key="acu_manual").update(self_bookable=False)
    slot = slot_id(dr_li, chicago(13, 10))
    for address in (SLOTS, f"{SLOTS}days/", f"{SLOTS}first/"):
        refused = visitor.get(f"{address}?{ASKED}")
        assert (refused.status_code, refused.json()["code"]) == (409, "not-bookable-online")
        assert as_dana.get(f"{address}?{ASKED}&site=lakeside").status_code == 200
    told = visitor.get(f"{SLOTS}{slot}/").json()
    assert [why["code"] for why in told["reasons"]] == ["not-bookable-online"]
    assert as_dana.get(f"{SLOTS}{slot}/").json()["free"] is True


def test_dana_who_moves_mallory_s_visit_sees_no_time_of_a_program_that_mallory_is_not_in(as_dana, dr_li, mallory):
    visit = make_visit(mallory.record, slot_id(dr_li, chicago(8, 10)))
    for hours in dr_li.working_hours.filter(weekday=2):
        calendars.change_hours(hours, audience=CANCER_PROGRAM, by=SYSTEM, at=AT)
    tuesday = "site=lakeside&from=2026-10-13T00:00:00-05:00&to=2026-10-14T00:00:00-05:00"
    assert as_dana.get(f"{SLOTS}?{ASKED}&{tuesday}").json()["results"], "for somebody not named yet"
    assert as_dana.get(f"{SLOTS}?{ASKED}&{tuesday}&moving={visit.public_id}").json()["results"] == []
    one = f"{SLOTS}{slot_id(dr_li, chicago(13, 10))}/?moving={visit.public_id}"
    [why] = as_dana.get(one).json()["reasons"]
    assert why["code"] == "not-open-yet"
    assert "this patient is not in it" in why["detail"]


def test_where_no_rules_are_in_force_a_visitor_is_told_to_call_and_staff_see_times(visitor, as_alice, as_dana, dr_li):
    end_suitability()
    slot = slot_id(dr_li, chicago(13, 10))
    for address in (SLOTS, f"{SLOTS}days/", f"{SLOTS}first/"):
        refused = visitor.get(f"{address}?{ASKED}")
        assert (refused.status_code, refused.json()["code"]) == (409, "not-bookable-online")
        assert as_dana.get(f"{address}?{ASKED}&site=lakeside").status_code == 200
    assert [why["code"] for why in visitor.get(f"{SLOTS}{slot}/").json()["reasons"]] == ["not-bookable-online"]
    assert (
        as_alice.post("/api/v1/holds/", {"slot": slot}, headers={"Idempotency-Key": "needles"}).json()["code"]
        == "not-bookable-online"
    )


def test_a_search_with_what_a_patient_needs_finds_times_at_such_places_alone(
    visitor, as_alice, as_dana, lakeside, dr_li
):
    adopt_suitability(site=lakeside)
    assert found(visitor)
    assert found(visitor, "&needs=accessible_room") == []
    place = Place.objects.order_by("pk").select_related("resource").last()
    change(place, features=["table", "hi-lo"], by=SYSTEM, at=AT)
    make_claim(place.resource, chicago(6, 7), 10 * 60)
    for needs in ("accessible_room", "hi-lo", "companion,hi_lo"):
        first = found(visitor, f"&needs={needs}&from=2026-10-06T00:00:00-05:00")[0]
        assert first["start"].startswith("2026-10-07T09:00")
    taken = slot_id(dr_li, chicago(6, 10))
    assert visitor.get(f"{SLOTS}{taken}/").json()["free"]
    [why] = visitor.get(f"{SLOTS}{taken}/?needs=accessible_room").json()["reasons"]
    assert why["code"] == "no-suitable-room"
    assert as_dana.get(f"{SLOTS}{taken}/?needs=accessible_room&override=true").json()["free"]
    refused = visitor.get(f"{SLOTS}?{ASKED}&needs=golden_chair")
    assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (400, "needs")
    hold = {"slot": taken, "needs": "accessible_room"}
    refused = as_alice.post(HOLDS, hold, headers={"Idempotency-Key": "taken"})
    assert (refused.status_code, refused.json()["code"]) == (409, "no-suitable-place")
    refused = as_alice.post(HOLDS, hold | {"needs": "golden_chair"}, headers={"Idempotency-Key": "golden"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/needs")
    free = hold | {"slot": slot_id(dr_li, chicago(7, 10))}
    assert as_alice.post(HOLDS, free, headers={"Idempotency-Key": "free"}).status_code == 201
    assert Hold.objects.get().place == place
