"""Policies that are taken back: what held before holds on, and nobody gives up alone what two others approved."""

import pytest

from booking.policies import booking_policy
from core.models import Policy, PolicyState
from core.policies.actions import policies as actions
from core.policies.errors import PolicyNeeded, PolicyReturnUnapproved, PolicyUnapproved
from core.principal import Principal
from tests.core.test_policies import DANA, DAY, NOON, draft, publish, weekly
from tests.factories.scheduler import make_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def lakeside(catalogue):
    return make_site("lakeside")


def test_what_is_taken_back_before_it_begins_leaves_no_gap(lakeside):
    later = publish(draft(max_per_week=3), starts_at=NOON + DAY)
    actions.take_back(later.pk, by=DANA, at=NOON)
    assert [weekly(lakeside, NOON + days * DAY) for days in (0, 1, 400)] == [2, 2, 2]


def test_a_site_gives_its_own_policy_up_and_has_the_one_for_all_again(lakeside):
    own = publish(draft(site=lakeside, max_per_week=5))
    actions.take_back(own.pk, by=DANA, at=NOON + DAY)
    assert (weekly(lakeside, NOON), weekly(lakeside, NOON + DAY)) == (5, 2)


LOOKED_AT = {"reason": "first-visit", "business_days": 1, "until_hours_before": 24}
QUESTIONS = {
    "questions": ["fever_or_chills_24h"],
    "days": {"mild": 5, "severe": 10, "immunocompromised": 10},
    "fever_free_hours": 24,
}


def approved(key, content, *, site, **when):
    """Publish a policy that two other people approved."""
    policy = actions.draft(key, content, by=DANA, at=NOON, site=site)
    for name in ("kim", "romano"):
        actions.approve(policy.pk, by=Principal.system(name), at=NOON)
    return publish(policy, **when)


@pytest.mark.parametrize("days", [0, 2], ids=["in force", "not yet begun"])
@pytest.mark.parametrize("own", [True, False], ids=["a site's own", "for all"])
@pytest.mark.parametrize("key", ["booking", "screening"])
def test_nobody_takes_back_alone_what_two_others_approved(key, own, days, lakeside):
    contents = {"booking": Policy.objects.get(key="booking").content | {"review": [LOOKED_AT]}, "screening": QUESTIONS}
    policy = approved(key, contents[key], site=lakeside if own else None, starts_at=NOON + days * DAY)
    with pytest.raises(PolicyNeeded if not own and (key == "screening" or not days) else PolicyReturnUnapproved):
        actions.take_back(policy.pk, by=DANA, at=NOON + DAY)
    policy.refresh_from_db()
    assert (policy.state, policy.effective.upper) == (PolicyState.PUBLISHED, None)


def test_a_site_has_the_questions_for_all_again_once_two_others_approved_that_its_own_end(lakeside):
    approved("screening", QUESTIONS, site=None)
    longer = QUESTIONS | {"days": {"mild": 10, "severe": 20, "immunocompromised": 20}}
    own = approved("screening", longer, site=lakeside, starts_at=NOON + DAY)
    kim, romano = Principal.system("kim"), Principal.system("romano")
    for who in (DANA, kim, kim):  # whoever takes it back does not count, nor does anybody count twice
        actions.approve_ending(own.pk, by=who, at=NOON + 2 * DAY)
    with pytest.raises(PolicyReturnUnapproved) as refused:
        actions.take_back(own.pk, by=DANA, at=NOON + 2 * DAY)
    assert refused.value.facts == {"needed": 2, "approved": 1}
    actions.approve_ending(own.pk, by=romano, at=NOON + 2 * DAY)
    actions.take_back(own.pk, by=DANA, at=NOON + 3 * DAY)
    own.refresh_from_db()
    assert own.effective.upper == NOON + 3 * DAY
    assert (own.ending.ended_by, own.ending.ended_at) == (DANA.key, NOON + 3 * DAY)


def test_what_was_approved_to_end_a_policy_does_not_count_once_something_else_would_hold(lakeside):
    approved("screening", QUESTIONS, site=None)
    own = approved("screening", QUESTIONS | {"fever_free_hours": 48}, site=lakeside, starts_at=NOON + DAY)
    for name in ("kim", "romano"):
        actions.approve_ending(own.pk, by=Principal.system(name), at=NOON + 2 * DAY)
    approved("screening", QUESTIONS | {"fever_free_hours": 1}, site=None, starts_at=NOON + 9 * DAY)
    with pytest.raises(PolicyReturnUnapproved):
        actions.take_back(own.pk, by=DANA, at=NOON + 3 * DAY)


def test_a_site_gives_up_alone_what_is_reviewed_like_everywhere(lakeside):
    content = Policy.objects.get(key="booking").content | {"review": [LOOKED_AT]}
    approved("booking", content, site=None)
    own = publish(actions.draft("booking", content, by=DANA, at=NOON, site=lakeside), starts_at=NOON + DAY)
    actions.take_back(own.pk, by=DANA, at=NOON + 2 * DAY)
    assert booking_policy(lakeside.pk, at=NOON + 3 * DAY).reviews


def test_a_sites_own_policy_is_not_given_up_or_made_past_a_review_for_all_that_begins_later(lakeside):
    plain, content = Policy.objects.get(key="booking").content, {"review": [LOOKED_AT]}
    own = publish(actions.draft("booking", plain, by=DANA, at=NOON, site=lakeside))
    approved("booking", plain | content, site=None, starts_at=NOON + 9 * DAY)
    with pytest.raises(PolicyReturnUnapproved):
        actions.take_back(own.pk, by=DANA, at=NOON + DAY)
    with pytest.raises(PolicyUnapproved):
        publish(actions.draft("booking", plain, by=DANA, at=NOON, site=make_site("riverside")))


def test_the_only_policy_is_not_taken_back(lakeside):
    with pytest.raises(PolicyNeeded):
        actions.take_back(Policy.objects.get(key="booking").pk, by=DANA, at=NOON)
