"""Whom staff ask who lack a right: the administrators of their sites, else those of the whole installation."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from core.models import RoleAssignment, User
from core.roles import Role


def administrators(sites: Collection[int], *, at: datetime, besides: int | None = None) -> list[str]:
    """Return the names of those who give roles at these sites (ids), of people who can sign in.

    `besides`: who asks (the id), and is not told to ask themselves.
    """
    live = RoleAssignment.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at), role=Role.ADMIN, starts_at__lte=at)
    live = live.exclude(user=besides) if besides else live
    near = live.filter(site__in=sites) if sites else live.none()
    found = _names(near) or _names(live.filter(site=None))
    return sorted(found)


def _names(rows: QuerySet[RoleAssignment]) -> set[str]:
    users = User.objects.filter(pk__in=rows.values("user"), is_active=True)
    return {user.get_full_name() or user.get_username() for user in users if user.may_sign_in}
