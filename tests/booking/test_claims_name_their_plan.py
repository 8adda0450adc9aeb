"""An upgrade tells of visits that are ahead already how they run, some at a time."""

from importlib import import_module

from psycopg.types.range import TimestamptzRange

from scheduler.models import Claim
from tests.factories.booking import DAY, chicago, make_visit, slot_id

upgrade = import_module("booking.migrations.0008_claims_of_visits_name_their_plan")
A_LIFE = 30_000 * DAY
"""So far ahead that the database's own clock does not come there."""


def test_the_claims_of_alice_s_visits_ahead_name_their_plan_after_an_upgrade(
    alice, dr_li, monkeypatch, django_assert_num_queries
):
    for day in (8, 12, 13):
        visit = make_visit(alice.record, slot_id(dr_li, chicago(day, 10)))
        visit.period = TimestamptzRange(visit.period.lower + A_LIFE, visit.period.upper + A_LIFE, "[)")
        visit.save()
    named = dict(Claim.objects.values_list("pk", "plan"))
    assert None not in named.values()
    Claim.objects.update(plan=None)
    monkeypatch.setattr(upgrade, "AT_ONCE", 2)
    with django_assert_num_queries(2 * (2 + 2) + 2 + 1):  # two slices: each a savepoint, looked up, written; one empty
        upgrade.name_plans(None, None)
    assert dict(Claim.objects.values_list("pk", "plan")) == named
