"""The page for somebody who cannot book what they wanted: what else they can book, and whom to call."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from booking.actions import call_requests
from booking.models import CallRequest
from booking.screening.policies import screening_policy
from booking.suitability.answers import FEVER, YES, answered_no
from booking.suitability.content import Disposition
from booking.suitability.judgement import Alternative, judge
from booking.suitability.places import judge_at
from booking.suitability.questions import disposition_in_words
from booking.web.labels import therapy_in_words
from booking.web.suitability.suitability_flow import BookingOutcome, BookingQuestions, WantedTherapy, bookable
from booking.web.times_query import AHEAD, audience_of_patient
from core.text import phone_numbers
from core.text.languages import localized, near_day_in_words, time_in_words, when_in_words
from scheduler import public as scheduler
from scheduler.public import SearchQuery, SiteCard, Slot, TherapyCard

MOST = 6
"""So many are read and compared; all of them can be chosen on the page that lists the therapies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternativeButton:
    """What can be booked, or booked instead. `next_free`: the first time, `hint`: what comes before it.

    `looked_at`: whether it is asked for, and a clinician looks at it first.
    """

    name: str
    summary: str
    next_free: str
    url: str
    hint: str = ""
    looked_at: bool = False


def outcome_page(asked: BookingQuestions, outcome: BookingOutcome) -> dict[str, Any]:
    """Word the outcome by the rules of the first site asked: what to do, whom to call, what else would suit."""
    site = asked.sites[0]
    rules = next(iter(asked.rules.values()))
    stops, feverish = outcome.stops, _feverish(asked)
    others = () if stops else tuple(alternatives(asked))
    words = disposition_in_words(rules, outcome.disposition, {"phone": site.phone})
    if not others and not stops:
        words = _("This cannot be booked online now. We find with you, on the phone, what suits you.")
    if others and all(one.looked_at for one in others):
        words = _("This one cannot be booked online. Here is what you can ask for, or we call you.")
    return {
        "stops": stops,
        "heading": _("Please call now") if stops else _heading(feverish=feverish),
        "at_home": _at_home(asked) if feverish and not stops else (),
        "words": words,
        "phone": site.phone,
        "help_phone": site.phone,
        "calls": outcome.shows_number,
        "others": others,
        "others_heading": _what_they_do(others),
        "called_by": when_in_words(call_requests.due(site.id, at=asked.at), site.tz),
        "goes_on": asked.next_step(),
    }


def _heading(*, feverish: bool) -> str:
    return _("Please stay home for now") if feverish else _("Let us find what suits you")


def _feverish(asked: BookingQuestions) -> bool:
    """Whether they said here that they have a fever now, and nothing is booked for that."""
    if FEVER not in asked.answers_shown.answers:
        return False
    fired = [rule for one in asked.judged().values() for rule in one.fired if rule.ask == FEVER]
    return any(rule.answer == YES and rule.disposition.rank >= Disposition.BLOCK_SELF_BOOKING.rank for rule in fired)


