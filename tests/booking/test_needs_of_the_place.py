"""Alice needs help to get on a table: she is shown, kept and given times at one that can be lowered, and no others."""

from dataclasses import replace

import pytest

from booking.actions import appointments, holds, walk_ins
from booking.actions.requested_slots import nearest_to
from booking.actions.suitability import suitability_checks
from booking.errors import HoldExpired
from booking.models import Appointment, Hold
from booking.status import Move
from booking.suitability.answers import answered_no
from booking.suitability.records import save_answers
from booking.suitability.shipped import shipped_rules
from booking.suitability.visit_words import needs_in_words
from booking.suitability.visits import judge_visits, place_needs_of_visit
from booking.web.times_query import TimesQuery
from core.database.transactions import one_reading
from scheduler.actions.catalogue_edits import change
from scheduler.models import Claim, Place, WeekSheet
from scheduler.public import Audience, NoSuitablePlace, SearchQuery, SlotTaken, explain, search
from tests.factories.booking import DAY, HOUR, SYSTEM, chicago, read_slot, slot_id, visitor
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import AT, make_claim
from tests.tables import changed, dump

RULES = shipped_rules()
NO = answered_no(RULES)
HELP = replace(NO, answers=NO.answers | {"transfer_help_or_cannot_lie_flat": "yes"})
TEN, ELEVEN = chicago(12, 10), chicago(12, 11)
HI_LO = frozenset({"hi_lo"})
REASON = "She comes with two helpers"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def table(lakeside):
    """Let Lakeside ask what the shipped rules ask, and one of its four tables be height-adjustable."""
    adopt_suitability(site=lakeside)
    found = Place.objects.order_by("pk").select_related("resource").last()
    change(found, features=["table", "hi-lo"], by=SYSTEM, at=AT)
    return found


@pytest.fixture
def busy_at_ten(table):
    """Let that table be taken at ten."""
    return make_claim(table.resource, TEN, 60)


def slot(dr_li, start=TEN):
    return read_slot(slot_id(dr_li, start))


def book(person, dr_li, start=TEN, *, answers=HELP, by=None, **facts):
    given = {"patient": person.record, "by": by or person.principal, "at": AT, "answers": answers}
    return appointments.book(**given | ({} if "hold_id" in facts else {"slot": slot(dr_li, start)}) | facts)


def starts(dr_li, needs=HI_LO, *, moving=None):
    """Return when a day's search finds times for whoever needs that."""
    wanted = SearchQuery(
        therapy="acu_manual", visit="first", starts_at=TEN, ends_at=TEN + 3 * HOUR, limit=None,
        audience=replace(Audience.PATIENT, needs=needs), moving=moving,
    )  # fmt: skip
    return {one.start for one in search(wanted, at=AT)}


def test_who_needs_it_has_the_table_and_who_does_not_leaves_it_to_them(alice, mallory, dr_li, table):
    assert book(mallory, dr_li, answers=NO).place != table
    assert book(alice, dr_li, TEN + DAY).place == table


def test_twin_a_booking_that_reads_no_needs_gives_alice_any_table(alice, dr_li, table, monkeypatch):
    monkeypatch.setattr(suitability_checks, "place_needs", lambda _rules, _found: frozenset())
    assert book(alice, dr_li).place != table


@pytest.mark.usefixtures("busy_at_ten")
def test_where_it_is_taken_search_explanation_hold_and_booking_say_so_alike(alice, dr_li):
    assert TEN in starts(dr_li, frozenset())
    assert TEN not in starts(dr_li)
    assert ELEVEN in starts(dr_li)
    asking = replace(Audience.PATIENT, needs=HI_LO)
    told = explain(slot(dr_li), at=AT, audience=asking)
    assert [one.code for one in told.reasons] == ["no-suitable-room"]
    before = dump()
    with pytest.raises(NoSuitablePlace):
        holds.take(slot(dr_li), by=visitor(), at=AT, needs=HI_LO)
    with pytest.raises(NoSuitablePlace) as refused:
        book(alice, dr_li)
    assert "Please choose another time, or call us" in str(refused.value)
    assert not changed(before, dump())
    offered = refused.value.facts["alternatives"]
    assert offered
    assert all(explain(one, at=AT, audience=asking).free for one in offered)
    assert book(alice, dr_li, offered[0].start)


@pytest.mark.usefixtures("busy_at_ten")
def test_dana_books_another_table_with_a_reason_and_the_record_keeps_it(alice, dana, dr_li, table):
    with pytest.raises(NoSuitablePlace) as refused:
        book(alice, dr_li, by=dana.principal)
    assert refused.value.facts["overridable"]
    visit = book(alice, dr_li, by=dana.principal, override_reason=REASON)
    assert visit.place != table
    assert visit.override_reason == REASON
    assert visit.changes.get().facts["overrode"] == ["no-suitable-place"]
    [at_the_door] = needs_in_words(judge_visits([visit], at=AT)[visit.pk], visit.place.features)
    assert at_the_door == "a height-adjustable table (not at the place they have)"


