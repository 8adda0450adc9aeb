"""Policies on the staff pages: drafted, approved by two others, published after a look at what changes."""

import re
from copy import deepcopy
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
import yaml
from django.urls import reverse

from booking.actions import appointments
from booking.policies import booking_policy
from core.models import Policy, PolicyState, RoleAssignment, User
from core.roles import Role
from scheduler.public import slot as opened
from tests.factories.admin import sign_in
from tests.factories.booking import chicago, make_visit, slot_id
from tests.factories.scheduler import AT, make_site

LOOKED_AT = {"reason": "first-visit", "business_days": 1, "until_hours_before": 24}
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _monday_morning():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def ada(client, lakeside):
    """The administrator of the site."""
    return sign_in(client, "ada", Role.ADMIN, lakeside)


def first() -> Policy:
    return Policy.objects.filter(key="booking").earliest("version")


def drafted(client, site, **changes) -> Policy:
    """Draft the first booking policy for a site with some groups changed, on the page; return the row."""
    content = deepcopy(first().content)
    for group, values in changes.items():
        content[group] = content[group] | values if isinstance(values, dict) else values
    sent = {"key": "booking", "site": site.pk, "text": yaml.safe_dump(content)}
    answer = client.post(reverse("admin:core_policy_add"), sent)
    assert answer.status_code == 302, answer.content.decode()
    return Policy.objects.latest("pk")


def page(client, policy):
    return client.get(reverse("admin:core_policy_change", args=[policy.pk]))


def act(client, policy, what, **facts):
    """Press a button on a policy's page as it was seen; return what the next page says."""
    sent = {"act": what, "seen": policy.content_hash} | facts
    answer = client.post(reverse("admin:core_policy_change", args=[policy.pk]), sent, follow=True)
    policy.refresh_from_db()
    return re.sub(r"\s+", " ", answer.content.decode())


def test_ada_sees_what_a_draft_changes_publishes_it_from_tomorrow_and_today_stays(ada, lakeside):
    draft = drafted(ada, lakeside, booking={"max_per_week": 3})
    told = page(ada, draft).content.decode()
    for line in (
        "booking.max_per_week: 2 → 3 (appointments in one week that one person may have)",
        draft.content_hash[:32],
        "booking v1 holds until then",
    ):
        assert line in told
    assert "ooking v2 is published" in act(ada, draft, "publish", starts_at="2026-10-06 08:00")
    assert draft.state == PolicyState.PUBLISHED
    assert draft.effective.lower == chicago(6, 8)
    assert [booking_policy(lakeside.pk, at=AT + days * DAY).max_per_week for days in (0, 2)] == [2, 3]


def test_from_when_a_policy_holds_is_read_by_the_clock_of_its_site_not_of_whoever_types(ada, lakeside):
    """Ada keeps a clinic in Chicago and one in Denver; on the policy's page the clock is Denver's."""
    mountain = make_site("mountain", zone="America/Denver")
    RoleAssignment.objects.create(user_id=ada.session["_auth_user_id"], role=Role.ADMIN, site=mountain, starts_at=AT)
    draft = drafted(ada, mountain, booking={"max_per_week": 3})
    assert "(Denver time)" in page(ada, draft).content.decode()
    told = act(ada, draft, "publish", starts_at="2026-10-06 08:00")
    assert draft.effective.lower == datetime(2026, 10, 6, 8, tzinfo=ZoneInfo("America/Denver"))
    assert "8:00" in told


def test_the_look_says_how_many_appointments_it_would_have_made_a_difference_to(ada, alice, dr_li, lakeside):
    for day in (12, 13):
        slot = opened(slot_id(dr_li, chicago(day, 10), visit="first"))
        appointments.book(patient=alice.record, by=alice.principal, at=AT, slot=slot)
    draft = drafted(ada, lakeside, booking={"max_per_week": 1}, cancel={"free_until_hours": 24 * 8}, review=[LOOKED_AT])
    told = page(ada, draft).content.decode()
    assert "Of 2 appointments ahead, 1 would be late if left now" in told
    assert (
        "Of 2 appointments booked in the last 30 days, 1 would be refused, unlike then (too many in a week: 1)" in told
    )
    assert "Of these, somebody would look at 2 first" in told


