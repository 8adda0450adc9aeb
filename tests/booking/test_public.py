"""What notifications may know of visits."""

import pytest
from django.db import connection

from booking import public
from booking.actions import appointments, links
from booking.cancel_reasons import CancelReason
from booking.models import ScreeningResponse
from booking.status import Move
from booking.visit_facts import SAME_ANSWERS, as_read
from tests.booking.stories.test_reviews_taken_back import say
from tests.factories.booking import DAY, chicago, make_visit, slot_id
from tests.factories.policies import adopt_screening
from tests.factories.scheduler import AT
from tests.revealing_words import TELLING

TEN = chicago(8, 10)


@pytest.fixture
def visit(alice, dr_li):
    return make_visit(alice.record, slot_id(dr_li, TEN))


def test_the_ledger_is_read_in_order_and_each_row_once(visit, alice):
    appointments.move(visit.public_id, Move.CANCEL, by=alice.principal, at=AT, reason=CancelReason.ILLNESS)
    rows = public.unrelayed(limit=10)
    assert [(r.move, r.before, r.after, r.version) for r in rows] == [
        ("book", "", "booked", 0),
        ("cancel", "booked", "cancelled", 1),
    ]
    assert public.unrelayed(limit=1) == rows[:1]
    public.mark_relayed([rows[0].id], at=AT)
    assert public.unrelayed(limit=10) == rows[1:]


def test_the_facts_of_many_visits_come_in_six_queries_after_the_lock_and_those_of_one_in_three(
    visit, alice, dr_li, lakeside, django_assert_num_queries
):
    both = [visit.pk, make_visit(alice.record, slot_id(dr_li, TEN + 7 * DAY)).pk]
    with django_assert_num_queries(6):
        public.visits(both)
    with django_assert_num_queries(7):
        assert list(public.visits(both, lock=True)) == both
    with django_assert_num_queries(4):
        facts = public.visits([visit.pk], lock=True)[visit.pk]
    assert (facts.starts_at, facts.ends_at, facts.zone) == (TEN, visit.period.upper, "America/Chicago")
    assert (facts.site_name, facts.site_address) == (lakeside.name, lakeside.address)
    assert facts.practitioner_name == "Dr Li"
    assert facts.emails == (alice.record.contacts.get().value,)
    assert (facts.status, facts.version, facts.language) == ("booked", 0, "en")
    assert not any(word in str(facts).lower() for word in TELLING)


def rows_read(plan, table):
    """Return how many rows of a table a plan reads, its parts included."""
    here = plan["Actual Rows"] * plan["Actual Loops"] if plan.get("Relation Name") == table else 0
    return here + sum(rows_read(part, table) for part in plan.get("Plans", ()))


def test_before_a_mail_leaves_its_patients_answers_are_compared_and_nobody_elses_are_read(alice, ben, dr_li):
    adopt_screening()
    hers, his = (make_visit(who.record, slot_id(dr_li, chicago(7, hour))) for who, hour in ((alice, 10), (ben, 13)))
    say(hers)
    for _ in range(20):
        say(his)
    asked = as_read(public.visits([hers.pk]).values())
    with connection.cursor() as cursor:
        # As where there are many rows, and every way to them is weighed.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL join_collapse_limit = 8")
        cursor.execute("SET LOCAL from_collapse_limit = 8")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) SELECT {SAME_ANSWERS}", asked)
        ((plan,),) = cursor.fetchone()
        cursor.execute(f"SELECT {SAME_ANSWERS}", asked)
        assert cursor.fetchone() == (True,)
    assert rows_read(plan["Plan"], ScreeningResponse._meta.db_table) <= 2


def test_every_visit_has_one_token(visit):
    token = links.issue(visit, at=AT)
    assert (
        public.manage_tokens([visit.pk], at=AT)
        == public.manage_tokens([visit.pk], at=AT)
        == {visit.pk: links.mailed_token(token)}
    )
