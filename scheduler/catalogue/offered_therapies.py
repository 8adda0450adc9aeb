"""What people who choose are shown: therapies with their lengths, and who offers them where."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.database.compiled import CompiledQuery
from scheduler.catalogue import Catalogue, PractitionerCard, SiteCard, catalogue
from scheduler.catalogue.families import known_family
from scheduler.models import Therapy

ACTIVE = CompiledQuery(lambda: Therapy.objects.filter(active=True))

FEW_DAYS = timedelta(days=4)
"""A long weekend: whoever looks for a time does not wonder about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TherapyCard:
    """A therapy as people see it; texts by language. `minutes`: the patient's minutes by (visit, technique).

    `self_bookable`: whether patients book it themselves; `lacks_rules`: they would, if any site had rules for it.
    """

    key: str
    family: str
    name: Mapping[str, str]
    summary: Mapping[str, str]
    self_bookable: bool
    lacks_rules: bool
    minutes: Mapping[tuple[str, str], int]

    def length(self, visit: str, technique: str) -> int | None:
        """Return the patient's minutes of a visit, or None when nobody offers it."""
        return self.minutes.get((visit, technique)) or self.minutes.get((visit, ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A practitioner offers a visit at a site."""

    practitioner: PractitionerCard
    site: SiteCard


def therapies(*, at: datetime | None = None) -> list[TherapyCard]:
    """Return the active therapies that somebody offers, in the order of the catalogue.

    `at`: when patients would book them; None: for their names alone, without a look at any site's rules.
    """
    known = catalogue()
    # Texts are read from the rows: of therapies the cached catalogue holds what search needs, and no words.
    cards = (_card(t, known, at=at) for t in ACTIVE.rows())
    return [card for card in cards if card.minutes]


def offered(therapy: str, visit: str) -> list[Offered]:
    """Return who offers a visit and where, by name."""
    known = catalogue()
    return [Offered(practitioner=o.practitioner, site=known.sites[o.site]) for o in known.offers_of(therapy, visit)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedTherapy:
    """That a site gives a therapy not from `since` on, or nothing (`whole`), until `reopens_at` (None: unknown)."""

    site: SiteCard
    whole: bool
    since: datetime
    reopens_at: datetime | None


def closed_ahead(therapy: str, visit: str, *, at: datetime, until: datetime) -> list[ClosedTherapy]:
    """Return where a visit is closed between `at` and `until`, the next at each site; by the site's key.

    Days on which a whole site is shut, such as holidays, are left out where they are few: nobody misses them.
    """
    known, found = catalogue(), []
    plan = next((p for p in known.plans.values() if (p.therapy, p.visit) == (therapy, visit)), None)
    if plan is None:
        return []
    for site in {offer.site for offer in known.offers_of(therapy, visit)}:
        ahead = [one for one in known.closed_for(site, therapy) if one.touches(at, until)]
        for one in sorted(ahead, key=lambda one: one.starts or at):
            since = max(one.starts or at, at)
            again = known.reopens(plan, site, since)
            if again is None or not one.in_sheets or again - since > FEW_DAYS:
                found.append(
                    ClosedTherapy(site=known.sites[site], whole=not one.therapy, since=since, reopens_at=again)
                )
                break
    return sorted(found, key=lambda one: one.site.key)


def _card(therapy: Therapy, known: Catalogue, *, at: datetime | None) -> TherapyCard:
    sites = {offer.site for (key, _), offers in known.offers.items() if key == therapy.key for offer in offers}
    own = therapy.self_bookable
    if at is not None:
        own = any(known.self_bookable(therapy.key, site, at=at) for site in sites)
    visits = {visit for key, visit in known.offers if key == therapy.key}
    return TherapyCard(
        key=therapy.key,
        family=known_family(therapy.family),
        name=therapy.name,
        summary=therapy.summary,
        self_bookable=own,
        lacks_rules=therapy.self_bookable and not own,
        minutes={
            (p.visit, p.technique): (p.at(at) if at else p).minutes
            for p in known.plans.values()
            if p.therapy == therapy.key and p.visit in visits
        },
    )
