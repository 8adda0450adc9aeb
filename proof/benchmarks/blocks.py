"""What kept time costs a search: the same clinic without blocks, and with one of each practitioner in every week."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from django.db import DEFAULT_DB_ALIAS, connections

from core import clock
from proof.benchmarks.database import copied_database
from proof.benchmarks.history import in_database
from proof.benchmarks.rounds import Result, Timing, ratio, take_turns
from proof.benchmarks.search import DAYS, over_http, search_query
from scheduler import public as scheduler
from scheduler.actions import sheets
from scheduler.audience import CANCER_PROGRAM
from scheduler.catalogue.block_rules import usual_policy
from scheduler.models import FamilyBlock, Practitioner, Program
from scheduler.ticks import week_of

STARTS, ENDS, ROOM_FOR = time(12), time(14), 4
MOST = {"stranger": 1.2, "family": 2, "staff": 2}
"""Times as long as without: for those who find what is open to everybody, and for those who find kept time, too."""


def run(*, rounds: int) -> list[Result]:
    """Measure searches of strangers, of families and of staff in both clinics, in turn."""
    at = clock.now()
    here = connections[DEFAULT_DB_ALIAS]
    with copied_database("blocks") as there:
        in_database(there, lambda: add_blocks(at=at))()
        site = next(iter(scheduler.sites()))
        family = replace(scheduler.Audience.PATIENT, families=frozenset({(site, CANCER_PROGRAM)}), known=True)
        rivals = {
            f"{who} {what} {where}": in_database(line, act)
            for who, audience in (
                ("stranger", scheduler.Audience.PATIENT),
                ("family", family),
                ("staff", scheduler.Audience.STAFF),
            )
            for what, act in asked(at + timedelta(hours=5), audience, at=at).items()
            for where, line in (("without", here), ("with", there))
        }
        ask = over_http(at + timedelta(hours=5), DAYS)
        rivals |= {f"HTTP {where}": in_database(line, ask) for where, line in (("without", here), ("with", there))}
        return report(take_turns(rivals, rounds=rounds, each=4))


def asked(start: datetime, audience: scheduler.Audience, *, at: datetime) -> dict[str, Callable[[], object]]:
    """Return what an audience asks for."""
    query = replace(search_query(start, DAYS), audience=audience)
    return {
        "first 50": lambda: scheduler.search(query, at=at),
        "soonest": lambda: scheduler.first(query, at=at),
        "days": lambda: scheduler.days(query, at=at),
    }


def report(found: dict[str, Timing]) -> list[Result]:
    """Return the ratios beside their goals: over HTTP, and the search alone."""
    plain = compared(found, "HTTP", "a stranger's search, whole HTTP answer, first 50", most=MOST["stranger"])
    asked = [(who, f"{who} {what}") for who in MOST for what in ("first 50", "soonest", "days")]
    return [plain, *(compared(found, one, f"{one}, without HTTP", most=MOST[who]) for who, one in asked)]


def compared(found: dict[str, Timing], name: str, what: str, *, most: float) -> Result:
    """Return how much longer something takes with blocks."""
    without, blocked = found[f"{name} without"].p50, found[f"{name} with"].p50
    return ratio(what, blocked / without, most=most, told=f"{without:.1f} → {blocked:.1f} ms")


def add_blocks(*, at: datetime) -> None:
    """Keep two hours of each practitioner in every week, with room for a few, and rewrite their sheets."""
    program = Program.objects.get(key=CANCER_PROGRAM)
    since = at.date() - timedelta(weeks=2)
    FamilyBlock.objects.bulk_create(
        _block(who, program, number % 5 + 1, since, at=at)
        for number, who in enumerate(Practitioner.objects.order_by("pk"))
    )
    sheets.reopen(first=week_of(at))
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _block(who: Practitioner, program: Program, weekday: int, since: date, *, at: datetime) -> FamilyBlock:
    return FamilyBlock(
        practitioner=who,
        program=program,
        site_id=who.working_hours.values_list("site", flat=True)[0],
        weekday=weekday,
        starts=STARTS,
        ends=ENDS,
        valid_from=since,
        capacity=ROOM_FOR,
        reason="bench",
        release_policy=usual_policy(),
        created_by="system:bench",
        created_at=at,
    )