def test_the_look_says_how_many_would_be_reminded_at_other_times(ada, alice, dr_li, lakeside):
    make_visit(alice.record, slot_id(dr_li, chicago(12, 10)))
    content = Policy.objects.get(key="reminder-plan").content
    other = content | {"reminders": [content["reminders"][0]]}
    ada.post(
        reverse("admin:core_policy_add"), {"key": "reminder-plan", "site": lakeside.pk, "text": yaml.safe_dump(other)}
    )
    told = page(ada, Policy.objects.latest("pk")).content.decode()
    assert "Of 1 appointment ahead, 1 would be reminded at other times" in told


def test_what_is_looked_at_is_published_once_two_clinicians_who_did_not_write_it_approved(ada, client, lakeside):
    draft = drafted(ada, lakeside, review=[LOOKED_AT])
    assert "It takes 2 approvals" in page(ada, draft).content.decode()
    assert 'value="publish"' not in page(ada, draft).content.decode()
    assert "Other people must approve" in act(ada, draft, "publish")
    assert client.post(reverse("admin:core_policy_change", args=[draft.pk]), {"act": "approve"}).status_code == 403
    for name in ("kim", "romano"):
        clinician = sign_in(client, name, Role.CLINICIAN, lakeside)
        assert "You approved" in act(clinician, draft, "approve")
        assert 'value="publish"' not in page(clinician, draft).content.decode()
    client.force_login(User.objects.get(username="ada"))
    assert "is published" in act(client, draft, "publish")
    assert booking_policy(lakeside.pk, at=AT).reviews


def test_who_wrote_a_draft_does_not_approve_it_also_not_as_a_clinician(client, lakeside):
    both = sign_in(client, "kim", Role.CLINICIAN, lakeside)
    RoleAssignment.objects.create(user_id=both.session["_auth_user_id"], role=Role.ADMIN, site=lakeside, starts_at=AT)
    draft = drafted(both, lakeside, review=[LOOKED_AT])
    assert 'value="approve"' not in page(both, draft).content.decode()
    assert "You wrote this yourself" in act(both, draft, "approve")
    assert draft.approvals == []


def test_a_draft_that_changed_since_it_was_seen_is_neither_approved_nor_published(ada, lakeside):
    draft = drafted(ada, lakeside, booking={"max_per_week": 3})
    seen = draft.content_hash
    text = yaml.safe_dump(draft.content | {"booking": draft.content["booking"] | {"max_per_week": 9}})
    sent = {"key": "booking", "site": lakeside.pk, "text": text, "seen": seen}
    assert ada.post(reverse("admin:core_policy_revise", args=[draft.pk]), sent).status_code == 302
    assert "Somebody changed this draft meanwhile" in act(ada, draft, "publish", seen=seen)
    assert draft.state == PolicyState.DRAFT


def test_what_nothing_can_read_is_named_beside_the_text_and_nothing_is_drafted(ada, lakeside):
    before = Policy.objects.count()
    for text, told in (
        ("booking: {fee: 5}", "/booking/fee: Nothing reads this."),
        ("{", "This is no YAML"),
        ("booking: 2026-13-45", "This is no YAML"),
        ("[" * 5000, "This is no YAML"),
        ("holds:\n  minutes: 15\nholds:\n  minutes: 20", "/holds: This is given twice, in line 1 and in line 3."),
        ("review: [{reason: a, reason: b}]", "/review/0/reason: This is given twice, in line 1 and in line 1."),
    ):
        answer = ada.post(reverse("admin:core_policy_add"), {"key": "booking", "site": lakeside.pk, "text": text})
        assert answer.status_code == 422
        assert told in answer.content.decode()
    assert Policy.objects.count() == before


def test_a_sites_own_policy_is_taken_back_and_a_draft_put_away(ada, lakeside):
    own = drafted(ada, lakeside, booking={"max_per_week": 5})
    act(ada, own, "publish")
    assert booking_policy(lakeside.pk, at=AT).max_per_week == 5
    with time_machine.travel(AT + timedelta(minutes=10), tick=False):
        assert "Nothing is changed yet" in act(ada, own, "take-back")
        assert own.effective.upper is None
        assert "is taken back" in act(ada, own, "take-back", sure="yes")
        assert re.search(r"Taken back by</th><td>ada, .*October 5", page(ada, own).content.decode())
        listed = ada.get(reverse("admin:core_policy_changelist")).content.decode()
        assert listed.count('<td class="field-state_now">ended</td>') == 1
    assert booking_policy(lakeside.pk, at=AT + DAY).max_per_week == 2
    draft = drafted(ada, lakeside, booking={"max_per_week": 7})
    assert "is put away" in act(ada, draft, "discard")
    assert draft.state == PolicyState.RETIRED


