"""Two at the desk have called the same person: one of them has, and the other is told."""

import pytest
from django.db.models import QuerySet

from booking.actions import calls, made_calls
from booking.actions.families import linked_questions
from booking.models import CallReason, CallTask, LinkedVisits
from core.principal import Principal
from tests.factories.booking import DAY, chicago, make_visit, slot_id
from tests.factories.scheduler import AT
from tests.races.together import at_once, beside, tally

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def both_call(alice, dr_li):
    """Return what two people do who have the same call on their pages."""
    visit = make_visit(alice.record, slot_id(dr_li, chicago(8, 10)))
    calls.raise_for([visit.pk], CallReason.NOT_REACHED, at=AT)
    call = CallTask.objects.get()
    people = [Principal(key=f"user:{number}", user_id=number) for number in (1, 2)]
    return [lambda who=who: made_calls.make(call, seen=AT, by=who, at=AT) for who in people]


def test_of_two_who_call_at_once_one_is_told(both_call):
    assert tally(at_once(both_call)) == {"CallTask": 1, "CallMade": 1}


def test_twin_without_the_lock_both_have_called(both_call, monkeypatch):
    original = calls.done
    seen = []

    def late(*args, **facts):
        seen.append(facts["by"])
        while len(seen) < 2:  # until both have looked
            pass
        return original(*args, **facts)

    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, *_a, **_k: self)
    monkeypatch.setattr(calls, "done", late)
    assert tally(at_once(both_call)) == {"CallTask": 2}


def test_whoever_says_that_they_keep_their_time_while_staff_are_to_call_is_not_called(alice, dr_li, lakeside):
    visit = make_visit(alice.record, slot_id(dr_li, chicago(12, 10)))
    link = LinkedVisits.objects.create(site=lakeside, relation="same-time", made_by="user:1", made_at=AT)
    linked_questions.ask([visit], link.pk, due_at=AT, at=AT)
    late = AT + 2 * DAY
    beside(
        lambda: linked_questions.call_unanswered(at=late, most=10),
        while_open=lambda: linked_questions.keep(visit, by=alice.principal, at=late),
    )
    assert not CallTask.objects.filter(done_at=None).exists()
