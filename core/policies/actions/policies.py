"""Policies are drafted, approved, published and taken back; what is published never changes."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Max
from django.utils.translation import gettext as _

from core.database.locking import wait_for
from core.database.transactions import unit
from core.models import EVERY_AUDIENCE, Policy, PolicyEnding, PolicyState, Site
from core.policies.changes import made_by, taken_back
from core.policies.content import differences, hash_of
from core.policies.errors import (
    PolicyChanged,
    PolicyExamplesFail,
    PolicyOwn,
    PolicyPublished,
    PolicyReturnUnapproved,
    PolicyUnapproved,
)
from core.policies.instead import (
    approvals_to_publish,
    approvals_to_take_back,
    held_after,
    held_for_all,
    instead,
)
from core.policies.keys import policy_key, registered
from core.principal import Principal
from core.refusals import Invalid, Missing

OPEN = (PolicyState.DRAFT, PolicyState.IN_REVIEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What publishing a draft does: what changes, line by line, for how long it holds, and whom it ends or replaces.

    `instead_of`: the row that holds until then; `own_rows`: sites that keep a policy of their own beside one for all;
    `needed`: how many approvals it takes, `approved`: how many there are.
    """

    changes: tuple[str, ...]
    effective: DateTimeTZRange
    instead_of: Policy | None
    own_rows: tuple[str, ...]
    needed: int
    approved: int


@unit
def load_first() -> int:
    """Publish what a new clinic begins with, for each key that has no row at all; return how many are new."""
    begun = set(Policy.objects.values_list("key", flat=True))
    # A key that has a draft alone was begun by somebody: it is theirs to publish.
    new = [key for key in registered() if key.begins_with and key.key not in begun]
    for key in new:
        content = key.first_content()
        key.read(content)
        _insert(key.key, key.stored(content), effective=DateTimeTZRange(None, None), state=PolicyState.PUBLISHED)
    return len(new)


@unit
def draft(
    key: str,
    content: object,
    *,
    by: Principal,
    at: datetime,
    site: Site | None = None,
    audience: str = EVERY_AUDIENCE,
    based_on: Policy | None = None,
) -> Policy:
    """Write a draft down, to be in force from `at` on at the earliest. Raises Invalid for what its key cannot read.

    Also for an audience that its key does not tell apart. `based_on`: whose words it takes over and changes.
    """
    policy_key(key).check_audience(audience)
    policy_key(key).of(audience).read(content)
    policy_key(key).check_unread(audience, content)
    content, effective = policy_key(key).stored(content), DateTimeTZRange(at, None)
    writers = list(dict.fromkeys([by.key, *_wrote_before(key, content, based_on)]))
    return _insert(key, content, effective=effective, site=site, audience=audience, written_by=writers)


def _wrote_before(key: str, content: object, based_on: Policy | None = None) -> Iterator[str]:
    """Yield who wrote the very same, or a draft that nobody has published: copied by somebody else it stays theirs."""
    if based_on is not None and based_on.published_at is None:
        yield from based_on.written_by
    for row in Policy.objects.filter(key=key, content_hash=hash_of(content)).order_by("pk"):
        yield from row.written_by


@unit
def adopt(
    key: str,
    content: object,
    *,
    effective: DateTimeTZRange,
    by: Principal,
    at: datetime,
    site: Site | None = None,
    audience: str = EVERY_AUDIENCE,
    approved_by: Sequence[str] = (),
) -> Policy:
    """Write a policy down that was approved elsewhere, in force when it was; for what a clinic brings with it.

    `approved_by`: Principal.key of each who did. Raises Invalid, and IntegrityError where another holds then.
    """
    content = policy_key(key).stored(content)
    approvals = [{"by": one, "at": at.isoformat(), "hash": hash_of(content)} for one in approved_by]
    return _insert(
        key,
        content,
        effective=effective,
        site=site,
        audience=audience,
        state=PolicyState.PUBLISHED,
        approvals=approvals,
        written_by=[by.key],
        published_at=at,
    )


@unit
def revise(pk: int, content: object, *, by: Principal, seen: str = "") -> Policy:
    """Change a draft's content; approvals of another content do not count, and whoever writes does not approve.

    `seen`: the hash of the content that was changed. Raises PolicyPublished, PolicyChanged, Invalid.
    """
    policy = _locked(pk, *OPEN)
    _insist_on_seen(policy, seen)
    policy_key(policy.key).of(policy.audience).read(content)
    policy_key(policy.key).check_unread(policy.audience, content)
    content = policy_key(policy.key).stored(content)
    policy.content, policy.content_hash, policy.state = content, hash_of(content), PolicyState.DRAFT
    policy.written_by = list(dict.fromkeys([*policy.written_by, by.key, *_wrote_before(policy.key, content)]))
    policy.save()
    return policy


@unit
def discard(pk: int, *, by: Principal, at: datetime) -> Policy:
    """Put a draft away that is not to be published. Raises PolicyPublished."""
    policy = _locked(pk, *OPEN)
    policy.state = PolicyState.RETIRED
    policy.save()
    _note_ending(policy, by=by, at=at)
    return policy


