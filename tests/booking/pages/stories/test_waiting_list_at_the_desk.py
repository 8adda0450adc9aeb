"""The desk sees who waits, puts people on the list and takes them off."""

import pytest
from django.test import Client
from django.urls import reverse

from booking.actions.waiting import offers
from booking.models import WaitingListEntry
from core import clock as clocks
from core.roles import Role
from tests.booking.pages.drafting import staff
from tests.booking.pages.walk import text_of
from tests.factories.booking import make_patient
from tests.factories.scheduler import make_practitioner, make_site

pytestmark = pytest.mark.django_db


def test_dana_puts_alice_on_the_list_sees_that_she_is_asked_and_takes_her_off(site, clock):
    dana, alice = staff("dana", Role.SCHEDULER, site), make_patient(site, "Alice Adams")
    make_patient(make_site("riverside"), "Mallory Moss")
    page = dana.get(reverse("desk-patient", args=[alice.public_id]))
    assert reverse("desk-waiting-list-new") in page.content.decode()
    new = f"{reverse('desk-waiting-list-new')}?site=lakeside&patient={alice.public_id}"
    assert "For what" in text_of(dana.get(new))
    assert dana.post(new, {"site": "lakeside"}).status_code == 422
    sent = {"what": "acu_manual||first", "weekdays": ["3"], "part": "morning", "site": "lakeside", "soon": "on"}
    assert "Alice Adams is on the waiting list" in text_of(dana.post(new, sent, follow=True))
    assert "They are on the list for this already" in text_of(dana.post(new, sent))
    offers.offer_times(now=clocks.now)
    shown = text_of(dana.get(reverse("desk-waiting-list")))
    assert "Asked about Wednesday" in shown
    assert "Mallory" not in shown
    entry = WaitingListEntry.objects.get()
    assert (entry.priority, entry.weekdays) == (1, [3])
    off = text_of(dana.post(reverse("desk-waiting-list-act", args=[entry.public_id, "end"]), follow=True))
    assert "Nobody waits for a time here" in off
    assert [one.status for one in entry.offers.all()] == ["declined"]


def test_nobody_waits_for_somebody_who_does_not_give_it_there(site, clock):
    dana, alice = staff("dana", Role.SCHEDULER, site), make_patient(site, "Alice Adams")
    other = make_practitioner(site, name="Dr Else", offers=["acu_electro"])
    elsewhere = make_practitioner(make_site("riverside"), name="Dr Far", offers=["acu_manual"])
    new = f"{reverse('desk-waiting-list-new')}?site=lakeside&patient={alice.public_id}"
    page = dana.post(new, {"what": "acu_manual||first", "practitioner": str(other.public_id)})
    assert "They do not give this. Choose anyone, or somebody who does." in text_of(page)
    form = {"practitioner": str(elsewhere.public_id), "site": "lakeside"}
    page = Client().post("/book/acu_manual/waiting/?visit=first", form)
    assert "They do not treat there. Choose anyone, or another place." in text_of(page)
    assert not WaitingListEntry.objects.exists()


def test_nobody_else_sees_who_waits(site, clock):
    for role in (Role.PRACTITIONER, Role.AUDITOR):
        assert staff(f"somebody-{role}", role, site).get(reverse("desk-waiting-list")).status_code == 403
    assert Client().get(reverse("desk-waiting-list")).status_code == 302
