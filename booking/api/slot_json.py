"""Free time as the API shows it. Plain functions: a search answers with hundreds of starts."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from core.http.problems import plain
from core.text.languages import localized
from scheduler import public as scheduler


@plain.register
def slot_as_json(slot: scheduler.Slot, *, staff: bool = False) -> dict[str, Any]:
    """Return a start; times are the site's, with their offset. A refusal shows those it offers instead likewise."""
    return slots_as_json([slot], staff=staff)[0]


def slots_as_json(slots: Collection[scheduler.Slot], *, staff: bool = False) -> list[dict[str, Any]]:
    """Return starts; what they say of a practitioner, a site or an hour is made once for all of them.

    `staff`: whether whoever reads it may know for which program's people a time is kept.
    """
    for_whom = str if staff else scheduler.without_program
    practitioners = {
        card.id: practitioner_as_json(card) for card in {s.practitioner.id: s.practitioner for s in slots}.values()
    }
    sites = {card.id: site_as_json(card) for card in {s.site.id: s.site for s in slots}.values()}
    by_the_clock = cache(_by_the_clock)
    return [
        {
            "id": slot.id,
            "start": by_the_clock(slot.start, slot.site.zone),
            "end": by_the_clock(slot.end, slot.site.zone),
            "therapy": slot.therapy,
            "visit": slot.visit,
            "technique": slot.technique,
            "practitioner": practitioners[slot.practitioner.id],
            "site": sites[slot.site.id],
            "only_for": for_whom(slot.only_for) or None,
        }
        for slot in slots
    ]


def _by_the_clock(moment: datetime, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).isoformat()


def reason_as_json(why: scheduler.UnavailableReason, zone: str) -> dict[str, Any]:
    """Return why a start cannot be had, and from when on it can, by the clock of its site, where that is known."""
    return {"code": why.code, "detail": why.detail, "opens_at": why.opens_at and _by_the_clock(why.opens_at, zone)}


def day_as_json(load: scheduler.DayLoad) -> dict[str, Any]:
    """Return a day with how many starts it has."""
    return {"day": load.day.isoformat(), "starts": load.starts, "first": load.first.isoformat()}


def practitioner_as_json(card: scheduler.PractitionerCard) -> dict[str, Any]:
    """Return what patients choose somebody by: name, credentials, languages, gender."""
    return {
        "id": str(card.public_id),
        "name": card.name,
        "credentials": card.credentials,
        "languages": list(card.languages),
        "gender": card.gender,
    }


def site_as_json(card: scheduler.SiteCard) -> dict[str, Any]:
    """Return a site, in the reader's language."""
    return {
        "id": str(card.public_id),
        "key": card.key,
        "name": localized(dict(card.name)),
        "zone": card.zone,
        "address": card.address,
        "phone": card.phone,
    }
