"""Policies: drafted, approved, published with a look at what changes first, never changed afterwards."""

from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from io import StringIO

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from booking.policies import booking_policy
from core.models import Policy, PolicyState
from core.policies import keys
from core.policies.actions import policies as actions
from core.policies.errors import PolicyOwn, PolicyPublished, PolicyUnapproved
from core.principal import Principal
from core.refusals import Invalid
from tests.factories.scheduler import make_site

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
DAY = timedelta(days=1)
DANA, FRANK = Principal(key="user:1", user_id=1), Principal(key="user:2", user_id=2)

pytestmark = pytest.mark.django_db


def draft(site=None, by=DANA, **booking):
    """Draft a booking policy that differs in these values from the first."""
    content = deepcopy(Policy.objects.filter(key="booking").earliest("version").content)
    content["booking"] |= booking
    return actions.draft("booking", content, by=by, at=NOON, site=site)


def publish(policy, by=DANA, at=NOON, **when):
    return actions.publish(policy.pk, by=by, at=at, **when)


def weekly(site, at):
    return booking_policy(site.pk, at=at).max_per_week


@pytest.fixture
def lakeside(catalogue):
    return make_site("lakeside")


def test_dana_publishes_three_visits_a_week_from_tomorrow_and_today_stays_as_it_is(lakeside):
    publish(draft(max_per_week=3), starts_at=NOON + DAY)
    assert [weekly(lakeside, NOON + days * DAY) for days in (-400, 0, 1, 400)] == [2, 2, 3, 3]
    assert booking_policy(lakeside.pk, at=NOON + DAY).version == 2


def test_a_policy_for_somebody_whom_nobody_asks_about_is_refused_and_not_in_force_for_nobody(lakeside):
    content = Policy.objects.get(key="booking").content
    with pytest.raises(Invalid) as refused:
        actions.draft("booking", content, by=DANA, at=NOON, audience="companion")
    assert refused.value.facts["errors"][0]["pointer"] == "/audience"
    assert "companion" in str(refused.value)
    assert Policy.objects.filter(key="booking").count() == 1


def test_a_draft_changes_nothing_until_it_is_published(lakeside):
    draft(max_per_week=3)
    assert weekly(lakeside, NOON + DAY) == 2


def test_a_site_has_its_own_policy_and_others_keep_the_one_for_all(lakeside):
    publish(draft(site=lakeside, max_per_week=5))
    assert (weekly(lakeside, NOON), weekly(make_site("riverside"), NOON)) == (5, 2)


def test_before_publishing_dana_is_told_each_value_that_changes_and_whom_it_does_not_reach(lakeside):
    publish(draft(site=lakeside, max_per_week=5))
    found = actions.publication(draft(max_per_week=3, min_notice_hours=12), at=NOON, starts_at=NOON + DAY)
    assert sorted(found.changes) == [
        "booking.max_per_week: 2 → 3 (appointments in one week that one person may have)",
        "booking.min_notice_hours: 4 → 12 (hours before an appointment until which it can be booked)",
    ]
    assert found.instead_of.version == 1
    assert found.effective == DateTimeTZRange(NOON + DAY, None)
    assert found.own_rows == (str(lakeside),)
    assert Policy.objects.published().filter(key="booking").count() == 2


@pytest.mark.parametrize("number", [10**9, 100_001, -1, 2.5, True])
def test_a_number_that_no_calendar_holds_is_refused_before_anybody_searches_by_it(lakeside, number):
    with pytest.raises(Invalid):
        draft(horizon_days_staff=number)


def test_what_is_published_in_between_holds_until_the_next(lakeside):
    publish(draft(max_per_week=4), starts_at=NOON + 10 * DAY)
    publish(draft(max_per_week=3), starts_at=NOON + 5 * DAY)
    assert [weekly(lakeside, NOON + days * DAY) for days in (0, 5, 9, 10)] == [2, 3, 3, 4]


def test_what_would_begin_at_the_same_moment_gives_way(lakeside):
    first = publish(draft(max_per_week=4), starts_at=NOON + DAY)
    publish(draft(max_per_week=3), starts_at=NOON + DAY)
    assert weekly(lakeside, NOON + DAY) == 3
    assert Policy.objects.get(pk=first.pk).state == PolicyState.RETIRED


def test_nobody_publishes_into_the_past(lakeside):
    with pytest.raises(Invalid):
        publish(draft(max_per_week=3), starts_at=NOON - DAY)


def test_without_a_policy_in_force_nothing_from_the_code_holds_instead(lakeside):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_policy DISABLE TRIGGER published_policy_stays")
        cursor.execute("DELETE FROM core_policy")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE core_policy ENABLE TRIGGER published_policy_stays")
    with pytest.raises(LookupError):
        booking_policy(lakeside.pk, at=NOON)


