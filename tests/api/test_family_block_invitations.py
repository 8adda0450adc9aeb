"""Staff of a program invite a member of a family to the time that a block keeps."""

from uuid import uuid4

import pytest

from booking.families import codes
from booking.models import FamilyLink
from tests.api.conftest import client_of
from tests.factories.blocks import make_block

pytestmark = pytest.mark.django_db


def invite(client, block, **sent):
    address = f"/api/v1/family-blocks/{block}/invitations/"
    return client.post(address, {"relation": "SPS"} | sent, format="json", headers={"Idempotency-Key": str(uuid4())})


def test_frank_invites_somebody_of_alice_s_family_and_reads_the_code(frank, alice, dr_li):
    block = make_block(dr_li, 4, "14:00", "16:00")
    made = invite(client_of(frank.user), block.public_id, patient=str(alice.record.public_id))
    link = FamilyLink.objects.get()
    assert (made.status_code, made.json()["code"]) == (201, codes.in_groups(codes.code_of(link.public_id)))
    assert (link.site, link.patient) == (block.site, alice.record)


def test_whoever_takes_no_part_in_a_program_there_has_no_family_time(frank, dana, mallory, dr_li):
    block = make_block(dr_li, 4, "14:00", "16:00")
    refused = invite(client_of(dana.user), block.public_id, patient=str(mallory.record.public_id))
    assert (refused.status_code, refused.json()["code"]) == (409, "no-family-time")
    unseen = invite(client_of(frank.user), block.public_id, patient=str(mallory.record.public_id))
    assert (unseen.status_code, FamilyLink.objects.exists()) == (400, False)


def test_patients_are_not_told_whether_there_is_a_block(alice, dr_li):
    block = make_block(dr_li, 4, "14:00", "16:00")
    for one in (block.public_id, uuid4()):
        assert invite(client_of(alice.user), one, patient=str(alice.record.public_id)).status_code == 404
