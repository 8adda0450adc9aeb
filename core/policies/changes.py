"""What changes where, and for how long, when a policy is put in force or taken back."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import QuerySet

from core.models import Policy, Site
from core.policies.keys import PolicyChange, key_of, policy_key


def made_by(policy: Policy, before: Policy | None, effective: DateTimeTZRange, *, at: datetime) -> PolicyChange:
    """Return what putting a draft in force changes, in the place of what holds `before`."""
    key = policy_key(policy.key).of(policy.audience)
    # Then, not today: a policy of their own may begin, or end, before the draft does.
    own = _of_sites(policy).filter(effective__contains=effective.lower or at)
    return PolicyChange(
        before=key.completed(before.content) if before else None,
        after=key.completed(policy.content),
        sites=[policy.site_id] if policy.site_id else _all_but(own),
        own_of_site=policy.site_id is not None,
        audience=policy.audience,
        effective=effective,
        at=at,
    )


def taken_back(
    policy: Policy, after: Sequence[Policy | None], effective: DateTimeTZRange, *, at: datetime
) -> Iterator[PolicyChange]:
    """Yield what holds in the place of a policy that is taken back; nothing of one that no release reads."""
    key = key_of(policy)
    sites = [policy.site_id] if policy.site_id else _all_but(_of_sites(policy))
    for one in after:
        if one is not None and key is not None:
            yield PolicyChange(
                before=key.completed(policy.content),
                after=key.completed(one.content),
                sites=sites,
                own_of_site=policy.site_id is not None,
                audience=policy.audience,
                effective=effective,
                at=at,
            )


def _of_sites(policy: Policy) -> QuerySet[Policy]:
    return Policy.objects.published().filter(key=policy.key, audience=policy.audience).exclude(site=None)


def _all_but(own: QuerySet[Policy]) -> list[int]:
    """Return the sites (ids) that have none of their own."""
    return list(Site.objects.exclude(pk__in=own.values("site")).values_list("pk", flat=True))
