"""Alice and Ben are linked, and each has an appointment: over every door neither learns anything of the other's.

The doors are walked, not listed: every page and form, and every address of the API that one of them can use.
"""

import re

import pytest

from booking.actions import links
from booking.models import Appointment
from scheduler.models import Practitioner
from tests.booking.pages.linked_pair import Linked, leaks, make_pair, names_of
from tests.factories.booking import chicago, make_visit, slot_id
from tests.factories.scheduler import AT
from tests.walks.pages.family_walk import BY_OWN_LINK, opened_api, sent_to_api, walked_pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(clinic, clock):
    return make_pair()


BOTH_WAYS = pytest.mark.parametrize("swapped", [False, True], ids=["she of him", "he of her"])


def without_her_page(shown):
    """Leave out the page on which a patient reads who it is that they confirm, by a visit's link or by its own."""
    own = re.compile("/m/[^/]+/family/|/family/patient/")
    return {where: text for where, text in shown.items() if not own.search(where)}


@BOTH_WAYS
def test_no_page_and_no_form_shows_one_side_anything_of_the_other(pair, swapped):
    mine, theirs = reversed(pair) if swapped else pair

    shown = walked_pages(mine, theirs)
    assert len(shown) > 200
    assert leaks(shown, theirs) == []
    # Only the page on which she confirms him says who he is; none says who she is.
    named = shown if swapped else without_her_page(shown)
    assert leaks(named, theirs, also=names_of(theirs)) == []


@BOTH_WAYS
def test_no_address_of_the_api_does_nor_any_answer_to_what_is_sent_there(pair, swapped):
    mine, theirs = reversed(pair) if swapped else pair
    opened, sent = opened_api(mine, theirs), sent_to_api(mine, theirs)
    assert len(opened) > 15
    assert len([where for where in sent if where.endswith((": 200", ": 201"))]) > 5
    assert leaks(opened | sent, theirs) == []
    named = {where: text for where, text in (opened | sent).items() if swapped or "family-links" not in where}
    assert leaks(named, theirs, also=names_of(theirs)) == []


def of_her_own(alice, ben):
    """Return what her own link, and her birth date, show of another appointment of hers, and who is linked with her."""
    at_boris = slot_id(Practitioner.objects.get(name="Boris Ivanov"), chicago(20, 14))
    other = make_visit(alice.visit.patient, at_boris)
    Appointment.objects.filter(pk=other.pk).update(note="Nightjar")
    other.note = "Nightjar"
    theirs = Linked(alice.who, other, links.issue(other, at=AT))
    walked = without_her_page(walked_pages(alice, ben))
    shown = {where: text for where, text in walked.items() if where.startswith(BY_OWN_LINK)}
    return shown, leaks(shown, theirs, also=names_of(ben))


def test_her_own_link_shows_nothing_of_her_other_appointments_nor_who_is_linked_with_her(pair):
    shown, leaked = of_her_own(*pair)
    assert len(shown) > 60
    assert leaked == []


def test_twin_where_the_page_that_is_checked_names_her_address_it_is_found(pair, monkeypatch):
    monkeypatch.setattr("booking.web.context.masked_email", lambda email: email)
    _shown, leaked = of_her_own(*pair)
    assert {where for where, _one in leaked} == {f"{BY_OWN_LINK} GET /book/check/"}


FAULTS_OF_PAGES = {
    "GET /family/time/": "booking.web.families.family_views.date_in_words",
    "POST /family/ ": "booking.web.families.family_views._",
    "GET /book/acu_manual/times/": "booking.web.views._",
    "POST /book/hold/ the other's time": "scheduler.errors.SlotTaken.title",
}
FAULTS_OF_THE_API = {
    "GET /api/v1/family-links/": "booking.api.family_json.FamilyLinkSerializer.get_relative",
    "POST /api/v1/appointments/ 0: 201": "booking.api.serializers.AppointmentSerializer.get_place",
    "POST /api/v1/appointments/ 1: 409": "scheduler.errors.SlotTaken.title",
    "PATCH /api/v1/patients/": "booking.api.patient_serializers.ContactSerializer.to_representation",
}


def found_where_they_were_put(faults, walk, mine, theirs, monkeypatch):
    """Put a leak in for each kind of answer; return those kinds in which the walk found it."""
    told = theirs.visit.reference
    for where in faults.values():
        monkeypatch.setattr(where, told if where.endswith("title") else lambda *_, **__: told)
    found = {where for where, one in leaks(walk(mine, theirs), theirs) if one == told}
    return {kind for kind in faults if any(kind in where for where in found)}


def test_twin_a_leak_put_into_each_kind_of_page_is_found(pair, monkeypatch):
    """On a page, in what a form is answered, in booking, in an error."""
    alice, ben = pair
    assert found_where_they_were_put(FAULTS_OF_PAGES, walked_pages, ben, alice, monkeypatch) == set(FAULTS_OF_PAGES)


def test_twin_a_leak_put_into_each_kind_of_answer_of_the_api_is_found(pair, monkeypatch):
    """In what is read, what is made, what is changed, what is refused."""
    alice, ben = pair
    found = found_where_they_were_put(
        FAULTS_OF_THE_API, lambda *sides: opened_api(*sides) | sent_to_api(*sides), ben, alice, monkeypatch
    )
    assert found == set(FAULTS_OF_THE_API)