@pytest.mark.parametrize(
    ("group", "name", "value", "pointer"),
    [
        ("booking", "max_per_week", "two", "/booking/max_per_week"),
        ("booking", "max_per_week", -1, "/booking/max_per_week"),
        ("booking", "max_per_week", True, "/booking/max_per_week"),
        ("booking", "fee", 5, "/booking/fee"),
        ("limits", "visits_per_session", {"hour": 2}, "/limits/visits_per_session/day"),
        ("limits", "visits_per_session", 7, "/limits/visits_per_session"),
    ],
)
def test_a_draft_with_a_value_that_nothing_can_read_is_refused_and_named(group, name, value, pointer, lakeside):
    content = deepcopy(Policy.objects.get(key="booking").content)
    content[group][name] = value
    with pytest.raises(Invalid) as refused:
        actions.draft("booking", content, by=DANA, at=NOON)
    assert [error["pointer"] for error in refused.value.facts["errors"]] == [pointer]
    assert not Policy.objects.filter(state="draft").exists()


def test_a_published_policy_is_not_revised(lakeside):
    with pytest.raises(PolicyPublished):
        actions.revise(Policy.objects.get(key="booking").pk, {}, by=DANA)
    with pytest.raises(PolicyPublished):
        publish(publish(draft(max_per_week=3)))


