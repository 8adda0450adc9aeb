"""Whatever is decided about a request, the independent check finds each mail that is due, and none too many."""

import pytest

from booking.actions import appointments
from booking.actions.suitability import answers_by_link, suitability_reviews
from booking.cancel_reasons import CancelReason
from booking.models import Appointment
from booking.status import Move
from booking.suitability.answers import SuitabilityAnswers
from core.roles import Role
from notifications.actions import dispatch
from notifications.models import Message
from proof.checker import messages
from tests.booking.test_booking_by_answers import THINNER, book, said
from tests.factories.booking import MINUTE, SYSTEM, make_staff
from tests.factories.policies import adopt_suitability, end_suitability
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rules(lakeside):
    """Let Lakeside ask what the shipped rules ask."""
    end_suitability()
    return adopt_suitability(site=lakeside)


@pytest.fixture
def people(lakeside, alice):
    """Carol, who decides, and Alice."""
    return make_staff("carol", Role.CLINICIAN, site=lakeside).principal, alice.principal


@pytest.fixture
def visit(alice, dr_li):
    """What Alice asks for, who takes a blood thinner."""
    return book(alice, dr_li, answers=said(**{THINNER: "yes"}))


def as_seen(visit):
    return {"seen": visit.version, "stood": suitability_reviews.stands_as(visit)}


def approve(visit, carol, _alice, at):
    suitability_reviews.approve(visit.public_id, **as_seen(visit), by=carol, at=at)


def ask(visit, carol, _alice, at):
    suitability_reviews.ask(visit.public_id, [THINNER], **as_seen(visit), by=carol, at=at)


def answer(visit, _carol, alice, at):
    answers_by_link.answer(visit.public_id, SuitabilityAnswers(answers={THINNER: "yes"}), by=alice, at=at)


def take_back(visit, carol, _alice, at):
    suitability_reviews.take_back(visit.public_id, seen=visit.version, by=carol, at=at)


def decline(visit, carol, _alice, at):
    suitability_reviews.decline(visit.public_id, **as_seen(visit), by=carol, at=at)


def cancel(visit, _carol, alice, at):
    appointments.move(visit.public_id, Move.CANCEL, reason=CancelReason.PATIENT, by=alice, at=at)


def undo(visit, _carol, alice, at):
    appointments.move(visit.public_id, Move.UNDO, by=alice, at=at)


def expire(visit, _carol, _alice, _at):
    appointments.move(visit.public_id, Move.EXPIRE, by=SYSTEM, at=visit.kept_until)


WAYS = [
    [approve, take_back, approve],
    [approve, take_back],
    [ask, take_back, approve],
    [ask, answer, ask, answer, approve],
    [decline, take_back, approve],
    [decline, take_back, ask],
    [approve, cancel, undo],
    [cancel],
    [expire],
]


def go(way, visit, people, *, pause):
    """Go a way; yield when each step has been told that was not part of one go, and the last one."""
    at = AT
    for step in [None, *way]:
        if step:
            step(Appointment.objects.get(pk=visit.pk), *people, at)
        if pause > MINUTE:
            dispatch.run(now=lambda at=at: at + 3 * MINUTE)
            yield at + 3 * MINUTE
        at = Appointment.objects.get(pk=visit.pk).changes.latest("pk").at + pause
    dispatch.run(now=lambda: at)
    yield at


@pytest.mark.parametrize("pause", [MINUTE, 5 * MINUTE], ids=["in one go", "told in between"])
@pytest.mark.parametrize("way", WAYS, ids=lambda way: "-".join(step.__name__ for step in way))
def test_of_a_request_that_was_decided_about_nothing_is_missing_and_nothing_too_much(way, pause, visit, people):
    for at in go(way, visit, people, pause=pause):
        assert [str(one) for one in messages.differences(at=at)] == []


def test_twin_a_mail_of_an_approval_that_was_never_written_is_found_and_one_too_many(visit, people):
    *_, at = go([approve], visit, people, pause=5 * MINUTE)
    written = Message.objects.filter(kind="confirmation")
    for kind in ("cancelled", "moved", "reopened"):
        written.update(kind=kind)
        written = Message.objects.filter(kind=kind)
        assert [one.kind for one in messages.differences(at=at)] == ["messages-differ"]
    Message.objects.all().delete()
    assert [one.kind for one in messages.differences(at=at)] == ["messages-differ"]