def test_with_a_reason_she_has_another_table_in_weeks_that_nobody_has_laid_out_too(alice, dana, dr_li, table):
    make_claim(table.resource, TEN, 60)
    WeekSheet.objects.exclude(resource=table.resource).delete()
    visit = book(alice, dr_li, by=dana.principal, override_reason=REASON)
    assert visit.place != table
    assert visit.override_reason == REASON


def test_a_reason_given_for_nothing_sets_nothing_aside(alice, dana, dr_li, table):
    visit = book(alice, dr_li, by=dana.principal, override_reason=REASON)
    assert (visit.place, visit.override_reason) == (table, "")
    assert needs_in_words(judge_visits([visit], at=AT)[visit.pk], table.features) == ["a height-adjustable table"]


def test_a_table_that_was_kept_before_she_answered_becomes_the_right_one_at_the_same_time(alice, dr_li, table):
    hold = holds.take(slot(dr_li), by=alice.principal, at=AT)
    assert hold.place != table
    visit = book(alice, dr_li, hold_id=hold.public_id)
    assert (visit.place, visit.period.lower, Hold.objects.get().state) == (table, TEN, "confirmed")
    live = Claim.objects.filter(retired_at=None)
    assert set(live.values_list("allocation", flat=True)) == {visit.allocation}


@pytest.mark.usefixtures("busy_at_ten")
def test_what_was_kept_stays_kept_where_there_is_no_right_one(alice, dr_li):
    hold = holds.take(slot(dr_li), by=alice.principal, at=AT)
    with pytest.raises(NoSuitablePlace):
        book(alice, dr_li, hold_id=hold.public_id)
    assert Hold.objects.get().state == "open"
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("on_record", [True, False])
def test_what_is_offered_once_it_has_run_out_has_the_right_place_as_well(alice, dr_li, table, on_record):
    hold = holds.take(slot(dr_li), by=alice.principal, at=AT)
    make_claim(table.resource, TEN, 60)
    if on_record:
        save_answers(alice.record, HELP, rules=RULES, policy_version=1, by=alice.principal, at=AT)
    with pytest.raises(HoldExpired) as refused:
        book(alice, dr_li, hold_id=hold.public_id, at=AT + HOUR, answers=None if on_record else HELP)
    offered = {one.start for one in refused.value.facts["alternatives"]}
    assert offered
    assert TEN not in offered


def test_who_is_known_to_need_it_holds_it(alice, dr_li, table):
    save_answers(alice.record, HELP, rules=RULES, policy_version=1, by=alice.principal, at=AT)
    assert holds.take(slot(dr_li), by=alice.principal, patient=alice.record, at=AT).place == table


def test_she_moves_to_such_times_alone(alice, dr_li, table):
    visit = book(alice, dr_li, ELEVEN + DAY)
    make_claim(table.resource, TEN, 60)
    query = TimesQuery.for_moving(visit, at=AT)
    assert query.audience.needs == HI_LO
    with pytest.raises(SlotTaken) as refused:  # to whoever has the link it is taken: what she needs is not theirs
        appointments.move(visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=slot(dr_li))
    assert refused.value.facts["alternatives"]
    assert type(refused.value) is SlotTaken
    near = nearest_to(slot(dr_li).key, by=alice.principal, at=AT, patient=alice.record, moving=visit)
    assert TEN not in {one.start for one in near}
    with pytest.raises(SlotTaken):
        holds.choose_for(visit, slot(dr_li), by=alice.principal, at=AT)
    moved = appointments.move(visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=slot(dr_li, ELEVEN))
    assert moved.place == table


@pytest.mark.usefixtures("busy_at_ten")
def test_a_walk_in_who_needs_it_is_kept_no_time_without_it(alice, dana, dr_li):
    save_answers(alice.record, HELP, rules=RULES, policy_version=1, by=alice.principal, at=AT)
    with pytest.raises(NoSuitablePlace):
        walk_ins.hold_for(alice.record, slot(dr_li), by=dana.principal, at=AT)
    assert walk_ins.hold_for(alice.record, slot(dr_li, ELEVEN), by=dana.principal, at=AT)


def test_what_a_visit_needs_is_read_once_and_not_where_no_rule_asks_for_a_place(
    alice, dr_li, django_assert_num_queries
):
    visit = Appointment.objects.select_related("site", "therapy", "patient").get(pk=book(alice, dr_li).pk)

    @one_reading
    def twice():
        return place_needs_of_visit(visit, at=AT), place_needs_of_visit(visit, at=AT)

    place_needs_of_visit(visit, at=AT)
    with django_assert_num_queries(2):  # and the catalogue's stamp
        assert twice() == (HI_LO, HI_LO)
