"""What would hold in the place of a policy, and how many approvals it takes that this holds."""

from collections.abc import Sequence
from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from core.models import EVERY_AUDIENCE, Policy
from core.policies.errors import PolicyNeeded
from core.policies.keys import approvals_between, policy_key


def held_after(policy: Policy, *, at: datetime) -> list[Policy | None]:
    """Return what holds once a published policy is taken back, in its order; None for a time without any.

    Raises PolicyNeeded where nothing may come in its place.
    """
    lower, upper = policy.effective.lower, policy.effective.upper
    begun = lower is None or lower <= at
    before = None if begun else Policy.objects.beside(policy).filter(effective__endswith=lower).first()
    if before:
        return [before]
    if policy.site_id is None:
        if not _leaves_everybodys(policy):
            raise PolicyNeeded
        return []
    if upper is not None and upper <= at:
        return []
    return held_for_all(policy, DateTimeTZRange(at if begun else lower, upper))


def _leaves_everybodys(policy: Policy) -> bool:
    """Whether the one for everybody holds in the place of a policy for some."""
    return policy.audience != EVERY_AUDIENCE and policy_key(policy.key).apart is not None


def held_for_all(policy: Policy, period: DateTimeTZRange) -> list[Policy | None]:
    """Return the policies for all sites that hold within a period where a site has none; None for a gap."""
    rows = Policy.objects.published().filter(key=policy.key, audience=policy.audience, site=None)
    found: list[Policy | None] = []
    until: datetime | None = period.lower
    for row in rows.filter(effective__overlap=period).order_by("effective"):
        if row.effective.lower is not None and until is not None and row.effective.lower > until:
            found.append(None)
        found.append(row)
        until = row.effective.upper
    if until is not None and (period.upper is None or until < period.upper):
        found.append(None)
    return found


def approvals_to_publish(policy: Policy, before: Sequence[Policy | None]) -> int:
    """Return how many approvals a policy needs in the place of others: where the most are needed."""
    return max((approvals_between(policy, one and one.content, policy.content) for one in before), default=0)


def instead(after: Sequence[Policy | None]) -> str:
    """Return what holds once a policy is taken back in a word to compare: of the same contents it is the same."""
    return " ".join(one.content_hash if one else "none" for one in after)


def approvals_to_take_back(policy: Policy, after: Sequence[Policy | None]) -> int:
    """Return how many approvals it would need to publish what holds once a policy is taken back."""
    return max((approvals_between(policy, policy.content, one and one.content) for one in after), default=0)
