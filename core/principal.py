"""Who is asking, with the roles they hold at this moment."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self, cast

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from core.database.compiled import Argument, CompiledQuery
from core.models import RoleAssignment, Site, User
from core.roles import Role

WHOEVER = cast("int", Argument("user_id"))
"""The id of an account that is given when a compiled query is asked."""

THEN = cast("datetime", Argument("acts_at"))
"""The time at which somebody acts that is given when a compiled query is asked."""

EVERYWHERE = (Role.ADMIN, None)
"""An administrator of the whole installation is one at each of its sites."""

LIVE_ROLES = CompiledQuery(
    lambda: RoleAssignment.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=Argument("at")), user=Argument("user"), starts_at__lte=Argument("at")
    ).values_list("role", "site_id")
)


def _everywhere(held: frozenset[tuple[Role, int | None]]) -> frozenset[tuple[Role, int | None]]:
    if EVERYWHERE not in held:
        return frozenset()
    # Asked each time: a site that was added a moment ago is theirs as well.
    return frozenset((Role.ADMIN, site) for site in Site.objects.values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who acts. `key` names them in ledgers and quotas ("user:7", "visitor:…", "system:sweep").

    `at`: the moment of which their roles are known; without one, what is to end has ended for them. `families`:
    whether what they do reaches the families of a program's patients, as far as the rights table says so.
    """

    key: str
    user_id: int | None = None
    roles: frozenset[tuple[Role, int | None]] = frozenset()
    at: datetime | None = field(default=None, compare=False)
    families: bool = True

    @classmethod
    def of(cls, user: User | AnonymousUser, *, at: datetime, visitor: str = "") -> Self:
        """Return the principal of a signed-in user, or of a visitor named by `visitor`."""
        if not isinstance(user, User):
            return cls(key=f"visitor:{visitor}", roles=frozenset({(Role.ANONYMOUS, None)}))
        # Asked for at each request and kept nowhere: a role that ends counts from the next one on.
        held = frozenset((Role(role), site) for role, site in LIVE_ROLES.tuples(user=user.pk, at=at))
        return cls(key=f"user:{user.pk}", user_id=user.pk, roles=held | _everywhere(held), at=at)

    @classmethod
    def system(cls, name: str) -> Self:
        """Return the principal of one of our own tasks."""
        return cls(key=f"system:{name}")

    @property
    def kind(self) -> Self:
        """Everybody with the same roles, as compiled queries are for.

        Who of them it is they are told as `user_id`, and when they act as `acts_at`.
        """
        kind, _, _ = self.key.partition(":")
        return replace(self, key=f"{kind}:", user_id=WHOEVER if self.user_id else None, at=THEN)

    @property
    def anonymous(self) -> bool:
        """Whether nobody is signed in."""
        return self.user_id is None

    @property
    def visitor(self) -> bool:
        """Whether somebody acts of whom nothing is proven: neither signed in nor by a mail's link."""
        return self.key.startswith("visitor:")

    def has(self, *roles: Role) -> bool:
        """Whether any of `roles` is held, anywhere."""
        return any(role in roles for role, _ in self.roles)

    def sites(self, *roles: Role) -> frozenset[int]:
        """Return the ids of the sites where any of `roles` is held."""
        return frozenset(site for role, site in self.roles if role in roles and site is not None)
