"""Who has the link sees the visit: until thirty days after it, or until its patient has another address."""

import hashlib

import pytest

from booking.actions import appointments, links
from booking.actions.patients import patients
from booking.cancel_reasons import CancelReason
from booking.errors import LinkExpired, LinkMoved, LinkUnknown
from booking.models import ManageLink
from booking.status import Move
from tests.factories.booking import DAY, SYSTEM, chicago, make_visit, read_slot, slot_id, visit_of_both
from tests.factories.scheduler import AT
from tests.factories.visits import as_it_was

TEN = chicago(8, 10)


@pytest.fixture(scope="module")
def visit_once(made_once, once_a_module):
    with once_a_module():
        return visit_of_both(made_once, TEN).pk


@pytest.fixture
def visit(visit_once, alice, dr_li):
    return as_it_was(visit_once)


def test_a_link_opens_its_visit_and_is_the_same_each_time_it_is_asked_for(visit):
    token = links.issue(visit, at=AT)
    assert links.issue(visit, at=AT + DAY) == token
    assert links.open_link(token, at=AT).appointment == visit


def test_only_the_digest_of_a_link_is_kept(visit):
    token = links.issue(visit, at=AT)
    link = ManageLink.objects.get()
    assert link.digest == hashlib.sha256(token.encode()).hexdigest()
    assert len(token) == 43


def rotate(settings, *, keep):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY] if keep else []
    settings.SECRET_KEY = "another"  # pragma: allowlist secret


def test_a_link_is_the_same_with_a_new_server_key_while_the_old_one_is_kept(visit, settings):
    token = links.issue(visit, at=AT)
    rotate(settings, keep=True)
    assert links.issue(visit, at=AT) == token
    assert links.open_link(token, at=AT).appointment == visit


def test_where_the_old_server_key_is_gone_the_next_mail_has_a_link_that_opens(visit, settings):
    old = links.issue(visit, at=AT)
    rotate(settings, keep=False)
    assert links.open_link(old, at=AT).appointment == visit
    new = links.issue(visit, at=AT)
    assert links.open_link(new, at=AT).appointment == visit
    assert links.issue(visit, at=AT) == new
    with pytest.raises(LinkMoved):
        links.open_link(old, at=AT)


def test_twin_without_a_look_at_the_key_a_mail_has_a_link_that_nobody_knows(visit, settings, monkeypatch):
    links.issue(visit, at=AT)
    rotate(settings, keep=False)
    monkeypatch.setattr(links, "_made_again", links._token)
    with pytest.raises(LinkUnknown):
        links.open_link(links.issue(visit, at=AT), at=AT)


def test_new_links_are_made_in_five_statements_however_many(visit, alice, dr_li, settings, django_assert_num_queries):
    other = make_visit(alice.record, slot_id(dr_li, chicago(9, 14)))
    links.issue_all([visit, other], at=AT)
    rotate(settings, keep=False)
    # With the one that asks whether the policy is as it was, and the two that begin and end a unit inside another.
    with django_assert_num_queries(5 + 2):
        links.issue_all([visit, other], at=AT)


@pytest.mark.parametrize("token", ["", "x", "é", "a" * 43, "a" * 5000, "\x00"])
def test_a_made_up_link_opens_nothing(visit, token):
    links.issue(visit, at=AT)
    with pytest.raises(LinkUnknown):
        links.open_link(token, at=AT)


def test_a_visit_keeps_its_link_when_it_moves_until_thirty_days_after_its_new_end(visit, alice, dr_li):
    token = links.issue(visit, at=AT)
    moved = appointments.move(
        visit.public_id, Move.RESCHEDULE, by=SYSTEM, at=AT, slot=read_slot(slot_id(dr_li, chicago(29, 14)))
    )
    assert links.issue(moved, at=AT) == token
    end = moved.period.upper + 30 * DAY
    assert links.open_link(token, at=end - DAY).appointment.period == moved.period
    with pytest.raises(LinkExpired):
        links.open_link(token, at=end)


def test_a_link_ends_when_its_patient_is_written_to_at_another_address(visit, alice):
    old = links.issue(visit, at=AT)
    patients.change(alice.record, by=SYSTEM, at=AT, email="new@example.test")
    with pytest.raises(LinkMoved):
        links.open_link(old, at=AT)
    assert links.issue(visit, at=AT) != old


def test_the_link_of_a_visit_called_off_still_opens(visit, alice):
    token = links.issue(visit, at=AT)
    appointments.move(visit.public_id, Move.CANCEL, by=alice.principal, at=AT, reason=CancelReason.ILLNESS)
    assert links.open_link(token, at=AT).appointment.status == "cancelled"


def test_thirty_days_after_the_visit_its_link_ends(visit):
    token = links.issue(visit, at=AT)
    end = visit.period.upper + 30 * DAY
    links.open_link(token, at=end - DAY)
    with pytest.raises(LinkExpired):
        links.open_link(token, at=end)


def test_an_opened_link_brings_what_its_page_shows_in_one_query(visit, django_assert_num_queries):
    token = links.issue(visit, at=AT)
    with django_assert_num_queries(1):
        visit = links.open_link(token, at=AT).appointment
        assert all([visit.patient.name, visit.site.key, visit.practitioner.name, visit.therapy.key])
