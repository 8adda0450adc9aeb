"""Other suitability rules are put in force: what they would mean is said before, and looked at again after."""

from datetime import UTC, datetime

import pytest
from psycopg.types.range import TimestamptzRange

from booking.actions.suitability import rule_changes
from booking.models import Appointment, CallReason, CallTask
from booking.suitability import impact
from booking.suitability.answers import SuitabilityAnswers, answered_no
from booking.suitability.policies import KEY, rules_of
from booking.suitability.records import save_answers
from booking.suitability.shipped import asks_nothing, shipped_content
from core.policies.actions import policies as actions
from core.policies.keys import PolicyChange
from core.principal import Principal
from tests.factories.booking import DAY, SYSTEM, chicago, make_visit, slot_id
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import AT

TEN = chicago(8, 10)
DANA, LI, MAY = (Principal.system(name) for name in ("dana", "dr-li", "dr-may"))
THINNER, FEVER = "anticoagulant", "fever_now"
PACEMAKER = "pacemaker_icd_neurostimulator_pump"


def answers(patient, said):
    rules = rules_of(shipped_content())
    whole = SuitabilityAnswers(answers={**answered_no(rules).answers, **said})
    save_answers(patient, whole, rules=rules, policy_version=1, by=SYSTEM, at=AT)


def drafted(content=None, **where):
    row = actions.draft(KEY, content or shipped_content(), by=DANA, at=AT, **where)
    for clinician in (LI, MAY):
        actions.approve(row.pk, by=clinician, at=AT)
    return row


def shown(row, *, starts_at=None):
    return actions.impact(row, actions.publication(row, at=AT, starts_at=starts_at), at=AT)


def tasks():
    return list(CallTask.objects.filter(reason=CallReason.RULES_CHANGED).values_list("appointment", flat=True))


@pytest.fixture
def visits(alice, ben, mallory, dr_li):
    """Alice takes a blood thinner, Ben has a fever, Mallory said nothing; all booked while nobody asked."""
    alice_s, ben_s, mallory_s = (
        make_visit(who.record, slot_id(dr_li, chicago(day, 10))) for who, day in ((alice, 8), (ben, 9), (mallory, 12))
    )
    answers(alice.record, {THINNER: "yes"})
    answers(ben.record, {FEVER: "yes"})
    return alice_s, ben_s, mallory_s


def test_who_publishes_reads_how_many_would_be_looked_at_or_not_be_booked_online(visits):
    counted = "1 would be looked at first and 1 would not be bookable online, unlike now."
    assert shown(drafted()) == [
        f"Of 3 appointments in the coming 30 days that begin while it holds, {counted}",
        "None is cancelled: each of these becomes a task for a clinician to look at.",
        "Of 1 the person has not answered all that it asks.",
    ]
    assert tasks() == []


def test_who_may_read_answers_at_the_site_reads_whom_new_rules_concern_and_nobody_else_does(
    visits, lakeside, monkeypatch
):
    row = drafted()
    found = actions.publication(row, at=AT)
    alice_s, ben_s, _mallory_s = (one.patient.name for one in visits)
    said = actions.impact(row, found, at=AT, names_at=[lakeside.pk])
    assert said[2].startswith(f"Thursday, October 8, 2026, 10:00\N{NO-BREAK SPACE}AM: {alice_s}, ")
    assert said[2].endswith(": a clinician looks first")
    assert f": {ben_s}, " in said[3]
    assert actions.impact(row, found, at=AT, names_at=[lakeside.pk + 1]) == shown(row)
    monkeypatch.setattr(impact, "MOST_NAMED", 1)
    assert actions.impact(row, found, at=AT, names_at=[lakeside.pk])[2:4] == [said[2], "and 1 more"]


def test_what_would_not_be_booked_as_it_was_becomes_a_task_and_stays_booked(visits):
    actions.publish(drafted().pk, by=DANA, at=AT)
    alice_s, ben_s, _mallory_s = visits
    assert sorted(tasks()) == sorted([alice_s.pk, ben_s.pk])
    assert set(Appointment.objects.values_list("status", flat=True)) == {"booked"}


def test_rules_that_begin_later_are_tried_on_what_begins_while_they_hold(visits):
    starts_at = datetime(2026, 10, 9, 5, tzinfo=UTC)
    row = drafted()
    assert shown(row, starts_at=starts_at)[0].startswith("Of 2 appointments in the coming 30 days")
    actions.publish(row.pk, by=DANA, at=AT, starts_at=starts_at)
    assert tasks() == [visits[1].pk]


def test_rules_that_mean_the_same_or_better_for_everybody_make_no_task(visits):
    adopt_suitability()
    content = shipped_content()
    content["rules"][0]["to"] = content["rules"][0]["else"] = {"all": "inform"}
    content["examples"] = content["examples"][:3]
    row = drafted(content)
    assert shown(row)[0].startswith("Of 3 appointments in the coming 30 days that begin while it holds, 0 would be")
    actions.publish(row.pk, by=DANA, at=AT)
    assert tasks() == []


def test_a_site_with_rules_of_its_own_is_left_alone_by_those_for_all(visits, lakeside):
    adopt_suitability(site=lakeside, content=asks_nothing())
    row = drafted()
    assert shown(row)[0].startswith("Of 0 appointments")
    actions.publish(row.pk, by=DANA, at=AT)
    assert tasks() == []


def test_what_comes_back_when_rules_are_taken_back_is_looked_at_as_well(visits, lakeside):
    adopt_suitability()
    own = drafted(asks_nothing(), site=lakeside)
    actions.publish(own.pk, by=DANA, at=AT)
    assert tasks() == []
    for clinician in (LI, MAY):
        actions.approve_ending(own.pk, by=clinician, at=AT + DAY)
    actions.take_back(own.pk, by=DANA, at=AT + DAY)
    assert sorted(tasks()) == sorted(visit.pk for visit in visits[:2])


def published(content, *, later=AT + 8 * DAY):
    """Put other rules in force after the shipped ones, once answers have run out; return whom that makes a task."""
    rule_changes.look_again(
        PolicyChange(
            before=shipped_content(),
            after=content,
            sites=frozenset(Appointment.objects.values_list("site", flat=True)),
            effective=TimestamptzRange(None, None),
            at=later,
        )
    )
    return tasks()


def test_what_counted_when_alice_booked_is_judged_by_new_rules_though_she_would_be_asked_again(alice, dr_li):
    visit = make_visit(alice.record, slot_id(dr_li, chicago(20, 10)))
    answers(alice.record, {THINNER: "yes"})
    content = shipped_content()
    content.pop("examples", None)
    for rule in content["rules"]:
        if rule["id"] == "R16":
            rule["to"] = {**rule["to"], "needling": "block_self_booking"}
    assert published(content) == [visit.pk]


def test_a_second_reason_to_look_is_looked_at_though_there_was_one_before(alice, dr_li):
    visit = make_visit(alice.record, slot_id(dr_li, chicago(20, 10)))
    answers(alice.record, {THINNER: "yes", PACEMAKER: "yes"})
    content = shipped_content()
    content.pop("examples", None)
    content["rules"].append({"id": "R98", "ask": PACEMAKER, "when": "yes", "to": {"needling": "clinician_review"}})
    assert published(content, later=AT + DAY) == [visit.pk]
