"""Policies that differ from what a clinic begins with."""

from copy import deepcopy
from datetime import UTC, datetime

from core.models import Policy, Site
from core.policies.actions import policies as actions
from core.principal import Principal

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SOMEBODY = Principal.system("test")


def publish_policy(key: str, changes: dict[str, dict[str, object]], *, site: Site | None = None) -> Policy:
    """Put a policy in force since long ago: the first one of its key with some values changed, group by group."""
    content = deepcopy(Policy.objects.filter(key=key).earliest("version").content)
    for group, values in changes.items():
        content[group] |= values
    drafted = actions.draft(key, content, by=SOMEBODY, at=LONG_AGO, site=site)
    return actions.publish(drafted.pk, by=SOMEBODY, at=LONG_AGO)
