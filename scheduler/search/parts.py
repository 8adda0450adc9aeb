"""A search in parts: where a therapy takes another while from a moment on, each part has one length."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from scheduler.catalogue import Catalogue, catalogue
from scheduler.search.search_query import SearchQuery
from scheduler.search.set_query import SetQuery
from scheduler.search.slot_ids import Slot, SlotKey


def parts(query: SearchQuery) -> list[tuple[SearchQuery, Catalogue]]:
    """Return a search cut where its therapy changes its length, each with the catalogue; most are one."""
    known = catalogue()
    moments = [] if query.segments else _changes(known, query.therapy, query.visit, query.technique)
    edges = _edges(moments, query.starts_at, query.ends_at)
    if len(edges) == 1:
        return [(query, known)]
    after = query.after
    return [
        (replace(query, starts_at=start, ends_at=end, after=after if after and after.start >= start else None), known)
        for start, end in edges
    ]


def set_parts(query: SetQuery) -> list[tuple[SetQuery, Catalogue]]:
    """Return a search for several people cut where the therapy of one of them changes its length."""
    known, people = catalogue(), [one for one in query.people if not one.segments]
    moments = [moment for one in people for moment in _changes(known, one.therapy, one.visit, one.technique)]
    edges = _edges(moments, query.starts_at, query.ends_at)
    if len(edges) == 1:
        return [(query, known)]
    return [(replace(query, starts_at=start, ends_at=end), known) for start, end in edges]


def nearest_of(found: Sequence[Slot], taken: SlotKey) -> list[Slot]:
    """Return slots with the nearest to one first: of its day, then at its site, with its practitioner, by distance."""
    return sorted(found, key=lambda slot: _distance(slot, taken)) if len(found) > 1 else list(found)


def _distance(slot: Slot, taken: SlotKey) -> tuple[int, bool, bool, float]:
    zone = slot.site.tz
    days = abs((slot.start.astimezone(zone).date() - taken.start.astimezone(zone).date()).days)
    far = abs((slot.start - taken.start).total_seconds())
    return days, slot.site.key != taken.site, slot.practitioner.public_id != taken.practitioner, far


def _changes(known: Catalogue, therapy: str, visit: str, technique: str) -> Iterable[datetime]:
    plan = known.plan(therapy, visit, technique)
    return [since for since, _plan in plan.later] if plan else []


def _edges(moments: Iterable[datetime], start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    edges = [start, *sorted({one for one in moments if start < one < end}), end]
    return list(pairwise(edges))
