"""Family links over the API: who invites, confirms, vouches and leaves, and what each is shown."""

from uuid import uuid4

import pytest

from booking.actions.families import family_links
from booking.families import codes
from booking.models import FamilyLink, FamilyLinkChange
from tests.api.conftest import client_of
from tests.factories.booking import DAY, SYSTEM
from tests.factories.families import confirmed, invited
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db

LINKS = "/api/v1/family-links/"


def invite(client, **sent):
    body = {"site": "lakeside", "relation": "SPS"} | sent
    return client.post(LINKS, body, format="json", headers={"Idempotency-Key": str(uuid4())})


def act(client, link, what, **sent):
    return client.post(f"{LINKS}{link.public_id}/{what}/", sent, format="json")


def linked(alice, ben):
    return family_links.claim(invited(alice.record), own=ben.record, by=ben.principal, at=AT)


def test_she_invites_and_reads_the_code_in_the_answer(alice):
    made = invite(client_of(alice.user))
    link = FamilyLink.objects.get()
    assert made.status_code == 201
    assert made.json()["code"] == codes.in_groups(codes.code_of(link.public_id))
    assert made.headers["Location"].endswith(f"{LINKS}{link.public_id}/")
    assert invite(client_of(alice.user), reason="I know him.").status_code == 400
    assert invite(client_of(alice.user), mail_to="at home").status_code == 400


def test_she_confirms_him_and_he_cannot_do_so_himself_nor_staff_without_a_reason(alice, ben, dana):
    link = linked(alice, ben)
    assert act(client_of(ben.user), link, "confirm").status_code == 404
    assert act(client_of(dana.user), link, "confirm").status_code == 404
    assert act(client_of(dana.user), link, "vouch").status_code == 400
    confirmed_by_her = act(client_of(alice.user), link, "confirm")
    assert (confirmed_by_her.status_code, confirmed_by_her.json()["state"]) == (200, "active")
    assert act(client_of(dana.user), link, "vouch", reason="Known to us.").json()["state"] == "active"


def test_he_is_not_told_who_she_is_and_staff_see_both(alice, ben, dana):
    link = linked(alice, ben)
    seen = {
        who: client_of(one.user).get(f"{LINKS}{link.public_id}/").json()
        for who, one in {"she": alice, "he": ben, "staff": dana}.items()
    }
    assert seen["he"]["patient"] is None
    assert "Alice" not in str(seen["he"])
    assert seen["she"]["relative"] == seen["staff"]["relative"] == "Ben Adams"
    assert seen["staff"]["patient"] == str(alice.record.public_id)
    assert [[act["act"] for act in one["history"]] for one in seen.values()] == [["invite", "claim"]] * 3


def test_what_tells_of_the_others_mailbox_or_times_is_history_for_staff_alone(alice, ben, dana):
    link = linked(alice, ben)
    for act_ in ("unheard", "kept-for"):
        FamilyLinkChange.objects.create(link=link, patient=alice.record, act=act_, after=link.state, by="mails", at=AT)
    path = f"{LINKS}{link.public_id}/"
    acts = [[one["act"] for one in client_of(who.user).get(path).json()["history"]] for who in (alice, ben, dana)]
    assert acts == [["invite", "claim"], ["invite", "claim"], ["invite", "claim", "unheard", "kept-for"]]


def test_he_leaves_and_she_takes_back(alice, ben):
    link = confirmed(alice.record)
    link.relative.contacts.all().delete()
    FamilyLink.objects.filter(pk=link.pk).update(relative=ben.record)
    assert act(client_of(alice.user), link, "leave").status_code == 404
    assert act(client_of(ben.user), link, "revoke").status_code == 404
    assert act(client_of(ben.user), link, "leave").json()["state"] == "ended"
    again = confirmed(alice.record)
    assert act(client_of(alice.user), again, "revoke").json()["state"] == "revoked"


def test_both_renew_in_its_last_days(alice, ben, time_machine):
    link = linked(alice, ben)
    family_links.confirm(link, by=SYSTEM, at=AT)
    soon = act(client_of(alice.user), link, "renew")
    assert (soon.status_code, soon.json()["code"]) == (409, "too-soon-to-renew")
    link.refresh_from_db()
    time_machine.move_to(link.ends_at - 5 * DAY, tick=False)
    assert act(client_of(ben.user), link, "renew").status_code == 200


def test_a_fifth_is_refused_with_the_limit_and_that_is_on_record_though_a_key_was_sent(alice):
    client = client_of(alice.user)
    answers = [invite(client) for _ in range(5)]
    assert [one.status_code for one in answers] == [201] * 4 + [409]
    assert (answers[4].json()["code"], answers[4].json()["limit"]) == ("too-many-family-links", 4)
    assert FamilyLinkChange.objects.filter(patient=alice.record, refused="too-many-family-links").count() == 1


def test_who_has_nothing_to_do_with_it_finds_nothing(alice, ben, mallory):
    link = linked(alice, ben)
    client = client_of(mallory.user)
    assert client.get(LINKS).json()["results"] == []
    answers = {client.get(f"{LINKS}{one}/").content for one in (link.public_id, uuid4())}
    assert len(answers) == 1
    assert invite(client, patient=str(alice.record.public_id)).status_code == 400
    assert invite(client).json()["code"] == "no-family-time"