def _at_home(asked: BookingQuestions) -> Sequence[str]:
    """Say kindly what to do with a fever, and when to come again: by a site's own policy, where it has one."""
    policies = [screening_policy(site.id, starts_at=asked.at) for site in asked.sites]
    hours = max((policy.fever_free // timedelta(hours=1) for policy in policies if policy), default=0)
    gone = (
        _("You can come again once you have had no fever for %(hours)d hours.") % {"hours": hours}
        if hours
        else _("You can come again once the fever has gone.")
    )
    return (
        _("We hope you feel better soon. Please stay home, and rest. If you feel worse, call us or your doctor."),
        _("%(gone)s Answer the questions again then, and choose a time.") % {"gone": gone},
    )


def _what_they_do(others: Iterable[AlternativeButton]) -> str:
    """Say what can be done with what is offered: where a clinician looks at all of it first, nothing is booked now."""
    looked_at = {one.looked_at for one in others}
    if looked_at == {True}:
        return _("What you can ask for")
    return _("What you can book or ask for") if True in looked_at else _("What you can book now")


def called_line(made: CallRequest | None, *, stops: bool) -> str:
    """Say whom we call, and by when; nothing to whoever is to call at once and has not asked for a call since.

    Needs the site.
    """
    if made is None or (stops and not made.first):
        return ""
    facts = {
        "phone": phone_numbers.readable(made.phone, phone_numbers.country_of(made.site.zone)),
        "due": when_in_words(made.due_at, made.site.tz),
    }
    if made.first:
        return _("We call you at %(phone)s as soon as we can. Please call us all the same.") % facts
    return _("We call you at %(phone)s, by %(due)s. You do not have to do anything.") % facts


def alternatives(asked: BookingQuestions) -> Iterator[AlternativeButton]:
    """Yield what can be booked instead with its first free time; a few at most."""
    cards = {card.key: card for card in scheduler.therapies(at=asked.at)}
    yield from islice(_buttons(asked, cards, _others(asked, cards)), MOST)


def therapies_to_choose(asked: BookingQuestions) -> Iterator[AlternativeButton]:
    """Yield all that somebody can book themselves with its first free time, what is booked at once before the rest."""
    cards = {card.key: card for card in scheduler.therapies(at=asked.at)}
    yield from _buttons(asked, cards, _each(asked))


def therapy_buttons(asked: BookingQuestions) -> Iterator[AlternativeButton]:
    """Yield the therapy that somebody wants with its first free time, in each technique where none is chosen yet."""
    cards, wanted = {card.key: card for card in scheduler.therapies(at=asked.at)}, asked.wanted
    if wanted.therapy in cards:
        named = Alternative(wanted.therapy, wanted.technique, Disposition.PASS)
        ways = _ways(cards[wanted.therapy], named, visit=wanted.visit)
        yield from therapies_to_choose(replace(asked, therapies=tuple((wanted.therapy, way) for way in ways)))


def _buttons(
    asked: BookingQuestions, cards: Mapping[str, TherapyCard], others: Iterable[Alternative]
) -> Iterator[AlternativeButton]:
    family = cards[asked.wanted.therapy].family if asked.wanted.therapy in cards else ""
    for other in sorted(others, key=lambda one: _order(one, alike=cards[one.therapy].family == family)):
        wanted = WantedTherapy(therapy=other.therapy, visit=asked.wanted.visit, technique=other.technique)
        if slot := _first_free(asked, wanted, other.disposition):
            asks_more = bool(replace(asked, wanted=wanted, therapies=((other.therapy, other.technique),)).next_step())
            named = len({one.site.id for one in scheduler.offered(other.therapy, asked.wanted.visit)}) > 1
            yield _button(cards[other.therapy], wanted, slot, replace(other, asks_more=asks_more), named=named)


def _order(other: Alternative, *, alike: bool) -> tuple[bool, bool, int]:
    """Return where something stands: what is booked at once first, and of that what is like what they wanted."""
    rank = other.disposition.rank
    return rank > Disposition.INFORM.rank, not alike, rank


def _each(asked: BookingQuestions) -> Iterator[Alternative]:
    """Yield what follows for each therapy, where that is best; where there are no rules, nothing follows."""
    for therapy, technique in asked.therapies:
        where = {offer.site.id for offer in scheduler.offered(therapy, asked.wanted.visit)}
        found = [
            one
            for site in asked.sites
            if site.id in where & asked.rules.keys()
            for one in _if_bookable(asked, site, therapy, technique)
        ]
        if where - asked.rules.keys():
            found.append(Alternative(therapy, technique, Disposition.PASS))
        yield from sorted(found, key=lambda one: one.disposition.rank)[:1]


def _others(asked: BookingQuestions, cards: Mapping[str, TherapyCard]) -> Iterator[Alternative]:
    """Yield what follows for the others that people book themselves, at the first site that lets them."""
    catalogue = [bookable(key) for key, card in cards.items() if card.self_bookable]
    seen: set[tuple[str, str]] = {(asked.wanted.therapy, asked.wanted.technique)}
    for site in asked.sites:
        if site.id not in asked.rules:
            continue
        wanted, rules, facts = bookable(asked.wanted.therapy), asked.rules[site.id], asked.facts(site)
        result = judge(rules, facts, wanted, technique=asked.wanted.technique, catalogue=catalogue)
        for one in result.alternatives:
            for technique in _ways(cards[one.therapy], one, visit=asked.wanted.visit):
                if (one.therapy, technique) not in seen:
                    seen.add((one.therapy, technique))
                    yield from _if_bookable(asked, site, one.therapy, technique)


def _ways(card: TherapyCard, one: Alternative, *, visit: str) -> list[str]:
    """Return the techniques in which a therapy is booked for a kind of visit, where one has to be chosen."""
    if (visit, one.technique) in card.minutes:
        return [one.technique]
    return sorted(way for kind, way in card.minutes if kind == visit and not one.technique)


def _if_bookable(asked: BookingQuestions, site: SiteCard, therapy: str, technique: str) -> Iterator[Alternative]:
    """Yield what follows for a therapy at a site if what is still to be asked about it does not apply."""
    rules, facts, at = asked.rules[site.id], asked.facts(site), asked.at
    supposed = replace(facts, answers={**answered_no(rules).answers, **facts.answers})
    wanted, visit = bookable(therapy), asked.wanted.visit
    found = judge_at(site.id, rules, supposed, wanted, visit=visit, technique=technique, at=at)
    if found.disposition.rank <= Disposition.CLINICIAN_REVIEW.rank:
        yield Alternative(therapy, technique, found.disposition)


def _first_free(asked: BookingQuestions, wanted: WantedTherapy, disposition: Disposition) -> Slot | None:
    """Return the first time that they could have, where a clinician looks first after that."""
    looks = disposition is Disposition.CLINICIAN_REVIEW
    reviews = frozenset({scheduler.ReviewReason.SUITABILITY}) if looks else frozenset()
    needs = asked.place_needs(wanted.therapy, wanted.technique)
    audience = audience_of_patient(asked.patient, at=asked.at, reviews=reviews, needs=needs)
    query = SearchQuery(
        therapy=wanted.therapy,
        visit=wanted.visit,
        technique=wanted.technique,
        starts_at=asked.at,
        ends_at=asked.at + AHEAD,
        audience=audience,
        sites=_where_no_worse(asked, wanted, disposition),
    )
    return scheduler.first(query, at=asked.at)


def _where_no_worse(asked: BookingQuestions, wanted: WantedTherapy, disposition: Disposition) -> frozenset[int] | None:
    """Return the sites (ids) where no more follows for a therapy than is said of it; None where that is everywhere."""
    worse = {
        site.id
        for site in asked.sites
        if site.id in asked.rules
        and not any(
            one.disposition.rank <= disposition.rank
            for one in _if_bookable(asked, site, wanted.therapy, wanted.technique)
        )
    }
    return frozenset(scheduler.sites()) - worse if worse else None


def _button(
    card: TherapyCard, wanted: WantedTherapy, slot: Slot, other: Alternative, *, named: bool
) -> AlternativeButton:
    """Return what can be chosen. `named`: whether its first time may be at one site or another."""
    zone = slot.site.tz
    when = {
        "day": near_day_in_words(slot.start.astimezone(zone).date()),
        "time": time_in_words(slot.start, zone),
        "site": localized(slot.site.name),
    }
    free = _("Next free: %(day)s, %(time)s, %(site)s") if named else _("Next free: %(day)s, %(time)s")
    looked_at = other.disposition is Disposition.CLINICIAN_REVIEW
    hints = [_("One of our clinicians looks at it first.")] if looked_at else []
    hints += [_("After a few more questions.")] if other.asks_more else []
    return AlternativeButton(
        name=therapy_in_words(card.name, wanted.technique),
        summary=localized(card.summary),
        next_free=free % when,
        url=wanted.url("booking-questions"),
        hint=" ".join(hints),
        looked_at=looked_at,
    )