@unit
def approve(pk: int, *, by: Principal, at: datetime, seen: str = "") -> Policy:
    """Approve a draft's content as it is now; twice is the same as once.

    `seen`: the hash of the content that was read. Raises PolicyPublished, PolicyChanged, and PolicyOwn for whoever
    wrote it.
    """
    policy = _locked(pk, *OPEN)
    _insist_on_seen(policy, seen)
    if by.key in policy.written_by:
        raise PolicyOwn
    if by.key not in _approved_by(policy):
        _note_approval(policy, by=by, at=at)
    policy.state = PolicyState.IN_REVIEW
    policy.save()
    return policy


def publication(policy: Policy, *, at: datetime, starts_at: datetime | None = None) -> Publication:
    """Return what publishing a draft would do from `starts_at` (or now) on. Raises Invalid for a time gone by."""
    start = starts_at or at
    if start < at:
        raise Invalid(_("A policy cannot begin in the past."), pointer="/from")
    beside = list(Policy.objects.beside(policy).exclude(pk=policy.pk))
    holds = next((one for one in beside if start in one.effective), None)
    later = [one.effective.lower for one in beside if one.effective.lower and one.effective.lower > start]
    end = holds.effective.upper if holds else min(later, default=None)
    before = holds or _in_force(policy, at=start)
    own = Policy.objects.published().filter(key=policy.key, audience=policy.audience, site__isnull=False)
    key = policy_key(policy.key).of(policy.audience)
    old, new = key.completed(before.content) if before else {}, key.completed(policy.content)
    return Publication(
        changes=tuple(differences(key.content, old, new)),
        effective=DateTimeTZRange(start, end),
        instead_of=before,
        own_rows=tuple(sorted({str(row.site) for row in own})) if policy.site_id is None else (),
        # A site's own may come in the place of several that hold for all, one after the other.
        needed=approvals_to_publish(policy, [holds] if holds else held_for_all(policy, DateTimeTZRange(start, end))),
        approved=len(approvers(policy)),
    )


def impact(policy: Policy, found: Publication, *, at: datetime, names_at: Collection[int] = ()) -> list[str]:
    """Return what publishing a draft would mean for the appointments there are, in sentences.

    `names_at`: the sites (ids) of which whoever asks may read whom it concerns.
    """
    key = policy_key(policy.key).of(policy.audience)
    failures = key.failures(key.completed(policy.content))
    lines = [str(PolicyExamplesFail.title), *failures] if failures else []
    change = replace(made_by(policy, found.instead_of, found.effective, at=at), names_at=names_at)
    return [*lines, *(key.impact(change) if key.impact else ())]


@unit
def submit(pk: int, *, seen: str = "") -> Policy:
    """Ask others to look at a draft; twice is the same as once. Raises PolicyPublished, PolicyChanged."""
    policy = _locked(pk, *OPEN)
    _insist_on_seen(policy, seen)
    policy.state = PolicyState.IN_REVIEW
    policy.save()
    return policy


@unit
def publish(pk: int, *, by: Principal, at: datetime, starts_at: datetime | None = None, seen: str = "") -> Policy:
    """Put a draft in force from `starts_at` (or now) on, until the next one; the one before ends then.

    `seen`: the hash of the content that was looked at. Raises PolicyPublished, PolicyChanged, PolicyUnapproved,
    PolicyExamplesFail, and Invalid for a time gone by.
    """
    policy = _locked(pk, *OPEN)
    _insist_on_seen(policy, seen)
    # Read again: what a key allows may have become less since the draft was written.
    key = policy_key(policy.key).of(policy.audience)
    key.read(key.completed(policy.content))
    if failures := key.failures(key.completed(policy.content)):
        raise PolicyExamplesFail(errors=[{"pointer": "/examples", "detail": one} for one in failures])
    plan = publication(policy, at=at, starts_at=starts_at)
    if plan.approved < plan.needed:
        raise PolicyUnapproved(needed=plan.needed, approved=plan.approved)
    start, end = plan.effective.lower, plan.effective.upper
    _make_room(policy, start=start)
    if by.key not in _approved_by(policy):
        _note_approval(policy, by=by, at=at)
    policy.effective, policy.state, policy.published_at = DateTimeTZRange(start, end), PolicyState.PUBLISHED, at
    change = made_by(policy, plan.instead_of, plan.effective, at=at)
    policy.save()
    key.published(change)
    return policy


@unit
def approve_ending(pk: int, *, by: Principal, at: datetime) -> Policy:
    """Approve that a published policy is taken back in favour of what holds then; twice is the same as once.

    Raises PolicyPublished for what is not in force and will not be, PolicyNeeded where nothing would be.
    """
    policy = _locked(pk, PolicyState.PUBLISHED)
    after = held_after(policy, at=at)
    if by.key not in ending_approvers(policy, after):
        ending, _created = PolicyEnding.objects.get_or_create(policy=policy)
        approval = {"by": by.key, "at": at.isoformat(), "instead": instead(after)}
        ending.approvals = [*ending.approvals, approval]
        ending.save()
    return policy


