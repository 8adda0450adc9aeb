"""Policies that differ from what a clinic begins with."""

from copy import deepcopy
from dataclasses import fields
from datetime import UTC, datetime
from functools import cache
from typing import Any

import yaml
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from booking.policies import ProgramAhead
from booking.suitability.policies import KEY as SUITABILITY
from booking.suitability.shipped import shipped_content
from core import clock
from core.models import Policy, Site
from core.policies.actions import policies as actions
from core.policies.keys import policy_key
from core.principal import Principal
from demo import suitability
from demo.screening import FILE, DatedContent, timeline

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SOMEBODY = Principal.system("test")
OF_PROGRAMS = [one.name for one in fields(ProgramAhead)]


def publish_policy(key: str, changes: dict[str, Any], *, site: Site | None = None, at: datetime = LONG_AGO) -> Policy:
    """Put a policy in force from `at` on: the first of its key with some values of its groups, or lists, changed."""
    content = policy_key(key).completed(deepcopy(Policy.objects.filter(key=key).earliest("version").content))
    for group, values in changes.items():
        content[group] = content[group] | values if isinstance(values, dict) else values
    drafted = actions.draft(key, content, by=SOMEBODY, at=at, site=site)
    for name in ("one", "another"):
        actions.approve(drafted.pk, by=Principal.system(name), at=at)
    return actions.publish(drafted.pk, by=SOMEBODY, at=at)


def publish_for_program(program: str, *, site: Site | None = None, at: datetime = LONG_AGO, **changes: int) -> Policy:
    """Put a booking policy for a program in force from `at` on: as the first for everybody, with some changes."""
    ahead = Policy.objects.filter(key="booking", audience="all").earliest("version").content["booking"]
    content = {"booking": {name: changes.get(name, value) for name, value in ahead.items() if name in OF_PROGRAMS}}
    drafted = actions.draft("booking", content, by=SOMEBODY, at=at, site=site, audience=program)
    return actions.publish(drafted.pk, by=SOMEBODY, at=at)


def adopt_screening() -> None:
    """Put the demo's newest screening policies in force, for all sites."""
    effective = DateTimeTZRange(datetime(2025, 1, 1, tzinfo=UTC), None)
    for row in _newest():
        content = deepcopy(row.content)
        actions.adopt("screening", content, effective=effective, by=SOMEBODY, at=LONG_AGO, audience=row.audience)


@cache
def _newest() -> list[DatedContent]:
    return [row for row in timeline(yaml.safe_load(FILE.read_text(encoding="utf-8"))) if row.ends is None]


def publish_screening(changes: dict[str, Any], *, at: datetime | None = None, audience: str = "patient") -> Policy:
    """Put another screening policy in force, from now on; two people have approved it."""
    at = at or clock.now()
    content = Policy.objects.filter(key="screening", audience=audience).latest("version").content | changes
    drafted = actions.draft("screening", content, by=SOMEBODY, at=at, audience=audience)
    for name in ("one", "another"):
        actions.approve(drafted.pk, by=Principal.system(name), at=at)
    return actions.publish(drafted.pk, by=SOMEBODY, at=at)


def adopt_suitability(*, site: Site | None = None, content: dict[str, Any] | None = None) -> Policy:
    """Put suitability rules in force at a site, or at all in the place of those that ask nothing: the shipped ones."""
    return suitability.adopt(content or shipped_content(), at=LONG_AGO, site=site)


def end_suitability() -> None:
    """Leave every site without suitability rules, as a clinic begins."""
    Policy.objects.filter(key=SUITABILITY, state="published").update(state="retired")
