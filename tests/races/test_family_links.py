"""Family links while others act on them at the same moment: never five of one patient, never one code for two."""

from uuid import uuid4

import pytest
from django.db import IntegrityError

from booking.actions.families import family_links
from booking.actions.families.family_links import Invitation
from booking.families.status import FamilyRelation
from booking.models import FamilyLink, Patient
from tests.factories.booking import SYSTEM, visitor
from tests.factories.families import BEN, invited
from tests.factories.scheduler import AT
from tests.races.together import Gate, at_once, tally, without_constraint

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 6


def invites(patient, number):
    """Return acts that each invite somebody for one patient."""
    found = [Invitation(public_id=uuid4(), relation=FamilyRelation.SIBLING) for _ in range(number)]
    site = patient.site
    return [lambda one=one: family_links.invite(patient, one, site=site, by=SYSTEM, at=AT) for one in found]


def unlocked(monkeypatch, people):
    """Let nobody wait for whoever counts the same patient's links: all of them count first."""
    gate, count = Gate(people), family_links.free_number

    def counted(patient, *, at):
        number = count(patient, at=at)
        gate.wait()
        return number

    monkeypatch.setattr(family_links, "lock_patient", lambda patient: Patient.objects.get(pk=patient.pk))
    monkeypatch.setattr(family_links, "free_number", counted)


def test_of_many_invitations_at_once_four_are_made_and_the_others_are_told_why(alice):
    results = tally(at_once(invites(alice.record, CROWD)))
    assert results == {"FamilyLink": 4, "TooManyFamilyLinks": CROWD - 4}
    assert sorted(FamilyLink.objects.values_list("number", flat=True)) == [1, 2, 3, 4]


def caught(act):
    """Return an act that returns the error of the database's own guard."""

    def guarded():
        try:
            return act()
        except IntegrityError as error:
            return error

    return guarded


def test_twin_without_the_lock_the_database_itself_refuses_the_second_of_a_number(alice, monkeypatch):
    unlocked(monkeypatch, 2)
    results = tally(at_once([caught(act) for act in invites(alice.record, 2)]))
    assert results == {"FamilyLink": 1, "IntegrityError": 1}


def test_twin_without_lock_and_constraint_a_patient_has_five(alice, monkeypatch):
    for _ in range(3):
        invited(alice.record)
    unlocked(monkeypatch, 2)
    with without_constraint("booking.FamilyLink", "live_family_links_of_a_patient_are_numbered"):
        at_once(invites(alice.record, 2))
        assert alice.record.family_links.live(at=AT).count() == 5


def test_a_code_that_two_use_at_once_is_one_persons(alice):
    link = invited(alice.record)
    acts = [lambda who=who: family_links.claim(link, details=BEN, by=visitor(who), at=AT) for who in "abcd"]
    assert tally(at_once(acts)) == {"FamilyLink": 1, "FamilyCodeUnknown": 3}
    assert Patient.objects.filter(name=BEN.name).count() == 1


def test_twin_without_the_lock_two_people_come_by_one_code(alice, monkeypatch):
    link, gate = invited(alice.record), Gate(2)

    def read(one):
        found = FamilyLink.objects.select_related("patient", "site").get(pk=one.pk)
        gate.wait()
        return found

    monkeypatch.setattr(family_links, "_locked", read)
    acts = [lambda who=who: family_links.claim(link, details=BEN, by=visitor(who), at=AT) for who in "ab"]
    assert tally(at_once(acts)) == {"FamilyLink": 2}
