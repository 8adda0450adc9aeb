"""Frank invites Alice's husband to a time that he keeps; Ben types the code, and books that time and no other's."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from booking.actions.families import family_links, reservations
from booking.families.codes import code_of
from booking.models import Appointment, FamilyLink, FamilyLinkChange, Seat
from core.roles import Role
from tests.booking.pages.drafting import staff
from tests.booking.pages.walk import hidden_on, printed, text_of
from tests.factories.booking import SYSTEM, make_enrolled
from tests.factories.families import confirmed
from tests.factories.families import invited as family_invitation
from tests.factories.scheduler import AT, offer
from tests.factories.seats import keep_one

CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b")
BEN = {"name": "Ben Adams", "email": "ben@example.test", "birth_date": "2/3/1968", "language": "en"}


@pytest.fixture
def alice(site):
    """A patient of the program."""
    return make_enrolled(site, "Alice Adams").record


@pytest.fixture
def frank(site):
    return staff("frank", Role.PROGRAM, site)


@pytest.fixture
def seat(site, frank):
    return keep_one(site)


def page_of(seat):
    return f"/desk/families/seats/{seat.public_id}/"


def invited(frank, seat, alice):
    """Let Frank invite her husband to the seat; return the code that the page shows."""
    sent = {"link": str(uuid4()), "relation": "SPS", "mail_to": ""}
    done = frank.post(f"{page_of(seat)}invite/{alice.public_id}/", sent)
    assert done.status_code == 302, text_of(done)
    shown = text_of(frank.get(page_of(seat)))
    return CODE.search(shown)[0]


def test_frank_finds_the_patient_and_invites_somebody_of_her_family(frank, seat, alice):
    found = text_of(frank.get(page_of(seat), {"find": "Alice"}))
    assert "Alice Adams" in found
    assert "May 1, 1970" in found
    assert "Invite somebody else of the family of Alice Adams" in text_of(
        frank.get(page_of(seat), {"patient": str(alice.public_id)})
    )
    code, page = invited(frank, seat, alice), frank.get(page_of(seat))
    assert "To read it aloud" in text_of(page)
    assert "family of Alice Adams" in text_of(page)
    assert code in printed(page)
    assert "Alice" not in printed(page)  # the paper is for whoever is invited
    assert f"wife or husband, family of Alice Adams Code: {code}" in text_of(frank.get("/desk/families/?all=yes"))
    seat.refresh_from_db()
    assert (seat.state, seat.named_for.patient) == ("named", alice)


def test_ben_types_the_code_and_books_the_time_that_is_kept_for_him(frank, seat, alice):
    code, ben = invited(frank, seat, alice), Client()
    ben.post("/family/", {"code": code})
    ben.post("/family/you/", BEN)
    assert "Take this time" not in text_of(ben.get("/family/time/"))
    family_links.confirm(FamilyLink.objects.get(), by=SYSTEM, at=AT)
    home = ben.get("/family/time/")
    assert "Kept for you by name" in text_of(home)
    assert "We keep it for you until" in text_of(home)
    assert "Alice" not in text_of(home)
    check = ben.post(f"/family/seats/{seat.public_id}/", follow=True)
    assert check.resolver_match.url_name == "check", text_of(check)
    booked = ben.post("/book/done/", hidden_on(check), follow=True)
    assert "You are booked" in text_of(booked)
    visit = Appointment.objects.get()
    seat.refresh_from_db()
    assert (visit.patient.name, seat.state, seat.appointment) == ("Ben Adams", "booked", visit)
    assert "Booked" in text_of(frank.get("/desk/families/?all=yes"))
    home = text_of(ben.get("/family/time/"))
    assert "Time is kept for you" not in home
    assert "Was kept for you, and is booked Thursday, October 15, 10:00" in home


def test_ben_has_another_therapy_at_the_time_that_is_kept_for_him(frank, seat, alice, site):
    code, ben = invited(frank, seat, alice), Client()
    ben.post("/family/", {"code": code})
    ben.post("/family/you/", BEN)
    family_links.confirm(FamilyLink.objects.get(), by=SYSTEM, at=AT)
    assert "Another therapy then" not in text_of(ben.get("/family/time/"))
    offer(seat.practitioner, "acupressure", sites=[site])
    home = ben.get("/family/time/")
    assert "Another therapy then" in text_of(home)
    (serving,) = re.findall(r'name="serving" value="([^"]+)"', home.content.decode())
    check = ben.post(f"/family/seats/{seat.public_id}/", {"serving": serving}, follow=True)
    assert "Acupressure" in text_of(check)
    assert "You are booked" in text_of(ben.post("/book/done/", hidden_on(check), follow=True))
    assert Appointment.objects.get().therapy.key == "acupressure"
    nonsense = ben.post(f"/family/seats/{seat.public_id}/", {"serving": "no|such|thing"})
    assert nonsense.status_code == 409


def test_to_a_time_that_is_gone_nobody_is_invited_and_nobody_is_written_to(frank, seat, alice):
    reservations.release([seat.public_id], by=SYSTEM, at=AT)
    sent = {"link": str(uuid4()), "relation": "SPS", "mail_to": "ben@example.test"}
    refused = frank.post(f"{page_of(seat)}invite/{alice.public_id}/", sent)
    assert refused.status_code == 410
    assert not FamilyLink.objects.exists()
    assert FamilyLinkChange.objects.get().refused == "seat-gone"


def test_mallory_with_the_address_of_the_seat_finds_nothing(seat, alice, frank):
    invited(frank, seat, alice)
    assert Client().post(f"/family/seats/{seat.public_id}/").status_code == 404
    assert Client().post(f"/family/seats/{uuid4()}/").status_code == 404


def test_frank_names_somebody_who_is_linked_already_and_takes_the_name_off(frank, seat, alice):
    link = confirmed(alice)
    assert "Ben Adams wife or husband, family of Alice Adams" in text_of(frank.get(page_of(seat)))
    frank.post(f"{page_of(seat)}for/", {"link": str(link.public_id)})
    assert "Named, not booked yet Ben Adams, wife or husband" in text_of(frank.get("/desk/families/?all=yes"))
    frank.post(f"{page_of(seat)}for/", {"link": ""})
    assert Seat.objects.get().named_for is None


def test_frank_tells_two_invitations_of_a_family_apart(frank, seat, alice):
    first, second = family_invitation(alice), family_invitation(alice)
    shown = text_of(frank.get(page_of(seat)))
    for link in (first, second):
        whole = code_of(link.public_id)
        told = f"family of Alice Adams invited on Monday, October 5, the code ends in {whole[-2:]} "
        assert told in shown
        assert whole not in shown.replace("-", "")


@pytest.mark.parametrize("sent", ["x", "11111111-1111-4111-8111-111111111111"])
def test_a_link_that_is_none_of_theirs_is_not_named(frank, seat, sent):
    assert frank.post(f"{page_of(seat)}for/", {"link": sent}).status_code == 404


def test_nobody_of_another_site_opens_the_page(seat, riverside):
    assert staff("olga", Role.PROGRAM, riverside).get(page_of(seat)).status_code == 404
