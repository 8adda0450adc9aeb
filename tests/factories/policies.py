"""Policies that differ from what a clinic begins with."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from core.models import Policy, Site
from core.policies.actions import policies as actions
from core.principal import Principal

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SOMEBODY = Principal.system("test")


def publish_policy(key: str, changes: dict[str, Any], *, site: Site | None = None, at: datetime = LONG_AGO) -> Policy:
    """Put a policy in force from `at` on: the first of its key with some values of its groups, or lists, changed."""
    content = deepcopy(Policy.objects.filter(key=key).earliest("version").content)
    for group, values in changes.items():
        content[group] = content[group] | values if isinstance(values, dict) else values
    drafted = actions.draft(key, content, by=SOMEBODY, at=at, site=site)
    for name in ("one", "another"):
        actions.approve(drafted.pk, by=Principal.system(name), at=at)
    return actions.publish(drafted.pk, by=SOMEBODY, at=at)
