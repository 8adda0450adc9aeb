"""How far somebody reaches in the admin: the calendars of their sites, and their own."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from core.accounts.principals import principal_of
from core.models import Site
from core.principal import Principal
from core.rights import MATRIX, Action, Scope, Subject, may, sites_for
from scheduler.models import Practitioner

OWN_CALENDAR = tuple(role for role, scope in MATRIX[Action.EDIT_CALENDAR].items() if scope is Scope.CALENDAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditScope:
    """Who edits, the sites where they do, and the user id whose own calendar they edit."""

    by: Principal
    sites: frozenset[int]
    own: int | None
    catalogue: frozenset[int] = frozenset()
    """The sites whose rooms, people and offers they set up."""
    adds_sites: bool = False

    @property
    def anything(self) -> bool:
        """Whether there is any calendar to edit."""
        return bool(self.sites) or self.own is not None

    def calendars(self, *, site: str, practitioner: str) -> Q:
        """Return which rows are in reach, by the paths to their site and practitioner."""
        reach = Q(**{f"{site}__in": self.sites})
        return reach if self.own is None else reach | Q(**{f"{practitioner}__user": self.own})

    def practitioners(self) -> QuerySet[Practitioner]:
        """Return the people whose calendars are in reach."""
        near = Practitioner.objects.filter(resources__sites__in=self.sites)
        reach = Q(pk__in=near.values("pk"))
        return Practitioner.objects.filter(reach if self.own is None else reach | Q(user=self.own))

    def own_and_desk_sites(self) -> QuerySet[Site]:
        """Return the sites in reach, and those where they work themselves."""
        reach = Q(pk__in=self.sites)
        if self.own is not None:
            reach |= Q(pk__in=Site.objects.filter(resources__practitioner__user=self.own).values("pk"))
        return Site.objects.filter(reach)

    def may_edit(self, practitioner: Practitioner, *, site: Site) -> bool:
        """Whether the rights table lets them edit this person's calendar at this site."""
        # The one table decides, as over the API: the querysets above only narrow what is offered.
        subject = Subject(sites=frozenset({site.pk}), practitioner=practitioner.user_id)
        return may(self.by, Action.EDIT_CALENDAR, subject)


def edit_scope_of(request: HttpRequest) -> EditScope:
    """Return how far whoever asks reaches."""
    by = principal_of(request)
    return EditScope(
        by=by,
        sites=sites_for(by, Action.EDIT_CALENDAR),
        own=by.user_id if by.has(*OWN_CALENDAR) else None,
        catalogue=sites_for(by, Action.EDIT_CATALOGUE),
        adds_sites=may(by, Action.ADD_SITE, Subject()),
    )
