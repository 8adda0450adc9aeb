"""What the list of policies shows: of each kind what is in force at a site, what is coming, and what was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from core.database.transactions import one_reading
from core.models import Policy, PolicyEnding, PolicyState
from core.policies.actions.policies import OPEN
from core.policies.keys import registered, title_of
from core.staff_pages.policy_facts import PolicyRights, approvals_in_words, keys_of, people_in_words
from core.staff_pages.policy_setup import PolicySetup, setup_of
from core.text.languages import date_in_words, time_in_words
from scheduler.public import policies_in_force

HASH_SHOWN = 12
"""How much of a hash is enough to tell two contents apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow:
    """A policy in the list. `mark`: "now" for what is in force at this site, "next" for what is coming or drafted."""

    url: str
    version: int
    where: str
    state: str
    mark: str
    begins: str
    ends: str
    writers: Sequence[str]
    approvals: Sequence[str]
    ended: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyGroup:
    """The policies of a kind and of whom it is for. `new_url`: where its next one is drafted, for whoever may.

    `set_up`: how far a first one has come, where there is none yet and the site does less without it; `apart`: for
    a program that has none, and goes by those for everybody.
    """

    title: str
    anchor: str
    rows: Sequence[PolicyRow]
    earlier: Sequence[PolicyRow]
    new_url: str
    set_up: PolicySetup | None = None
    apart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What all rows of a list need to know."""

    zone: ZoneInfo
    names: Mapping[str, str]
    endings: Mapping[int, PolicyEnding]
    held: frozenset[int]
    drafted: frozenset[str]
    at: datetime


@one_reading
def policy_groups(site: int, zone: ZoneInfo, rights: PolicyRights, *, where: str, at: datetime) -> list[PolicyGroup]:
    """Return the policies that concern a site (its id), of each kind and audience, in a few queries."""
    rows = [row for row in Policy.objects.filter(rights.seen()).select_related("site") if row.site_id in (None, site)]
    endings = {one.policy_id: one for one in PolicyEnding.objects.filter(policy__in=rows, ended_at__isnull=False)}
    names = people_in_words(keys_of(rows) | {one.ended_by for one in endings.values()})
    drafted = frozenset(one.key for one in rights.kinds()) if rights.may_draft() else frozenset()
    seen = _Seen(zone=zone, names=names, endings=endings, held=_held(site, at=at), drafted=drafted, at=at)
    kinds: dict[tuple[str, str], list[Policy]] = {(key.key, one): [] for key in registered() for one in key.kinds()}
    for row in rows:
        kinds.setdefault((row.key, row.audience), []).append(row)
    return [_group(kind, found, seen, where) for kind, found in kinds.items() if found or kind[0] in _keys()]


def _keys() -> frozenset[str]:
    return frozenset(key.key for key in registered())


def _held(site: int, *, at: datetime) -> frozenset[int]:
    """Return the policies (ids) that hold at a site, each for somebody."""
    kinds = [(key.key, one) for key in registered() for one in key.kinds()]
    return frozenset(policy.pk for policy in policies_in_force(kinds, site, at=at))


def _group(kind: tuple[str, str], rows: Sequence[Policy], seen: _Seen, where: str) -> PolicyGroup:
    key, audience = kind
    shown = [_row(row, seen, where) for row in sorted(rows, key=_order)]
    base = next((row for row in rows if row.pk in seen.held), None)
    start = f"&of={base.pk}" if base else f"&kind={key}:{audience}"
    known = next((one for one in registered() if one.key == key and one.draft_from), None)
    return PolicyGroup(
        title=title_of(Policy(key=key, audience=audience)),
        anchor=f"{key}-{audience}",
        rows=[row for row in shown if row.mark],
        earlier=[row for row in shown if not row.mark],
        new_url=reverse("desk-policy-new") + where + start if key in seen.drafted else "",
        apart=not rows and any(audience in one.audiences_now() for one in registered() if one.key == key),
        set_up=setup_of(known, sorted(rows, key=lambda row: -row.version), at=seen.at) if known and not base else None,
    )


def _order(row: Policy) -> tuple[bool, float, int]:
    """Order what is drafted first, then what begins last."""
    lower = row.effective.lower
    return row.state not in OPEN, -(lower.timestamp() if lower and row.state not in OPEN else 0), -row.version


def _row(row: Policy, seen: _Seen, where: str) -> PolicyRow:
    state, mark = state_in_words(row, held=row.pk in seen.held, at=seen.at)
    open_, ending = row.state in OPEN, seen.endings.get(row.pk)
    approvals = approvals_in_words(row, seen.names, lambda moment: day_in_zone(moment, seen.zone, exactly=False))
    return PolicyRow(
        url=reverse("desk-policy", args=[row.pk]) + where,
        version=row.version,
        where=str(row.site) if row.site else _("all sites"),
        state=state,
        mark=mark,
        begins="" if open_ else day_in_zone(row.effective.lower, seen.zone) or _("the start"),
        ends="" if open_ else day_in_zone(row.effective.upper, seen.zone),
        writers=[seen.names[one] for one in row.written_by],
        approvals=[f"{name}, {when}" for name, when in approvals],
        ended=f"{seen.names[ending.ended_by]}, {day_in_zone(ending.ended_at, seen.zone, exactly=False)}"
        if ending and ending.ended_at
        else "",
        hash=row.content_hash[:HASH_SHOWN],
    )


def state_in_words(row: Policy, *, held: bool, at: datetime) -> tuple[str, str]:
    """Return how far a policy has come, and how it is marked. `held`: it holds at the site that is looked at."""
    lower, upper = row.effective.lower, row.effective.upper
    if row.state == PolicyState.DRAFT:
        return _("draft"), "next"
    if row.state == PolicyState.IN_REVIEW:
        return _("in review"), "next"
    if row.state == PolicyState.RETIRED:
        return (_("taken back") if row.published_at else _("put away")), ""
    if lower is not None and lower > at:
        return _("coming"), "next"
    if upper is not None and upper <= at:
        return _("ended"), ""
    return (_("in force"), "now") if held else (_("in force at other sites"), "now")


def day_in_zone(moment: datetime | None, zone: ZoneInfo, *, exactly: bool = True) -> str:
    """Return a moment as a date, with the time if wanted unless it is midnight there; nothing for none."""
    if moment is None:
        return ""
    local = moment.astimezone(zone)
    day = date_in_words(date(local.year, local.month, local.day))
    return day if not exactly or (local.hour, local.minute) == (0, 0) else f"{day}, {time_in_words(moment, zone)}"