def test_the_review_that_two_clinicians_approved_is_not_switched_off_by_ada_alone(ada, client, lakeside):
    draft = drafted(ada, lakeside, review=[LOOKED_AT])
    for name in ("kim", "romano"):
        act(sign_in(client, name, Role.CLINICIAN, lakeside), draft, "approve")
    client.force_login(User.objects.get(username="ada"))
    act(client, draft, "publish")
    with time_machine.travel(AT + timedelta(minutes=10), tick=False):
        told = re.sub(r"\s+", " ", page(client, draft).content.decode())
        assert 'value="take-back"' not in told
        assert "have it approved and publish it" in told
        assert f'?of={first().pk}">New draft from booking v1' in told
        assert "changes what other people must approve" in act(client, draft, "take-back", sure="yes")
        assert booking_policy(lakeside.pk, at=AT + 2 * DAY).reviews
        for name, there in (("kim", "Approvals so far: 0"), ("romano", "Approvals so far: 1")):
            client.force_login(User.objects.get(username=name))
            assert there in page(client, draft).content.decode()
            assert "You approved that" in act(client, draft, "approve-end")
            assert 'value="approve-end"' not in page(client, draft).content.decode()
        client.force_login(User.objects.get(username="ada"))
        assert "You approved" not in act(client, draft, "approve-end")
        assert "is taken back" in act(client, draft, "take-back", sure="yes")
    assert not booking_policy(lakeside.pk, at=AT + 2 * DAY).reviews


def test_a_policy_and_the_form_of_its_next_draft_say_what_each_value_means(ada):
    told = re.sub(r"\s+", " ", page(ada, first()).content.decode())
    assert '<th scope="row">Minutes for which a chosen time is kept</th><td>15</td>' in told
    assert '<th scope="row">Appointments booked with one e-mail address, within any hour</th><td>3</td>' in told
    form = ada.get(f"{reverse('admin:core_policy_add')}?of={first().pk}").content.decode()
    assert "undo_minutes: 10  # minutes for which a cancel can be undone (1 to 240)" in form
    assert form.index("min_notice_hours:") < form.index("horizon_days_patient:") < form.index("cancel:")


def test_a_policy_of_a_kind_that_no_release_reads_any_more_can_still_be_looked_at(ada):
    gone = Policy.objects.create(key="quota", version=1, effective=(None, None), content={"fund": {"sessions": 8}})
    Policy.objects.filter(pk=gone.pk).update(state=PolicyState.PUBLISHED)
    assert "sessions: 8" in page(ada, gone).content.decode()
    assert yaml.safe_load(ada.get(reverse("admin:core_policy_export", args=[gone.pk])).content) == gone.content


def test_a_policy_is_given_as_yaml_that_the_command_reads(ada):
    answer = ada.get(reverse("admin:core_policy_export", args=[first().pk]))
    assert answer["Content-Disposition"] == 'attachment; filename="booking-v1.yaml"'
    assert yaml.safe_load(answer.content) == first().content


def test_ada_drafts_for_her_site_alone_and_a_scheduler_only_looks(ada, client, lakeside, riverside):
    for site in ("", riverside.pk):
        sent = {"key": "booking", "site": site, "text": yaml.safe_dump(first().content)}
        assert ada.post(reverse("admin:core_policy_add"), sent).status_code == 422
    assert ada.post(reverse("admin:core_policy_change", args=[first().pk]), {"act": "publish"}).status_code == 403
    dana = sign_in(client, "dana", Role.SCHEDULER, lakeside)
    assert page(dana, first()).status_code == 200
    assert dana.get(reverse("admin:core_policy_add")).status_code == 403
    assert dana.get(reverse("admin:core_policy_revise", args=[first().pk])).status_code == 403


def test_root_drafts_for_all_sites_and_hears_which_keep_their_own(client, ada, lakeside):
    act(ada, drafted(ada, lakeside, booking={"max_per_week": 5}), "publish")
    root = sign_in(client, "root", is_superuser=True)
    text = yaml.safe_dump(first().content | {"cancel": first().content["cancel"] | {"free_until_hours": 12}})
    root.post(reverse("admin:core_policy_add"), {"key": "booking", "site": "", "text": text})
    draft = Policy.objects.latest("pk")
    assert f"Nothing changes at {lakeside}" in page(root, draft).content.decode()
    assert "is published" in act(root, draft, "publish")
