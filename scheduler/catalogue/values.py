"""The catalogue as values: who offers what, where, and how a visit runs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from core.models import EVERY_AUDIENCE, Policy
from core.policies.keys import registered
from scheduler.audience import Audience
from scheduler.business_days import BusinessDays
from scheduler.calendars.closed_times import ClosedTime, first_touching, open_again, precedence
from scheduler.catalogue.blocks import SiteBlocks
from scheduler.catalogue.booking_windows import BookingWindow, changes_after, policies_for, window_by
from scheduler.catalogue.programs import ProgramCard
from scheduler.errors import ClosedThen, UnknownSlot
from scheduler.slots import Segments, TickPlan, minutes_of, tick_plan
from scheduler.ticks import TICK

_Wanted = tuple[int, int, frozenset[str], tuple[str, ...]]
"""A plan, a site, what somebody needs there, and which kinds of places are spared."""

RULES_FOR_PATIENTS = "suitability"
"""The policy without which patients do not book by themselves what goes through the skin, or warms it."""


def has_features(features: Collection[str], wanted: Collection[str]) -> bool:
    """Whether a place with some features has all that are wanted, however they are spelled: hi_lo is hi-lo."""
    return not wanted or {_spelled(one) for one in wanted} <= {_spelled(one) for one in features}


def _spelled(feature: str) -> str:
    return feature.replace("_", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class PractitionerCard:
    """A practitioner as others see them; `user_id` is for deciding rights and is never shown."""

    id: int
    public_id: UUID
    name: str
    credentials: str
    languages: tuple[str, ...]
    gender: str
    user_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCard:
    """A site as others see it; `name` by language."""

    id: int
    key: str
    public_id: UUID
    name: Mapping[str, str]
    zone: str
    address: str
    phone: str
    state: str = ""

    @property
    def tz(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bay:
    """A place with what choosing among places needs: fewer features are used up first."""

    id: int
    resource: int
    room: int
    suite: str
    site: int
    features: frozenset[str]

    def has(self, wanted: frozenset[str]) -> bool:
        """Whether it has all these features."""
        return has_features(self.features, wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A device; it is back in the pool `reprocess` ticks after the patient has left."""

    resource: int
    site: int
    pool: str
    reprocess: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a kind of visit runs; the shape is in ticks. `own`: the segments of one appointment alone, if any."""

    id: int
    therapy: str
    therapy_id: int
    visit: str
    technique: str
    segments: Segments
    tick_plan: TickPlan
    features: frozenset[str]
    pools: tuple[str, ...]
    fills_room: bool
    own: Segments | None = None
    later: "tuple[tuple[datetime, Plan], ...]" = ()
    """What holds for starts from a moment on, the last of them first."""

    def at(self, start: datetime) -> "Plan":
        """Return how a visit runs that starts then."""
        found = next((plan for since, plan in self.later if since <= start), None)
        return replace(found, technique=self.technique, later=self.later) if found else self

    def lasting(self, own: Segments | None) -> "Plan":
        """Return the plan with segments of one appointment's own; itself where that has none."""
        if own is None:
            return self
        shape = tick_plan((minutes, presence) for _name, minutes, presence in own)
        return replace(self, own=own, tick_plan=shape)

    @property
    def contact(self) -> timedelta:
        """How long the practitioner is with the patient, or nearby; one tick at least."""
        return max(self.tick_plan.contact, 1) * TICK

    @property
    def minutes(self) -> int:
        """Minutes until the patient leaves, as everybody is told them."""
        return minutes_of(self.tick_plan)

    def suits(self, bay: Bay, needs: frozenset[str] = frozenset()) -> bool:
        """Whether the bay has one of the features that the visit needs, and all that its person `needs`."""
        return not self.features.isdisjoint(bay.features) and bay.has(needs)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingTerms:
    """A therapy's family, whether it is offered at all, whether patients book it themselves, and how it can be done.

    `needs_rules`: it goes through the skin, or warms it, so that patients book it only where a site has rules for that.
    """

    therapy_id: int
    family: str
    active: bool
    self_bookable: bool
    techniques: frozenset[str]
    needs_rules: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A practitioner offers a therapy at a site, for these visits."""

    practitioner: PractitionerCard
    hands: int
    lanes: tuple[int, ...]
    site: int
    therapy: str
    visits: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything that changes seldom."""

    stamp: UUID
    sites: Mapping[int, SiteCard]
    business_days: Mapping[int, BusinessDays]
    """By site, also of those that are not in use any more."""
    booking_terms: Mapping[str, BookingTerms]
    plans: Mapping[tuple[str, str, str], Plan]
    offers: Mapping[tuple[str, str], tuple[Offer, ...]]
    """By therapy and visit."""
    bays: Mapping[int, tuple[Bay, ...]]
    suites: Mapping[int, frozenset[str]]
    rooms: Mapping[int, tuple[int, ...]]
    units: Mapping[tuple[int, str], tuple[Unit, ...]]
    travel: Mapping[int, Mapping[int, int]]
    """By site and other site: the ticks between them, in whole ticks."""
    policies: tuple[Policy, ...]
    audiences: Mapping[int, frozenset[str]]
    """By site: to whom alone some of the working hours there are open; most sites have none."""
    blocks: Mapping[int, SiteBlocks]
    """By site: whose time is for families first; most sites have none."""
    programs: tuple[ProgramCard, ...]
    closed: Mapping[int, tuple[ClosedTime, ...]]
    """By site: when it, or a therapy there, is closed."""
    _suitable: dict[_Wanted, tuple[Bay, ...]] = field(default_factory=dict, compare=False, repr=False)
    _places: dict[_Wanted, frozenset[int]] = field(default_factory=dict, compare=False, repr=False)

    def closed_for(self, site: int, therapy: str) -> tuple[ClosedTime, ...]:
        """Return when a therapy is not given at a site."""
        return tuple(one for one in self.closed.get(site, ()) if one.concerns(therapy))

    def closed_at(self, plan: Plan, site: int, start: datetime) -> ClosedTime | None:
        """Return what keeps a visit from starting then because the site, or its therapy there, is closed.

        The one place that decides it, for search, explanation, hold, booking and cover alike.
        """
        return first_touching(self.closed_for(site, plan.therapy), start, start + plan.contact)

    def reopens(self, plan: Plan, site: int, start: datetime) -> datetime | None:
        """Return from when on a visit can be had again that is closed at its start; None where nobody knows."""
        return open_again(self.closed_for(site, plan.therapy), start, start + plan.contact)

    def closed_in_words(self, plan: Plan, site: int, start: datetime) -> str:
        """Return in words why a visit cannot start then, empty where neither site nor therapy is closed."""
        found = self.closed_at(plan, site, start)
        if found is None:
            return ""
        again = self.reopens(plan, site, start)
        on = again.astimezone(self.sites[site].tz).date() if again else None
        # What needs no place, as a call, is given on days on which no door opens.
        on = self.business_days[site].opens_from(on) if on and plan.features else on
        return ClosedThen.until_when(therapy=bool(found.therapy), reopens_on=on)

    def plan(self, therapy: str, visit: str, technique: str) -> Plan | None:
        """Return the plan of a visit: the technique's own, or the therapy's for it where the technique has none.

        None when the therapy has no such visit, needs a technique, or has not this one.
        """
        if technique and technique not in self.techniques(therapy):
            return None
        found = self.plans.get((therapy, visit, technique)) or self.plans.get((therapy, visit, ""))
        return replace(found, technique=technique) if found and found.technique != technique else found

    def techniques(self, therapy: str) -> frozenset[str]:
        """Return the ways in which a therapy is done."""
        known = self.booking_terms.get(therapy)
        return known.techniques if known else frozenset()

    def offers_of(self, therapy: str, visit: str) -> tuple[Offer, ...]:
        """Return who offers a visit, and where."""
        return self.offers.get((therapy, visit), ())

    def bookable_by(self, audience: Audience, therapy: str, site: int, *, at: datetime) -> bool:
        """Whether an audience books a therapy at a site (its id): some are booked through staff alone."""
        return audience.is_staff or self.self_bookable(therapy, site, at=at)

    def self_bookable(self, therapy: str, site: int, *, at: datetime) -> bool:
        """Whether patients book a therapy at a site (its id) themselves.

        The one place that decides it. What could harm somebody of whom nothing was asked needs rules in force there.
        """
        terms = self.booking_terms.get(therapy)
        if terms is None or not terms.self_bookable:
            return False
        return not terms.needs_rules or self.policy_if_any(RULES_FOR_PATIENTS, site, at=at) is not None

    def spread(self, site: int) -> bool:
        """Whether the places of a site lie in more than one suite."""
        return len(self.suites.get(site, ())) > 1

    def reach(self, plan: Plan, site: int) -> int:
        """Return the ticks from the start of a visit until all that it takes is free again, devices cleaned as well."""
        # Of all that could be taken, the slowest to clean: which unit it will be is not chosen yet.
        units = (unit for pool in plan.pools for unit in self.units.get((site, pool), ()))
        cleaned = max((unit.reprocess for unit in units), default=0)
        return max(plan.tick_plan.place, plan.tick_plan.patient + cleaned)

    def spared(self, plan: Plan, site: int, *, at: datetime) -> tuple[str, ...]:
        """Return which kinds of places rules keep from a visit wherever it can be elsewhere, the most kept first."""
        keeping = ((key.spares, self.policy_if_any(key.key, site, at=at)) for key in registered() if key.spares)
        kinds = (spares(policy, plan.therapy, plan.technique) for spares, policy in keeping if policy)
        return tuple(kind for some in kinds for kind in some)

    def suitable(self, plan: Plan, site: int, needs: frozenset[str] = frozenset(), *, at: datetime) -> tuple[Bay, ...]:
        """Return the bays of a site that have what a visit and its person need, looked through once for each plan.

        Of a kind that rules keep from it only where there are no others.
        """
        wanted = (plan.id, site, needs, self.spared(plan, site, at=at))
        if wanted not in self._suitable:
            found = tuple(bay for bay in self.bays.get(site, ()) if plan.suits(bay, needs))
            for kind in wanted[-1]:
                found = tuple(bay for bay in found if not bay.has(frozenset({kind}))) or found
            self._suitable[wanted] = found
        return self._suitable[wanted]

    def kind_left(self, plan: Plan, site: int, needs: frozenset[str] = frozenset(), *, at: datetime) -> str:
        """Return the kind of place that rules keep from a visit and that alone is left for it; empty where none is."""
        found = self.suitable(plan, site, needs, at=at)
        kinds = self.spared(plan, site, at=at) if found else ()
        return next((kind for kind in kinds if all(bay.has(frozenset({kind})) for bay in found)), "")

    def places(self, plan: Plan, site: int, needs: frozenset[str] = frozenset(), *, at: datetime) -> frozenset[int]:
        """Return the place resources of a site of which a visit may take some."""
        wanted = (plan.id, site, needs, self.spared(plan, site, at=at))
        if wanted not in self._places:
            filled = (self.filled_by(bay, plan) for bay in self.suitable(plan, site, needs, at=at))
            self._places[wanted] = frozenset(resource for resources in filled for resource in resources)
        return self._places[wanted]

    def filled_by(self, bay: Bay, plan: Plan) -> tuple[int, ...]:
        """Return the place resources that a visit in `bay` takes: the whole room's where smoke fills it."""
        return self.rooms[bay.room] if plan.fills_room else (bay.resource,)

    def site_by_key(self, key: str) -> SiteCard:
        """Return a site's card. Raises UnknownSlot: only slot ids ask."""
        for card in self.sites.values():
            if card.key == key:
                return card
        raise UnknownSlot

    def policy(self, key: str, site: int, *, at: datetime, audience: str = EVERY_AUDIENCE) -> Policy:
        """Return the policy `key` in force at `at`, as `policy_if_any` does. Raises LookupError when none is."""
        found = self.policy_if_any(key, site, at=at, audience=audience)
        if found is None:  # nothing holds instead
            raise LookupError(f"No {key} policy is in force: run `manage.py load_catalogue`.")
        return found

    def policy_if_any(self, key: str, site: int, *, at: datetime, audience: str = EVERY_AUDIENCE) -> Policy | None:
        """Return the policy `key` in force at `at`: a site's own before the one for all, an audience's before that."""
        live = [p for p in self.policies if p.key == key and p.site_id in (site, None) and at in p.effective]
        fitting = [p for p in live if p.audience in (audience, EVERY_AUDIENCE)]
        return max(fitting, key=precedence, default=None)

    def policy_since(self, policy: Policy, site: int, *, at: datetime) -> datetime | None:
        """Return when it was settled by `at` that a policy holds at a site; None where nobody noted it.

        That is when it was published, or when the site's own one ended that came before it.
        """
        own = (p for p in self.policies if p.key == policy.key and p.site_id == site != policy.site_id)
        ended = [p.effective.upper for p in own if p.audience in (policy.audience, EVERY_AUDIENCE)]
        known = [*ended, policy.published_at]
        return max((moment for moment in known if moment is not None and moment <= at), default=None)

    def policies_for(self, key: str, site: int, *, at: datetime, programs: Collection[str]) -> list[Policy]:
        """Return by which policies in force at a site (its id) somebody of these programs is bound."""
        return policies_for(self.policies, key, site, at=at, programs=programs)

    def window(
        self, site: int, *, at: datetime, programs: Collection[str] = (), start: datetime | None = None
    ) -> BookingWindow:
        """Return how soon and how far ahead is booked at a site by people of these programs.

        `start`: by what is in force then, where anything is; somebody looks at it first by what is in force now.
        """
        now = self.policy("booking", site, at=at)
        bound_by = self.policies_for("booking", site, at=start or at, programs=programs)
        return window_by(bound_by or [now], now)

    def booking_changes(self, site: int, *, after: datetime, programs: Collection[str]) -> list[datetime]:
        """Return when it changes how soon and how far ahead is booked at a site by people of these programs."""
        return changes_after(self.policies, site, after=after, programs=programs)

    @property
    def programs_have_rules(self) -> bool:
        """Whether a program asks for a referral, or has a booking policy of its own."""
        own = any(one.key == "booking" and one.audience != EVERY_AUDIENCE for one in self.policies)
        return own or any(one.referral_required for one in self.programs)

    def programs_asking(self, audience: Audience, therapy: str, site: int) -> list[str]:
        """Return the programs (keys) that ask whoever books a therapy at a site by themselves for a referral.

        None where they take part in another one that gives it there and asks for none: the most generous applies.
        """
        if audience.is_staff or not audience.programs:
            return []
        mine = {program for where, program in audience.programs if where == site}
        theirs = [one for one in self.programs if one.key in mine and one.is_at(site) and one.gives(therapy)]
        return [one.key for one in theirs] if theirs and all(one.referral_required for one in theirs) else []
