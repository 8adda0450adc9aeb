"""What the pages about policies say of one, in the admin and at the desk, and what whoever looks may do about it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import Policy, PolicyEnding, PolicyState, RoleAssignment, Site, User
from core.policies.actions import policies
from core.policies.errors import PolicyNeeded
from core.policies.instead import approvals_to_take_back, held_after
from core.policies.keys import PolicyKey, policy_key, registered
from core.principal import Principal
from core.rights import MATRIX, Action, Subject, may, sites_for

ACTS = {
    "submit": gettext_lazy("%s is with others to look at."),
    "approve": gettext_lazy("You approved %s."),
    "publish": gettext_lazy("%s is published."),
    "discard": gettext_lazy("%s is put away."),
    "approve-end": gettext_lazy("You approved that %s ends."),
    "take-back": gettext_lazy("%s is taken back."),
}
"""What can be done about a policy, with what is said once it is done."""

APPROVALS = frozenset({"approve", "approve-end"})
AS_SEEN = frozenset({"submit", "approve", "publish"})
DONE_BY: Mapping[str, Callable[..., Policy]] = {
    "submit": policies.submit,
    "approve": policies.approve,
    "publish": policies.publish,
    "discard": policies.discard,
    "approve-end": policies.approve_ending,
    "take-back": policies.take_back,
}
NOT_THERE = gettext_lazy("You draft no policies of this kind there. Choose another place, or ask an administrator.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRights:
    """What somebody may do about policies. `sees`, `edits`, `approves`: at which sites (ids); `for_all`: for all.

    `edits_signed`: where they edit what holds only once others have signed it; `reads_answers`: where they read what
    patients answered, so that a dry run may name whom it concerns.
    """

    key: str
    sees: frozenset[int]
    edits: frozenset[int]
    edits_signed: frozenset[int]
    approves: frozenset[int]
    for_all: bool
    reads_answers: frozenset[int] = frozenset()

    @classmethod
    def of(cls, principal: Principal, *, superuser: bool = False) -> Self:
        """Return what somebody may do; a superuser sees and edits all, and approves as anybody else."""
        sites = frozenset(Site.objects.values_list("pk", flat=True)) if superuser else frozenset()
        return cls(
            key=principal.key,
            sees=sites | sites_for(principal, Action.SEE_POLICIES),
            edits=sites | sites_for(principal, Action.EDIT_POLICIES),
            edits_signed=sites | sites_for(principal, Action.DRAFT_SIGNED_POLICIES),
            approves=sites_for(principal, Action.APPROVE_POLICY),
            for_all=superuser or may(principal, Action.EDIT_POLICIES_FOR_ALL, Subject()),
            reads_answers=sites_for(principal, Action.READ_SCREENING_ANSWERS),
        )

    def seen(self) -> Q:
        """Return which policies they see: those for all sites, and those of theirs."""
        return Q(site=None) | Q(site__in=self.sees)

    def sites(self) -> QuerySet[Site]:
        """Return the sites some of whose policies, at least, they draft and publish."""
        return Site.objects.filter(active=True, pk__in=self.edits | self.edits_signed)

    def kinds(self) -> list[PolicyKey]:
        """Return the kinds of policies that they draft somewhere."""
        return [one for one in registered() if self.for_all or self.edits or (one.signed and self.edits_signed)]

    def may_draft(self, key: str = "") -> bool:
        """Whether they draft policies at all, or of a kind."""
        kinds = {one.key for one in self.kinds()}
        return (key in kinds if key else bool(kinds)) and (self.for_all or self.sites().exists())

    def may_publish(self, row: Policy) -> bool:
        """Whether they change, publish and take back a policy."""
        if row.site_id is None:
            return self.for_all
        return row.site_id in (self.edits_signed | self.edits if policy_key(row.key).signed else self.edits)

    def may_approve(self, row: Policy) -> bool:
        """Whether they approve: at its site, or anywhere what holds for all."""
        return bool(self.approves) if row.site_id is None else row.site_id in self.approves

    def may_do(self, act: str, row: Policy) -> bool:
        """Whether they do one of `ACTS`."""
        return self.may_approve(row) if act in APPROVALS else self.may_publish(row)


def carry_out(
    act: str, row: Policy, *, by: Principal, at: datetime, seen: str, starts_at: datetime | None = None
) -> str:
    """Do one of `ACTS` as the policy was seen (its hash); return what is said then. Raises Refusal."""
    facts: dict[str, Any] = {"seen": seen} if act in AS_SEEN else {}
    if act == "publish":
        facts["starts_at"] = starts_at
    if act != "submit":
        facts |= {"by": by, "at": at}
    DONE_BY[act](row.pk, **facts)
    return str(ACTS[act]) % row


def people_in_words(keys: Iterable[str]) -> dict[str, str]:
    """Return who acted by their keys: by name where they sign in."""
    wanted = set(keys)
    numbers = {int(number) for kind, _colon, number in (one.partition(":") for one in wanted) if number.isdecimal()}
    users = {f"user:{user.pk}": user for user in User.objects.filter(pk__in=numbers)} if numbers else {}
    return {
        key: (users[key].get_full_name() or users[key].get_username()) if key in users else _unsigned(key)
        for key in wanted
    }


def _unsigned(key: str) -> str:
    """Return who acted without an account, such as whoever runs the service at its command line."""
    kind, _colon, name = key.partition(":")
    if name == "command-line":
        return _("whoever runs this service")
    said = name.replace("-", " ")
    return said if kind == "system" else f"{said} ({kind})"


def own_approval(row: Policy, rights: PolicyRights) -> dict[str, bool]:
    """Return whether somebody can approve what a draft says, has approved it, or wrote a part of it themselves."""
    may = row.state in policies.OPEN and rights.may_approve(row)
    wrote, approved = rights.key in row.written_by, rights.key in policies.approvers(row)
    return {
        "wrote_it": may and wrote,
        "approved_it": may and approved,
        "may_approve": may and not wrote and not approved,
    }


def others_who_approve(row: Policy, *, at: datetime) -> int:
    """Count who can sign in and approve a draft where it is to hold, but for those who wrote a part of it."""
    roles = MATRIX[Action.APPROVE_POLICY]
    live = RoleAssignment.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at), role__in=sorted(roles), starts_at__lte=at)
    if row.site_id is not None:
        live = live.filter(Q(site=row.site_id) | Q(site=None))
    users = User.objects.filter(pk__in=live.values("user"), is_active=True)
    return len({f"user:{user.pk}" for user in users if user.may_sign_in} - set(row.written_by))


def approvals_in_words(row: Policy, names: Mapping[str, str], when: Callable[[datetime], str]) -> list[tuple[str, str]]:
    """Return who approved a policy's content as it is, and did not write it, with when as `when` words a moment."""
    counted = policies.approvers(row)
    return [
        (names[one["by"]], when(datetime.fromisoformat(one["at"])))
        for one in row.approvals
        if one["hash"] == row.content_hash and one["by"] in counted
    ]


def keys_of(rows: Collection[Policy]) -> set[str]:
    """Return the keys of everybody who wrote or approved some policies."""
    return {key for row in rows for key in (*row.written_by, *(one["by"] for one in row.approvals))}


def ending_of(row: Policy) -> PolicyEnding | None:
    """Return who took a policy back, or put a draft away; None where nobody did."""
    return PolicyEnding.objects.filter(policy=row, ended_at__isnull=False).first()


def way_back(row: Policy, rights: PolicyRights, *, at: datetime) -> dict[str, Any]:
    """Return whether a policy can be taken back, and what others have to approve first; empty where it cannot."""
    upper = row.effective.upper
    if row.state != PolicyState.PUBLISHED or (upper is not None and upper <= at):
        return {}
    try:
        after = held_after(row, at=at)
    except PolicyNeeded:
        return {}
    approved = policies.ending_approvers(row, after)
    needed, others = approvals_to_take_back(row, after), len(approved - {rights.key})
    return {
        "may_take_back": rights.may_publish(row) and others >= needed,
        "needed_back": needed,
        "approved_back": len(approved),
        "may_approve_end": bool(needed) and rights.may_approve(row) and rights.key not in approved,
        "held_after": next(filter(None, after), None),
    }
