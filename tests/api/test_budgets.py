"""A fixed number of queries, however many rows."""

import pytest

from core.models import Site, User
from core.roles import Role
from notifications.models import Message
from scheduler.models import Absence, Practitioner
from tests.factories import scheduler
from tests.factories.booking import chicago, make_patient, make_staff, make_visit, slot_id
from tests.factories.scheduler import AT

pytestmark = pytest.mark.usefixtures("dr_li")  # all ask for her: she is made once for the module

API = "/api/v1/"
SIGN_IN = 2
"""The token with its user, and the roles."""

PAGE = 2
"""The count and the rows."""


@pytest.fixture(scope="module")
def several_of_everything(made_once, once_a_module):
    """Make several of everything at Lakeside, once for all that ask for it."""
    with once_a_module():
        lakeside, dr_li = Site.objects.get(pk=made_once["lakeside"]), Practitioner.objects.get(pk=made_once["dr_li"])
        make_several(lakeside, dr_li)


@pytest.fixture
def busy(several_of_everything, dr_li):
    return dr_li


def make_several(lakeside, dr_li):
    for number in range(3):
        start = chicago(13 + number, 10)
        patient = make_patient(lakeside, f"Patient {number}")
        visit = make_visit(patient, slot_id(dr_li, start))
        Message.objects.create(
            appointment=visit, version=0, recipient=patient, kind="reminder", due_at=AT, created_at=AT
        )
        other = scheduler.make_practitioner(lakeside, name=f"Dr {number}")
        Absence.objects.create(practitioner=other, period=(chicago(20, 8), chicago(20, 9)))
        scheduler.make_device(lakeside)


LISTS = {
    "sites/": PAGE,
    "rooms/": PAGE + 1,
    "devices/": PAGE,
    "therapies/": PAGE + 3,
    "practitioners/": PAGE + 1,
    "working-hours/": PAGE,
    "absences/": PAGE + 1,
    "closures/": PAGE,
    "appointments/": PAGE,
    "messages/": PAGE,
    "me/": 2,
}


@pytest.mark.parametrize(("path", "queries"), LISTS.items(), ids=LISTS)
def test_a_list_costs_the_same_for_three_as_for_hundreds(as_dana, busy, path, queries, django_assert_max_num_queries):
    with django_assert_max_num_queries(SIGN_IN + queries):
        assert as_dana.get(API + path).status_code == 200


@pytest.mark.parametrize("path", ["accounts/", "roles/"])
def test_accounts_and_roles_cost_the_same_for_three_as_for_hundreds(
    sign_in, lakeside, path, django_assert_max_num_queries
):
    staff = [make_staff(f"staff{number}", Role.SCHEDULER, site=lakeside) for number in range(3)]
    User.objects.filter(pk__in=[one.user.pk for one in staff]).update(is_staff=True)
    as_ada = sign_in(make_staff("ada", Role.ADMIN, site=lakeside))
    with django_assert_max_num_queries(SIGN_IN + PAGE):
        assert as_ada.get(API + path).json()["count"] >= len(staff)


def test_finding_patients(as_dana, busy, django_assert_max_num_queries):
    as_typed = 1  # whether anybody is found so; whoever is not may be meant by a slip
    with django_assert_max_num_queries(SIGN_IN + as_typed + PAGE + 1):
        assert as_dana.post(API + "patients/search/", {"search": "patient"}, format="json").json()["count"] == 3


def test_a_visit_and_its_history(as_dana, busy, django_assert_max_num_queries):
    visit = as_dana.get(API + "appointments/").json()["results"][0]["id"]
    with django_assert_max_num_queries(SIGN_IN + 1):
        as_dana.get(f"{API}appointments/{visit}/")
    with django_assert_max_num_queries(SIGN_IN + 1 + PAGE + 1):
        as_dana.get(f"{API}appointments/{visit}/changes/")


def test_a_time_is_held_and_booked_in_less_than_forty_statements(as_dana, busy, alice, django_assert_max_num_queries):
    as_dana.get(f"{API}slots/?therapy=acu_manual&visit=first")  # reads the catalogue, and notes the use of the token
    slot, whom = slot_id(busy, chicago(12, 13)), alice.patient.public_id
    around = 2 * 2  # in a test a transaction is a savepoint of the test's own
    with django_assert_max_num_queries(39 + around):
        held = as_dana.post(f"{API}holds/", {"slot": slot, "patient": whom}, headers={"idempotency-key": "held"})
        wanted = {"hold": held.json()["id"], "patient": whom}
        booked = as_dana.post(f"{API}appointments/", wanted, headers={"idempotency-key": "booked"})
    assert booked.status_code == 201


@pytest.mark.parametrize("path", ["slots/", "slots/days/", "slots/first/"])
def test_a_search_costs_three_queries_beside_sign_in_and_the_catalogue(
    as_dana, busy, path, django_assert_max_num_queries
):
    query = f"{API}{path}?therapy=acu_manual&visit=first"
    as_dana.get(query)
    with django_assert_max_num_queries(SIGN_IN + 2 + 3):
        assert as_dana.get(query).status_code == 200


@pytest.mark.parametrize(("path", "asked"), [("slots/", {"limit": "5"}), ("slots/first/", {}), ("slots/days/", {})])
def test_whoever_looks_for_a_time_asks_once_what_is_offered_and_once_what_is_free(
    client, dr_li, path, asked, django_assert_num_queries
):
    query = {"therapy": "acu_manual", "visit": "followup", "from": chicago(12, 8).isoformat(), **asked}
    assert client.get(API + path, query).json()  # what is offered is known from now on
    with django_assert_num_queries(2):
        assert client.get(API + path, query).status_code == 200