CHANGES = [
    {"content": {}},
    {"version": 9},
    {"audience": "companion"},
    {"state": "draft"},
    {"effective": DateTimeTZRange(NOON, None)},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_nobody_changes_a_published_policy_by_whatever_path(change, lakeside):
    with pytest.raises(IntegrityError, match="published_policy_stays"), transaction.atomic():
        Policy.objects.filter(key="booking").update(**change)
    with pytest.raises(IntegrityError, match="published_policy_stays"), transaction.atomic():
        Policy.objects.filter(key="booking").delete()


def test_without_the_trigger_a_published_policy_would_change(lakeside):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_policy DISABLE TRIGGER published_policy_stays")
    Policy.objects.filter(key="booking").update(content={})
    assert Policy.objects.get(key="booking").content == {}


def beside(**values):
    """Write a second published booking policy past all actions."""
    row = {
        "key": "booking",
        "version": 9,
        "state": "published",
        "content": {},
        "effective": DateTimeTZRange(NOON, None),
    }
    with transaction.atomic():
        Policy.objects.create(**row | values)


def test_two_policies_are_never_in_force_at_once(lakeside):
    with pytest.raises(IntegrityError, match="policy_is_in_force_alone"):
        beside()
    beside(state="draft")
    beside(version=10, site=lakeside)
    beside(version=11, audience="companion")


def test_without_the_constraint_two_policies_would_be_in_force_at_once(lakeside):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_policy DROP CONSTRAINT policy_is_in_force_alone")
    beside()
    assert Policy.objects.published().filter(key="booking", effective__contains=NOON).count() == 2


@dataclass(frozen=True)
class Rules:
    """What a key of the tests holds."""

    words: str


@pytest.fixture
def reviewed(monkeypatch):
    """A policy that one other person has to approve."""
    monkeypatch.setattr(keys, "_registered", dict(keys._registered))
    keys.register(keys.PolicyKey(key="rules", content=Rules, approvals=1))
    return actions.draft("rules", {"words": "first"}, by=DANA, at=NOON)


def test_somebody_else_approves_before_dana_publishes(reviewed):
    with pytest.raises(PolicyUnapproved):
        publish(reviewed)
    with pytest.raises(PolicyOwn):
        actions.approve(reviewed.pk, by=DANA, at=NOON)
    actions.approve(reviewed.pk, by=FRANK, at=NOON)
    actions.approve(reviewed.pk, by=FRANK, at=NOON)
    published = publish(reviewed)
    assert {one["by"] for one in published.approvals} == {DANA.key, FRANK.key}
    assert {one["hash"] for one in published.approvals} == {published.content_hash}


def test_what_was_approved_is_not_what_was_changed_since(reviewed):
    actions.approve(reviewed.pk, by=FRANK, at=NOON)
    actions.revise(reviewed.pk, {"words": "second"}, by=DANA)
    with pytest.raises(PolicyUnapproved):
        publish(reviewed)


def test_the_look_counts_no_site_that_has_its_own_by_the_time_the_draft_begins(lakeside, monkeypatch):
    asked = []
    registered = {
        one.key: replace(one, impact=lambda change: asked.append(change.sites) or []) for one in keys.registered()
    }
    monkeypatch.setattr(keys, "_registered", registered)
    publish(draft(site=lakeside, max_per_week=4), starts_at=NOON + DAY)
    for_all = draft(max_per_week=3)
    for days in (0, 2):
        found = actions.publication(for_all, at=NOON, starts_at=NOON + days * DAY)
        actions.impact(for_all, found, at=NOON)
    assert asked == [[lakeside.pk], []]


def command(*words):
    """Call `manage.py policies`; return what it prints."""
    out = StringIO()
    call_command("policies", *words, stdout=out)
    return out.getvalue()


def test_an_operator_writes_a_policy_out_changes_it_and_publishes_it_after_a_look(lakeside, tmp_path):
    file = tmp_path / "booking.yaml"
    file.write_text(command("export", "booking").replace("max_per_week: 2", "max_per_week: 3"))
    assert "booking.max_per_week: 2 → 3" in command("import", "booking", str(file))
    looked = command("publish", "booking", "2")
    assert "booking.max_per_week: 2 → 3" in looked
    assert "Nothing is changed yet" in looked
    assert Policy.objects.get(key="booking", version=2).state == PolicyState.DRAFT
    command("publish", "booking", "2", "--yes")
    assert Policy.objects.get(key="booking", version=2).state == PolicyState.PUBLISHED
    assert "booking v2 (all sites, all): published, from 2" in command("list")
    assert yaml.safe_load(command("export", "booking"))["booking"]["max_per_week"] == 3


def test_what_a_colleague_changed_since_the_operator_looked_is_not_published(lakeside, monkeypatch):
    made = draft(max_per_week=3)

    def colleague_is_quicker(policy, *_, **__):
        content = deepcopy(policy.content)
        content["booking"]["max_per_week"] = 7
        actions.revise(policy.pk, content, by=FRANK)
        return []

    monkeypatch.setattr(actions, "impact", colleague_is_quicker)
    with pytest.raises(CommandError, match="changed this draft"):
        command("publish", "booking", str(made.version), "--yes")
    assert weekly(lakeside, NOON) == 2


def test_what_an_operator_is_told_to_type_next_reaches_the_clinic_that_they_work_on(lakeside, settings, tmp_path):
    settings.DATA_FOLDER = str(tmp_path / "our clinic")
    file = tmp_path / "booking.yaml"
    file.write_text(command("export", "booking"))
    typed = f"`python3 manage.py policies publish booking 2 --yes --data '{tmp_path}/our clinic'`"
    assert typed in command("import", "booking", str(file))
    settings.DATA_FOLDER = str(settings.BASE_DIR / "var")
    assert "`python3 manage.py policies publish booking 3 --yes`" in command("import", "booking", str(file))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["export", "screening"], "no such policy"),
        (["export", "booking", "--site", "nowhere"], "no site nowhere"),
        (["import", "booking", "/nowhere.yaml"], "cannot be read"),
        (["import", "gossip", "-"], "no policy"),
        (["import", "booking", "-"], "/booking/max_per_week: This is missing"),
        (["publish", "booking", "7"], "no such policy"),
        (["publish", "booking", "1", "--from", "2026-12-01"], "does not say its zone"),
        (["publish", "booking", "1", "--from", "soon"], "no date"),
    ],
)
def test_an_operator_is_told_in_a_sentence_what_is_wrong_and_nothing_is_changed(words, said, lakeside, monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO("booking: {min_notice_hours: 4}"))
    before = list(Policy.objects.values())
    with pytest.raises(CommandError, match=said):
        command(*words)
    assert list(Policy.objects.values()) == before


def test_an_operator_is_told_which_name_stands_twice_in_a_file_and_in_which_lines(lakeside, tmp_path):
    file = tmp_path / "booking.yaml"
    file.write_text(command("export", "booking") + "review: []\nreview: []\n")
    lines = len(file.read_text().splitlines())
    with pytest.raises(CommandError, match=f"/review: This is given twice, in line {lines - 1} and in line {lines}"):
        command("import", "booking", str(file))
    assert Policy.objects.filter(key="booking").count() == 1


def test_a_policy_of_before_keeps_what_was_read_of_it_and_the_limits_that_held():
    as_read = import_module("core.migrations.0012_policy_contents").as_read
    key = keys.policy_key("booking")
    first = key.first_content()
    before = {group: first[group] for group in ("booking", "cancel", "no_show")} | {"quota": {"fund_sessions": 8}}
    assert key.completed(as_read(before)) == first
    some = as_read(before | {"limits": {"open_holds_per_network": 7, "visits_per_session": {"hour": 2}}})["limits"]
    assert (some["open_holds_per_network"], some["visits_per_session"]) == (7, {"hour": 2, "day": 8})
    assert some["proposals_per_network"] == 120
