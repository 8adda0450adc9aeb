"""What is still to be set up at a site: policies without which it does less, and how far each of them has come."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from core.models import EVERY_AUDIENCE, Policy, PolicyState, Site
from core.policies.actions.policies import OPEN, approvers
from core.policies.keys import PolicyKey, registered


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One thing to do, and whether it is done."""

    words: str
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySetup:
    """A policy that a site has not yet. `without`: what holds meanwhile; `draft`: the newest, if there is one."""

    key: str
    title: str
    without: str
    steps: Sequence[SetupStep]
    draft: Policy | None


def policies_to_set_up(sites: Iterable[Site], *, at: datetime) -> Iterator[tuple[Site, PolicySetup]]:
    """Yield what is still to be set up at some sites: what clinics draft and sign themselves, and none is in force."""
    own = list(sites)
    for key in registered():
        if key.draft_from is None or not own:
            continue
        rows = list(Policy.objects.filter(key=key.key, audience=EVERY_AUDIENCE).order_by("-version"))
        held = [row for row in rows if row.state == PolicyState.PUBLISHED and at in row.effective]
        for site in own:
            if not any(row.site_id in (None, site.pk) for row in held):
                yield site, setup_of(key, [row for row in rows if row.site_id in (None, site.pk)], at=at)


def setup_of(key: PolicyKey, rows: Sequence[Policy], *, at: datetime) -> PolicySetup:
    """Return how far a kind of policy has come of which none is in force. `rows`: all there are, the newest first."""
    coming = [row for row in rows if row.state == PolicyState.PUBLISHED and _begins_after(row, at)]
    draft = next(iter([*coming, *(row for row in rows if row.state in OPEN)]), None)
    approved = len(approvers(draft)) if draft else 0
    sign = _("Sign: %(needed)d clinicians who did not write it read and approve it. So far: %(approved)d.")
    return PolicySetup(
        key=key.key,
        title=str(key.title or key.key),
        without=str(key.without),
        draft=draft,
        steps=(
            SetupStep(_("Import: make a draft of what comes with this release, or of your own file."), bool(draft)),
            SetupStep(sign % {"needed": key.approvals, "approved": approved}, approved >= key.approvals),
            SetupStep(_("Publish: from now on, or from a day that you choose."), bool(coming)),
        ),
    )


def _begins_after(row: Policy, at: datetime) -> bool:
    return row.effective.lower is not None and row.effective.lower > at