def ending_approvers(policy: Policy, after: Sequence[Policy | None]) -> set[str]:
    """Return who approved that a policy ends in favour of what holds `after` it (Principal.key)."""
    rows = PolicyEnding.objects.filter(policy=policy).values_list("approvals", flat=True)
    return {one["by"] for approvals in rows for one in approvals if one["instead"] == instead(after)}


@unit
def take_back(pk: int, *, by: Principal, at: datetime) -> Policy:
    """Take back what is not in force yet, or end a site's own policy: what held before holds on.

    Raises PolicyNeeded where nothing would be in force, PolicyReturnUnapproved where what would hold is for others to
    approve and too few have: no act leads past them.
    """
    policy = _locked(pk, PolicyState.PUBLISHED)
    after = held_after(policy, at=at)
    needed, approved = approvals_to_take_back(policy, after), len(ending_approvers(policy, after) - {by.key})
    if approved < needed:
        raise PolicyReturnUnapproved(needed=needed, approved=approved)
    _note_ending(policy, by=by, at=at)
    lower, upper = policy.effective.lower, policy.effective.upper
    begun = lower is None or lower <= at
    for change in taken_back(policy, after, DateTimeTZRange(at if begun else lower, upper), at=at):
        policy_key(policy.key).published(change)
    if begun:
        return _end(policy, at=at)
    policy.state = PolicyState.RETIRED
    policy.save()
    for before in after:
        if before and before.site_id == policy.site_id:
            # The row itself ended when this one was published, and what is published does not grow again.
            _again(before, effective=DateTimeTZRange(lower, upper), at=at)
    return policy


def _note_ending(policy: Policy, *, by: Principal, at: datetime) -> None:
    PolicyEnding.objects.update_or_create(policy=policy, defaults={"ended_by": by.key, "ended_at": at})


def _end(policy: Policy, *, at: datetime) -> Policy:
    if policy.effective.upper is None or policy.effective.upper > at:
        policy.effective = DateTimeTZRange(policy.effective.lower, at)
        policy.save()
    return policy


def _again(policy: Policy, *, effective: DateTimeTZRange, at: datetime) -> None:
    """Put the content of a published policy in force for another time, as a version of its own."""
    _insert(
        policy.key,
        policy.content,
        effective=effective,
        site=policy.site,
        audience=policy.audience,
        state=PolicyState.PUBLISHED,
        approvals=policy.approvals,
        written_by=policy.written_by,
        published_at=at,
    )


def _make_room(policy: Policy, *, start: datetime) -> None:
    """End what is in force at `start`; what would only begin then is taken back."""
    for held in Policy.objects.beside(policy).filter(effective__contains=start).exclude(pk=policy.pk):
        if held.effective.lower == start:
            held.state = PolicyState.RETIRED
        else:
            held.effective = DateTimeTZRange(held.effective.lower, start)
        held.save()


def _in_force(policy: Policy, *, at: datetime) -> Policy | None:
    """Return what a policy would take the place of at `at`: the published one of its own scope, or that for all."""
    rows = Policy.objects.published().filter(key=policy.key, audience=policy.audience, effective__contains=at)
    return next((row for row in rows if row.site_id is None), None)


def _locked(pk: int, *states: str) -> Policy:
    """Return a policy with all acts on its key kept waiting. Raises Missing, PolicyPublished."""
    key = Policy.objects.filter(pk=pk).values_list("key", flat=True).first()
    if key is None:
        raise Missing
    wait_for(f"policies {key}")
    policy = Policy.objects.select_related("site").get(pk=pk)
    if policy.state not in states:
        raise PolicyPublished
    return policy


def _insert(
    key: str,
    content: object,
    *,
    effective: DateTimeTZRange,
    site: Site | None = None,
    audience: str = EVERY_AUDIENCE,
    state: PolicyState = PolicyState.DRAFT,
    approvals: Sequence[dict[str, str]] = (),
    written_by: Sequence[str] = (),
    published_at: datetime | None = None,
) -> Policy:
    wait_for(f"policies {key}")
    last = Policy.objects.filter(key=key).aggregate(last=Max("version"))["last"] or 0
    return Policy.objects.create(
        key=key,
        site=site,
        audience=audience,
        version=last + 1,
        effective=effective,
        content=content,
        content_hash=hash_of(content),
        state=state,
        approvals=list(approvals),
        written_by=list(written_by),
        published_at=published_at,
    )


def _note_approval(policy: Policy, *, by: Principal, at: datetime) -> None:
    approval = {"by": by.key, "at": at.isoformat(), "hash": policy.content_hash}
    policy.approvals = [*policy.approvals, approval]


def _approved_by(policy: Policy) -> set[str]:
    """Return who approved a policy's content as it is now."""
    return {one["by"] for one in policy.approvals if one["hash"] == policy.content_hash}


def approvers(policy: Policy) -> set[str]:
    """Return who approved a policy's content as it is now and did not write it (Principal.key)."""
    return _approved_by(policy) - set(policy.written_by)


def _insist_on_seen(policy: Policy, seen: str) -> None:
    if seen and seen != policy.content_hash:
        raise PolicyChanged
